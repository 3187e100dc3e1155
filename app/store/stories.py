"""One officer's whole story: everything that the store knows of it, with its moment. All functions take a transaction and commit
nothing."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, select

from app.store import sealing
from app.store.sealing import INBOUND_BODY, OUTBOUND_BODY
from app.store.tables import (
    ADDRESS,
    CASE,
    COHORT,
    CONSENT,
    CONTACT,
    CONTACT_WITH_COHORT,
    INBOUND,
    NUDGE,
    OUTBOUND,
    SESSION,
    NudgeStatus,
)
from app.wording import Sentence


class Standing(NamedTuple):
    """How an officer stands now, without identity."""

    study_id: str
    cohort: str
    programme: str
    status: str
    language: str
    timezone: str
    channel: str
    consented_at: datetime | None
    opted_out_at: datetime | None
    paused_until: datetime | None
    held_at: datetime | None
    held_for: str | None


class Moment(NamedTuple):
    """Something that happened. `what` is in words of the store; `words` are somebody's, if it is a message."""

    at: datetime
    kind: str
    what: str
    words: str = ""


class Coming(NamedTuple):
    """A flow that is planned."""

    due_at: datetime
    flow: str
    campaign: str
    slot: str


def standing(tx: Connection, contact: int) -> Standing:
    """How an officer stands."""
    columns: tuple[Column[Any], ...] = (
        CONTACT.c.study_id,
        COHORT.c.code,
        COHORT.c.programme,
        CONTACT.c.status,
        CONTACT.c.language,
        CONTACT.c.timezone,
        CONTACT.c.channel,
        CONTACT.c.consented_at,
        CONTACT.c.opted_out_at,
        CONTACT.c.paused_until,
        CONTACT.c.held_at,
        CONTACT.c.held_for,
    )
    return Standing(*tx.execute(select(*columns).select_from(CONTACT_WITH_COHORT).where(CONTACT.c.id == contact)).one())


def moments(tx: Connection, contact: int) -> list[Moment]:
    """Everything that has happened with an officer, in its order."""
    found = [
        *_addresses(tx, contact),
        *_sessions(tx, contact),
        *_messages(tx, contact),
        *_consents(tx, contact),
        *_cases(tx, contact),
        *_skipped(tx, contact),
    ]
    return sorted(found, key=lambda moment: moment.at)


def coming(tx: Connection, contact: int, most: int) -> list[Coming]:
    """The next planned flows."""
    columns = (NUDGE.c.due_at, NUDGE.c.flow, NUDGE.c.campaign, NUDGE.c.slot)
    planned = select(*columns).where(NUDGE.c.contact_id == contact, NUDGE.c.status == NudgeStatus.planned)
    return [Coming(*row) for row in tx.execute(planned.order_by(NUDGE.c.due_at, NUDGE.c.id).limit(most))]


def _messages(tx: Connection, contact: int) -> list[Moment]:
    heard = select(
        INBOUND.c.received_at, INBOUND.c.channel, INBOUND.c.kind, INBOUND.c.outcome, INBOUND.c.sid, INBOUND.c.body
    )
    said = select(
        OUTBOUND.c.created_at,
        OUTBOUND.c.channel,
        OUTBOUND.c.kind,
        OUTBOUND.c.flow,
        OUTBOUND.c.step,
        OUTBOUND.c.status,
        OUTBOUND.c.uid,
        OUTBOUND.c.body,
    )
    found = [
        Moment(
            at,
            "in",
            Sentence("{kind} by {channel}: {outcome}", kind=kind, channel=channel, outcome=outcome),
            sealing.shown(tx, INBOUND_BODY, sid, body),
        )
        for at, channel, kind, outcome, sid, body in tx.execute(
            heard.where(INBOUND.c.contact_id == contact).order_by(INBOUND.c.id)
        )
    ]
    for at, channel, kind, flow, step, status, uid, body in tx.execute(
        said.where(OUTBOUND.c.contact_id == contact).order_by(OUTBOUND.c.id)
    ):
        place = ".".join(filter(None, (flow, step)))
        what = Sentence(
            "{kind} by {channel}: {outcome}", kind=f"{kind} {place}" if place else kind, channel=channel, outcome=status
        )
        found.append(Moment(at, "out", what, sealing.shown(tx, OUTBOUND_BODY, uid, body)))
    return found


def _sessions(tx: Connection, contact: int) -> list[Moment]:
    columns = (SESSION.c.flow, SESSION.c.started_at, SESSION.c.ended_at, SESSION.c.outcome)
    found = []
    for flow, started_at, ended_at, outcome in tx.execute(
        select(*columns).where(SESSION.c.contact_id == contact).order_by(SESSION.c.id)
    ):
        found.append(Moment(started_at, "conversation", Sentence("{flow} begins", flow=flow)))
        if ended_at is not None:
            found.append(
                Moment(ended_at, "conversation", Sentence("{flow} ends: {outcome}", flow=flow, outcome=outcome))
            )
    return found


def _skipped(tx: Connection, contact: int) -> list[Moment]:
    columns = (NUDGE.c.flow, NUDGE.c.slot, NUDGE.c.reason, NUDGE.c.decided_at, NUDGE.c.planned_for)
    skipped = select(*columns).where(NUDGE.c.contact_id == contact, NUDGE.c.status == NudgeStatus.skipped)
    return [
        Moment(decided_at or planned_for, "skipped", f"{flow} ({slot}): {reason}")
        for flow, slot, reason, decided_at, planned_for in tx.execute(skipped.order_by(NUDGE.c.id))
    ]


def _cases(tx: Connection, contact: int) -> list[Moment]:
    columns = (CASE.c.id, CASE.c.reason, CASE.c.opened_at, CASE.c.closed_at, CASE.c.outcome)
    found = []
    for case, reason, opened_at, closed_at, outcome in tx.execute(
        select(*columns).where(CASE.c.contact_id == contact).order_by(CASE.c.id)
    ):
        found.append(Moment(opened_at, "case", Sentence("{case} opens: {reason}", case=case, reason=reason)))
        if closed_at is not None:
            found.append(Moment(closed_at, "case", Sentence("{case} is closed: {outcome}", case=case, outcome=outcome)))
    return found


def _consents(tx: Connection, contact: int) -> list[Moment]:
    columns = (CONSENT.c.at, CONSENT.c.granted, CONSENT.c.version, CONSENT.c.channel, CONSENT.c.proof)
    return [
        Moment(
            at,
            "consent",
            Sentence(
                "{decision} to {version} by {channel}{proof}",
                decision=Sentence("yes") if granted else Sentence("no"),
                version=version or "?",
                channel=channel,
                proof=f" ({proof})" if proof else "",
            ),
        )
        for at, granted, version, channel, proof in tx.execute(
            select(*columns).where(CONSENT.c.contact_id == contact).order_by(CONSENT.c.id)
        )
    ]


def _addresses(tx: Connection, contact: int) -> list[Moment]:
    columns = (ADDRESS.c.channel, ADDRESS.c.created_at, ADDRESS.c.retired_at)
    found = []
    for channel, created_at, retired_at in tx.execute(
        select(*columns).where(ADDRESS.c.contact_id == contact).order_by(ADDRESS.c.id)
    ):
        found.append(Moment(created_at, "number", Sentence("one for {channel} comes into use", channel=channel)))
        if retired_at is not None:
            found.append(Moment(retired_at, "number", Sentence("one for {channel} is retired", channel=channel)))
    return found
