"""A whole programme with names, numbers and words that cannot be mistaken; then they are looked for wherever they must not be: in what
the service logs, counts and refuses, in its database without the key, and in what leaves the installation by default."""

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text

from app.store import carrier_deletions
from app.store.sealing import SEALED, vault_of
from app.store.tables import metadata
from tests.acceptance.processes import LOCAL, Installation, until
from tests.acceptance.test_serve import ALMA, BRUNO, OPENING, PROGRAMME, STRANGER, enrol
from tests.carrier.calls import Caller
from tests.conftest import postgresql_by_night

MARKER = "Xochiquetzalli"
WORDS = (
    f"no, mi jefe {MARKER} Contestado no me deja",
    f"Le expliqué a {MARKER} Historiada qué seguía",
    f"quién sabe, pregúntele a {MARKER} Dudosa",
    f"me quiero morir, {MARKER} Sufrida",
    f"soy {MARKER} Extraña, ¿quién es?",
)
SOUGHT = (
    MARKER,
    "Ficticia",
    "Ficticio",
    "Historiada",
    "5555550101",
    "5555550102",
    "no me deja",
    "qué seguía",
    "quiero morir",
)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    templates = tmp_path / "templates.json"
    templates.write_text(f'{{"reporte_apertura": "{OPENING}"}}', encoding="utf-8")
    contents = {OPENING: "{{1}}, ¿tuvo contacto con ciudadanía? Responda sí o no."}
    return Installation(tmp_path, database_url, PROGRAMME, {"TRATO_TEMPLATES": str(templates)}, contents)


@postgresql_by_night
def test_no_name_number_or_word_is_where_it_must_not_be(place: Installation) -> None:
    enrol(place)
    said = []
    with place.carrier(), place.serving():
        _talk(place)
        until(lambda: _has_file(place), "the file is fetched")
        said += [
            LOCAL.get(f"{place.url}{path}", timeout=10).text for path in ("/metrics", "/readyz", "/twilio/inbound")
        ]
        said += [LOCAL.post(f"{place.url}/twilio/inbound", data={"Body": WORDS[0], "From": ALMA}, timeout=10).text]
    said.append(place.log)
    for command in (
        ("status",),
        ("dead-letters",),
        ("cases",),
        ("audit",),
        ("officers", "check"),
        ("status", "--json"),
    ):
        done = place.trato(*command)
        said.append(done.stdout + done.stderr)
    assert found(said) == []

    assert found(_leaving(place)) == []
    assert found(_at_rest(place)) == []
    assert any(MARKER in row["raw"] for row in place.export("--with-text")), "the markers were there"


@postgresql_by_night
def test_after_an_erasure_nothing_of_the_officer_is_left_or_comes_back(place: Installation) -> None:
    enrol(place)
    gone = ("Alma Ficticia", "Contestado", "Historiada", "Dudosa", "5555550101", "no me deja", "qué seguía")
    with place.carrier(), place.serving():
        _talk(place)
        until(lambda: _has_file(place), "the file is fetched")
        assert len(found([_opened(place)], gone)) == len(gone), "the markers were there"
        sent = place.types(ALMA, WORDS[1], channel="sms")
        alma, bruno = (_study_id(place, number) for number in (ALMA, BRUNO))
        refused = place.trato("erase", bruno, "--reason", "asked", "--yes")
        assert (refused.returncode, "about safety" in refused.stderr) == (2, True)
        until(lambda: place.trato("erase", alma, "--reason", "asked", "--yes").returncode == 0, "she is erased")
        assert found([_opened(place)], gone) == []

        (answer,) = asyncio.run(_again(place, sent["form"]))  # the same webhook once more
        assert answer == 200
        assert place.types(ALMA, WORDS[0], channel="sms")["webhook_answers"] == [200]
        place.types(ALMA, WORDS[1], channel="sms", deliver=False, ago=300)
        assert place.trato("sweep").returncode == 0
        roster = place.trato("roster", "import", str(place.folder / "roster.csv"))
        assert (roster.returncode, "was erased" in roster.stdout + roster.stderr) == (1, True)
        until(lambda: not _waiting(place), "the carrier has deleted her messages", 120)
        theirs = LOCAL.get(f"{place.carrier_url}/control/messages", timeout=10).text
        assert found([theirs], ("5555550101", "Contestado", "no me deja")) == []
    assert found([_opened(place), *_at_rest(place), *_leaving(place), place.log], gone) == []
    assert place.trato("export", str(place.folder / "out"), "--with-text").returncode == 0


def _study_id(place: Installation, number: str) -> str:
    done = place.trato("officers", "find", number[-10:], "--reason", "asked", "--json")
    (officer,) = json.loads(done.stdout)["officers"]
    return str(officer["study_id"])


async def _again(place: Installation, form: dict[str, str]) -> list[int]:
    async with httpx.AsyncClient() as client:
        return await Caller(place.account, client).post(f"{place.url}/twilio/inbound", form)


def _opened(place: Installation) -> str:
    """Every value of the database, with the key."""
    texts = []
    database = place.opened()
    with database.reading() as tx:
        vault = vault_of(tx)
        for table in metadata.sorted_tables:
            texts += [str(value) for row in tx.execute(select(table)) for value in row]
        for one in SEALED:
            for key, sealed in tx.execute(select(one.key, one.column).where(one.column.is_not(None))):
                texts.append(vault.open_bytes(sealed, one.context(key)).decode(errors="replace") if sealed else "")
    database.close()
    return "\n".join(texts)


def _waiting(place: Installation) -> int:
    database = place.opened()
    with database.reading() as tx:
        waiting = carrier_deletions.waiting(tx)
    database.close()
    return waiting


def _talk(place: Installation) -> None:
    place.gets(ALMA, "¿tuvo contacto")
    place.types(ALMA, WORDS[0], channel="sms")
    place.types(ALMA, "Sí", channel="sms")
    place.gets(ALMA, "¿Qué situación fue?")
    place.types(ALMA, WORDS[2], channel="sms")
    place.types(ALMA, "2", channel="sms")
    place.gets(ALMA, "últimos 5")
    place.types(ALMA, "4", channel="sms")
    place.gets(ALMA, "¿Cómo le fue?")
    place.types(ALMA, WORDS[1], channel="sms")
    place.gets(ALMA, "foto")
    place.types(ALMA, "", channel="sms", media=["image/jpeg"])
    place.gets(ALMA, "Gracias, Alma Ficticia.")
    place.gets(BRUNO, "¿tuvo contacto")
    place.types(BRUNO, WORDS[3])
    place.types(STRANGER, WORDS[4], channel="sms")
    place.gets(STRANGER, "programa de capacitación")


def _has_file(place: Installation) -> bool:
    database = place.opened()
    with database.reading() as tx:
        stored = tx.execute(text("SELECT count(*) FROM media WHERE status = 'stored'")).scalar_one()
    database.close()
    return bool(stored)


def _leaving(place: Installation) -> Iterator[str]:
    """What leaves the installation by default: every table and format, and the report."""
    folder = place.folder / "leaving"
    done = place.trato("export", str(folder), "--format", "csv,xlsx,dta,jsonl,floip")
    assert done.returncode == 0, done.stderr
    report = place.trato("report", str(folder / "report.html"))
    assert report.returncode == 0, report.stderr
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.read_bytes().decode("latin-1")
            yield file.read_bytes().decode("utf-8", "replace")


def _at_rest(place: Installation) -> Iterator[str]:
    """What lies in the database for somebody without the key: its files with the write-ahead log, or every value of every table."""
    database = place.opened()
    if database.is_sqlite:
        path = Path(database.url.database or "")
        found = [file.read_bytes() for file in path.parent.glob(f"{path.name}*")]
    else:
        with database.reading() as tx:
            rows = [row for table in metadata.sorted_tables for row in tx.execute(select(table)).all()]
        found = [bytes(value) if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]
    database.close()
    for content in found:
        yield content.decode("utf-8", "replace")
        yield content.decode("latin-1")


def found(texts: Iterable[str], sought: Iterable[str] = SOUGHT) -> list[str]:
    """The markers that are in one of these texts, however they are written there."""
    seen = re.compile("|".join(map(re.escape, sought)), re.IGNORECASE)
    return sorted({one.group() for content in texts for one in seen.finditer(content)})
