"""Everything that is held about one officer, as a text to hand over, and the files that they sent. In Spanish, or in English. Moments are
UTC. Of what our code keeps for itself, as the state of an open conversation, nothing is in it that is not here in words."""

import json
import mimetypes
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from app.errors import ConfigurationError
from app.store import addresses, answer_words, audit, stories
from app.store import sealing as seals
from app.store.sealing import CASE_NOTE, CONSENT_TEXT, FILE, INBOUND_BODY, NAME, NUMBER, OUTBOUND_BODY
from app.store.tables import (
    ADDRESS,
    ASSIGNMENT,
    CASE,
    CONSENT,
    CONTACT,
    IDENTITY,
    INBOUND,
    MEDIA,
    NUDGE,
    OUTBOUND,
    RESPONSE,
    SESSION,
    SHIFT_CHANGE,
)

Line = tuple[object, ...]

TITLES = {
    "title": ("Todo lo que guardamos de usted", "Everything that we hold about you"),
    "made": ("Hecho el", "Made on"),
    "identity": ("Su nombre y sus números", "Your name and numbers"),
    "taking_part": ("Su participación", "Your part in the programme"),
    "leave": ("Ausencias y turnos distintos", "Leave and changed shifts"),
    "consents": ("Sus decisiones sobre el aviso de privacidad", "Your decisions on the privacy notice"),
    "arms": ("Grupos del estudio", "Arms of the study"),
    "messages": ("Mensajes (recibido: de usted; enviado: nuestro)", "Messages (in: from you; out: from us)"),
    "answers": ("Sus respuestas, como se entendieron", "Your answers, as they were understood"),
    "files": ("Archivos que envió", "Files that you sent"),
    "conversations": ("Conversaciones", "Conversations"),
    "planned": ("Lo que está previsto", "What is planned"),
    "cases": ("Asuntos que atendió una persona", "Matters that a person has handled"),
    "audit": ("Quién vio o cambió algo", "Who has seen or changed something"),
    "nothing": ("(nada)", "(nothing)"),
    "in": ("recibido", "in"),
    "out": ("enviado", "out"),
    "yes": ("sí", "yes"),
    "no": ("no", "no"),
}


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that the officer sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Dossier:
    """The text and the files."""

    text: str
    files: list[SentFile]


def of(tx: Connection, study_id: str, reason: str, now: datetime, actor: str, *, english: bool = False) -> Dossier:
    """Everything about an officer. The audit log keeps who asked for it, and why. Raises UsageError for an unknown study id and without a
    reason."""
    why = audit.reason(reason)
    contact = addresses.known(tx, study_id)
    language = int(english)
    files = list(_files(tx, contact))
    sections: dict[str, Sequence[Line]] = {
        "identity": list(_identity(tx, contact)),
        "taking_part": list(_taking_part(tx, contact)),
        "leave": _rows(tx, SHIFT_CHANGE, contact, "starts_at", "ends_at", "kind"),
        "consents": list(_consents(tx, contact, language)),
        "arms": _rows(tx, ASSIGNMENT, contact, "at", "campaign", "arm", "stratum", "cluster"),
        "messages": sorted(_messages(tx, contact, language)),
        "answers": list(_answers(tx, contact)),
        "files": [(one.name, len(one.content)) for one in files],
        "conversations": _rows(tx, SESSION, contact, "started_at", "ended_at", "flow", "wave", "outcome"),
        "planned": _rows(tx, NUDGE, contact, "due_at", "flow", "campaign", "status", "reason"),
        "cases": list(_cases(tx, contact)),
        "audit": [(_at(one.at), one.actor, one.action) for one in audit.about(tx, f"contact:{contact}")],
    }
    audit.record(tx, now, actor, "officers show all", f"contact:{contact}", {"files": len(files), "reason": why})
    lines = [f"# {TITLES['title'][language]}", "", f"{TITLES['made'][language]} {_at(now)}", ""]
    for name, rows in sections.items():
        lines += [f"## {TITLES[name][language]}", ""]
        lines += [" · ".join(_shown(cell) for cell in row if cell not in (None, "")) for row in rows]
        lines += [] if rows else [TITLES["nothing"][language]]
        lines.append("")
    return Dossier("\n".join(lines), files)


def _identity(tx: Connection, contact: int) -> Iterator[Line]:
    for sealed in tx.execute(select(IDENTITY.c.sealed).where(IDENTITY.c.contact_id == contact)).scalars():
        opened = seals.shown(tx, NAME, contact, sealed)
        yield from (
            ((value,) if name == "nombre" else (f"{name}:", value) for name, value in json.loads(opened).items())
            if opened.startswith("{")
            else [(opened,)]
        )
    for row in tx.execute(select(ADDRESS).where(ADDRESS.c.contact_id == contact).order_by(ADDRESS.c.id)):
        yield row.channel, seals.shown(tx, NUMBER, contact, row.sealed), _at(row.created_at), _at(row.retired_at)


def _taking_part(tx: Connection, contact: int) -> Iterator[Line]:
    for name, value in stories.standing(tx, contact)._asdict().items():
        if value is not None:
            yield f"{name}:", value
    columns = (CONTACT.c.attributes, CONTACT.c.dates, CONTACT.c.shift)
    for name, value in tx.execute(select(*columns).where(CONTACT.c.id == contact)).one()._asdict().items():
        if value not in (None, "{}"):
            yield f"{name}:", value


def _consents(tx: Connection, contact: int, language: int) -> Iterator[Line]:
    for row in tx.execute(select(CONSENT).where(CONSENT.c.contact_id == contact).order_by(CONSENT.c.id)):
        decision = TITLES["yes" if row.granted else "no"][language]
        yield (
            _at(row.at),
            decision,
            row.version,
            row.channel,
            seals.shown(tx, CONSENT_TEXT, contact, row.text),
            row.proof,
        )


def _messages(tx: Connection, contact: int, language: int) -> Iterator[tuple[str, ...]]:
    for row in tx.execute(select(INBOUND).where(INBOUND.c.contact_id == contact)):
        words = seals.shown(tx, INBOUND_BODY, row.sid, row.body)
        yield _at(row.received_at), TITLES["in"][language], row.channel, row.kind, row.outcome, words
    for row in tx.execute(select(OUTBOUND).where(OUTBOUND.c.contact_id == contact)):
        words = seals.shown(tx, OUTBOUND_BODY, row.uid, row.body)
        yield _at(row.created_at), TITLES["out"][language], row.channel, row.kind, row.status, words


def _answers(tx: Connection, contact: int) -> Iterator[Line]:
    for row in tx.execute(select(RESPONSE).where(RESPONSE.c.contact_id == contact).order_by(RESPONSE.c.id)):
        words = answer_words.opened(tx, row.inbound_id, row.raw, row.words, row.value, row.label)
        raw, value, label = words or (seals.UNREADABLE, row.value, row.label)
        missing = f".{row.missing}" if row.missing else None
        yield _at(row.answered_at), f"{row.flow}.{row.step}", row.wave, f"«{raw}»", label, value, missing, row.status


def _files(tx: Connection, contact: int) -> Iterator[SentFile]:
    """The files that are stored and can be opened."""
    columns = (MEDIA.c.id, MEDIA.c.content_type, MEDIA.c.sealed)
    joined = MEDIA.join(INBOUND, INBOUND.c.id == MEDIA.c.inbound_id)
    found = select(*columns).select_from(joined).where(INBOUND.c.contact_id == contact, MEDIA.c.sealed.is_not(None))
    vault = seals.vault_of(tx)
    for file, content_type, sealed in tx.execute(found.order_by(MEDIA.c.id)):
        ending = mimetypes.guess_extension(content_type.partition(";")[0].strip()) or ".bin"
        with suppress(ConfigurationError):  # it is another key's, or damaged
            yield SentFile(f"{file}{ending}", vault.open_bytes(sealed, FILE.context(file)))


def _cases(tx: Connection, contact: int) -> Iterator[Line]:
    for row in tx.execute(select(CASE).where(CASE.c.contact_id == contact).order_by(CASE.c.id)):
        note = seals.shown(tx, CASE_NOTE, row.id, row.note)
        yield _at(row.opened_at), _at(row.closed_at), row.reason, row.outcome, row.owner, note


def _rows(tx: Connection, table: Table, contact: int, *columns: str) -> list[Line]:
    found = select(*(table.c[name] for name in columns)).where(table.c.contact_id == contact).order_by(table.c.id)
    return [tuple(row) for row in tx.execute(found)]


def _shown(cell: object) -> str:
    return _at(cell) if isinstance(cell, datetime) else str(cell)


def _at(moment: Any) -> str:  # noqa: ANN401 - a moment, or None
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment is not None else ""
