"""The officer at a simulated telephone: status, the open conversation and what comes next, and the conversation as a transcript,
which names nobody real. Reads only."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from app.clock import Clock
from app.conversations.library import Library
from app.flows.engine.compiled import CompiledProgramme
from app.flows.privacy import is_outdated, versions_asked
from app.flows.replies.forms import AnswerKind, is_open
from app.flows.transcripts.append import append_transcript
from app.flows.transcripts.player import InventedOfficer
from app.flows.transcripts.replay import INVENTED, Conversation, OfficerMove, replay
from app.flows.transcripts.talk import PressButton, WriteMessage
from app.roster.enrolment import stored_names
from app.scheduler.occasions import asks_consent
from app.store import answer_words, contacts, dialogue, enrolment, holds, pauses, sealing
from app.store.database import Database
from app.store.dialogue import Understood
from app.store.sealing import INBOUND_BODY, INBOUND_MEDIA
from app.store.tables import (
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    INBOUND,
    NUDGE,
    OUTBOUND,
    RESPONSE,
    SESSION,
    ContactStatus,
    NudgeStatus,
)
from app.store.vault import Vault

_BESIDE = ("late", "detail", "correction")
"""Outcomes of messages that moved nothing in their conversation."""


@dataclass(frozen=True, slots=True)
class OfficerStatus:
    """An officer's status. `consent`: why nothing but the question for consent is sent (no_consent, notice_changed), if so;
    `wakes_at`: when the open conversation continues without a reply; `next_at`: when the next flow that may be sent is due; None if there is
    none, and while `held` names an obstacle (a hold of the officer, `cohort`, `stopped`)."""

    timezone: str
    status: str
    paused_until: datetime | None
    consent: str | None = None
    flow: str | None = None
    title: str | None = None
    step: str | None = None
    wakes_at: datetime | None = None
    next_at: datetime | None = None
    next_title: str | None = None
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficerView:
    """Reads officers by the number of their telephone."""

    database: Database
    library: Library
    vault: Vault
    clock: Clock

    def status(self, number: str) -> OfficerStatus | None:
        """The status of the officer with this number; None if nobody has it."""
        with self.database.reading() as tx:
            contact = self._contact(tx, number)
            return None if contact is None else self._status(tx, contact)

    def names(self, numbers: Sequence[str], programmes: Collection[str] | None) -> dict[str, str]:
        """The names of the officers of these numbers, in some programmes or (None) in all."""
        with self.database.reading() as tx:
            owners = {contact: number for number, contact in contacts.by_number(tx, self.vault, numbers).items()}
            known = enrolment.programmes(tx, owners)
            own = [one for one in owners if programmes is None or known[one] in programmes]
            return {owners[one]: name for one, name in stored_names(tx, self.vault, own).items() if name}

    def understood(self, number: str, sids: list[str]) -> dict[str, list[Understood]]:
        """The readings of the messages of the officer with this number, by their ids."""
        with self.database.reading() as tx:
            contact = self._contact(tx, number)
            return {} if contact is None else dialogue.understood(tx, contact, sids)

    def transcript(self, number: str) -> tuple[str, str] | None:
        """The open or latest conversation as a transcript file, (name, text); None if there was none."""
        with self.database.reading() as tx:
            contact = self._contact(tx, number)
            latest = select(SESSION).where(SESSION.c.contact_id == contact).order_by(SESSION.c.id.desc()).limit(1)
            session = tx.execute(latest).one_or_none()
            if contact is None or session is None:
                return None
            compiled = self.library.compiled(tx, session.flow_version_id)
            recorded = replay(compiled, self._conversation(tx, compiled, session))
        text, name = append_transcript("", "", recorded, {compiled.programme: compiled})
        return f"{name}.yaml", text

    def _contact(self, tx: Connection, number: str) -> int | None:
        return contacts.by_number(tx, self.vault, [number]).get(number)

    def _status(self, tx: Connection, contact: int) -> OfficerStatus:
        joined = CONTACT_WITH_COHORT
        columns = (
            CONTACT.c.timezone,
            CONTACT.c.status,
            CONTACT.c.paused_until,
            CONTACT.c.consented_at,
            CONTACT.c.consented_to,
            COHORT.c.programme,
            COHORT.c.paused_at,
            CONTACT.c.held_at,
            CONTACT.c.held_for,
        )
        officer = tx.execute(select(*columns).select_from(joined).where(CONTACT.c.id == contact)).one()
        open_ = select(SESSION).where(SESSION.c.contact_id == contact, SESSION.c.ended_at.is_(None))
        session = tx.execute(open_).one_or_none()
        ahead = select(NUDGE.c.due_at, NUDGE.c.flow, NUDGE.c.campaign, NUDGE.c.slot).where(
            NUDGE.c.contact_id == contact, NUDGE.c.status == NudgeStatus.planned
        )
        planned = tx.execute(ahead.order_by(NUDGE.c.due_at, NUDGE.c.id)).all()
        latest = self.library.latest(tx, officer.programme)
        asked = versions_asked(latest[1].definition) if latest else {}
        missing = {one.campaign: _missing(officer, asked.get(one.campaign)) for one in planned}
        open_to = [one for one in planned if missing[one.campaign] is None or asks_consent(one.slot)]
        held = (
            *sorted(holds.read(officer.held_at, officer.held_for)),
            *(["cohort"] if officer.paused_at is not None else []),
            *(["stopped"] if pauses.is_stopped(tx) else []),
        )
        nudge = open_to[0] if open_to and officer.status == ContactStatus.active and not held else None
        return OfficerStatus(
            officer.timezone,
            officer.status,
            officer.paused_until,
            next(filter(None, missing.values()), None),
            flow=session.flow if session else None,
            title=_title(self.library.compiled(tx, session.flow_version_id), session.flow) if session else None,
            step=session.step if session else None,
            wakes_at=session.wake_at if session else None,
            next_at=nudge.due_at if nudge else None,
            next_title=_title(latest[1], nudge.flow) if nudge and latest else None,
            held=held,
        )

    def _conversation(self, tx: Connection, compiled: CompiledProgramme, session: Any) -> Conversation:  # noqa: ANN401 - a row
        row = tx.execute(select(CONTACT).where(CONTACT.c.id == session.contact_id)).one()
        zone = ZoneInfo(row.timezone)
        known = json.loads(row.attributes)
        fields = {name: known[name] for name in compiled.definition.fields if name in known}
        written = select(INBOUND).where(INBOUND.c.session_id == session.id, INBOUND.c.outcome.not_in(_BESIDE))
        sent = select(OUTBOUND.c.channel).where(OUTBOUND.c.session_id == session.id).order_by(OUTBOUND.c.id).limit(1)
        channel = tx.execute(sent).scalar_one_or_none() or session.channel  # by which it was sent in the end
        heard = tx.execute(written.order_by(INBOUND.c.id)).all()
        return Conversation(
            session.flow,
            session.variant,
            session.opening,
            InventedOfficer({"nombre": INVENTED}, fields, row.language, row.timezone),
            channel,
            session.started_at.astimezone(zone),
            (session.ended_at or self.clock()).astimezone(zone),
            _moves(tx, heard, _corrections(tx, session.id), zone),
        )


def _corrections(tx: Connection, session: int) -> dict[int, str]:
    """The answer that each correcting message put in the place of another, in words that answer, by the message's id."""
    columns = (RESPONSE.c.inbound_id, RESPONSE.c.words, RESPONSE.c.label, RESPONSE.c.kind)
    found = tx.execute(select(*columns).where(RESPONSE.c.session_id == session, RESPONSE.c.inbound_id.is_not(None)))
    return {
        row.inbound_id: answer_words.shown(tx, row.inbound_id, row.words)
        if is_open(AnswerKind(row.kind))
        else row.label
        for row in found.all()
    }


def _moves(tx: Connection, heard: Sequence[Any], corrections: Mapping[int, str], zone: ZoneInfo) -> list[OfficerMove]:
    """The officer's moves as they count: a corrected answer has its correction's words, and one that was taken back is left out."""
    moves: dict[int, OfficerMove] = {}
    answered: dict[str, int] = {}
    for row in heard:
        if row.outcome != "corrected":
            moves[row.id] = _heard(tx, row, zone)
            if row.outcome == "answer":
                answered[row.step] = row.id
        elif (first := answered.get(row.step)) is not None:
            words = corrections.get(row.id)
            if words is None:
                moves.pop(answered.pop(row.step))
            else:
                moves[first] = replace(moves[first], move=WriteMessage(words), label=words)
    return list(moves.values())


def _heard(tx: Connection, row: Any, zone: ZoneInfo) -> OfficerMove:  # noqa: ANN401 - a row of `inbound_message`
    key = row.button.rpartition(":")[2] if row.button else ""  # a button's payload ends with its option
    media: Sequence[Sequence[str]] = json.loads(sealing.readable(tx, INBOUND_MEDIA, row.sid, row.media) or "[]")
    body = sealing.shown(tx, INBOUND_BODY, row.sid, row.body)
    move = PressButton(key) if key else WriteMessage(body, tuple(kind for _, kind in media))
    return OfficerMove(row.received_at.astimezone(zone), row.channel, move, body)


def _missing(officer: Any, asked: str | None) -> str | None:  # noqa: ANN401 - a row
    """Why an officer gets nothing but the question for consent; None if the notice `asked` is agreed to, or none is asked."""
    if asked is None:
        return None
    if officer.consented_at is None:
        return "no_consent"
    return "notice_changed" if is_outdated(officer.consented_to, asked) else None


def _title(compiled: CompiledProgramme, flow: str) -> str:
    found = compiled.definition.flows.get(flow)
    return found.title if found else flow
