"""Transcript files: read with every mistake at its place, played turn by turn, compared, and written anew."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli.test import test as command
from app.errors import UsageError
from app.flows.engine.compiled import CompiledProgramme, bind
from app.flows.engine.events import SessionOutcome
from app.flows.loader import load
from app.flows.transcripts.coverage import Visits, measure
from app.flows.transcripts.player import DEFAULT_START, InventedOfficer, RehearsalPhone, moment
from app.flows.transcripts.runner import Difference, Playback, play, updated
from app.flows.transcripts.scripts import Script, read_script
from app.flows.transcripts.talk import (
    AdvanceClock,
    PressButton,
    SwitchChannel,
    WriteMessage,
    message_lines,
    move_text,
    read_brackets,
)
from app.wording import Sentence
from tests.shares import asserted, mostly
from tests.work import calls

PROGRAMME = """
programme: prueba
title: Programa de prueba
language: es-MX
timezone: America/Mexico_City
fields: [sector]
notices:
  help: Ayuda.
  opted_out: Ya no le escribiremos.
  opted_in: Bienvenida.
  paused: Pausa de {{ dias }} días.
  nothing_open: No hay preguntas.
  unclear: No entendí.
flows:
  reporte:
    title: Reporte
    kind: report
    expires: 48h
    reminder: {after: 24h, text: "¿Nos contesta, {{ nombre }}?"}
    steps:
      - ask: contacto
        text: "{{ nombre }}, ¿tuvo contacto en {{ sector }}?"
        template: contacto
        answer: {yes_no: {}, missing: [r]}
        records: contact
        go: {no: fin}
      - ask: reaccion
        text: ¿Cómo reaccionó?
        answer: {choice: {calma: {label: Se calmó, value: 1}, molesta: {label: Se molestó, value: 2}}}
        records: reaction
        feedback: {molesta: Lo sentimos., else: Bien hecho.}
      - say: fin
        text: Gracias.
  largo:
    title: Con una llamada y un plazo
    kind: report
    steps:
      - call: primero
        flow: reporte
      - ask: foto
        text: Mande una foto.
        answer: {media: {types: [image]}}
        timeout: 2h
        records: photo
        go: {timeout: tarde}
      - end: listo
      - say: tarde
        text: Ya no hace falta.
"""

HEAD = "transcripts:\n  uno:\n    flow: reporte\n    contact: {nombre: Alma, sector: norte}\n"

TALK = """\
    # lo que se espera
    talk: |
      # abre
      < Alma, ¿tuvo contacto en norte?
        1 Sí
        2 No
      > simón
      < ¿Cómo reaccionó?
        1 Se calmó
        2 Se molestó

      # molesta
      > 2
      < Lo sentimos.
      < Gracias.
    expect: {contact: 1, reaction: 2}
    ends: completed
"""


@pytest.fixture(scope="module")
def compiled() -> CompiledProgramme:
    loaded = load(PROGRAMME, "prueba.yaml")
    assert loaded.programme is not None, [str(problem) for problem in loaded.problems]
    return bind(loaded.programme, "test")


def script(compiled: CompiledProgramme, text: str) -> Script:
    return read_script(text, "t.yaml", {"prueba": compiled})


def played(compiled: CompiledProgramme, text: str) -> Playback:
    found = script(compiled, text)
    assert found.problems == ()
    return play(found.transcripts[0], compiled)


def talk(*lines: str, flow: str = "reporte", more: str = "") -> str:
    block = "\n".join(f"      {line}" for line in lines)
    return f"transcripts:\n  uno:\n    flow: {flow}\n    contact: {{nombre: Alma, sector: norte}}\n{more}    talk: |\n{block}\n"


OPENING = ("< Alma, ¿tuvo contacto en norte?", "  1 Sí", "  2 No")
SECOND = ("< ¿Cómo reaccionó?", "  1 Se calmó", "  2 Se molestó")


# -- going as written ---------------------------------------------------------------------------------------------------


def test_a_conversation_that_goes_as_written(compiled: CompiledProgramme) -> None:
    assert played(compiled, HEAD + TALK).differences == ()


def test_buttons_media_jumps_and_switches_are_read(compiled: CompiledProgramme) -> None:
    found = script(
        compiled,
        talk("< a", "> [button si]", "> [media image/jpeg] mire", "(+24h)", "(whatsapp)", ">", "> dos", "  líneas"),
    )
    assert [turn.move for turn in found.transcripts[0].turns[1:]] == [
        PressButton("si"),
        WriteMessage("mire", ("image/jpeg",)),
        AdvanceClock(delay=found.transcripts[0].turns[3].move.delay),
        SwitchChannel("whatsapp"),
        WriteMessage(""),
        WriteMessage("dos\nlíneas"),
    ]
    assert found.transcripts[0].turns[3].move.delay.total_seconds() == 86400


@pytest.mark.parametrize("minutes", [1, 60, 1440, 1441, 10_079, 20_160, 9_999 * 60, 9_999 * 10_080, 123_456_789])
def test_any_wait_can_be_written_and_read(minutes: int) -> None:
    assert read_brackets(move_text(AdvanceClock(timedelta(minutes=minutes)))) == AdvanceClock(
        timedelta(minutes=minutes)
    )


def test_the_clock_brings_the_reminder_and_then_the_end(compiled: CompiledProgramme) -> None:
    text = talk(
        *OPENING,
        "(+23h)",
        "(+1h)",
        "< ¿Nos contesta, Alma?",
        "  Alma, ¿tuvo contacto en norte?",
        "  1 Sí",
        "  2 No",
        "(+1d)",
        "> gracias",
        "> buenas",
        "< No hay preguntas.",
        "> sí",
        "< Gracias, anotamos su respuesta.",
    )
    assert played(compiled, text + "    expect: {contact: 1}\n    ends: expired\n").differences == ()


def test_one_jump_may_bring_several_things(compiled: CompiledProgramme) -> None:
    text = talk(*OPENING, "(+3d)", "< ¿Nos contesta, Alma?", "  Alma, ¿tuvo contacto en norte?", "  1 Sí", "  2 No")
    assert played(compiled, text + "    ends: expired\n").differences == ()


def test_a_clock_that_is_moved_too_far_stands_still(compiled: CompiledProgramme) -> None:
    text = talk(*OPENING, *["(+9999w)"] * 50, more="    ends: expired\n")
    assert [item.about for item in played(compiled, text).differences] == ["after (+9999w)"]


def test_a_long_talk_is_read_with_work_in_proportion(compiled: CompiledProgramme) -> None:
    text = talk(*["< hola"] * 50_000)
    calls(lambda: script(compiled, text), most=150 * 50_000)
    found = script(compiled, text)
    assert len(found.transcripts[0].turns[0].said) == 50_000


def test_called_flows_timeouts_and_media(compiled: CompiledProgramme) -> None:
    text = talk(*OPENING, "> no", "< Gracias.", "< Mande una foto.", "(+2h)", "< Ya no hace falta.", flow="largo")
    assert played(compiled, text + "    ends: completed\n").differences == ()
    text = talk(*OPENING, "> no", "< Gracias.", "< Mande una foto.", "> [media image/jpeg]", flow="largo")
    assert played(compiled, text + "    expect: {photo: image}\n    ends: completed\n").differences == ()


@pytest.mark.parametrize(
    ("lines", "expect", "ends"),
    [
        (
            ("> BAJA", "< Ya no le escribiremos.", "> baja", "> hola", "> pausa", "> ALTA", "< Bienvenida."),
            "{contact: null}",
            "stopped",
        ),
        (
            ("> ayuda", "< Ayuda.", "> ALTA", "< Bienvenida.", "> pausa 300", "< Pausa de 90 días."),
            "{contact: null}",
            "open",
        ),
        (("> sí", *SECOND, "> atrás", *OPENING, "> no", "< Gracias."), "{contact: 0, reaction: null}", "completed"),
        (
            (
                "> no",
                "< Gracias.",
                "> hola",
                "< No hay preguntas.",
                "> hola",
                "(+12h)",
                "> hola",
                "< No hay preguntas.",
            ),
            "{contact: 0}",
            "completed",
        ),
        (("> prefiero no decir", *SECOND), '{contact: ".r"}', "open"),
        (
            ("> depende", "< No entendí. Para salir, escriba BAJA.", "  1 Sí", "  2 No", "> depende", *SECOND),
            "{contact: unclear}",
            "open",
        ),
    ],
)
def test_keywords_missing_codes_and_unclear_replies(
    compiled: CompiledProgramme, lines: tuple[str, ...], expect: str, ends: str
) -> None:
    text = talk(*OPENING, *lines)
    assert played(compiled, f"{text}    expect: {expect}\n    ends: {ends}\n").differences == ()


def test_after_a_crisis_nothing_goes_on_and_only_help_and_leaving_are_answered(compiled: CompiledProgramme) -> None:
    phone = RehearsalPhone(
        compiled, InventedOfficer({"nombre": "Alma"}, {"sector": "Norte"}), moment(DEFAULT_START, "America/Mexico_City")
    )
    phone.start("reporte")
    assert [bubble.step for bubble in phone.send("ya no quiero vivir")] == ["support"]
    assert [phone.send(text) for text in ("sí", "hola", "ALTA", "PAUSA", "ya no quiero vivir")] == [[]] * 5
    assert phone.wait(timedelta(days=9)) == []
    assert phone.answers == {}
    assert [bubble.step for text in ("ayuda", "ya no quiero vivir", "baja") for bubble in phone.send(text)] == [
        "help",
        "support",
        "opted_out",
    ]


def test_a_serious_incident_is_acknowledged_and_ends_the_conversation(compiled: CompiledProgramme) -> None:
    phone = RehearsalPhone(
        compiled, InventedOfficer({"nombre": "Alma"}, {"sector": "Norte"}), moment(DEFAULT_START, "America/Mexico_City")
    )
    phone.start("reporte")
    said = [phone.send(text) for text in ("mi comandante me cobra cuota", "mi comandante me cobra cuota", "sí", "ALTA")]
    assert [[bubble.step for bubble in bubbles] for bubbles in said] == [
        ["serious"],
        [],
        ["nothing_open"],
        ["opted_in"],
    ]
    assert (phone.state, phone.outcome, phone.answers) == (None, SessionOutcome.stopped, {})


def test_the_officer_may_change_the_language() -> None:
    source = PROGRAMME.replace("language: es-MX", "language: es-MX\nlanguages: [en]").replace(
        "help: Ayuda.", "help: {es-MX: Ayuda., en: Help.}"
    )
    loaded = load(source, "prueba.yaml")
    assert loaded.programme is not None
    text = talk(
        *OPENING,
        "> idioma inglés",
        "< Help.",
        "> idioma maya",
        "< No entendí. Para salir, escriba BAJA.",
        "  1 Sí",
        "  2 No",
        "> no",
        "< Gracias.",
        "> idioma maya",
        "< Idiomas de este programa: español, inglés. Para cambiar, escriba IDIOMA y el que prefiera.",
    )
    assert played(bind(loaded.programme, "test"), text).differences == ()


# -- going otherwise ----------------------------------------------------------------------------------------------------


def test_a_wrong_wording_is_shown_with_its_line_expected_and_got(compiled: CompiledProgramme) -> None:
    text = HEAD + TALK.replace("< Lo sentimos.", "< Ni modo.")
    assert played(compiled, text).differences == (Difference(18, "after > 2", ("< Ni modo.",), ("< Lo sentimos.",)),)


def test_a_message_too_many_and_one_too_few(compiled: CompiledProgramme) -> None:
    assert played(compiled, talk(*OPENING, "< ¿Sigue ahí?")).differences == (
        Difference(9, "at the opening", ("< ¿Sigue ahí?",), ()),
    )
    assert played(compiled, talk(*OPENING, "> no")).differences == (Difference(10, "after > no", (), ("< Gracias.",)),)


def test_an_answer_otherwise_than_expected(compiled: CompiledProgramme) -> None:
    text = HEAD + TALK.replace("reaction: 2", "reaction: 1")
    assert played(compiled, text).differences == (
        Difference(20, "the answer reaction", ("1",), ("2 (Se molestó, by number)",)),
    )


@pytest.mark.parametrize(
    ("expect", "got"), [("null", "1 (Sí, by lexicon)"), ('".r"', "1"), ("unclear", "1"), ("true", "1"), ('"1"', "1")]
)
def test_an_answer_is_compared_by_its_value_and_its_type(compiled: CompiledProgramme, expect: str, got: str) -> None:
    (difference,) = played(
        compiled, talk(*OPENING, "> sí", *SECOND) + f"    expect: {{contact: {expect}}}\n"
    ).differences
    assert difference.got[0].startswith(got[:1])


def test_an_answer_that_never_came(compiled: CompiledProgramme) -> None:
    (difference,) = played(compiled, talk(*OPENING) + "    expect: {contact: 1}\n").differences
    assert (difference.expected, difference.got) == (("1",), ("no answer",))


def test_another_end(compiled: CompiledProgramme) -> None:
    (difference,) = played(compiled, talk(*OPENING) + "    ends: completed\n").differences
    assert (difference.line, difference.expected, difference.got) == (9, ("completed",), ("open",))


def test_a_failure_of_the_flow_is_never_silent(compiled: CompiledProgramme) -> None:
    text = "transcripts:\n  uno:\n    flow: reporte\n    talk: |\n      > hola\n"
    (*_, last) = played(compiled, text).differences
    assert "missing-value" in last.about
    assert "sector" in last.about


def test_a_button_that_is_not_there(compiled: CompiledProgramme) -> None:
    (difference,) = played(compiled, talk(*OPENING, "> [button quiza]")).differences
    assert difference.about == "no button is called quiza; there is si, no"


def test_what_whatsapp_would_refuse_is_found(compiled: CompiledProgramme) -> None:
    reminder = ("< ¿Nos contesta, Alma?", "  Alma, ¿tuvo contacto en norte?", "  1 Sí", "  2 No")
    assert played(compiled, talk(*OPENING, "(+24h)", *reminder)).passed
    (difference,) = played(compiled, talk(*OPENING, "(+24h)", *reminder, more="    channel: whatsapp\n")).differences
    assert "WhatsApp would refuse this" in difference.about
    assert played(compiled, talk(*OPENING, "> sí", *SECOND, more="    channel: whatsapp\n")).passed


def test_the_minutes_that_sending_keeps_for_transport_count_in_transcripts_too() -> None:
    source = PROGRAMME.replace("after: 24h", "after: 1435m")
    loaded = load(source, "prueba.yaml").programme
    assert loaded is not None
    reminder = ("< ¿Nos contesta, Alma?", "  Alma, ¿tuvo contacto en norte?", "  1 Sí", "  2 No")
    late = played(bind(loaded, "1"), talk(*OPENING, "(+1435m)", *reminder, more="    channel: whatsapp\n"))
    assert ["WhatsApp would refuse this" in one.about for one in late.differences] == [True]


# -- mistakes in the file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("", (1, 1), "yaml-empty"),
        ("- a\n", (1, 1), "wrong-type"),
        ("transcripts: {}\n", (1, 14), "empty"),
        ("transcrips:\n  uno: {flow: reporte}\n", (1, 1), "unknown-key"),
        ("programme: prueba\nflows: {}\n", (2, 1), "unknown-key"),
        (HEAD, (2, 3), "missing-key"),
        (HEAD + "    talk: '< hola'\n", (5, 11), "talk-block"),
        (HEAD.replace("reporte", "reprote") + TALK, (3, 11), "unknown-flow"),
        (HEAD.replace("sector:", "sectr:") + TALK, (4, 29), "unknown-field"),
        (HEAD.replace("norte", "[norte]") + TALK, (4, 37), "wrong-type"),
        (HEAD.replace("sector: norte", "timezone: Marte/Base") + TALK, (4, 39), "unknown-timezone"),
        (HEAD.replace("sector: norte", "language: mexicano") + TALK, (4, 39), "wrong-name"),
        (HEAD + "    at: mañana\n" + TALK, (5, 9), "bad-moment"),
        (HEAD + '    at: "2026-03-02T10:00-06:00"\n' + TALK, (5, 9), "bad-moment"),
        (HEAD + '    at: "9999-12-31 10:00"\n' + TALK, (5, 9), "bad-moment"),
        (HEAD + "    channel: fax\n" + TALK, (5, 14), "wrong-value"),
        (HEAD + TALK.replace("contact: 1", "contacto: 1"), (20, 14), "unknown-variable"),
        (HEAD + TALK.replace("contact: 1", "contact: [1]"), (20, 23), "wrong-type"),
        (HEAD + TALK.replace("ends: completed", "ends: happily"), (21, 11), "wrong-value"),
        (HEAD + TALK.replace("      > 2", "      ? 2"), (17, 7), "talk-line"),
        (HEAD + TALK.replace("      > 2", "      (+2 lunas)"), (17, 7), "talk-line"),
        (HEAD + TALK.replace("      > 2", "      (+99999h)"), (17, 7), "talk-line"),
        (HEAD + TALK.replace("      # molesta", "      # molesta\n        suelta"), (17, 9), "talk-line"),
        ("programme: otro\n" + HEAD + TALK, (1, 12), "unknown-programme"),
        (HEAD + TALK + "    ends: open\n", (22, 5), "yaml-duplicate-key"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    compiled: CompiledProgramme, text: str, place: tuple[int, int], code: str
) -> None:
    found = script(compiled, text)
    assert [(problem.line, problem.column, problem.code) for problem in found.problems] == [(*place, code)]
    assert found.transcripts == ()
    assert isinstance(found.problems[0].text, Sentence), "it has no Spanish"


def test_all_mistakes_are_told_at_once(compiled: CompiledProgramme) -> None:
    text = HEAD.replace("reporte", "reprote") + TALK.replace("> 2", "? 2").replace("contact: 1", "contacto: 1")
    found = script(compiled, text)
    assert [problem.code for problem in found.problems] == ["unknown-flow", "talk-line", "unknown-variable"]
    assert found.problems[0].hint == "Did you mean reporte?"


def test_of_several_programmes_one_must_be_named(compiled: CompiledProgramme) -> None:
    programmes = {"prueba": compiled, "otro": compiled}
    assert [problem.code for problem in read_script(HEAD + TALK, "t.yaml", programmes).problems] == ["missing-key"]
    assert read_script("programme: prueba\n" + HEAD + TALK, "t.yaml", programmes).problems == ()


@given(st.text())
def test_no_text_whatever_raises(text: str) -> None:
    read_script(text, "t.yaml", {})


@mostly(0.5)
@settings(deadline=None)  # the first text compiles patterns
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20), max_size=4
    )
)
def test_no_talk_whatever_raises_and_no_officer_s_line_is_lost(book_lines: list[str]) -> None:
    loaded = load(PROGRAMME, "prueba.yaml")
    assert loaded.programme is not None
    said = [line.strip() for line in book_lines if not line.strip().startswith("[")]
    text = talk("< x", *(message_lines(">", line)[0] for line in said))
    found = read_script(text, "t.yaml", {"prueba": bind(loaded.programme, "test")})
    if not found.problems:
        asserted()
        moves = [turn.move for turn in found.transcripts[0].turns[1:]]
        assert [move.text for move in moves if isinstance(move, WriteMessage)] == said


# -- writing anew -------------------------------------------------------------------------------------------------------


def test_written_anew_keeps_everything_but_the_service_s_lines(compiled: CompiledProgramme) -> None:
    before = HEAD + TALK.replace("Lo sentimos.", "Ni modo.").replace("        1 Se calmó\n", "").replace(
        "      < Gracias.\n", ""
    )
    assert updated(before, [played(compiled, before)]) == HEAD + TALK


def test_written_anew_puts_missing_lines_where_they_belong(compiled: CompiledProgramme) -> None:
    before = HEAD + "    talk: |\n      > sí\n      # entonces\n      > 2\n    ends: completed\n"
    after = updated(before, [played(compiled, before)])
    assert [line.strip() for line in after.splitlines()[4:]] == [
        "talk: |",
        *(line.strip() for line in OPENING),
        "> sí",
        *(line.strip() for line in SECOND),
        "# entonces",
        "> 2",
        "< Lo sentimos.",
        "< Gracias.",
        "ends: completed",
    ]
    assert played(compiled, after).passed


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_written_anew_keeps_line_endings_and_mends_a_missing_last_one(
    compiled: CompiledProgramme, newline: str, last: str
) -> None:
    before = newline.join((HEAD + "    talk: |\n      > no").split("\n")) + last.replace("\n", newline)
    after = updated(before, [played(compiled, before)])
    assert after.count("\n") == after.count(newline)
    assert played(compiled, after).passed


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["> sí", "> no", "> depende", "> 2", "> BAJA", "> atrás", "(+5h)", "(+1d)", "# y luego", ""]),
        max_size=6,
    )
)
def test_whatever_is_written_anew_goes_as_written(lines: list[str]) -> None:
    loaded = load(PROGRAMME, "prueba.yaml")
    assert loaded.programme is not None
    one = bind(loaded.programme, "test")
    after = updated(before := talk(*lines, "> fin"), [played(one, before)])
    assert played(one, after).passed
    assert [line for line in after.split("\n") if line.strip()[:1] in (">", "(", "#")] == [
        line for line in before.split("\n") if line.strip()[:1] in (">", "(", "#")
    ]


def test_an_empty_talk_can_be_written_anew(compiled: CompiledProgramme) -> None:
    before = HEAD + "    talk: |\n    ends: open\n"
    after = updated(before, [played(compiled, before)])
    assert after == HEAD + "    talk: |\n" + "".join(f"      {line}\n" for line in OPENING) + "    ends: open\n"


# -- coverage -----------------------------------------------------------------------------------------------------------


def test_what_was_not_walked_is_named(compiled: CompiledProgramme) -> None:
    covered = {item.flow: item for item in measure(compiled.definition, played(compiled, HEAD + TALK).visits)}
    assert (covered["reporte"].steps, covered["reporte"].branches) == ((3, 3), (2, 4))
    assert covered["reporte"].missing == ("contacto → fin (no)", "reaccion: feedback to else")
    assert covered["largo"].steps == (0, 4)


def test_all_ways_of_several_transcripts_add_up(compiled: CompiledProgramme) -> None:
    visits = Visits()
    for text in (
        HEAD + TALK,
        talk(*OPENING, "> no"),
        talk(*OPENING, "> sí", "> 1"),
        talk("> no", "(+2h)", flow="largo"),
        talk("> no", "> [media image/png]", flow="largo"),
    ):
        visits.add(played(compiled, text).visits)
    assert [item.missing for item in measure(compiled.definition, visits)] == [(), ()]


# -- the command --------------------------------------------------------------------------------------------------------

app = typer.Typer()
app.command()(command)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "transcripts").mkdir()
    (tmp_path / "prueba.yaml").write_text(PROGRAMME, encoding="utf-8")
    (tmp_path / "transcripts" / "uno.yaml").write_text(HEAD + TALK, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_folder_of_flows_is_tested_by_its_transcripts(folder: Path) -> None:
    code, out, _ = run(folder)
    assert (code, out) == (0, "1 transcript: 1 passed. Walked 3 of 7 steps and 2 of 6 branches\n")
    assert run(folder / "transcripts")[0] == 0
    assert run(folder / "transcripts" / "uno.yaml")[0] == 0


def test_a_failing_transcript_is_shown_and_gives_exit_code_1(folder: Path) -> None:
    file = folder / "transcripts" / "uno.yaml"
    file.write_text(HEAD + TALK.replace("Lo sentimos.", "Ni modo."), encoding="utf-8")
    code, out, _ = run(folder)
    assert code == 1
    assert out.startswith(f"FAILED uno ({file}:2)\n  line 18: after > 2\n    - < Ni modo.\n    + < Lo sentimos.\n\n")
    assert "are right as they are now: trato test --update\n\n1 transcript: 0 passed, 1 failed." in out


def test_of_a_message_only_the_lines_that_differ_are_marked(folder: Path) -> None:
    file = folder / "transcripts" / "uno.yaml"
    file.write_text(HEAD + TALK.replace("1 Se calmó", "1 Se calmó un poco"), encoding="utf-8")
    assert (
        "    < ¿Cómo reaccionó?\n    -   1 Se calmó un poco\n    +   1 Se calmó\n        2 Se molestó\n"
        in run(folder)[1]
    )


def test_update_mends_what_the_service_says_and_nothing_else(folder: Path) -> None:
    file = folder / "transcripts" / "uno.yaml"
    file.write_text(HEAD + TALK.replace("Lo sentimos.", "Ni modo."), encoding="utf-8")
    assert run(folder, "--update")[0] == 0
    assert file.read_text(encoding="utf-8") == HEAD + TALK


def test_update_does_not_hide_a_wrong_answer(folder: Path) -> None:
    file = folder / "transcripts" / "uno.yaml"
    file.write_text(HEAD + TALK.replace("reaction: 2", "reaction: 1"), encoding="utf-8")
    code, out, _ = run(folder, "--update")
    assert (code, "correct expect and ends by hand" in out) == (1, True)
    assert "reaction: 1" in file.read_text(encoding="utf-8")


def test_coverage_names_what_is_missing(folder: Path) -> None:
    _, out, _ = run(folder, "--coverage")
    assert "reporte  steps   3 of   3  branches   2 of   4\n         · contacto → fin (no)\n" in out


def test_json_has_all_of_it(folder: Path) -> None:
    code, out, _ = run(folder, "--json")
    found = json.loads(out)
    assert (code, found["passed"], found["failed"]) == (0, 1, 0)
    assert found["transcripts"][0]["name"] == "uno"
    assert found["coverage"]["flows"]["reporte"]["branches"] == {"walked": 2, "of": 4}


def test_problems_of_flows_and_transcripts_are_shown_and_give_exit_code_1(folder: Path) -> None:
    (folder / "transcripts" / "dos.yaml").write_text(HEAD, encoding="utf-8")
    code, _, problems = run(folder)
    assert code == 1
    assert f"{folder / 'transcripts' / 'dos.yaml'}:2:3 [missing-key]" in problems
    (folder / "prueba.yaml").write_text(PROGRAMME.replace("go: {no: fin}", "go: {no: fni}"), encoding="utf-8")
    code, _, problems = run(folder)
    assert code == 1
    assert "[unknown-step]" in problems


@pytest.mark.parametrize("path", ["nada", "nada.yaml"])
def test_nothing_to_test_is_a_usage_error(tmp_path: Path, path: str) -> None:
    (tmp_path / "nada").mkdir()
    (tmp_path / "prueba.yaml").write_text(PROGRAMME, encoding="utf-8")
    with pytest.raises(UsageError):
        run(tmp_path / path)
