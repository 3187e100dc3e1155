"""`trato play`: the phone in the terminal, by what it shows and what it keeps."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.play import play as command
from app.cli.test import rehearse
from app.errors import UsageError
from tests.unit.test_transcripts import PROGRAMME

app = typer.Typer()
app.command()(command)


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    source = PROGRAMME.replace("fields: [sector]\n", "").replace(" en {{ sector }}", "")
    (tmp_path / "prueba.yaml").write_text(source, encoding="utf-8")
    return tmp_path


def run(flows: Path, *arguments: object, typed: str = "") -> Result:
    words = [str(argument) for argument in (*arguments, "--flows", flows)]
    result = CliRunner().invoke(app, words, input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_conversation_from_standard_input(flows: Path) -> None:
    result = run(flows, "reporte", typed="simón\n[button calma]\n")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "< Alma, ¿tuvo contacto?",
        "  1 Sí",
        "  2 No",
        "> simón",
        "< ¿Cómo reaccionó?",
        "  1 Se calmó",
        "  2 Se molestó",
        "> [button calma]",
        "< Bien hecho.",
        "< Gracias.",
        "· completed",
        "· contact = 1  Sí",
        "· reaction = 1  Se calmó",
    ]


def test_the_name_of_the_officer_is_an_option(flows: Path) -> None:
    assert run(flows, "reporte", "--nombre", "Bruno").stdout.startswith("< Bruno, ¿tuvo contacto?")


def test_quit_leaves_and_nothing_more_is_read(flows: Path) -> None:
    assert "¿Cómo reaccionó?" not in run(flows, "reporte", typed="/quit\nsí\n").stdout


def test_the_clock_jumps_by_hand_and_to_what_is_due(flows: Path) -> None:
    lines = run(flows, "reporte", typed="/+90m\n/timeout\n/timeout\n/timeout\n").stdout.splitlines()
    assert lines[3:] == [
        "· (+90m) Mon 02 Mar 11:30, sms",
        "· (+1350m) Tue 03 Mar 10:00, sms",
        "< ¿Nos contesta, Alma?",
        "  Alma, ¿tuvo contacto?",
        "  1 Sí",
        "  2 No",
        "· (+24h) Wed 04 Mar 10:00, sms",
        "· expired",
        "· nothing is waited for",
    ]


ENDS = """ends: {last_day: "2026-03-04", answers_until: "2026-03-05", afterwards: [guardia@example.org]}
notices:
  farewell: Hasta aquí.
  ended: Ya terminó.
  support: Llame al 911.
"""


@pytest.fixture
def ending(flows: Path) -> Path:
    file = flows / "prueba.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("notices:\n", ENDS, 1), encoding="utf-8")
    return flows


def test_a_conversation_is_cut_off_by_the_end_of_the_programme(ending: Path) -> None:
    lines = run(ending, "reporte", "--at", "2026-03-04 22:00", typed="sí\n/+26h\nsí\n").stdout.splitlines()
    assert lines[-4:] == ["· stopped", "· contact = 1  Sí", "> sí", "< Ya terminó."]


def test_after_the_end_only_safety_help_and_leaving_are_heard(ending: Path) -> None:
    typed = "hola\nsí\nALTA\nayuda\nya no quiero vivir\nbaja\n"
    assert run(ending, "reporte", "--at", "2026-03-06 10:00", typed=typed).stdout.splitlines() == [
        "· after the last day of the programme no conversation begins; who writes gets what follows",
        "> hola",
        "< Ya terminó.",
        "> sí",
        "> ALTA",
        "> ayuda",
        "< Ayuda.",
        "> ya no quiero vivir",
        "< Llame al 911.",
        "· a crisis: the conversation stands still until a person closes the case",
        "> baja",
        "< Ya no le escribiremos.",
    ]


def test_who_comes_back_after_the_last_day_is_told_that_it_is_over(ending: Path) -> None:
    lines = run(ending, "reporte", "--at", "2026-03-05 10:00", typed="baja\nalta\n").stdout.splitlines()
    assert lines[-1] == "< Hasta aquí."


def test_what_whatsapp_would_refuse_is_said_after_a_change_of_channel(flows: Path) -> None:
    typed = "/channel whatsapp\n/+24h\n"
    assert "WhatsApp would refuse this" in run(flows, "reporte", typed=typed).stdout
    assert "63016" not in run(flows, "reporte", typed=typed.replace("whatsapp", "sms")).stdout


def test_the_state_is_shown_as_json(flows: Path) -> None:
    assert '"contact": "Sí"' in run(flows, "reporte", typed="sí\n/state\n").stdout
    assert "no question is open" in run(flows, "reporte", typed="no\n/state\n").stdout


@pytest.mark.parametrize("typed", ["/nada", "/channel fax", "/channel +24h", "/sms", "/+24", "/"])
def test_an_unknown_command_explains_the_known_ones(flows: Path, typed: str) -> None:
    assert "/timeout" in run(flows, "reporte", typed=f"{typed}\n").stdout


def test_an_unknown_button_names_those_there_are(flows: Path) -> None:
    assert "there is si, no" in run(flows, "reporte", typed="[button quizas]\n").stdout


@pytest.mark.parametrize(
    "typed",
    [
        "sí\n2\n",
        "no\n",
        "BAJA\n",
        "sí\natrás\nno\n",
        "/timeout\n/+3d\n",
        "\n\n",
        "/channel whatsapp\nsí\n",
        "",
        "# no\n> sí\n",
        "s\x00í\x1b[31m\n😀\n",
        "/+9999w\n" * 50,
        "/+1m\n/timeout\n",
    ],
)
def test_what_is_saved_passes_as_a_test(flows: Path, typed: str) -> None:
    file = flows / "transcripts" / "guardadas.yaml"
    for _ in range(2):
        assert run(flows, "reporte", "--save", file, typed=typed).exit_code == 0
    played = rehearse([file]).played
    assert [item.transcript.name for item in played] == ["reporte_1", "reporte_2"]
    assert [item.differences for item in played] == [(), ()]


def test_saving_keeps_what_the_file_has(flows: Path) -> None:
    file = flows / "transcripts" / "mias.yaml"
    file.parent.mkdir()
    before = "# mías\ntranscripts:\n  uno:\n    flow: reporte\n    talk: |\n      # nada\n"
    file.write_text(before, encoding="utf-8")
    run(flows, "reporte", "--save", file, typed="no\n")
    after = file.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert "expect: {contact: 0}" in after


def test_a_file_that_cannot_take_it_is_left_as_it_is(flows: Path) -> None:
    file = flows / "nota.txt"
    file.write_text("una nota\n", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be added") as refused:
        run(flows, "reporte", "--save", file, typed="no\n")
    assert "reporte" not in str(refused.value), "before anybody has typed anything"
    assert file.read_text(encoding="utf-8") == "una nota\n"


def test_a_flow_that_fails_gives_exit_code_1(flows: Path) -> None:
    (flows / "prueba.yaml").write_text(PROGRAMME, encoding="utf-8")
    result = run(flows, "reporte")
    assert result.exit_code == 1
    assert "the flow failed at contacto (missing-value)" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("reprote",), "Did you mean reporte"),
        (("reporte", "--programme", "preuba"), "Did you mean prueba"),
        (("reporte", "--at", "mañana"), "--at must be"),
        (("reporte", "--at", "9999-01-01"), "--at must be in the years"),
        (("reporte", "--at", "2026-03-02T10:00-06:00"), "has no offset"),
    ],
)
def test_a_wrong_argument_is_a_usage_error(flows: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        run(flows, *arguments)


def test_who_knows_no_flow_is_told_all_of_them(flows: Path) -> None:
    more = "".join(
        f"  aviso_{number}: {{title: A, kind: tip, steps: [{{say: a, text: A.}}]}}\n" for number in range(20)
    )
    (flows / "prueba.yaml").write_text(PROGRAMME + more, encoding="utf-8")
    with pytest.raises(UsageError, match=r"There is: aviso_0, .*, aviso_9, "):
        run(flows, "nada")


def test_a_flow_of_two_programmes_needs_the_programme(flows: Path) -> None:
    other = (flows / "prueba.yaml").read_text(encoding="utf-8").replace("programme: prueba", "programme: otra")
    (flows / "otra.yaml").write_text(other, encoding="utf-8")
    with pytest.raises(UsageError, match="otra, prueba"):
        run(flows, "reporte")
    assert run(flows, "reporte", "--programme", "otra").exit_code == 0
