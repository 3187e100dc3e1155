"""Sessions: beginning one, going on with it, and putting into the store what the engine gave out. The only place that
knows both events and tables."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

import orjson
from sqlalchemy import Connection

from app.conversations.library import Library
from app.flows.engine import engine
from app.flows.engine.engine import Contact
from app.flows.engine.events import (
    ConsentRecorded,
    Event,
    Failure,
    MessageCreated,
    Outcome,
    PersonNeeded,
    ReplyUnclear,
    ResponseRecorded,
    ResponseSuperseded,
    SessionEnded,
    Sprint,
)
from app.flows.engine.render import placeholders
from app.flows.engine.state import State
from app.store import conversations
from app.store.contacts import Officer, OpenSession
from app.store.conversations import Changes, Values
from app.store.questions import AskedQuestion

REPLY, NUDGE = 0, 1
"""Priorities of the outbox: an answer to something just said goes before a nudge."""

_NOBODY = placeholders()
_names = Random()  # noqa: S311 - see uid


@dataclass(slots=True)
class Turn:
    """One thing that happens to one officer in a batch: a reply, a wake-up, a nudge. Collects its changes. `channel` is by what
    the officer has just written, if so: that is where the answer goes."""

    tx: Connection
    library: Library
    changes: Changes
    now: datetime
    priority: int = REPLY
    inbound_sid: str | None = None
    channel: str | None = None
    needs_person: bool = False
    outcome: str = ""
    written_at: datetime | None = None

    @property
    def said_at(self) -> datetime:
        """When the officer wrote: now, unless the message comes later than that."""
        return self.now if self.written_at is None else min(self.written_at, self.now)


def contact_of(officer: Officer) -> Contact:
    """What the engine may know of an officer: no identity."""
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
    """Start a flow with an officer, on the programme's current version. Gives the session's id. It is over at `until` at the
    latest: when its wave closes. `occasion` names why it begins, so that a flow with variants draws one for it: the same officer
    and occasion, the same variant.

    The officer has no open session. KeyError if the programme or the flow is not published.
    """
    latest = turn.library.latest(turn.tx, officer.programme)
    if latest is None:
        raise KeyError(officer.programme)
    version, compiled = latest
    variants = compiled.flows[flow].variants
    variant = drawn(variants, officer.study_id, flow, occasion) if variants else None
    sprint = engine.start(compiled, flow, contact_of(officer), turn.now, variant, until)
    session = conversations.open_session(
        turn.tx,
        {
            "contact_id": officer.id,
            "flow_version_id": version,
            "flow": flow,
            "wave": wave,
            "variant": variant,
            "channel": officer.channel,
            "shift": officer.shift,
            "started_at": turn.now,
            **_standing(sprint, turn.now),
        },
    )
    officer.session = OpenSession(session, version, flow, wave, officer.channel, "", None, None)
    apply(turn, officer, sprint)
    turn.changes.sessions.pop(session, None)
    return session


def drawn(choices: Sequence[str], *names: str) -> str:
    """One of the choices, each as likely as the others, and for the same names always the same: a draw that can be made
    again by whoever has the data. Study ids are random, so nobody can foresee it."""
    digest = hashlib.blake2b("\x1f".join(names).encode(), digest_size=8).digest()
    return choices[int.from_bytes(digest) % len(choices)]


def proceed(turn: Turn, officer: Officer, given: engine.Input) -> None:
    """Go on with the officer's open session."""
    apply(turn, officer, following(turn, officer, given))


def following(turn: Turn, officer: Officer, given: engine.Input) -> Sprint:
    """How the officer's open session would go on. Nothing has changed yet."""
    session = officer.session
    if session is None:
        raise ValueError("no session is open")
    compiled = turn.library.compiled(turn.tx, session.flow_version_id)
    return engine.resume(compiled, State.from_json(session.state), contact_of(officer), given, turn.now)


def close(turn: Turn, officer: Officer) -> None:
    """End the open session if its wave had closed when the officer wrote: the clock may be late, or have stood still."""
    session = officer.session
    if session is None or session.wave is None or session.wake_at is None or session.wake_at > turn.said_at:
        return  # it looks up when it closes at the latest
    until = State.from_json(session.state).until
    if until is not None and until <= turn.said_at:
        proceed(turn, officer, engine.Wake())


def stop(turn: Turn, officer: Officer) -> None:
    """End the open session, if there is one, without a word."""
    if officer.session is not None:
        sprint = Sprint(None, (SessionEnded(Outcome.stopped),))
        apply(turn, officer, sprint)


def apply(turn: Turn, officer: Officer, sprint: Sprint) -> None:
    """Turn the events of a sprint into changes, and bring the officer's session up to date."""
    session = officer.session
    if session is None:
        raise ValueError("no session is open")
    for event in sprint.events:
        _apply(turn, officer, session, event)
    standing = turn.changes.sessions[session.id] = _standing(sprint, turn.now)
    if standing["outcome"] == Outcome.completed:
        turn.changes.completed[session.id] = session.flow
    if sprint.state is None:
        officer.session = None
    else:
        session.state, session.step, session.wake_at = standing["state"], standing["step"], standing["wake_at"]


def _standing(sprint: Sprint, now: datetime) -> Values:
    state = sprint.state
    outcome = next((event.outcome for event in sprint.events if isinstance(event, SessionEnded)), None)
    if state is None:
        return {"state": None, "step": None, "wake_at": None, "ended_at": now, "outcome": outcome}
    return {"state": state.to_json(), "step": state.step, "wake_at": state.wake_at, "ended_at": None, "outcome": None}


def _apply(turn: Turn, officer: Officer, session: OpenSession, event: Event) -> None:
    match event:
        case MessageCreated():
            turn.changes.outbound.append(message_row(turn, officer, event, session.id))
        case ResponseRecorded():
            turn.outcome = "unclear" if event.status == "unclear" else "answer"
            turn.changes.responses.append(response_row(turn, officer, session, event))
        case ResponseSuperseded():
            turn.changes.supersede(session.id, event.step)
        case ReplyUnclear():
            turn.outcome = "unclear"
        case ConsentRecorded():
            _consent(turn, officer, session, event)
        case PersonNeeded() | Failure():
            turn.needs_person = True
        case SessionEnded(Outcome.expired | Outcome.stopped):
            turn.changes.abandon(session.id)
        case SessionEnded():
            pass


def _consent(turn: Turn, officer: Officer, session: OpenSession, event: ConsentRecorded) -> None:
    turn.changes.consents.append(
        {
            "contact_id": officer.id,
            "session_id": session.id,
            "version": event.version,
            "granted": event.granted,
            "text": event.text,
            "channel": turn.channel or session.channel,
            "at": turn.said_at,
        }
    )
    turn.changes.contacts.append((officer.id, {"consented_at": turn.said_at if event.granted else None}))


def response_row(
    turn: Turn, officer: Officer, session: OpenSession | AskedQuestion, event: ResponseRecorded, *, late: bool = False
) -> Values:
    """The columns of a response. `late`: its session no longer waited for it."""
    number = float(event.value) if isinstance(event.value, int | float) else None
    session_id = session.id if isinstance(session, OpenSession) else session.session_id
    return {
        "inbound_sid": turn.inbound_sid,
        "session_id": session_id,
        "contact_id": officer.id,
        "flow_version_id": session.flow_version_id,
        "flow": event.flow,
        "step": event.step,
        "variable": event.variable,
        "wave": session.wave,
        "level": event.level,
        "principle": event.principle,
        "kind": event.kind,
        "raw": event.raw,
        "value": None if event.value is None else str(event.value),
        "number": number,
        "key": event.key,
        "label": event.label,
        "missing": event.missing,
        "correct": event.correct,
        "rule": event.rule,
        "score": event.score,
        "attempt": event.attempt,
        "status": event.status,
        "late": late,
        "asked_at": event.asked_at,
        "answered_at": turn.said_at,
    }


def message_row(turn: Turn, officer: Officer, event: MessageCreated, session: int | None) -> Values:
    """The columns of a queued message. An option has its key only where pressing it would be the whole answer."""
    options = [
        {"number": choice.number, "label": choice.label, **({"key": choice.key} if event.pressable else {})}
        for choice in event.options
    ]
    return outbound_row(
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
        variables=orjson.dumps(event.variables).decode() if event.variables else "[]",
        media=event.media,
    )


def uid(now: datetime) -> str:
    """A name for a message: 32 hexadecimal digits that begin with the time, as a UUID of version 7 does, so that the
    index of names grows at its end."""
    # No secret: callbacks are signed. The system's own source would give the interpreter's lock away for each message.
    return f"{int(now.timestamp() * 1000):012x}{_names.getrandbits(80):020x}"


def outbound_row(turn: Turn, **values: object) -> Values:
    """A queued message: what was given, and the defaults of the rest."""
    return {
        "uid": uid(turn.now),
        "inbound_sid": turn.inbound_sid,
        "priority": turn.priority,
        "due_at": turn.now,
        "status": "queued",
        "rank": 0,
        "attempts": 0,
        "created_at": turn.now,
        "options": "[]",
        "variables": "[]",
        "contact_id": None,
        "session_id": None,
        "flow": None,
        "step": None,
        "kind": "",
        "channel": "",
        "body": "",
        "template": None,
        "media": None,
        "plain": None,
        **values,
    }


def _plain(turn: Turn, officer: Officer, session: OpenSession | None) -> bool | None:
    """Whether a message goes without accents by SMS, as the version says that it is from: the session's, or the latest."""
    if session is not None:
        return turn.library.compiled(turn.tx, session.flow_version_id).definition.sms.plain or None
    latest = turn.library.latest(turn.tx, officer.programme)
    return (latest is not None and latest[1].definition.sms.plain) or None


def say(turn: Turn, officer: Officer, name: str, text: str) -> None:
    """Queue one of the programme's fixed notices. Not for an officer on hold: it would only wait."""
    if officer.held_at is not None:
        return
    turn.changes.outbound.append(
        outbound_row(
            turn,
            contact_id=officer.id,
            step=name,
            kind="notice",
            channel=turn.channel or officer.channel,
            body=text,
            plain=_plain(turn, officer, None),
        )
    )


def notice(turn: Turn, officer: Officer, name: str, **values: object) -> str | None:
    """The text of a fixed notice in the officer's language, or None if the programme has none of that name."""
    latest = turn.library.latest(turn.tx, officer.programme)
    wording = latest[1].notices.get(name) if latest else None
    return None if wording is None else wording.of(officer.language).render({**contact_of(officer).fields, **values})
