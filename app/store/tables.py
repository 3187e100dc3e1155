"""The tables. All of them know an officer by `contact_id` only; identifying data is encrypted in `identity` and `address`, and what
officers write, or is written to them, in the columns of `sealing`. Clear are codes, moments and counts. Unique keys make every retry harmless: a message, nudge, answer or status is
stored once. Moments are UTC; JSON columns are text that this code writes."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    Join,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlmodel import Field, SQLModel

from app.store.types import Key, UTCDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


def _key() -> Any:  # noqa: ANN401 - what sqlmodel.Field returns
    return Field(default=None, sa_column=Column("id", Key, primary_key=True, autoincrement=True))


def _ref(target: str, *, null: bool = False, index: bool = False, unique: bool = False) -> Any:  # noqa: ANN401
    column = Column(Key, ForeignKey(f"{target}.id"), nullable=null, index=index, unique=unique)
    return Field(default=None, sa_column=column) if null else Field(sa_column=column)


def _moment(*, null: bool = True, index: bool = False) -> Any:  # noqa: ANN401
    column: Column[Any] = Column(UTCDateTime(), nullable=null, index=index)
    return Field(default=None, sa_column=column) if null else Field(sa_column=column)


def _long(*, null: bool = False, default: str | None = None) -> Any:  # noqa: ANN401
    return (
        Field(default=default, sa_column=Column(Text, nullable=null))
        if null or default is not None
        else Field(sa_column=Column(Text, nullable=False))
    )


def _counted() -> Any:  # noqa: ANN401
    return Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))


def _accepted() -> Any:  # noqa: ANN401
    """JSON: the transcripts that were accepted in the console, see `conversations/accepting.py`."""
    return Field(default="{}", sa_column=Column(Text, nullable=False, server_default="{}"))


def _sealed(*, null: bool = False) -> Any:  # noqa: ANN401
    column: Column[bytes] = Column(LargeBinary, nullable=null)
    return Field(default=None, sa_column=column) if null else Field(sa_column=column)


class ContactStatus(StrEnum):
    """Whether we may write to an officer."""

    active = "active"
    opted_out = "opted_out"
    blocked = "blocked"  # the carrier says that this person cannot be reached


class NudgeStatus(StrEnum):
    """The status of a planned flow."""

    planned = "planned"
    started = "started"
    skipped = "skipped"
    cancelled = "cancelled"


class MessageStatus(StrEnum):
    """The life of an outbound message. `RANKS` orders it; a status never goes back."""

    queued = "queued"
    sending = "sending"
    unknown = "unknown"
    accepted = "accepted"
    sent = "sent"
    delivered = "delivered"
    read = "read"
    failed = "failed"
    undelivered = "undelivered"
    expired = "expired"
    cancelled = "cancelled"


class MediaStatus(StrEnum):
    """The status of a file that came with a message."""

    waiting = "waiting"
    stored = "stored"
    refused = "refused"  # too large, of a wrong type, or at an address that is not the carrier's
    lost = "lost"  # the carrier no longer has it


RANKS = {
    MessageStatus.queued: 0,
    MessageStatus.sending: 1,
    MessageStatus.unknown: 1,
    MessageStatus.accepted: 2,
    MessageStatus.sent: 3,
    MessageStatus.failed: 4,
    MessageStatus.undelivered: 4,
    MessageStatus.expired: 4,
    MessageStatus.cancelled: 4,
    MessageStatus.delivered: 5,
    MessageStatus.read: 6,
}
"""A later status has a higher rank. Proof of delivery outranks an earlier report of failure."""


class Cohort(SQLModel, table=True):
    """Officers who took the workshop together."""

    id: int | None = _key()
    code: str = Field(unique=True)
    programme: str = Field(index=True)
    timezone: str
    dates: str = _long(default="{}")  # anchors of campaigns: {"workshop_date": "2026-03-02"}
    paused_at: datetime | None = _moment()
    created_at: datetime = _moment(null=False)


class Contact(SQLModel, table=True):
    """A participating officer: a random study id and data that do not identify."""

    __table_args__ = (
        Index(
            "ix_contact_damaged",
            "id",
            sqlite_where=text("damage IS NOT NULL"),
            postgresql_where=text("damage IS NOT NULL"),
        ),
    )
    id: int | None = _key()
    study_id: str = Field(unique=True)
    cohort_id: int = _ref("cohort", index=True)
    language: str
    timezone: str
    channel: str  # the preferred one: whatsapp or sms
    status: str = ContactStatus.active
    paused_until: datetime | None = _moment()
    held_at: datetime | None = _moment()  # messages to this officer wait; see `holds`
    held_for: str | None = None  # why: holds with spaces between
    person_wrote_at: datetime | None = (
        _moment()
    )  # when a person's last answer goes out; None once that case is closed: see `talking`
    damage: str | None = _long(
        null=True
    )  # JSON of `damage.Damage`: jobs leave this officer out until a person mends the row
    attributes: str = _long(default="{}")  # roster columns for strata: {"sector": "norte"}
    dates: str = _long(default="{}")  # own anchors; the cohort's where absent
    shift: str | None = _long(null=True)
    consented_at: datetime | None = _moment()  # latest granted consent; None if none or withdrawn
    consented_to: str | None = None  # the version of the notice that it covers; None if unknown
    opted_out_at: datetime | None = _moment()
    erased_at: datetime | None = _moment()  # nothing identifies this officer any more: see `custody`
    created_at: datetime = _moment(null=False)


class Identity(SQLModel, table=True):
    """The officer's identity, encrypted. May be deleted: no other table needs it."""

    contact_id: int = Field(sa_column=Column(Key, ForeignKey("contact.id"), primary_key=True, autoincrement=False))
    sealed: bytes = _sealed()  # JSON: {"nombre": …}


class Address(SQLModel, table=True):
    """An officer's address on a channel. `lookup` is a keyed HMAC of the canonical address; `sealed` is the address. An address in
    use belongs to one officer; a retired one may have become another officer's."""

    __table_args__ = (
        # In this order, because officers are found by the lookup alone.
        Index(
            "uq_address_in_use",
            "lookup",
            "channel",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )
    id: int | None = _key()
    contact_id: int = _ref("contact", index=True)
    channel: str
    lookup: str
    sealed: bytes = _sealed()
    last_inbound_at: datetime | None = _moment()  # WhatsApp's 24 h window is derived from it at send time
    unreachable_at: datetime | None = _moment()
    retired_at: datetime | None = (
        _moment()
    )  # replaced by another number, or another person's now; nothing is sent there
    confirmed_at: datetime | None = _moment()  # when it was last said to be still the officer's: see `doubts`
    created_at: datetime = _moment(null=False)


class Consent(SQLModel, table=True):
    """One decision on one version of the privacy notice. Append-only."""

    id: int | None = _key()
    contact_id: int = _ref("contact", index=True)
    session_id: int | None = _ref("session", null=True)
    version: str
    granted: bool
    text: bytes | None = _sealed(null=True)  # what was agreed to; of a withdrawal, the officer's words
    channel: str
    proof: str | None = _long(null=True)  # of a consent on paper: where the signed paper is
    at: datetime = _moment(null=False)


class FlowVersion(SQLModel, table=True):
    """A published programme file, whole and immutable: a session finishes on the version it started with. `filed`: it has been a file on
    disk, so that a newer file may replace it unasked. False for a version that only the console has published."""

    __tablename__ = "flow_version"
    __table_args__ = (UniqueConstraint("programme", "hash"),)
    id: int | None = _key()
    programme: str
    hash: str
    source: str = _long()
    published_at: datetime = _moment(null=False)
    filed: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
    transcripts: str = _accepted()


class FlowDraft(SQLModel, table=True):
    """A programme's file as people change it in the console, before it is published. `base_id` is the version that it began from, `hash`
    that of its own text, which a change of it must name."""

    __tablename__ = "flow_draft"
    programme: str = Field(primary_key=True)
    base_id: int = _ref("flow_version")
    hash: str
    source: str = _long()
    saved_at: datetime = _moment(null=False)
    saved_by: str
    transcripts: str = _accepted()


class Programme(SQLModel, table=True):
    """The version of a programme that new sessions use. A rollback moves this pointer."""

    code: str = Field(primary_key=True)
    flow_version_id: int = _ref("flow_version")
    updated_at: datetime = _moment(null=False)


class Tryout(SQLModel, table=True):
    """A programme on a few telephones of its team, pressed in time. It runs as a programme of its own, and so does its cohort, under
    `code`: see `app/flows/tryouts.py`. The row goes when the tryout is over."""

    code: str = Field(primary_key=True)
    flow_version_id: int = _ref("flow_version", unique=True)
    campaign: str
    press: str  # what the campaign is pressed into: hour, day
    pace_seconds: int  # the time that stands for a day
    of_draft: bool
    started_at: datetime = _moment(null=False)
    started_by: str
    ends_at: datetime = _moment(null=False)


class CampaignVersion(SQLModel, table=True):
    """A campaign of a flow version."""

    __tablename__ = "campaign_version"
    __table_args__ = (UniqueConstraint("flow_version_id", "code"),)
    id: int | None = _key()
    flow_version_id: int = _ref("flow_version")
    code: str
    hash: str
    definition: str = _long()


class Randomisation(SQLModel, table=True):
    """One random assignment of officers to the arms of a study. Never changed; one per scope."""

    __table_args__ = (UniqueConstraint("programme", "scope"),)
    id: int | None = _key()
    programme: str
    scope: str  # a cohort's code, or * for the whole programme; +1, +2 for officers who came later
    seed: int = Field(sa_column=Column(Key, nullable=False))
    design: str = _long()  # JSON: the study as the file had it
    input_hash: str  # SHA-256 of the officers with their strata and clusters, in order
    release: str  # the release of Trato that made the draw
    officers: int
    balance: str = _long()  # JSON: the balance table as it was printed
    at: datetime = _moment(null=False)


class Assignment(SQLModel, table=True):
    """The campaign an officer follows, and the arm of a study that assigned it. An officer is randomised once."""

    __table_args__ = (
        UniqueConstraint("contact_id", "campaign"),
        Index(
            "uq_assignment_drawn",
            "contact_id",
            unique=True,
            sqlite_where=text("randomisation_id IS NOT NULL"),
            postgresql_where=text("randomisation_id IS NOT NULL"),
        ),
        Index("ix_assignment_to_plan", "campaign", "planned_version_id", "id"),
    )
    id: int | None = _key()
    contact_id: int = _ref("contact")
    campaign: str | None = None  # None: an arm without messages
    planned_version_id: int | None = _ref("campaign_version", null=True)  # None: to be planned (again)
    arm: str | None = None
    probability: float | None = None
    randomisation_id: int | None = _ref("randomisation", null=True)
    stratum: str | None = None
    cluster: str | None = None
    at: datetime = _moment(null=False)


class ShiftChange(SQLModel, table=True):
    """A time in which an officer's shift is not as usual."""

    __tablename__ = "shift_change"
    __table_args__ = (UniqueConstraint("contact_id", "starts_at"),)
    id: int | None = _key()
    contact_id: int = _ref("contact")  # the unique key begins with it
    kind: str  # leave, on (an extra shift), off (a shift not worked)
    starts_at: datetime = _moment(null=False)
    ends_at: datetime = _moment(null=False)
    created_at: datetime = _moment(null=False)


class Nudge(SQLModel, table=True):
    """One flow planned for one officer: started, or skipped with a reason."""

    __table_args__ = (
        UniqueConstraint("contact_id", "campaign", "slot"),
        Index(
            "ix_nudge_due",
            "due_at",
            "id",
            sqlite_where=text("status = 'planned'"),
            postgresql_where=text("status = 'planned'"),
        ),
        Index("ix_nudge_planned_for", "planned_for", "id"),  # the flows of a day
    )
    id: int | None = _key()
    contact_id: int = _ref("contact", index=True)
    campaign_version_id: int = _ref("campaign_version")
    campaign: str
    origin: str = Field(default="plan", sa_column=Column(String, nullable=False, server_default="plan"))  # or followup
    slot: str  # stable name of the occasion: w03.2, bl.1, repaso.71 (a session's id)
    rule: str | None = None  # its place in the campaign: slots.0, waves.bl, followups.repaso
    wave: str | None = None
    flow: str
    planned_for: datetime = _moment(null=False)  # the planned moment
    due_at: datetime = _moment(null=False)  # when to decide on it; postponed while it has to wait
    closes_at: datetime = _moment(null=False)
    status: str = NudgeStatus.planned
    reason: str | None = None
    session_id: int | None = _ref("session", null=True)
    decided_at: datetime | None = _moment()
    created_at: datetime = _moment(null=False)


class DayCount(SQLModel, table=True):
    """How far the planned flows of a day came, by cohort and flow, as the clock counted them at a moment: see `day_counts`. A day is from one
    midnight to the next one, in the time zone of a programme."""

    __tablename__ = "day_count"
    __table_args__ = (UniqueConstraint("begins_at", "ends_at", "cohort_id", "flow"),)
    id: int | None = _key()
    begins_at: datetime = _moment(null=False)
    ends_at: datetime = _moment(null=False)
    cohort_id: int = _ref("cohort")
    flow: str
    planned: int
    begun: int
    sent: int
    delivered: int
    read: int
    replied: int
    completed: int
    skipped: int
    goes: int
    waits: int
    will_not: int
    counted_at: datetime = _moment(null=False)


class Draw(SQLModel, table=True):
    """One micro-randomisation: the choice drawn for a due nudge, with the eligible choices and their probabilities."""

    id: int | None = _key()
    nudge_id: int = _ref("nudge", unique=True)
    choice: str
    probability: float
    eligible: str = _long()  # JSON: the probability of each eligible choice
    seed: int = Field(sa_column=Column(Key, nullable=False))
    at: datetime = _moment(null=False)


class MemoryCard(SQLModel, table=True):
    """Spaced repetition: the state of one principle for one officer."""

    __tablename__ = "memory_card"
    __table_args__ = (UniqueConstraint("contact_id", "principle"),)
    id: int | None = _key()
    contact_id: int = _ref("contact")  # the unique key begins with it
    principle: str
    card: str = _long()  # JSON in the format of the FSRS library
    due_at: datetime = _moment(null=False)
    reviewed_at: datetime = _moment(null=False)


class Session(SQLModel, table=True):
    """One run of a flow with one officer, who has at most one open. `state` is the engine's JSON; None once ended."""

    __table_args__ = (
        Index(
            "uq_session_open",
            "contact_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_session_wake",
            "wake_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        # Conversations that nobody answered, perhaps: see `ignored`.
        Index(
            "ix_session_expired",
            "ended_at",
            "id",
            sqlite_where=text("outcome = 'expired'"),
            postgresql_where=text("outcome = 'expired'"),
        ),
    )
    id: int | None = _key()
    contact_id: int = _ref("contact", index=True)
    flow_version_id: int = _ref("flow_version")
    flow: str
    wave: str | None = None
    variant: str | None = None  # the variant drawn for this session, if the flow has variants
    opening: int | None = None  # the number of its opening, from 1, if the flow has openings
    channel: str
    shift: str | None = _long(null=True)  # the officer's shift, as known when the session started
    state: bytes | None = _sealed(null=True)
    step: str | None = None  # the step whose answer is awaited
    wake_at: datetime | None = _moment()  # the engine's next reminder, timeout or expiry
    outcome: str | None = None
    started_at: datetime = _moment(null=False)
    ended_at: datetime | None = _moment()


class InboundMessage(SQLModel, table=True):
    """A message from a phone, stored before it is interpreted. `sealed` is the raw form, encrypted."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        Index(
            "ix_inbound_stranger",
            "lookup",
            sqlite_where=text("contact_id IS NULL"),
            postgresql_where=text("contact_id IS NULL"),
        ),
        Index(
            "ix_inbound_needs_person", "id", sqlite_where=text("needs_person"), postgresql_where=text("needs_person")
        ),
    )
    id: int | None = _key()
    sid: str = Field(unique=True)
    contact_id: int | None = _ref("contact", null=True, index=True)  # None: an unknown number
    lookup: str  # keyed HMAC of the author's address, known or not
    channel: str
    body: bytes | None = _sealed(null=True)  # the text; None if there is none
    characters: int = _counted()  # of the text
    media: bytes | None = _sealed(null=True)  # JSON: the address and the type of each file; None if there are none
    button: str | None = None
    quoted_sid: str | None = None
    sealed: bytes = _sealed()
    kind: str = Field(default="text", sa_column=Column(String, nullable=False, server_default="text"))
    session_id: int | None = _ref("session", null=True)
    step: str | None = None
    outcome: str  # answer, unclear, set_aside, asked_again, late, keyword, nothing_open, unknown_sender, …
    act: str | None = None  # what its text does: answer, greeting, deferral, …; None: it was not read as text
    act_rule: str | None = None  # by which rule
    needs_person: bool = False  # it belongs to an open case
    programme: str | None = None  # the programme whose own number it was written to
    received_at: datetime = _moment(null=False)
    caught_up_at: datetime | None = _moment()  # when it was handled, if later: found by a sweep, or replayed


class Case(SQLModel, table=True):
    """Something that needs a person: messages of one officer, of one unknown number, or (neither) what could not be processed. At
    most one is open for each."""

    __table_args__ = (
        Index(
            "uq_case_open",
            "contact_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "uq_case_open_stranger",
            "lookup",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "uq_case_open_ours",
            "reason",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND contact_id IS NULL AND lookup IS NULL"),
            postgresql_where=text("closed_at IS NULL AND contact_id IS NULL AND lookup IS NULL"),
        ),
        # The open cases, among many that are closed; and the closed ones, the latest first.
        Index(
            "ix_case_open",
            "opened_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_case_closed",
            "closed_at",
            "id",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
    )
    id: int | None = _key()
    contact_id: int | None = _ref("contact", null=True)  # None: an unknown number
    lookup: str | None = None  # of an unknown number: the keyed HMAC of its address
    reason: str  # the most urgent one of its messages
    opened_at: datetime = _moment(null=False)
    last_at: datetime = _moment(null=False)  # when its latest message was written
    owner: str | None = None  # the person who has it
    snoozed_until: datetime | None = _moment()  # a new message ends it
    waiting_since: datetime = _moment(null=False)  # opened, given back, or the last call to the next person
    calls: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    closed_at: datetime | None = _moment()
    outcome: str | None = None
    note: bytes | None = _sealed(null=True)  # what the person who closed it wrote


class CaseMessage(SQLModel, table=True):
    """A message that a case is about: of an officer or a stranger, of ours, or one that could not be processed. A message belongs to
    one case at most."""

    __tablename__ = "case_message"
    id: int | None = _key()
    case_id: int = _ref("case", index=True)
    inbound_id: int | None = _ref("inbound_message", null=True, unique=True)
    outbound_id: int | None = _ref("outbound_message", null=True, unique=True)
    letter_id: int | None = _ref("dead_letter", null=True, unique=True)


class Media(SQLModel, table=True):
    """A file that came with a message, fetched from the carrier later: its bytes, encrypted, or the reason why there are none."""

    __table_args__ = (
        UniqueConstraint("inbound_id", "position"),
        Index(
            "ix_media_waiting",
            "due_at",
            "id",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
    )
    id: int | None = _key()
    inbound_id: int = _ref("inbound_message")  # the unique key begins with it
    position: int  # in the message's list, which has its address, from 1
    content_type: str
    status: str = MediaStatus.waiting
    reason: str | None = None
    attempts: int = 0
    due_at: datetime = _moment(null=False)
    size: int | None = None
    sealed: bytes | None = _sealed(null=True)
    stored_at: datetime | None = _moment()


class OutboundMessage(SQLModel, table=True):
    """A message to a phone: the outbox. `uid` is part of the status callback's URL, so that a callback finds its row even if we
    crashed before storing the SID. `body` contains `{{nombre}}`: names are filled in when the message is sent."""

    __tablename__ = "outbound_message"
    __table_args__ = (
        Index("ix_outbound_message_contact_id_created_at", "contact_id", "created_at"),
        Index(
            "ix_outbound_due",
            "channel",
            "priority",
            "due_at",
            "id",
            sqlite_where=text("status = 'queued'"),
            postgresql_where=text("status = 'queued'"),
        ),
        # One message in flight per officer, even with several processes; also the index for expired leases.
        Index(
            "uq_outbound_in_flight",
            "contact_id",
            unique=True,
            sqlite_where=text("status = 'sending'"),
            postgresql_where=text("status = 'sending'"),
        ),
        Index(
            "uq_outbound_message_sid",
            "sid",
            unique=True,
            sqlite_where=text("sid IS NOT NULL"),
            postgresql_where=text("sid IS NOT NULL"),
        ),
        # A failed message has one successor, however often the failure is reported.
        Index(
            "uq_outbound_resend",
            "origin_id",
            "resend",
            unique=True,
            sqlite_where=text("origin_id IS NOT NULL"),
            postgresql_where=text("origin_id IS NOT NULL"),
        ),
        # The replies to a message, for the page of its case.
        Index(
            "ix_outbound_reply",
            "reply_to_id",
            sqlite_where=text("reply_to_id IS NOT NULL"),
            postgresql_where=text("reply_to_id IS NOT NULL"),
        ),
        # What was sent in a day or a month.
        Index(
            "ix_outbound_sent",
            "sent_at",
            sqlite_where=text("sent_at IS NOT NULL"),
            postgresql_where=text("sent_at IS NOT NULL"),
        ),
        # Messages that a person must hear of: see `case_openings`.
        Index(
            "ix_outbound_given_up",
            "id",
            sqlite_where=text("error_class IN ('unclear', 'stop_contact', 'destination')"),
            postgresql_where=text("error_class IN ('unclear', 'stop_contact', 'destination')"),
        ),
        # Messages that did not arrive, for the list of a day, with all that is counted of them: see `failures`.
        Index(
            "ix_outbound_failed",
            "created_at",
            "id",
            "contact_id",
            "status",
            "error_cause",
            "origin_id",
            "resend",
            sqlite_where=text("status IN ('failed', 'undelivered', 'expired')"),
            postgresql_where=text("status IN ('failed', 'undelivered', 'expired')"),
        ),
        # Accepted messages without a final status.
        Index(
            "ix_outbound_silent",
            "sent_at",
            sqlite_where=text("status IN ('accepted', 'sent')"),
            postgresql_where=text("status IN ('accepted', 'sent')"),
        ),
    )
    id: int | None = _key()
    uid: str = Field(unique=True)
    origin_id: int | None = _ref("outbound_message", null=True)  # of a resend: the first message
    resend: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default="0")
    )  # how many resends came before, plus one; 0 for the first message
    contact_id: int | None = _ref("contact", null=True)  # an index above begins with it
    reply_to_id: int | None = _ref("inbound_message", null=True)  # of the neutral reply to an unknown number
    session_id: int | None = _ref("session", null=True)
    flow: str | None = None
    step: str | None = None
    kind: str  # say, ask, clarification, offer, aside, reminder, feedback, notice, person, announcement
    channel: str
    body: bytes | None = _sealed(null=True)
    characters: int = _counted()  # of the text, before names are filled in
    options: str = _long(default="[]")  # [{"number", "label", "key"}]; a key where one option is the whole answer
    plain: bool | None = None  # SMS without accents
    template: str | None = None
    variables: bytes | None = _sealed(null=True)  # JSON: the template's values; None if there are none
    media: str | None = None  # the address of a file of the programme
    priority: int = 0  # 0 a reply, 1 a nudge
    due_at: datetime = _moment(null=False)
    expires_at: datetime | None = _moment()
    status: str = MessageStatus.queued
    rank: int = 0
    attempts: int = 0
    lease_until: datetime | None = _moment()
    lease_owner: str | None = None
    sender: str | None = None  # the number of ours that claimed it last; see Bucket
    sid: str | None = None  # the carrier's id; unique once known
    segments: int | None = None
    price: str | None = None  # the carrier's price, in `price_unit`, as it writes it
    price_unit: str | None = None
    error_code: int | None = None
    error_class: str | None = None
    error_cause: str | None = None
    asked_at: datetime | None = _moment()  # when the carrier was last asked for the final status
    created_at: datetime = _moment(null=False)
    sent_at: datetime | None = _moment()
    delivered_at: datetime | None = _moment()
    read_at: datetime | None = _moment()


class MessageEvent(SQLModel, table=True):
    """A status of an outbound message, in the order in which the carrier reported them. (sid, status) is unique."""

    __tablename__ = "message_event"
    __table_args__ = (UniqueConstraint("sid", "status"),)
    id: int | None = _key()
    outbound_id: int | None = _ref("outbound_message", null=True, index=True)
    sid: str
    status: str
    error_code: int | None = None
    at: datetime = _moment(null=False)


class Response(SQLModel, table=True):
    """One answer to one question. A corrected answer supersedes the earlier one, which stays. `raw` is what was typed if it is nothing
    but the option, and so no words of anybody; else it is sealed in `words`, with what a text was understood as."""

    __table_args__ = (
        UniqueConstraint("session_id", "step", "inbound_id"),
        Index("ix_response_of_question", "flow_version_id", "flow", "step", "status"),
        # Words of officers, for the lists of texts: see `free_text`.
        Index(
            "ix_response_text",
            "id",
            "kind",
            "status",
            "rule",
            "variable",
            "step",
            "contact_id",
            sqlite_where=text("words IS NOT NULL OR rule = 'audio'"),
            postgresql_where=text("words IS NOT NULL OR rule = 'audio'"),
        ),
    )
    id: int | None = _key()
    session_id: int = _ref("session")  # the unique key begins with it
    contact_id: int = _ref("contact", index=True)
    inbound_id: int = _ref("inbound_message")
    flow_version_id: int = _ref("flow_version")
    flow: str
    step: str
    variable: str
    wave: str | None = None
    level: str | None = None
    principle: str | None = None
    kind: str
    raw: str | None = _long(null=True)
    words: bytes | None = _sealed(null=True)  # JSON: raw, value and label, the last two only of a text
    value: str | None = _long(null=True)
    number: float | None = None  # the same value where it is a number
    key: str | None = None
    label: str = _long()
    missing: str | None = None
    correct: bool | None = None
    misconception: str | None = None  # of the chosen option, if it has one
    rule: str
    score: float
    attempt: int
    status: str  # ok, unclear, superseded
    late: bool = False
    asked_at: datetime = _moment(null=False)
    answered_at: datetime = _moment(null=False)
    judged: str | None = _long(null=True)  # JSON of a reading by a person: by whom, when, and what it replaced


class TextReview(SQLModel, table=True):
    """A reviewer's decision on the free text of one answer: whether analysts may read it, and with which parts removed. A corrected
    answer is another response, with a review of its own."""

    __tablename__ = "text_review"
    id: int | None = _key()
    response_id: int = _ref("response", unique=True)
    decision: str  # ok, redact, withhold
    text: bytes | None = _sealed(null=True)  # for redact: the text to read instead
    by: str
    at: datetime = _moment(null=False)


class Correction(SQLModel, table=True):
    """A value that exports have in the place of an answer's own, which stays as it was. The latest that is not undone counts. `old` and
    `new` are as the data have them, such as `2` or `.d`; the columns after them are those of the answer."""

    id: int | None = _key()
    response_id: int = _ref("response", index=True)
    old: str
    new: str
    value: str | None = None
    number: float | None = None
    label: str = _long()
    missing: str | None = None
    correct: bool | None = None
    misconception: str | None = None
    why: str = _long()
    by: str
    at: datetime = _moment(null=False)
    undone_by: str | None = None
    undone_at: datetime | None = _moment()


class SampledReply(SQLModel, table=True):
    """A reply that was drawn at random for people to read, and the share of its stratum that was drawn."""

    __tablename__ = "sampled_reply"
    id: int | None = _key()
    response_id: int = _ref("response", unique=True)
    stratum: str
    share: float
    at: datetime = _moment(null=False)


class Reading(SQLModel, table=True):
    """The value that a person reads in a sampled reply, as the data have it; `?` for one that cannot be understood."""

    __table_args__ = (UniqueConstraint("response_id", "reader"),)
    id: int | None = _key()
    response_id: int = _ref("response")  # the unique key begins with it
    reader: str
    value: str
    at: datetime = _moment(null=False)


class TextCode(SQLModel, table=True):
    """The codes one coder assigned to one answer, separated by spaces. The coder `final` settles disagreements."""

    __tablename__ = "text_code"
    __table_args__ = (UniqueConstraint("response_id", "variable", "coder"),)
    id: int | None = _key()
    response_id: int = _ref("response")  # the unique key begins with it
    variable: str
    coder: str
    codes: str = _long()
    at: datetime = _moment(null=False)


class DeadLetter(SQLModel, table=True):
    """An item that failed even when processed alone: stored in its raw form, encrypted, to be replayed."""

    __tablename__ = "dead_letter"
    id: int | None = _key()
    kind: str
    sid: str | None = None  # of an inbound message, so that a sweep does not fetch it again
    sealed: bytes = _sealed()
    error: str  # the error's type and place, without any of its data
    at: datetime = _moment(null=False)
    replayed_at: datetime | None = _moment()


class DeferredMessage(SQLModel, table=True):
    """An inbound message that waits because another transaction holds its officer's row. `contact_id` is not a foreign key: the
    database would check it by locking that row. `sealed` is the whole message, encrypted."""

    __tablename__ = "deferred_message"
    id: int | None = _key()
    sid: str = Field(unique=True)
    contact_id: int = Field(sa_column=Column(Key, nullable=False, index=True))
    sealed: bytes = _sealed()
    at: datetime = _moment(null=False)


class Announcement(SQLModel, table=True):
    """A one-off message that a person writes to many officers. `sealed` is JSON: the text, the values of its template. Of the officers in
    the order of their ids, those up to `after` have been looked at."""

    id: int | None = _key()
    programme: str = Field(index=True)
    cohort: str | None = None  # by code; None: every cohort of the programme
    field: str | None = None  # only officers whose attribute has this value
    value: str | None = None
    sealed: bytes = _sealed()
    template: str | None = None
    status: str
    officers: int  # who would get it, when it was written or began to wait again
    after: int = 0
    due_at: datetime = _moment(null=False)
    created_at: datetime = _moment(null=False)
    created_by: str
    approved_at: datetime | None = _moment()
    approved_by: str | None = None
    ended_at: datetime | None = _moment()  # when all officers had been looked at, or it was cancelled
    cancelled_by: str | None = None


class AnnouncementOfficer(SQLModel, table=True):
    """One officer of an announcement: the message, or why there is none. An officer has one row at most, and so one message."""

    __tablename__ = "announcement_officer"
    __table_args__ = (UniqueConstraint("announcement_id", "contact_id"),)
    id: int | None = _key()
    announcement_id: int = _ref("announcement")  # the unique key begins with it
    contact_id: int = _ref("contact", index=True)
    outbound_id: int | None = _ref("outbound_message", null=True, unique=True)
    reason: str | None = None


class Upload(SQLModel, table=True):
    """A table that a person has uploaded and not imported yet. `sealed` has the person's choices and corrections, as JSON. `revision` counts
    these changes; `counts` are rows by their state, or the counts of the import; `digest` is of everything that was shown."""

    __table_args__ = (UniqueConstraint("owner", "kind"),)
    id: int | None = _key()
    owner: str  # the name of an account
    kind: str
    programme: str
    status: str
    revision: int = 0
    sealed: bytes = _sealed()
    counts: str = _long(default="{}")
    digest: str = ""
    expires_at: datetime = _moment(null=False, index=True)


class UploadPart(SQLModel, table=True):
    """A part of an upload, encrypted: a piece of its file, or a page of its checked rows. `place` names both."""

    __tablename__ = "upload_part"
    id: int | None = _key()
    upload_id: int = _ref("upload", index=True)
    place: str = Field(unique=True)
    sealed: bytes = _sealed()


class AuditEntry(SQLModel, table=True):
    """An act of a person or a command. Append-only, without message text."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_actor", "actor", "id"), Index("ix_audit_entry_action", "action", "id"))
    id: int | None = _key()
    at: datetime = _moment(null=False, index=True)
    actor: str
    action: str
    subject: str = Field(index=True)
    detail: str = _long(default="{}")


class AuditLink(SQLModel, table=True):
    """An entry's place in the hash chain of the audit log, which a job writes. Append-only."""

    __tablename__ = "audit_link"
    position: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    entry_id: int = _ref("audit_entry", unique=True)
    digest: str  # of the link before and of the entry
    at: datetime = _moment(null=False)


class Account(SQLModel, table=True):
    """A person who signs in, or owns tokens. Officers have none."""

    __table_args__ = (Index("uq_account_link", "link", unique=True),)
    id: int | None = _key()
    name: str = Field(unique=True)
    password: str | None = Field(default=None, sa_column=Column(Text, nullable=True))  # an Argon2 hash
    totp: bytes | None = _sealed(null=True)  # the secret of the second factor
    directory: str | None = Field(default=None, unique=True)  # the e-mail address that an organisation's directory has
    totp_step: int = Field(default=0, sa_column=Column(Key, nullable=False))  # of the last code, which is used once
    created_at: datetime = _moment(null=False)
    disabled_at: datetime | None = _moment()
    link: str | None = Field(default=None)  # the hash of a link by which the person sets a password, once
    link_until: datetime | None = _moment()


class AccountRole(SQLModel, table=True):
    """A role of an account, in one programme or in all."""

    __tablename__ = "account_role"
    __table_args__ = (UniqueConstraint("account_id", "role", "programme"),)
    id: int | None = _key()
    account_id: int = _ref("account")
    role: str
    programme: str  # empty: all programmes, also later ones
    given_at: datetime = _moment(null=False)


class WebSession(SQLModel, table=True):
    """A person's signed-in browser. The browser has the token, this row its hash."""

    __tablename__ = "web_session"
    id: int | None = _key()
    account_id: int = _ref("account", index=True)
    digest: str = Field(unique=True)
    created_at: datetime = _moment(null=False)
    seen_at: datetime = _moment(null=False)
    expires_at: datetime = _moment(null=False)
    ended_at: datetime | None = _moment()


class ApiToken(SQLModel, table=True):
    """A token with which a program acts for an account. The program has the token, this row its hash."""

    __tablename__ = "api_token"
    id: int | None = _key()
    account_id: int = _ref("account", index=True)
    label: str
    digest: str = Field(unique=True)
    scopes: str  # permissions, separated by spaces
    programme: str  # empty: every programme of the account
    created_at: datetime = _moment(null=False)
    expires_at: datetime = _moment(null=False)
    used_at: datetime | None = _moment()
    revoked_at: datetime | None = _moment()


class SignInFailure(SQLModel, table=True):
    """Failed sign-ins for one account name or from one address, by a keyed hash."""

    __tablename__ = "sign_in_failure"
    lookup: str = Field(primary_key=True)
    failures: int
    last_at: datetime = _moment(null=False)


class Alert(SQLModel, table=True):
    """Something that needs a person. At most one of a kind and subject is open; it counts its occurrences."""

    __table_args__ = (
        Index(
            "uq_alert_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: int | None = _key()
    kind: str
    subject: str  # sender:…, contact:…; never a name or phone number
    detail: str = _long(default="{}")
    times: int = 1
    first_at: datetime = _moment(null=False)
    last_at: datetime = _moment(null=False)
    closed_at: datetime | None = _moment()


class AlertDelivery(SQLModel, table=True):
    """One alert to one receiver: that it was opened, or that it is over. `due_at` is the next attempt, or the end of a claim."""

    __tablename__ = "alert_delivery"
    __table_args__ = (
        UniqueConstraint("alert_id", "event", "receiver"),
        Index(
            "ix_alert_delivery_waiting",
            "due_at",
            sqlite_where=text("sent_at IS NULL AND dropped_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND dropped_at IS NULL"),
        ),
    )
    id: int | None = _key()
    alert_id: int = _ref("alert")
    event: str
    receiver: str  # email:… or webhook:…, as the programme or the settings name it
    urgent: bool
    attempts: int = 0
    due_at: datetime = _moment(null=False)
    error: str | None = None  # of the last attempt, without addresses
    sent_at: datetime | None = _moment()
    dropped_at: datetime | None = _moment()


class SuppressedNumber(SQLModel, table=True):
    """An address of somebody who was erased, as a hash that only this installation can compute: nobody is enrolled by it again unawares."""

    __tablename__ = "suppressed_number"
    id: int | None = _key()
    digest: str = Field(unique=True)
    at: datetime = _moment(null=False)


class InstallationSecret(SQLModel, table=True):
    """A random secret of the installation, sealed, for what must outlive a change of keys and cannot be computed anew."""

    __tablename__ = "installation_secret"
    id: int | None = _key()
    name: str = Field(unique=True)
    sealed: bytes = _sealed()


class CarrierDeletion(SQLModel, table=True):
    """A message that the carrier has to delete, with its files, or has deleted."""

    __tablename__ = "carrier_deletion"
    __table_args__ = (
        Index(
            "ix_carrier_deletion_waiting",
            "due_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )
    id: int | None = _key()
    sid: str = Field(unique=True)
    attempts: int = 0
    due_at: datetime = _moment(null=False)
    done_at: datetime | None = _moment()


class Lease(SQLModel, table=True):
    """The process that may run a periodic job now. With several clocks, one holds the lease."""

    name: str = Field(primary_key=True)
    owner: str
    until: datetime = _moment(null=False)


class Bucket(SQLModel, table=True):
    """The token bucket of one of our numbers, which limits how fast it sends."""

    sender: str = Field(primary_key=True)
    tokens: float
    at: datetime = _moment(null=False)
    not_before: datetime | None = _moment()  # throttled until then by the carrier
    paused_at: datetime | None = _moment()  # paused by a configuration error or a person; a person resumes
    pause_code: int | None = None
    probes: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default="0")
    )  # failures of the messages that try it one by one, plus one; 0 if it works
    refused: str = Field(
        default="[]", sa_column=Column(String, nullable=False, server_default="[]")
    )  # JSON: messages, in a row, whose destination was refused; none has gone through since


class SchemaSupport(SQLModel, table=True):
    """One row, written by every upgrade: the oldest schema version whose release may serve on this schema."""

    __tablename__ = "schema_support"
    oldest: str = Field(primary_key=True)


class StateValue(SQLModel, table=True):
    """A value that the running service keeps by name: a switch, or how far a job has come."""

    __tablename__ = "state_value"
    name: str = Field(primary_key=True)
    value: str
    updated_at: datetime = _moment(null=False)


metadata = SQLModel.metadata


def _table(model: type[SQLModel]) -> Table:
    """The model's table, for SQLAlchemy Core statements."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


COHORT = _table(Cohort)
CONTACT = _table(Contact)
IDENTITY = _table(Identity)
ADDRESS = _table(Address)
CONSENT = _table(Consent)
FLOW_VERSION = _table(FlowVersion)
FLOW_DRAFT = _table(FlowDraft)
PROGRAMME = _table(Programme)
TRYOUT = _table(Tryout)
CAMPAIGN_VERSION = _table(CampaignVersion)
RANDOMISATION = _table(Randomisation)
ASSIGNMENT = _table(Assignment)
SHIFT_CHANGE = _table(ShiftChange)
NUDGE = _table(Nudge)
DAY_COUNT = _table(DayCount)
DRAW = _table(Draw)
MEMORY_CARD = _table(MemoryCard)
SESSION = _table(Session)
INBOUND = _table(InboundMessage)
CASE = _table(Case)
CASE_MESSAGE = _table(CaseMessage)
MEDIA = _table(Media)
OUTBOUND = _table(OutboundMessage)
MESSAGE_EVENT = _table(MessageEvent)
RESPONSE = _table(Response)
TEXT_REVIEW = _table(TextReview)
CORRECTION = _table(Correction)
SAMPLED_REPLY = _table(SampledReply)
READING = _table(Reading)
TEXT_CODE = _table(TextCode)
DEAD_LETTER = _table(DeadLetter)
DEFERRED = _table(DeferredMessage)
ANNOUNCEMENT = _table(Announcement)
ANNOUNCEMENT_OFFICER = _table(AnnouncementOfficer)
UPLOAD = _table(Upload)
UPLOAD_PART = _table(UploadPart)
AUDIT_ENTRY = _table(AuditEntry)
AUDIT_LINK = _table(AuditLink)
ACCOUNT = _table(Account)
ACCOUNT_ROLE = _table(AccountRole)
WEB_SESSION = _table(WebSession)
API_TOKEN = _table(ApiToken)
SIGN_IN_FAILURE = _table(SignInFailure)
ALERT = _table(Alert)
ALERT_DELIVERY = _table(AlertDelivery)
SUPPRESSED = _table(SuppressedNumber)
INSTALLATION_SECRET = _table(InstallationSecret)
CARRIER_DELETION = _table(CarrierDeletion)
LEASE = _table(Lease)
BUCKET = _table(Bucket)
SCHEMA_SUPPORT = _table(SchemaSupport)
STATE_VALUE = _table(StateValue)

CONTACT_WITH_COHORT = CONTACT.join(COHORT, COHORT.c.id == CONTACT.c.cohort_id)
"""Officers joined with their cohort."""


def with_officer(rows: FromClause, owner: Table | None = None) -> Join:
    """Join rows with their officer and cohort. If `rows` is a join, `owner` is its table with the `contact_id`."""
    whose = rows.c.contact_id if owner is None else owner.c.contact_id
    return rows.join(CONTACT, CONTACT.c.id == whose).join(COHORT, COHORT.c.id == CONTACT.c.cohort_id)
