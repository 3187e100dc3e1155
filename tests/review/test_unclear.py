"""`trato replies unclear`: what was not understood, by question, and words for it in the flow file, on both databases."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.conversations.inbound import receive
from app.conversations.sessions import Turn, begin
from app.errors import UsageError
from app.flows.loader import load
from app.store.conversations import Changes
from app.store.conversations import write as keep
from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, message, officer, published

SECRET = "a secret that only tests have"
FLOW = """  motivos:
    title: Motivos
    kind: survey
    steps:
      - ask: barrera  # la pregunta
        text: ¿Qué lo dificultó?
        records: barrera
        answer:
          choice:
            tiempo: Tiempo  # el reloj
            ordenes: {label: Órdenes, also: [consigna]}  # los mandos
            otro: Otro
"""
SOURCE = PROGRAMME.replace("campaigns:\n", FLOW + "campaigns:\n")
NUMBERS = [f"+5255555501{n:02}" for n in range(1, 8)]


@pytest.fixture(autouse=True)
def _installation(
    tmp_path: Path, database_url: str, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Officers: two are in a hurry and mean time, one means orders, one gives up, one declines an offer, one only says yes, one tells a
    story."""
    database = Database(database_url)
    database.unlock(vault)
    with database.transaction() as tx:
        library = published(tx, clock(), SOURCE)
        for number, replies in zip(
            NUMBERS,
            (
                ("andaba corto de minutos", "1"),
                ("pues andaba corto de minutos jefe", "tiempo"),
                ("pura grilla de arriba", "2"),
                ("pura grilla de arriba", "sepa la bola oiga"),
                ("como que el tiempo", "no", "2"),
                ("sí", "3"),
                ("se juntaron como veinte personas y luego llegó la prensa y ya no", "3"),
            ),
            strict=True,
        ):
            contact = enrol(tx, vault, clock(), number)
            changes = Changes()
            begin(Turn(tx, library, changes, clock()), officer(tx, contact), "motivos")
            keep(tx, changes)
            for reply in replies:
                clock.advance(minutes=5)
                arrive(tx)
                receive(tx, library, [message(vault, number, reply)], clock())
    database.close()
    monkeypatch.chdir(tmp_path)
    Path("prueba.yaml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", SECRET)


def trato(*arguments: str, code: int = 0) -> str:
    shown = CliRunner().invoke(main.app, ["replies", "unclear", "prueba.yaml", *arguments])
    if isinstance(shown.exception, UsageError):
        return str(shown.exception)
    assert shown.exit_code == code, (shown.output, shown.exception)
    return shown.output


def codes() -> dict[str, str]:
    (question,) = json.loads(trato("--json"))["questions"]
    return {one["words"]: one["code"] for one in question["replies"]}


def test_lists_what_was_not_understood_by_question_with_the_option_that_was_meant() -> None:
    (question,) = json.loads(trato("--json"))["questions"]
    assert (question["flow"], question["step"], question["text"]) == ("motivos", "barrera", "¿Qué lo dificultó?")
    hurry, orders, *_ = question["replies"][:3]
    assert {key: hurry[key] for key in ("words", "replies", "officers", "to_person", "option", "chosen", "decided")} == {
        "words": "andaba corto de minutos", "replies": 2, "officers": 2, "to_person": 0, "option": "tiempo", "chosen": 2, "decided": 2,
    }  # fmt: skip
    assert (orders["option"], orders["replies"], orders["officers"], orders["decided"]) == ("ordenes", 2, 2, 1)
    story = next(one for one in question["replies"] if len(one["words"].split()) > 6)
    assert story["code"] is None, "a story is no other wording of an option"
    codes_of = {one["words"]: one["code"] for one in question["replies"]}
    assert "no" not in codes_of, "a no to an offer was understood"
    assert codes_of["si"] is None, "a yes means the same in every list"
    shown = trato()
    assert "2 veces, 2 oficiales: «andaba corto de minutos»  → tiempo (Tiempo; así contestaron después 2 de 2)" in shown
    assert "puede delatarlo" in shown
    assert not any(number in shown for number in NUMBERS)


def test_least_leaves_out_what_few_officers_wrote() -> None:
    (question,) = json.loads(trato("--json", "--least", "2"))["questions"]
    assert [one["officers"] for one in question["replies"]] == [2, 2]
    assert "delatarlo" not in trato("--least", "2")


def test_accepted_words_are_written_with_every_comment_kept_and_are_understood_from_then_on() -> None:
    known = codes()
    hurry, orders = known["andaba corto de minutos"], known["pura grilla de arriba"]
    shown = trato("--accept", hurry, "--accept", f"{orders}=ordenes")
    assert "2 cambian cómo se leen las respuestas" in shown
    assert "trato test" in shown
    written = Path("prueba.yaml").read_text(encoding="utf-8")
    assert "            tiempo: {label: Tiempo, also: [andaba corto de minutos]}  # el reloj\n" in written
    assert "            ordenes: {label: Órdenes, also: [consigna, pura grilla de arriba]}  # los mandos\n" in written
    assert set(SOURCE.splitlines()) - set(written.splitlines()) == {
        "            tiempo: Tiempo  # el reloj",
        "            ordenes: {label: Órdenes, also: [consigna]}  # los mandos",
    }
    assert not load(written, "prueba.yaml").problems
    assert "andaba corto de minutos" not in codes(), "it is understood by now"


def test_a_code_or_an_option_that_does_not_exist_is_refused_and_nothing_is_written() -> None:
    words, before = codes()["andaba corto de minutos"], Path("prueba.yaml").read_bytes()
    assert "no reply has the code zzzzzz" in trato("--accept", words, "--accept", "zzzzzz")
    assert f"name the option that {words} means, as {words}=tiempo|ordenes|otro" in trato("--accept", f"{words}=nadie")
    assert Path("prueba.yaml").read_bytes() == before


def test_replies_of_questions_that_are_gone_are_counted() -> None:
    Path("prueba.yaml").write_text(PROGRAMME, encoding="utf-8")
    assert json.loads(trato("--json")) == {"questions": [], "elsewhere": 8}
    assert "8 de preguntas que no están en los archivos." in trato()
