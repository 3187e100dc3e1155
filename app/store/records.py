"""Rows to write, as typed records: one class a table, whose fields are the table's columns. The first field of a file, a message
or a response, `inbound_sid`, is no column: it names the inbound message that caused the row, whose id is known once that
message is written.

These are named tuples, not dataclasses: they are made for every message, a frozen dataclass of 25 fields takes three times as long
to make (3 µs), and a tuple is a row of parameters as it is."""

from datetime import datetime
from typing import NamedTuple, TypedDict

from app.flows.engine.events import SessionOutcome
from app.store.tables import MediaStatus, MessageStatus, NudgeStatus


class NewInbound(NamedTuple):
    """An inbound message with its meaning. `media` is JSON. `session_id` and `step` name the question that it belongs to."""

    sid: str
    contact_id: int | None
    lookup: str
    channel: str
    kind: str
    body: str
    characters: int
    button: str | None
    media: str | None
    quoted_sid: str | None
    sealed: bytes
    session_id: int | None
    step: str | None
    received_at: datetime
    caught_up_at: datetime | None
    programme: str | None
    outcome: str
    act: str | None
    act_rule: str | None
    needs_person: bool


class NewFile(NamedTuple):
    """A file that came with an inbound message: to be fetched later."""

    inbound_sid: str
    position: int
    content_type: str
    due_at: datetime
    status: str = MediaStatus.waiting
    attempts: int = 0


class NewMessage(NamedTuple):
    """A message to send. `options` and `variables` are JSON."""

    inbound_sid: str | None
    uid: str
    priority: int
    due_at: datetime
    created_at: datetime
    kind: str
    channel: str
    body: str
    characters: int
    contact_id: int | None = None
    session_id: int | None = None
    flow: str | None = None
    step: str | None = None
    options: str = "[]"
    plain: bool | None = None
    template: str | None = None
    variables: str | None = None
    media: str | None = None
    status: str = MessageStatus.queued
    rank: int = 0
    attempts: int = 0


class NewResponse(NamedTuple):
    """An answer. What was typed is `raw` if it is nothing but the option, else in `words`: see `answer_words`. `late`: its session no
    longer waited for it. `judged` is JSON of a reading by a person."""

    inbound_sid: str | None
    session_id: int
    contact_id: int
    flow_version_id: int
    flow: str
    step: str
    variable: str
    wave: str | None
    level: str | None
    principle: str | None
    kind: str
    raw: str | None
    words: str | None
    value: str | None
    number: float | None
    key: str | None
    label: str
    missing: str | None
    correct: bool | None
    misconception: str | None
    rule: str
    score: float
    attempt: int
    status: str
    late: bool
    asked_at: datetime
    answered_at: datetime
    judged: str | None = None


class NewSession(NamedTuple):
    """A session that begins, without its state."""

    contact_id: int
    flow_version_id: int
    flow: str
    wave: str | None
    variant: str | None
    opening: int | None
    channel: str
    shift: str | None
    started_at: datetime


class Settled(NamedTuple):
    """A question that was not understood in the end, and has its answer now."""

    contact_id: int
    session_id: int
    step: str


class SessionState(NamedTuple):
    """The part of an officer's session that changes. `state` is the engine's JSON, None once the session has ended."""

    contact_id: int
    state: str | None
    step: str | None
    wake_at: datetime | None
    ended_at: datetime | None = None
    outcome: SessionOutcome | None = None


class NewConsent(NamedTuple):
    """One decision on one version of the privacy notice. `text` is what was agreed to, or the words of a withdrawal, which has no
    session. `proof` says who judged an unclear one."""

    contact_id: int
    session_id: int | None
    version: str
    granted: bool
    text: str
    channel: str
    at: datetime
    proof: str | None = None


class NewAddress(NamedTuple):
    """One more address of an officer."""

    contact_id: int
    channel: str
    lookup: str
    sealed: bytes
    created_at: datetime
    last_inbound_at: datetime | None = None


class CardState(NamedTuple):
    """An officer's memory of a principle. `card` is JSON of the spaced-repetition scheduler."""

    contact_id: int
    principle: str
    card: str
    due_at: datetime
    reviewed_at: datetime


class NewNudge(NamedTuple):
    """A flow that is due to one officer, or skipped at once for a reason."""

    contact_id: int
    campaign_version_id: int
    campaign: str
    origin: str
    slot: str
    rule: str
    wave: str | None
    flow: str
    planned_for: datetime
    due_at: datetime
    closes_at: datetime
    status: NudgeStatus
    reason: str | None
    decided_at: datetime | None
    created_at: datetime


class PlanItem(NamedTuple):
    """One nudge of a plan that several officers share; `plan` is its number. `reason`: why it is skipped already."""

    plan: int
    slot: str
    rule: str | None
    wave: str | None
    flow: str
    due_at: datetime
    closes_at: datetime
    reason: str | None


class NudgeUpdate(NamedTuple):
    """The decision about a due nudge. `session_id`: the session that it began."""

    nudge: int
    flow: str
    status: NudgeStatus
    reason: str | None
    session_id: int | None
    due_at: datetime
    decided_at: datetime | None


class ContactUpdate(TypedDict, total=False):
    """Columns of a contact to change."""

    status: str
    consented_at: datetime | None
    consented_to: str | None
    opted_out_at: datetime | None
    paused_until: datetime | None
    held_at: datetime | None
    held_for: str | None
    person_wrote_at: datetime | None
    shift: str
    language: str
