"""Tables that people have uploaded and not imported yet: in the database, sealed, so that any process can show them and nothing of them lies
in a file; one a person and kind, for some hours. All functions take a transaction and commit nothing."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.store import sealing
from app.store.bulk import insert_rows
from app.store.sealing import UPLOAD_CHOICES, UPLOAD_PLACE
from app.store.tables import UPLOAD, UPLOAD_PART

LIFETIME = timedelta(hours=2)
"""From the last change of an upload until it is deleted."""

EVERY_LOOK = timedelta(minutes=5)
"""Between two looks for expired ones."""

PIECE = 48 * 1024
"""Bytes of a file in one row: a change of keys reads many rows at a time."""

FILE = "file"
"""The list of parts that is the file itself."""

Page = list[dict[str, Any]]


class UploadKind(StrEnum):
    """The table that a person uploads."""

    roster = "roster"
    leave = "leave"


class UploadStatus(StrEnum):
    """The status of an upload. `checking` and `importing` are work under way; a `failed` one cannot be read as a table."""

    checking = "checking"
    ready = "ready"
    failed = "failed"
    importing = "importing"
    imported = "imported"


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload. `choices` is JSON."""

    id: int
    owner: str
    kind: UploadKind
    programme: str
    status: UploadStatus
    revision: int
    choices: dict[str, Any]
    counts: dict[str, Any]
    digest: str
    expires_at: datetime


def start(
    tx: Connection, owner: str, kind: UploadKind, programme: str, content: bytes, choices: object, now: datetime
) -> int:
    """Store a file that a person has uploaded, instead of the one before."""
    discard(tx, owner, kind)
    values = {
        "owner": owner,
        "kind": kind,
        "programme": programme,
        "status": UploadStatus.checking,
        "revision": 0,
        "sealed": b"",
        "counts": "{}",
        "digest": "",
        "expires_at": now + LIFETIME,
    }
    key = int(tx.execute(insert(UPLOAD).returning(UPLOAD.c.id), values).scalar_one())
    change(tx, key, now, choices=choices)
    vault = sealing.vault_of(tx)
    pieces = [content[begin : begin + PIECE] for begin in range(0, len(content), PIECE)]
    places = [_place(key, FILE, number) for number in range(len(pieces))]
    rows = [
        {"upload_id": key, "place": place, "sealed": vault.seal_bytes(piece, UPLOAD_PLACE.context(place))}
        for place, piece in zip(places, pieces, strict=True)
    ]
    insert_rows(tx, UPLOAD_PART, rows)
    return key


def find(tx: Connection, owner: str, kind: UploadKind, now: datetime, *, lock: bool = False) -> Upload | None:
    """A person's upload of a kind, if it has not expired."""
    found = select(UPLOAD).where(UPLOAD.c.owner == owner, UPLOAD.c.kind == kind, UPLOAD.c.expires_at > now)
    row = tx.execute(found.with_for_update() if lock else found).first()
    if row is None:
        return None
    choices = json.loads(sealing.open_text(tx, UPLOAD_CHOICES, row.id, row.sealed) or "{}")
    status, counts = UploadStatus(row.status), json.loads(row.counts)
    return Upload(
        row.id,
        row.owner,
        UploadKind(row.kind),
        row.programme,
        status,
        row.revision,
        choices,
        counts,
        row.digest,
        row.expires_at,
    )


def change(tx: Connection, upload: int, now: datetime, *, choices: object = None, **values: object) -> None:
    """Set columns of an upload, which is kept for longer from now on."""
    if choices is not None:
        values["sealed"] = sealing.seal(tx, UPLOAD_CHOICES, upload, json.dumps(choices, ensure_ascii=False))
    tx.execute(update(UPLOAD).where(UPLOAD.c.id == upload).values(expires_at=now + LIFETIME, **values))


def file(tx: Connection, upload: int) -> bytes:
    """The file as it was uploaded."""
    vault, found = sealing.vault_of(tx), select(UPLOAD_PART.c.place, UPLOAD_PART.c.sealed)
    rows = tx.execute(found.where(UPLOAD_PART.c.upload_id == upload, UPLOAD_PART.c.place.like(f"{upload}:{FILE}:%")))
    pieces = sorted((int(place.rpartition(":")[2]), place, sealed) for place, sealed in rows)
    return b"".join(vault.open_bytes(sealed, UPLOAD_PLACE.context(place)) for _, place, sealed in pieces)


def drop_pages(tx: Connection, upload: int) -> None:
    """Delete the pages of checked rows."""
    pages = UPLOAD_PART.c.place.not_like(f"{upload}:{FILE}:%")
    tx.execute(delete(UPLOAD_PART).where(UPLOAD_PART.c.upload_id == upload, pages))


def drop_parts(tx: Connection, upload: int) -> None:
    """Delete the file and the pages."""
    tx.execute(delete(UPLOAD_PART).where(UPLOAD_PART.c.upload_id == upload))


def add_pages(tx: Connection, upload: int, pages: Iterable[tuple[str, int, Page]]) -> None:
    """Store pages of checked rows, as (list, number from 1, rows)."""
    rows = [
        {"upload_id": upload, "place": _place(upload, name, number), "sealed": json.dumps(page, ensure_ascii=False)}
        for name, number, page in pages
    ]
    insert_rows(tx, UPLOAD_PART, rows)


def page(tx: Connection, upload: int, name: str, number: int) -> Page:
    """A page of checked rows; empty if there is none."""
    place = _place(upload, name, number)
    sealed = tx.execute(select(UPLOAD_PART.c.sealed).where(UPLOAD_PART.c.place == place)).scalar_one_or_none()
    found: Page = [] if sealed is None else json.loads(sealing.open_text(tx, UPLOAD_PLACE, place, sealed))
    return found


def discard(tx: Connection, owner: str, kind: UploadKind) -> None:
    """Delete a person's upload, if there is one."""
    _delete(tx, (UPLOAD.c.owner == owner) & (UPLOAD.c.kind == kind))


def discard_all(tx: Connection) -> None:
    """Delete every upload: an erased officer may be in it."""
    _delete(tx, UPLOAD.c.id.is_not(None))


def expire(tx: Connection, now: datetime) -> int:
    """Delete the uploads that have not been changed for `LIFETIME`. Returns how many."""
    return _delete(tx, UPLOAD.c.expires_at <= now)


def _delete(tx: Connection, which: Any) -> int:  # noqa: ANN401 - a condition
    ids = list(tx.execute(select(UPLOAD.c.id).where(which)).scalars())
    tx.execute(delete(UPLOAD_PART).where(UPLOAD_PART.c.upload_id.in_(ids)))
    return int(tx.execute(delete(UPLOAD).where(UPLOAD.c.id.in_(ids))).rowcount)


def _place(upload: int, name: str, number: int) -> str:
    return f"{upload}:{name}:{number}"
