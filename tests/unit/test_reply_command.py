"""`trato reply`, as a person and a script use it."""

import json

import pytest
import typer
from typer.testing import CliRunner

from app.cli.reply import reply
from app.errors import UsageError

app = typer.Typer()
app.command()(reply)


def run(*arguments: str, stdin: str | bytes | None = None) -> str:
    result = CliRunner().invoke(app, list(arguments), input=stdin, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def lines(*arguments: str, stdin: str | bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(*arguments, "-", stdin=stdin).splitlines()]


def test_lines_in_json_lines_out() -> None:
    found = lines("--as", "yes_no", stdin="Simón\ntal vez\n\n")
    assert found == [
        {
            "text": "Simón",
            "act": "answer",
            "matched": True,
            "value": 1,
            "label": "Sí",
            "rule": "lexicon",
            "score": 0.95,
        },
        {
            "text": "tal vez",
            "act": "other",
            "matched": False,
            "value": None,
            "label": None,
            "rule": None,
            "score": 0.0,
            "reason": "ambiguous",
        },
        {
            "text": "",
            "act": "other",
            "matched": False,
            "value": None,
            "label": None,
            "rule": None,
            "score": 0.0,
            "reason": "empty",
        },
    ]


def test_options_bounds_and_missing_codes() -> None:
    assert lines("--as", "choice", "--options", "Auxilio,Detención", stdin="detensión")[0]["value"] == "detencion"
    assert (
        lines("--as", "multi", "--options", "Auxilio,Riesgo,Detención", stdin="1 y 3")[0]["value"]
        == "auxilio detencion"
    )
    assert lines("--as", "number", "--min", "0", "--max", "5", stdin="4 de 5\n6")[0]["value"] == 4
    assert lines("--as", "scale", "--max", "5", stdin="4")[0]["value"] == 4
    assert lines("--as", "scale", "--options", "Nada,Poco,Mucho", stdin="mucho")[0]["value"] == 3
    assert lines("--as", "number", "--missing", "d,r", stdin="no sé")[0]["missing"] == ".d"
    assert lines("--as", "number", "--decimals", stdin="2.5")[0]["value"] == 2.5


def test_a_moment_for_dates() -> None:
    assert lines("--as", "date", "--at", "2026-03-11T10:00", stdin="antier")[0]["value"] == "2026-03-09"
    assert lines("--as", "date", "--past", "--at", "2026-03-11", stdin="mañana")[0]["reason"] == "future"
    assert lines("--as", "date", stdin="ayer")[0]["matched"]


def test_bytes_that_are_no_text_are_a_reply_too() -> None:
    garbage = b"\xff\xfe\n\x00\n\xed\xa0\x80\n" + b"si " * 350_000 + b"\n\ns\xc3\xad\r\nno"
    found = lines("--as", "yes_no", stdin=garbage)
    assert [line["value"] for line in found] == [None, None, None, None, None, 1, 0]
    assert found[5]["text"] == "sí"


def test_a_sentence_for_people() -> None:
    assert run("--as", "yes_no", "claro", "que", "sí") == (
        "Se entendió como respuesta: Sí = 1 (regla lexicon, certeza 0.95).\n"
    )
    assert run("--as", "number", "--max", "5", "9").startswith("No se acepta: queda fuera")
    assert json.loads(run("--as", "yes_no", "--json", "nel"))["value"] == 0


def test_the_act_of_what_is_no_answer() -> None:
    found = lines("--as", "yes_no", stdin="al rato le contesto\nok\nya no quiero participar\n1 y ya no quiero vivir")
    assert [line["act"] for line in found] == ["deferral", "ack", "leave", "crisis"]
    assert {(line["matched"], line["value"], line["label"]) for line in found} == {(False, None, None)}
    assert found[1]["reason"] == "not_answer"
    assert lines("--as", "yes_no", "--purpose", "invitation", stdin="ok")[0]["value"] == 1
    assert lines("--as", "yes_no", "--purpose", "consent", stdin="sí, porque me lo ordenaron")[0]["act"] == "other"
    assert run("--as", "yes_no", "al", "rato") == "No es una respuesta: es un aplazamiento (deferral).\n"
    assert run("--as", "yes_no", "sí", "--purpose", "consent").startswith("Se entendió como respuesta: Sí = 1")


def test_a_number_of_a_measure_answers_a_question_that_names_it() -> None:
    assert lines("--as", "number", stdin="5 min")[0]["act"] == "deferral"
    assert lines("--as", "number", "--unit", "minutos", stdin="5 min")[0]["value"] == 5
    assert lines("--as", "number", "--unit", "minutos", stdin="2 semanas")[0]["value"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("--as", "choice", "a"),
        ("--as", "number", "--missing", "x", "a"),
        ("--as", "number", "--min", "5", "--max", "1", "a"),
        ("--as", "scale", "--max", "1000000", "a"),
        ("--as", "scale", "--max", "inf", "a"),
        ("--as", "number", "--min", "nan", "a"),
        ("--as", "choice", "--options", "Tiempo,Riesgo,tiempo", "a"),
        ("--as", "multi", "--options", "Sí,si", "a"),
        ("--as", "choice", "--options", "😀,Otro", "a"),
        ("--as", "date", "--at", "0001-01-01", "ayer"),
        ("--as", "date", "--at", "ayer", "a"),
    ],
)
def test_flags_that_make_no_question_are_usage_errors(arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        CliRunner().invoke(app, list(arguments), catch_exceptions=False)
