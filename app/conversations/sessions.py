"""Sessions: starts them, continues them, and turns the engine's events into records for the store. The only module that knows
both events and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import orjson
from sqlalchemy import Connection

from app.conversations.followups import follow
from app.conversations.library import Library
from app.conversations.memory import learn
from app.flows.engine import engine
from app.flows.engine.compiled import Ask, CompiledProgramme
from app.flows.engine.engine import Contact
from app.flows.engine.events import (
    ConsentRecorded,
    Event,
    Failure,
    MessageCreated,
    PersonNeeded,
    ReplySetAside,
    ReplyUnclear,
    ResponseRecorded,
    ResponseSuperseded,
    SessionEnded,
    SessionOutcome,
    Sprint,
)
from app.flows.engine.render import placeholders
from app.flows.engine.state import State
from app.flows.replies.bare import is_bare
from app.flows.replies.forms import AnswerKind, is_open
from app.flows.replies.message import NO_EXTRA, Act, ActKind, Extra
from app.flows.replies.open import AUDIO
from app.flows.replies.understanding import Understood
from app.flows.variants import crossed, crossed_waves, crossing, drawn, first_of
from app.store import answer_words, audit, cases, conversations, holds
from app.store.cases import CaseOutcome, CaseReason, Need
from app.store.contacts import Officer, OpenSession
from app.store.conversations import Changes
from app.store.holds import Hold
from app.store.questions import AskedQuestion, Said
from app.store.records import NewConsent, NewMessage, NewResponse, NewSession, SessionState, Settled

SEEN_AFTER = timedelta(seconds=5)
"""The default of `Turn.seen_after`."""

REPLY, NUDGE = 0, 1
"""Priorities of the outbox: an answer to something just said goes before a nudge."""

_NOBODY = placeholders()
_names = Random()  # noqa: S311 - see uid


@dataclass(slots=True)
class Turn:
    """One turn of an officer's conversation in a batch: a reply, a wake-up, a nudge. Collects its changes. `channel` is the one
    that the officer has just written on, if so: the answer goes there. `question` is the session and the step that the
    officer's message belongs to, `words` its text, `lookups` are its author's addresses as keyed hashes, `act` what its text does; None for a button, a reaction and a keyword other than
    BAJA. `reason` is why a person is needed, where outcome and act do not say it. `said` are the messages of the open sessions before
    this batch; one of which no delivery is reported can have been seen `seen_after` it was sent."""

    tx: Connection
    library: Library
    changes: Changes
    now: datetime
    priority: int = REPLY
    inbound_sid: str | None = None
    channel: str | None = None
    needs_person: bool = False
    reason: CaseReason | None = None
    outcome: str = ""
    act: Act | None = None
    written_at: datetime | None = None
    question: tuple[int | None, str | None] = (None, None)
    said: Mapping[int, Sequence[Said]] = field(default_factory=dict)
    seen_after: timedelta = SEEN_AFTER
    words: str = ""
    lookups: tuple[str, ...] = ()

    @property
    def said_at(self) -> datetime:
        """When the officer wrote: now, or earlier if the message arrived late."""
        return self.now if self.written_at is None else min(self.written_at, self.now)

    def name(self, kind: ActKind, rule: str) -> None:
        """Name what the officer's text does, now that it is known which question it belongs to."""
        if self.act is not None:
            self.act = Act(kind, rule)


def contact_of(officer: Officer) -> Contact:
    """The officer as the engine sees them, without identity."""
    fields = {**officer.attributes, **_NOBODY} if officer.attributes else _NOBODY
    return Contact(officer.language, officer.timezone, fields)


def begin(
    turn: Turn,
    officer: Officer,
    flow: str,
    *,
    wave: str | None = None,
    until: datetime | None = None,
    occasion: str = "",
) -> int:
    """Start a flow with an officer who has no open session, on the programme's current version. Returns the session's id. The
    session ends at `until` at the latest: when its wave closes. `occasion` selects the variant of a flow that has variants: the
    same officer and occasion always get the same one; but a measurement that is crossed over gets another in each wave. KeyError if
    the programme or the flow is not published."""
    latest = turn.library.latest(turn.tx, officer.programme)
    if latest is None:
        raise KeyError(officer.programme)
    version, compiled = latest
    variant = _variant(turn, officer, compiled, flow, wave, occasion)
    opening = _opening(turn, officer, compiled, flow)
    sprint = engine.start(compiled, flow, contact_of(officer), turn.now, variant, until, opening)
    session = conversations.open_session(
        turn.tx,
        NewSession(officer.id, version, flow, wave, variant, opening, officer.channel, officer.shift, turn.now),
        _state(officer, sprint, turn.now),
    )
    officer.session = OpenSession(session, version, flow, wave, officer.channel, "", None, None)
    apply(turn, officer, sprint)
    turn.changes.sessions.pop(session, None)
    return session


def _variant(
    turn: Turn, officer: Officer, compiled: CompiledProgramme, flow: str, wave: str | None, occasion: str
) -> str | None:
    """The variant of a session; None if the flow has no variants."""
    variants, name = compiled.flows[flow].variants, compiled.definition.flows[flow].crossover
    if not variants:
        return None
    if name is None or wave is None:
        return drawn(variants, officer.study_id, flow, occasion)
    flows = crossing(compiled.definition, flow)
    waves = crossed_waves(compiled.definition, flows)
    place = waves.index(wave) if wave in waves else 0
    first = first_of(len(variants), officer.study_id, compiled.programme, name)
    return crossed(variants, first, place, conversations.variants_had(turn.tx, officer.id, flows), wave)


def _opening(turn: Turn, officer: Officer, compiled: CompiledProgramme, flow: str) -> int | None:
    """The number of the opening of a session, from 1: the next one of its list; None if the flow has no openings."""
    name, count = compiled.flows[flow].opening, compiled.flows[flow].openings
    if name is None or not count:
        return None
    sharing = [code for code, other in compiled.flows.items() if other.opening == name]
    before = conversations.opened(turn.tx, officer.id, sharing)
    return (first_of(count, officer.study_id, compiled.programme, name) + before) % count + 1


def proceed(turn: Turn, officer: Officer, given: engine.Input) -> None:
    """Continue the officer's open session."""
    apply(turn, officer, following(turn, officer, given))


def following(turn: Turn, officer: Officer, given: engine.Input) -> Sprint:
    """The next sprint of the officer's open session. Changes nothing yet."""
    session = officer.session
    if session is None:
        raise ValueError("no session is open")
    compiled = turn.library.compiled(turn.tx, session.flow_version_id)
    return engine.resume(compiled, State.from_json(session.state), contact_of(officer), given, turn.now)


def hearing(turn: Turn, officer: Officer, given: engine.Reply) -> Understood | None:
    """The officer's message as a reply to the open question, with the programme's latest own wordings. None if the version of the
    session has no such question."""
    session = officer.session
    if session is None:
        raise ValueError("no session is open")
    compiled, latest = turn.library.compiled(turn.tx, session.flow_version_id), wordings(turn, officer.programme)
    if compiled.extra != latest:
        compiled = replace(compiled, extra=latest)
    return engine.hear(compiled, State.from_json(session.state), contact_of(officer), given, turn.now)


def close(turn: Turn, officer: Officer) -> None:
    """End the open session if its wave had closed when the officer wrote: the scheduler may be late."""
    session = officer.session
    if session is None or session.wave is None or session.wake_at is None or session.wake_at > turn.said_at:
        return  # a session wakes when its wave closes, at the latest
    until = State.from_json(session.state).until
    if until is not None and until <= turn.said_at:
        proceed(turn, officer, engine.Wake())


def begin_anew(turn: Turn, officer: Officer, flow: str) -> None:
    """Start a flow in place of the open session, if any, which ends without a message. The end is stored at once: the database
    allows one open session."""
    stop(turn, officer)
    conversations.write_sessions(turn.tx, turn.changes.sessions)
    begin(turn, officer, flow)


def stop(turn: Turn, officer: Officer) -> None:
    """End the open session, if any, without a message."""
    if officer.session is not None:
        sprint = Sprint(None, (SessionEnded(SessionOutcome.stopped),))
        apply(turn, officer, sprint)


def apply(turn: Turn, officer: Officer, sprint: Sprint) -> None:
    """Turn the events of a sprint into changes, and bring the officer's session up to date."""
    session = officer.session
    if session is None:
        raise ValueError("no session is open")
    for event in sprint.events:
        _apply(turn, officer, session, event)
    state = turn.changes.sessions[session.id] = _state(officer, sprint, turn.now)
    if state.outcome is SessionOutcome.completed:
        turn.changes.completed[session.id] = session.flow
    if state.state is None:
        officer.session = None
    else:
        session.state, session.step, session.wake_at = state.state, state.step, state.wake_at


def _state(officer: Officer, sprint: Sprint, now: datetime) -> SessionState:
    state = sprint.state
    if state is not None:
        return SessionState(officer.id, state.to_json(), state.step, state.wake_at)
    outcome = next((event.outcome for event in sprint.events if isinstance(event, SessionEnded)), None)
    return SessionState(officer.id, None, None, None, now, outcome)


def _apply(turn: Turn, officer: Officer, session: OpenSession, event: Event) -> None:
    match event:
        case MessageCreated():
            turn.changes.outbound.append(_message(turn, officer, event, session.id))
        case ResponseRecorded():
            turn.outcome = "unclear" if event.status == "unclear" else "answer"
            turn.changes.responses.append(response(turn, officer, session, event))
        case ResponseSuperseded():
            turn.changes.supersede(session.id, event.flow, event.step)
        case ReplyUnclear():
            turn.outcome = "unclear"
        case ReplySetAside():
            turn.outcome = "set_aside"
        case ConsentRecorded():
            _consent(turn, officer, session, event)
        case PersonNeeded() | Failure():
            _call_person(turn, officer, session, event)
        case SessionEnded(SessionOutcome.expired | SessionOutcome.stopped):
            turn.changes.abandon(session.id)
        case SessionEnded():
            pass


def _call_person(turn: Turn, officer: Officer, session: OpenSession, event: PersonNeeded | Failure) -> None:
    turn.needs_person = True
    if isinstance(event, Failure):
        turn.reason = CaseReason.failed_flow
    elif _asks_consent(turn, session, event):
        turn.reason = CaseReason.consent
    elif event.reason == AUDIO:
        turn.reason = CaseReason.audio
    if turn.inbound_sid is None:  # a nudge or a reminder: no message of the officer asks for a person
        need(turn, officer.id)


def _asks_consent(turn: Turn, session: OpenSession, event: PersonNeeded) -> bool:
    step = turn.library.compiled(turn.tx, session.flow_version_id).step(event.flow, event.step)
    return isinstance(step, Ask) and step.consent is not None


def _consent(turn: Turn, officer: Officer, session: OpenSession, event: ConsentRecorded) -> None:
    channel = turn.channel or session.channel
    decide(turn, officer, session.id, event.version, event.text, channel, granted=event.granted)


def decide(
    turn: Turn, officer: Officer, session: int | None, version: str, text: str, channel: str, *, granted: bool
) -> None:
    """Record an officer's decision on a version of the notice, made when they wrote. `text` is what they decided on, or their words
    where nothing was asked."""
    turn.changes.consents.append(NewConsent(officer.id, session, version, granted, text, channel, turn.said_at))
    officer.consented_at, officer.consented_to = (turn.said_at, version) if granted else (None, None)
    turn.changes.contacts.append(
        (officer.id, {"consented_at": officer.consented_at, "consented_to": officer.consented_to})
    )


def response(
    turn: Turn, officer: Officer, session: OpenSession | AskedQuestion, event: ResponseRecorded, *, late: bool = False
) -> NewResponse:
    """The record of a response. `late`: its session no longer waited for it."""
    bare = (
        event.status != "unclear"
        and not is_open(AnswerKind(event.kind))
        and is_bare(event.raw, key=event.key, label=event.label)
    )
    value = None if event.value is None else str(event.value)
    is_text = event.kind == AnswerKind.text and value is not None
    return NewResponse(
        inbound_sid=turn.inbound_sid,
        session_id=session.id if isinstance(session, OpenSession) else session.session_id,
        contact_id=officer.id,
        flow_version_id=session.flow_version_id,
        flow=event.flow,
        step=event.step,
        variable=event.variable,
        wave=session.wave,
        level=event.level,
        principle=event.principle,
        kind=event.kind,
        raw=event.raw if bare else None,
        words=None if bare else answer_words.written(event.raw, *((value, event.label) if is_text else ())),
        value=None if is_text else value,
        number=float(event.value) if isinstance(event.value, int | float) else None,
        key=event.key,
        label="" if is_text else event.label,
        missing=event.missing,
        correct=event.correct,
        misconception=event.misconception,
        rule=event.rule,
        score=event.score,
        attempt=event.attempt,
        status=event.status,
        late=late,
        asked_at=event.asked_at,
        answered_at=turn.said_at,
    )


def _message(turn: Turn, officer: Officer, event: MessageCreated, session: int) -> NewMessage:
    """The record of a message. An option has its key only where pressing it would be the whole answer."""
    options = [
        {"number": choice.number, "label": choice.label, **({"key": choice.key} if event.pressable else {})}
        for choice in event.options
    ]
    return new_message(
        turn,
        contact_id=officer.id,
        session_id=session,
        flow=event.flow,
        step=event.step,
        kind=event.kind,
        channel=turn.channel or (officer.session.channel if officer.session else officer.channel),
        body=event.text,
        options=orjson.dumps(options).decode() if options else "[]",
        plain=_plain(turn, officer, officer.session),
        template=event.template,
        variables=orjson.dumps(event.variables).decode() if event.variables else None,
        media=event.media,
    )


def need(turn: Turn, contact: int | None, lookup: str | None = None) -> None:
    """A person is needed for this turn, of an officer or of an unknown number. The case is opened with the batch."""
    turn.changes.needs.append(
        Need(contact, None if contact else lookup, why(turn), turn.inbound_sid, turn.said_at, turn.now)
    )


def why(turn: Turn) -> CaseReason:
    """Why a person is needed: what was found on the way, what the message does, or what became of it."""
    by_act = _BY_ACT.get(turn.act.kind) if turn.act is not None else None
    return turn.reason or by_act or _BY_OUTCOME.get(turn.outcome, CaseReason.unclear)


_BY_ACT = {
    ActKind.crisis: CaseReason.crisis,
    ActKind.serious: CaseReason.serious,
    ActKind.leave_maybe: CaseReason.leave,
    ActKind.complaint: CaseReason.complaint,
    ActKind.question: CaseReason.question,
}
_BY_OUTCOME = {
    "late": CaseReason.late,
    "quoted": CaseReason.late,
    "nothing_open": CaseReason.nothing_open,
    "repeated": CaseReason.machine,
    "unknown_sender": CaseReason.unknown_number,
}


def put_on_hold(turn: Turn, officer: Officer, hold: Hold) -> None:
    """Put an officer on hold."""
    _hold_for(turn, officer, officer.holds | {hold})


def end_hold(turn: Turn, officer: Officer, hold: Hold) -> None:
    """End one of an officer's holds."""
    if hold in officer.holds:
        _hold_for(turn, officer, officer.holds - {hold})


def _hold_for(turn: Turn, officer: Officer, wanted: frozenset[Hold]) -> None:
    since = officer.held_at or turn.now
    officer.holds, officer.held_at = wanted, since if wanted else None
    turn.changes.contacts.append((officer.id, holds.columns(wanted, since)))


def write_batch(tx: Connection, library: Library, changes: Changes, now: datetime) -> None:
    """Write the changes of a batch and their side effects, spaced repetition and follow-ups, in one transaction. The rows of
    its officers are locked."""
    learn(tx, library, changes.responses)
    conversations.write(tx, changes)
    for one in changes.settled:
        _settle(tx, one, now)
    follow(tx, library, changes, now)


def _settle(tx: Connection, one: Settled, now: datetime) -> None:
    """Close the case of replies that were not understood: the officer has answered meanwhile."""
    case = cases.unclear_of(tx, *one)
    if case is not None and cases.close(tx, case, CaseOutcome.answered, now):
        audit.record(tx, now, "replies", "case close", f"case:{case}", {"outcome": CaseOutcome.answered})


def uid(now: datetime) -> str:
    """An id for a message: 32 hexadecimal digits that begin with the time, as in a UUID of version 7, so that the index grows
    at its end."""
    # Not a secret: callbacks are signed. The system's own source would release the interpreter's lock for each message.
    return f"{int(now.timestamp() * 1000):012x}{_names.getrandbits(80):020x}"


def new_message(
    turn: Turn,
    *,
    kind: str,
    channel: str,
    body: str,
    step: str | None = None,
    contact_id: int | None = None,
    session_id: int | None = None,
    flow: str | None = None,
    options: str = "[]",
    plain: bool | None = None,
    template: str | None = None,
    variables: str | None = None,
    media: str | None = None,
) -> NewMessage:
    """A message that this turn queues, to be sent now."""
    return NewMessage(
        turn.inbound_sid,
        uid(turn.now),
        turn.priority,
        turn.now,
        turn.now,
        kind,
        channel,
        body,
        len(body),
        contact_id,
        session_id,
        flow,
        step,
        options,
        plain,
        template,
        variables,
        media,
    )


def by_person(
    turn: Turn, officer: Officer, channel: str, text: str, template: str | None, variables: Sequence[str]
) -> NewMessage:
    """A person's message to an officer: it belongs to no flow, and asks nothing that a flow would wait for."""
    return new_message(
        turn,
        contact_id=officer.id,
        kind=holds.PERSON,
        channel=channel,
        body=text,
        plain=_plain(turn, officer, None),
        template=template,
        variables=orjson.dumps(variables).decode() if variables else None,
    )


def _plain(turn: Turn, officer: Officer, session: OpenSession | None) -> bool | None:
    """Whether an SMS goes without accents, by the setting of the session's version, or of the latest one."""
    if session is not None:
        return turn.library.compiled(turn.tx, session.flow_version_id).definition.sms.plain or None
    latest = turn.library.latest(turn.tx, officer.programme)
    return (latest is not None and latest[1].definition.sms.plain) or None


def say(turn: Turn, officer: Officer, name: str, text: str, template: str | None = None) -> None:
    """Queue one of the programme's fixed notices, unless a hold stops it: it would only wait. `template` is its WhatsApp template."""
    if not holds.lets_through(officer.holds, name, reply=turn.priority == REPLY):
        return
    turn.changes.outbound.append(
        new_message(
            turn,
            contact_id=officer.id,
            step=name,
            kind="notice",
            channel=turn.channel or officer.channel,
            body=text,
            plain=_plain(turn, officer, None),
            template=template,
        )
    )


def wordings(turn: Turn, programme: str) -> Extra:
    """The programme's own wordings of crises, incidents and leaving; none if it is not published."""
    latest = turn.library.latest(turn.tx, programme)
    return NO_EXTRA if latest is None else latest[1].extra


def notice(turn: Turn, officer: Officer, name: str, **values: object) -> str | None:
    """The text of a fixed notice in the officer's language, or None if the programme has none of that name."""
    latest = turn.library.latest(turn.tx, officer.programme)
    wording = latest[1].notices.get(name) if latest else None
    return None if wording is None else wording.of(officer.language).render({**contact_of(officer).fields, **values})
