"""A small world for tests: a published programme, officers with invented numbers, and messages as they arrive."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, insert, select, text, update

from app.channels.addresses import canonical
from app.channels.base import Inbound
from app.conversations.inbound import Arrival
from app.conversations.library import Library, publish
from app.flows.loader import load
from app.store import answer_words, sealing
from app.store.answer_words import AnswerWords
from app.store.contacts import Officer, officers
from app.store.sealing import RESPONSE_WORDS, SEALED
from app.store.tables import OUTBOUND, RESPONSE, Address, Cohort, Contact, Identity, Response
from app.store.vault import Vault

OURS = "+525555550000"

PROGRAMME = """
programme: prueba
title: Programa de prueba
language: es-MX
languages: [en]
timezone: America/Mexico_City
notices:
  help: Ayuda del programa.
  opted_out: Ya no le escribiremos.
  opted_in: Bienvenida de nuevo.
  paused: Pausa de {{ dias }} días.
  nothing_open: Por ahora no hay preguntas.
  unclear: No entendí.
principles:
  voz: {label: Dar voz}
answers:
  si_no: {si: {label: Sí, value: 1}, no: {label: No, value: 0}}
flows:
  permiso:
    title: Consentimiento
    kind: consent
    steps:
      - ask: acepta
        text: ¿Acepta participar?
        answer: yes_no
        consent: aviso_1
        records: consent_given
  reporte:
    title: Reporte
    kind: report
    principle: voz
    expires: 48h
    reminder: {after: 24h, text: "{{ nombre }}, ¿nos contesta?"}
    steps:
      - say: hola
        text: "{{ nombre }}, una pregunta."
      - ask: contacto
        text: ¿Tuvo contacto con ciudadanía?
        answer: si_no
        records: contact_any
        level: behaviour
        go: {no: fin}
      - ask: historia
        text: ¿Qué pasó?
        answer: text
        records: story
      - say: fin
        text: Gracias.
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    consent: permiso
    window: {from: "10:00", to: "19:00"}
    slots:
      - {weeks: 1-4, per_week: 2, from: [reporte]}
"""

OTHER_PROGRAMME = PROGRAMME.replace("programme: prueba", "programme: otro")
TALK = """\
programme: prueba
transcripts:
  sin_contacto:
    flow: reporte
    contact: {nombre: Alma}
    talk: |
      < Alma, una pregunta.
      < ¿Tuvo contacto con ciudadanía?
        1 Sí
        2 No
      > no
      < Gracias.
"""
"""A transcript of PROGRAMME."""


def published(tx: Connection, now: datetime, source: str = PROGRAMME) -> Library:
    """A library with one published programme. The source must be without errors."""
    loaded = load(source, "prueba.yaml")
    assert loaded.programme is not None, [str(problem) for problem in loaded.problems]
    publish(tx, loaded, source, "test", now)
    library = Library()
    library.refresh(tx)
    return library


def enrol(
    tx: Connection,
    vault: Vault,
    now: datetime,
    number: str,
    *,
    name: str = "Alma",
    programme: str = "prueba",
    consented: bool = True,
    channel: str = "whatsapp",
) -> int:
    """An officer of the cohort `prueba-1` with SMS and WhatsApp at one number. Gives the contact's id."""
    cohort = tx.execute(select(Cohort.id).where(Cohort.code == f"{programme}-1")).scalar_one_or_none()
    if cohort is None:
        cohort = tx.execute(
            insert(Cohort).returning(Cohort.id),
            {
                "code": f"{programme}-1",
                "programme": programme,
                "timezone": "America/Mexico_City",
                "dates": json.dumps({"workshop_date": "2026-03-02"}),
                "created_at": now,
            },
        ).scalar_one()
    contact = tx.execute(
        insert(Contact).returning(Contact.id),
        {
            "study_id": uuid4().hex[:8].upper(),
            "cohort_id": cohort,
            "language": "es-MX",
            "status": "active",
            "timezone": "America/Mexico_City",
            "channel": channel,
            "attributes": "{}",
            "dates": "{}",
            "consented_at": now if consented else None,
            "created_at": now,
        },
    ).scalar_one()
    tx.execute(
        insert(Identity),
        {"contact_id": contact, "sealed": vault.seal(json.dumps({"nombre": name}), f"identity:{contact}")},
    )
    for kind in ("sms", "whatsapp"):
        plain = canonical(kind, number)
        tx.execute(
            insert(Address),
            {
                "contact_id": contact,
                "channel": kind,
                "lookup": vault.lookup(plain),
                "sealed": vault.seal(plain, f"address:{contact}"),
                "created_at": now,
            },
        )
    return int(contact)


def officer(tx: Connection, contact: int) -> Officer:
    """An officer as services see one."""
    return officers(tx, [contact])[contact]


def message(
    vault: Vault, number: str, body: str, *, channel: str = "whatsapp", sid: str | None = None, **more: object
) -> Arrival:
    """A message from a phone, ready for `receive`."""
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    inbound = Inbound(
        sid=sid or f"SM{uuid4().hex}",
        channel=channel,
        author=prefix + number,
        receiver=prefix + OURS,
        body=body,
        form={"From": prefix + number, "Body": body},
        **more,  # type: ignore[arg-type]
    )
    return Arrival.of(inbound, vault)


def arrive(tx: Connection) -> None:
    """Everything that is queued went out and arrived at once: an officer answers only what they can have seen."""
    at = OUTBOUND.c.created_at
    tx.execute(update(OUTBOUND).where(OUTBOUND.c.delivered_at.is_(None)).values(sent_at=at, delivered_at=at))


def flows_folder(path: Path, source: str = PROGRAMME, talk: str = "") -> Path:
    """A folder of flows with one programme file, and with a file of transcripts if there is a talk."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "prueba.yaml").write_text(source, encoding="utf-8")
    if talk:
        (path / "transcripts").mkdir(exist_ok=True)
        (path / "transcripts" / "prueba.yaml").write_text(talk, encoding="utf-8")
    return path


def without_foreign_keys(tx: Connection) -> None:
    """Do not check foreign keys in this transaction, on SQLite until its end, to make a damaged database."""
    sqlite = tx.dialect.name == "sqlite"
    tx.execute(text("PRAGMA defer_foreign_keys = ON" if sqlite else "SET LOCAL session_replication_role = replica"))


def stored(tx: Connection, model: Any, *columns: str, where: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """These columns of a table's rows, in the order of their ids, with what is sealed opened: an answer's raw, value and label are what
    was written, wherever they stand."""
    table = model.__table__
    found = tx.execute(select(table).where(*where).order_by(table.c.id)).all()
    return [tuple(_opened(tx, table, row, name) for name in columns) for row in found]


def _opened(tx: Connection, table: Table, row: Any, name: str) -> Any:
    value = getattr(row, name)
    if table is RESPONSE and name in AnswerWords._fields:
        words = answer_words.opened(tx, row.inbound_id, row.raw, row.words, row.value, row.label)
        return getattr(words, name)
    column = next((one for one in SEALED if one.column is table.c[name]), None)
    if column is None or (value is None and name != "body"):
        return value
    return sealing.open_text(tx, column, getattr(row, column.key.name), value)


def sealed(tx: Connection, model: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row to insert, with its texts sealed."""
    values = {"words": answer_words.written(row["raw"]), **row, "raw": None} if row.get("raw") else dict(row)
    columns = tuple(values)
    (made,) = sealing.sealed_rows(tx, model.__table__, columns, [tuple(values.values())])
    return dict(zip(columns, made, strict=True))


def reword(tx: Connection, raw: str, new: str, *, as_value: bool = False) -> None:
    """Let every answer that was typed as `raw` be typed as `new`; `as_value`: it was understood so, too."""
    for key, inbound, typed in stored(tx, Response, "id", "inbound_id", "raw"):
        if typed == raw:
            words = answer_words.written(new, *((new, new) if as_value else ()))
            put = {"raw": None, "words": sealing.seal(tx, RESPONSE_WORDS, inbound, words)}
            tx.execute(update(RESPONSE).where(RESPONSE.c.id == key).values(**put))
