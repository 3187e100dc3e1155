"""One officer's conversation, both sides, page by page, with what was understood of each reply. All functions take a transaction."""

import json
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from app.store import sealing
from app.store.sealing import INBOUND_BODY, OUTBOUND_BODY
from app.store.tables import ADDRESS, ASSIGNMENT, CONSENT, INBOUND, OUTBOUND, RESPONSE


class Understood(NamedTuple):
    """An answer as it is stored, with its id and its kind. Of a text only that it is one: its words are the officer's."""

    variable: str
    value: str | None
    label: str
    rule: str
    status: str
    late: bool
    judged_by: str | None
    response: int
    kind: str


class Line(NamedTuple):
    """A message. `ours`: we wrote it; `state` is how far it has come, or what became of the officer's; `cause`: why it failed; `place` is
    the flow and step that it belongs to; `act` and `act_rule`: what an officer's text does, and by which rule."""

    at: datetime
    ours: bool
    kind: str
    channel: str
    words: str
    state: str
    cause: str | None
    place: str
    act: str | None
    act_rule: str | None
    understood: tuple[Understood, ...] = ()


class ConsentLine(NamedTuple):
    """A decision on consent."""

    at: datetime
    granted: bool
    version: str | None
    channel: str
    proof: str | None


class NumberLine(NamedTuple):
    """An address of an officer, sealed."""

    channel: str
    sealed: bytes
    unreachable_at: datetime | None
    retired_at: datetime | None
    last_inbound_at: datetime | None


class Following(NamedTuple):
    """A campaign that an officer follows, and the arm of a study; no campaign in an arm without messages."""

    assignment_id: int
    campaign: str | None
    arm: str | None


def lines(tx: Connection, contact: int, before: datetime | None, most: int) -> list[Line]:
    """The latest messages before a moment, in their order."""
    heard, said = _heard(tx, contact, before, most), _said(tx, contact, before, most)
    return sorted([*heard, *said], key=lambda line: line.at)[-most:]


def _heard(tx: Connection, contact: int, before: datetime | None, most: int) -> list[Line]:
    columns = (
        INBOUND.c.id,
        INBOUND.c.sid,
        INBOUND.c.received_at,
        INBOUND.c.kind,
        INBOUND.c.channel,
        INBOUND.c.body,
        INBOUND.c.outcome,
        INBOUND.c.step,
        INBOUND.c.act,
        INBOUND.c.act_rule,
    )
    found = select(*columns).where(INBOUND.c.contact_id == contact)
    if before is not None:
        found = found.where(INBOUND.c.received_at < before)
    rows = tx.execute(found.order_by(INBOUND.c.received_at.desc(), INBOUND.c.id.desc()).limit(most)).all()
    understood = _understood(tx, contact, [row.id for row in rows])
    return [
        Line(
            row.received_at,
            False,
            row.kind,
            row.channel,
            sealing.shown(tx, INBOUND_BODY, row.sid, row.body),
            row.outcome,
            None,
            row.step or "",
            row.act,
            row.act_rule,
            tuple(understood.get(row.id, ())),
        )
        for row in reversed(rows)
    ]


def understood(tx: Connection, contact: int, sids: list[str]) -> dict[str, list[Understood]]:
    """The readings of an officer's messages, by the carrier's id."""
    named = select(INBOUND.c.id, INBOUND.c.sid).where(INBOUND.c.contact_id == contact, INBOUND.c.sid.in_(sids))
    sid_of = dict(tx.execute(named).all())
    return {sid_of[one]: answers for one, answers in _understood(tx, contact, list(sid_of)).items()}


def _understood(tx: Connection, contact: int, messages: list[int]) -> dict[int, list[Understood]]:
    columns = (
        RESPONSE.c.inbound_id,
        RESPONSE.c.variable,
        RESPONSE.c.value,
        RESPONSE.c.label,
        RESPONSE.c.rule,
        RESPONSE.c.status,
        RESPONSE.c.late,
        RESPONSE.c.judged,
        RESPONSE.c.id,
        RESPONSE.c.kind,
    )
    rows = select(*columns).where(RESPONSE.c.contact_id == contact, RESPONSE.c.inbound_id.in_(messages))
    found: dict[int, list[Understood]] = {}
    for row in tx.execute(rows.order_by(RESPONSE.c.id)):
        by = json.loads(row.judged).get("by") if row.judged else None
        told = (row.variable, row.value, row.label, row.rule, row.status, row.late)
        found.setdefault(row.inbound_id, []).append(Understood(*told, by, row.id, row.kind))
    return found


def _said(tx: Connection, contact: int, before: datetime | None, most: int) -> list[Line]:
    columns = (
        OUTBOUND.c.uid,
        OUTBOUND.c.created_at,
        OUTBOUND.c.kind,
        OUTBOUND.c.channel,
        OUTBOUND.c.body,
        OUTBOUND.c.status,
        OUTBOUND.c.error_cause,
        OUTBOUND.c.flow,
        OUTBOUND.c.step,
    )
    found = select(*columns).where(OUTBOUND.c.contact_id == contact)
    if before is not None:
        found = found.where(OUTBOUND.c.created_at < before)
    rows = tx.execute(found.order_by(OUTBOUND.c.created_at.desc(), OUTBOUND.c.id.desc()).limit(most)).all()
    return [
        Line(
            row.created_at,
            True,
            row.kind,
            row.channel,
            sealing.shown(tx, OUTBOUND_BODY, row.uid, row.body),
            row.status,
            row.error_cause,
            ".".join(filter(None, (row.flow, row.step))),
            None,
            None,
        )
        for row in reversed(rows)
    ]


def consents(tx: Connection, contact: int) -> list[ConsentLine]:
    """An officer's decisions on consent, in their order."""
    columns = (CONSENT.c.at, CONSENT.c.granted, CONSENT.c.version, CONSENT.c.channel, CONSENT.c.proof)
    return [
        ConsentLine(*row)
        for row in tx.execute(select(*columns).where(CONSENT.c.contact_id == contact).order_by(CONSENT.c.id))
    ]


def numbers(tx: Connection, contact: int) -> list[NumberLine]:
    """An officer's addresses, oldest first."""
    columns = (
        ADDRESS.c.channel,
        ADDRESS.c.sealed,
        ADDRESS.c.unreachable_at,
        ADDRESS.c.retired_at,
        ADDRESS.c.last_inbound_at,
    )
    return [
        NumberLine(*row)
        for row in tx.execute(select(*columns).where(ADDRESS.c.contact_id == contact).order_by(ADDRESS.c.id))
    ]


def following(tx: Connection, contact: int) -> list[Following]:
    """The campaigns and arms of an officer."""
    columns = (ASSIGNMENT.c.id, ASSIGNMENT.c.campaign, ASSIGNMENT.c.arm)
    found = select(*columns).where(ASSIGNMENT.c.contact_id == contact).order_by(ASSIGNMENT.c.id)
    return [Following(*row) for row in tx.execute(found)]
