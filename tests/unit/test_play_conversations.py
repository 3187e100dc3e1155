"""Eight conversations of the shipped programme that used to end wrong, and others of their kinds, in `trato play`: what is recorded, how it
ends, and that the saved conversation passes as a test."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from app.cli import main
from app.cli.test import rehearse
from app.flows.language.definition import Programme
from app.flows.loader import load_folder

FLOWS = Path(__file__).parents[2] / "flows"
REPORT, CONSENT = "reporte_voz", "consentimiento"


@pytest.fixture(scope="module")
def programme() -> Programme:
    """The shipped programme."""
    return next(one.programme for one in load_folder(FLOWS) if one.programme and REPORT in one.programme.flows)


class Played:
    """A conversation as it was shown and saved."""

    def __init__(self, folder: Path, flow: str, *typed: str) -> None:
        file = folder / "transcripts" / "talk.yaml"
        words = ["play", flow, "--flows", str(FLOWS), "--save", str(file)]
        ran = CliRunner().invoke(main.app, words, input="".join(f"{line}\n" for line in typed))
        assert ran.exit_code == 0, ran.output
        saved: dict[str, Any] = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        (found,) = saved["transcripts"].values()
        self.shown, self.expect, self.ends = ran.stdout, dict(found["expect"]), found["ends"]
        self.last = ran.stdout.rpartition("> ")[2].partition("\n< ")[2]
        (folder / "principles.yaml").write_bytes(next(FLOWS.glob("principles.yaml")).read_bytes())
        assert [one.differences for one in rehearse([file]).played] == [()], "what was saved passes as a test"


def text(programme: Programme, notice: str) -> str:
    """The beginning of a notice, up to its first variable."""
    found = getattr(programme.notices, notice)
    assert isinstance(found, str)
    return found.partition("{{")[0].strip()


def test_a_crisis_is_no_answer_and_everything_stands_still(tmp_path: Path, programme: Programme) -> None:
    found = Played(tmp_path, REPORT, "ya no quiero vivir", "sí")
    assert (found.expect, found.ends) == ({}, "open")
    assert text(programme, "support") in found.shown
    assert "the conversation stands still until a person closes the case" in found.shown


@pytest.mark.parametrize(
    ("typed", "expect", "ends"),
    [
        (["ya no quiero participar"], {}, "stopped"),
        (["no", "salir"], {"contact_any": 0}, "completed"),
    ],
)
def test_who_wants_to_leave_is_let_out(
    tmp_path: Path, programme: Programme, typed: list[str], expect: dict[str, int], ends: str
) -> None:
    found = Played(tmp_path, REPORT, *typed)
    assert (found.expect, found.ends) == (expect, ends)
    assert found.last.startswith(text(programme, "opted_out"))


@pytest.mark.parametrize("words", ["ok, al rato le contesto", "no, estoy manejando", "un segundo", "5 min"])
@pytest.mark.parametrize("before", [[], ["sí"]])
def test_what_puts_off_is_no_answer_and_the_question_stays_open(tmp_path: Path, words: str, before: list[str]) -> None:
    found = Played(tmp_path, REPORT, *before, words)
    assert (found.expect, found.ends) == ({"contact_any": 1} if before else {}, "open")


@pytest.mark.parametrize("words", ["sí por obligación", "sí, porque me lo ordenaron"])
def test_what_is_not_free_is_no_consent(tmp_path: Path, programme: Programme, words: str) -> None:
    found = Played(tmp_path, CONSENT, words)
    assert (found.expect, found.ends) == ({}, "open")
    assert found.last.startswith(text(programme, "not_free"))


@pytest.mark.parametrize(
    ("typed", "expect", "ends"),
    [
        (["Sí", "[quick] sí tuve contacto"], {"contact_any": 1}, "open"),
        (["1", "[quick] 1"], {"contact_any": 1}, "open"),
        (["sí", "[quick] digo no"], {"contact_any": 0}, "completed"),
        (["no", "[quick] ando manejando"], {}, "completed"),
        (["sí", "perdón, no"], {"contact_any": 1}, "open"),
        (["sí", "perdón, la primera era no"], {"contact_any": 0}, "completed"),
        (["no", "perdón, sí"], {"contact_any": 1}, "completed"),
        (["no", "(+11m)", "perdón, sí"], {"contact_any": 0}, "completed"),
    ],
)
def test_quick_messages_and_corrections_belong_to_the_question_before(
    tmp_path: Path, typed: list[str], expect: dict[str, int], ends: str
) -> None:
    found = Played(tmp_path, REPORT, *(f"/{one.strip('()')}" if one.startswith("(") else one for one in typed))
    assert (found.expect, found.ends) == (expect, ends)


def test_greetings_use_no_try(tmp_path: Path) -> None:
    assert Played(tmp_path, REPORT, "Hola", "buenas tardes", "sí").expect == {"contact_any": 1}


def test_nor_do_questions_and_voice_notes_and_consent_is_given(tmp_path: Path) -> None:
    talk = ("Buenas tardes", "¿de parte de quién?", "[media audio/ogg]", "Acepto participar")
    found = Played(tmp_path, CONSENT, *talk)
    assert (found.expect, found.ends) == ({"consent_given": 1}, "completed")


def test_who_put_it_off_and_writes_alta_later_is_asked_again(tmp_path: Path) -> None:
    found = Played(tmp_path, CONSENT, "luego", "mañana le digo", "/+9d", "ALTA", "acepto")
    assert (found.expect, found.ends) == ({"consent_given": 1}, "completed")
    assert "· expired" in found.shown


def test_a_late_answer_is_thanked_and_recorded(tmp_path: Path, programme: Programme) -> None:
    found = Played(tmp_path, REPORT, "/+50h", "sí, ayer tuve como tres")
    assert (found.expect, found.ends) == ({"contact_any": 1}, "expired")
    assert text(programme, "late_answer") in found.last
    assert found.shown.rstrip().endswith("· contact_any = 1  Sí")


def test_a_clear_answer_after_an_unclear_end_counts(tmp_path: Path) -> None:
    found = Played(tmp_path, REPORT, "depende", "según, depende", "/+5m", "sí")
    assert (found.expect, found.ends) == ({"contact_any": 1}, "open")
    assert "Anoté: Sí." in found.shown


@pytest.mark.parametrize(
    ("typed", "notice", "expect"),
    [
        (["no es mi número"], "who", {}),
        (["no es mi número", "sí"], "who_yes", {}),
        (["no es mi número", "sí", "no"], None, {"contact_any": 0}),
        (["no es mi número", "no"], "who_no", {}),
        (["no es mi número", "BAJA"], "who_no", {}),
        (["no es mi número", "AYUDA"], "who_help", {}),
    ],
)
def test_a_number_that_is_denied_is_asked_whose_it_is(
    tmp_path: Path, programme: Programme, typed: list[str], notice: str | None, expect: dict[str, int]
) -> None:
    found = Played(tmp_path, REPORT, *typed)
    assert found.expect == expect
    if notice is not None:
        assert found.last.startswith(text(programme, notice))
