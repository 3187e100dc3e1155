"""Sessions, responses and messages as a batch writes them. `Changes` collects the records of a batch; `write` stores them in a
handful of statements, however large the batch is."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Update, bindparam, func, insert, or_, select, update

from app.clock import FARTHEST_AHEAD
from app.store import addresses, cases, sealing
from app.store.bulk import insert_records, values_of
from app.store.cases import Need
from app.store.contacts import change
from app.store.dialect import literal, one_of
from app.store.holds import SUPPORT
from app.store.records import (
    ContactUpdate,
    NewAddress,
    NewConsent,
    NewFile,
    NewInbound,
    NewMessage,
    NewResponse,
    NewSession,
    SessionState,
    Settled,
)
from app.store.sealing import INBOUND_BODY, SESSION_STATE
from app.store.tables import (
    CONSENT,
    INBOUND,
    MEDIA,
    OUTBOUND,
    RANKS,
    RESPONSE,
    SESSION,
    MessageStatus,
)


@dataclass(slots=True)
class Changes:
    """Records to write, and what changes in rows that are there."""

    inbound: list[NewInbound] = field(default_factory=list)
    media: list[NewFile] = field(default_factory=list)
    responses: list[NewResponse] = field(default_factory=list)
    superseded: list[tuple[int, str, str]] = field(default_factory=list)  # (session, flow, step)
    sessions: dict[int, SessionState] = field(default_factory=dict)
    outbound: list[NewMessage] = field(default_factory=list)
    consents: list[NewConsent] = field(default_factory=list)
    contacts: list[tuple[int, ContactUpdate]] = field(default_factory=list)
    addresses: list[NewAddress] = field(default_factory=list)
    silenced: list[int] = field(default_factory=list)  # contacts to whom nothing queued may go out
    abandoned: list[int] = field(default_factory=list)  # sessions of which nothing queued may go out
    completed: dict[int, str] = field(default_factory=dict)  # sessions that came to their end, each with its flow
    needs: list[Need] = field(default_factory=list)  # what needs a person
    settled: list[Settled] = field(default_factory=list)  # what no person is needed for any more
    earlier: dict[str, int] = field(default_factory=dict)  # stored messages that these records name: ids by SID

    def supersede(self, session: int, flow: str, step: str) -> None:
        """Mark the answers to this question, stored or of this batch, as superseded."""
        self.superseded.append((session, flow, step))
        self.responses = [
            one._replace(status="superseded")
            if (one.session_id, one.flow, one.step, one.status) == (session, flow, step, "ok")
            else one
            for one in self.responses
        ]

    def silence(self, contact: int) -> None:
        """Cancel this officer's queued messages, stored or of this batch; but the text of support goes out even so."""
        self.silenced.append(contact)
        self.outbound = [one for one in self.outbound if one.contact_id != contact or one.step == SUPPORT]

    def abandon(self, session: int) -> None:
        """Cancel this session's queued messages: a question must not go out when its session no longer waits for the answer."""
        self.abandoned.append(session)
        self.outbound = [one for one in self.outbound if one.session_id != session]


def write(tx: Connection, changes: Changes) -> None:
    """Write everything. Superseding and cancelling affect older rows, so they come first."""
    supersede(tx, changes.superseded)
    _cancel(tx, _OF_CONTACTS, changes.silenced)
    _cancel(tx, _OF_SESSIONS, changes.abandoned)
    ids = changes.earlier | dict(insert_records(tx, INBOUND, changes.inbound, returning=("sid", "id")))
    insert_records(tx, MEDIA, changes.media, ("inbound_id", ids))
    insert_records(tx, RESPONSE, changes.responses, ("inbound_id", ids))
    write_sessions(tx, changes.sessions)
    insert_records(tx, OUTBOUND, changes.outbound, ("reply_to_id", ids))
    insert_records(tx, CONSENT, changes.consents)
    addresses.add(tx, changes.addresses)
    cases.join(tx, changes.needs, ids)
    for contact, values in changes.contacts:
        change(tx, contact, **values)


def known_sids(tx: Connection, sids: Collection[str]) -> set[str]:
    """The SIDs among these that are stored already."""
    return set(tx.execute(_KNOWN, {"sids": list(sids)}).scalars())


_KNOWN = select(INBOUND.c.sid).where(one_of(INBOUND.c.sid, "sids"))
_UPDATE_SESSION = (
    update(SESSION)
    .where(SESSION.c.id == bindparam("session"))
    .values({name: bindparam(name) for name in ("state", "step", "wake_at", "outcome", "ended_at")})
)


def write_sessions(tx: Connection, sessions: dict[int, SessionState]) -> None:
    """Store the states of sessions, by id. Storing the same again changes nothing."""
    if sessions:
        tx.execute(_UPDATE_SESSION, [{"session": key, **_columns(tx, state)} for key, state in sessions.items()])


def _columns(tx: Connection, state: SessionState) -> dict[str, Any]:
    """The columns of a session that change, with the state sealed."""
    values = values_of(state)
    return values | {"state": sealing.seal(tx, SESSION_STATE, values.pop("contact_id"), state.state)}


def supersede(tx: Connection, questions: Collection[tuple[int, str, str]]) -> None:
    """Mark the answers to these questions, by session, flow and step, as superseded."""
    for session, flow, step in questions:
        tx.execute(
            update(RESPONSE)
            .where(
                RESPONSE.c.session_id == session,
                RESPONSE.c.flow == flow,
                RESPONSE.c.step == step,
                RESPONSE.c.status == "ok",
            )
            .values(status="superseded")
        )


def _cancel(tx: Connection, cancelling: Update, ids: list[int]) -> None:
    """Cancel queued messages, but not the text of support. Planned nudges are skipped when they are due, unless the officer has come
    back by then."""
    if ids:
        tx.execute(cancelling, {"ids": ids})


_CANCEL = (
    update(OUTBOUND)
    .where(
        OUTBOUND.c.status == literal(MessageStatus.queued),
        or_(OUTBOUND.c.kind != "notice", OUTBOUND.c.step != SUPPORT),
    )
    .values(status=MessageStatus.cancelled, rank=RANKS[MessageStatus.cancelled])
)
_OF_CONTACTS = _CANCEL.where(one_of(OUTBOUND.c.contact_id, "ids"))
_OF_SESSIONS = _CANCEL.where(one_of(OUTBOUND.c.session_id, "ids"))


def open_session(tx: Connection, session: NewSession, state: SessionState) -> int:
    """Insert a session and return its id. IntegrityError if the officer has an open one."""
    values = {**values_of(session), **_columns(tx, state)}
    return int(tx.execute(_OPEN_SESSION, values).scalar_one())


_OPEN_SESSION = insert(SESSION).returning(SESSION.c.id)


def variants_had(tx: Connection, contact: int, flows: Collection[str]) -> dict[str, str]:
    """The variant in which an officer had any of these flows in each wave; the first, if there was more than one."""
    found = (
        select(SESSION.c.wave, SESSION.c.variant)
        .where(
            SESSION.c.contact_id == contact,
            SESSION.c.flow.in_(sorted(flows)),
            SESSION.c.wave.is_not(None),
            SESSION.c.variant.is_not(None),
        )
        .order_by(SESSION.c.id.desc())
    )
    return {row.wave: row.variant for row in tx.execute(found)}


def opened(tx: Connection, contact: int, flows: Collection[str]) -> int:
    """The number of sessions of these flows that an officer has had with an opening."""
    return int(tx.execute(_OPENED, {"contact": contact, "flows": sorted(flows)}).scalar_one())


_OPENED = select(func.count()).where(
    SESSION.c.contact_id == bindparam("contact"),
    one_of(SESSION.c.flow, "flows"),
    SESSION.c.opening.is_not(None),
)


class BegunSession(NamedTuple):
    """How a session began."""

    flow: str
    variant: str | None
    opening: int | None
    channel: str


def begun(tx: Connection, session: int) -> BegunSession:
    """How this session began."""
    columns = (SESSION.c.flow, SESSION.c.variant, SESSION.c.opening, SESSION.c.channel)
    return BegunSession(*tx.execute(select(*columns).where(SESSION.c.id == session)).one())


class EndedSession(NamedTuple):
    """The officer's last session. `decided`: a decision on consent was recorded in it."""

    flow: str
    decided: bool


def last_session(tx: Connection, contact: int) -> EndedSession | None:
    """The officer's last session; None if there was none."""
    decided = select(CONSENT.c.id).where(CONSENT.c.session_id == SESSION.c.id).exists()
    found = (
        select(SESSION.c.flow, decided).where(SESSION.c.contact_id == contact).order_by(SESSION.c.id.desc()).limit(1)
    )
    row = tx.execute(found).first()
    return None if row is None else EndedSession(row[0], bool(row[1]))


def begun_since(tx: Connection, contact: int, flow: str, since: datetime) -> int:
    """The number of sessions of this flow that the officer has begun since then."""
    found = select(func.count()).where(
        SESSION.c.contact_id == contact, SESSION.c.flow == flow, SESSION.c.started_at > since
    )
    return int(tx.execute(found).scalar_one())


def said_lately(tx: Connection, contact: int, kind: str, step: str, now: datetime, within: timedelta) -> bool:
    """Whether this officer got this notice within this time, so that notices do not loop."""
    found = select(func.count()).where(
        OUTBOUND.c.contact_id == contact,
        OUTBOUND.c.kind == kind,
        OUTBOUND.c.step == step,
        OUTBOUND.c.created_at > now - within,
        OUTBOUND.c.created_at <= now + FARTHEST_AHEAD,  # else said before the clock was set back
    )
    return bool(tx.execute(found).scalar_one())


def strangers_answered(tx: Connection, lookups: Collection[str]) -> set[str]:
    """The unknown authors among these who have been answered already."""
    if not lookups:
        return set()
    joined = OUTBOUND.join(INBOUND, INBOUND.c.id == OUTBOUND.c.reply_to_id)
    found = select(INBOUND.c.lookup).select_from(joined).where(INBOUND.c.lookup.in_(list(lookups)))
    return set(tx.execute(found).scalars())


def unclear_texts(tx: Connection, session: int, step: str, since: datetime) -> list[str]:
    """The replies to a question since it was asked that were not understood, in order."""
    found = (
        select(INBOUND.c.sid, INBOUND.c.body)
        .where(
            INBOUND.c.session_id == session,
            INBOUND.c.step == step,
            INBOUND.c.outcome == "unclear",
            INBOUND.c.received_at >= since,
        )
        .order_by(INBOUND.c.id)
    )
    texts = [sealing.readable(tx, INBOUND_BODY, sid, body) for sid, body in tx.execute(found)]
    return [text for text in texts if text is not None]


def supported_lately(tx: Connection, lookup: str, now: datetime, within: timedelta) -> bool:
    """Whether this unknown number got the text of support within this time."""
    found = (
        select(func.count())
        .select_from(OUTBOUND.join(INBOUND, INBOUND.c.id == OUTBOUND.c.reply_to_id))
        .where(
            INBOUND.c.lookup == lookup,
            OUTBOUND.c.contact_id.is_(None),
            OUTBOUND.c.step == SUPPORT,
            OUTBOUND.c.created_at > now - within,
            OUTBOUND.c.created_at <= now + FARTHEST_AHEAD,
        )
    )
    return bool(tx.execute(found).scalar_one())


class HeardMessage(NamedTuple):
    """A message of an officer, and what became of it. `body` is None if it cannot be opened."""

    body: str | None
    outcome: str
    act: str | None


def heard_since(
    tx: Connection, contact: int, since: datetime, limit: int, until: datetime | None = None
) -> list[HeardMessage]:
    """This officer's messages since then and up to `until`, the latest first."""
    found = (
        select(INBOUND.c.sid, INBOUND.c.body, INBOUND.c.outcome, INBOUND.c.act)
        .where(
            INBOUND.c.contact_id == contact,
            INBOUND.c.received_at > since,
            *([] if until is None else [INBOUND.c.received_at <= until]),
        )
        .order_by(INBOUND.c.id.desc())
        .limit(limit)
    )
    return [
        HeardMessage(sealing.readable(tx, INBOUND_BODY, sid, body), outcome, act)
        for sid, body, outcome, act in tx.execute(found)
    ]
