"""A one-off message to many officers («the workshop moved»). Its effect is shown first: the officers who get it, and those who do not with the
reason. Above a number that the programme sets a second person has to say yes. Each officer gets it once at most, by the rules of a nudge: after the quiet
hours, never to somebody who has left or has not agreed, not during a pause or a hold, and outside WhatsApp's 24 hours by a template or by SMS."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import Connection

from app.conversations.library import Library
from app.conversations.sessions import Turn, new_message
from app.errors import ConflictError, UsageError
from app.flows.checks.messages import TYPICAL
from app.flows.language.definition import Programme
from app.flows.privacy import notices
from app.flows.quiet_hours import quiet_until
from app.flows.segments import measure, plain
from app.people.actors import name_of
from app.sending.composing import personal_words
from app.sending.send_policy import Cancel, Doubt, Expire, Fail, Means, Redirect, Send, Wait, decide
from app.store import alerts, announcements, audit, cohorts, contacts, delivery, outbox, spending
from app.store.announcements import Announcement, AnnouncementStatus, Audience
from app.store.contacts import Officer
from app.store.conversations import Changes
from app.store.delivery import Receiver
from app.store.records import NewMessage
from app.store.tables import ContactStatus
from app.wording import Sentence

log = structlog.get_logger(__name__)

KIND = "announcement"
"""The kind of such a message."""

GREW = "announcement_grew"
"""The alert of an announcement that would reach more officers than anybody has said yes to. Its subject is `announcement:` and the id."""

VALID = timedelta(hours=48)
"""How long a message waits for a pause, a hold or the quiet hours to end: afterwards it is old news."""

FARTHEST = timedelta(days=92)
AT_ONCE = 200
_NUDGE = 1
_PRICED = timedelta(days=31)


class Fate(StrEnum):
    """What happens to the message of one officer. The first three get it."""

    goes = "goes"
    later = "later"  # after the quiet hours
    waits = "waits"  # for a pause or a hold to end, and is dropped after `VALID`
    out = "out"
    blocked = "blocked"
    no_consent = "no_consent"
    no_number = "no_number"
    window = "window"  # WhatsApp's 24 hours are over, there is no template and no SMS
    doubted = "doubted"


GETS = (Fate.goes, Fate.later, Fate.waits)


@dataclass(frozen=True, slots=True)
class Draft:
    """An announcement before it is stored. `template` carries it outside the 24 hours, with its values; `at` is the moment, None for now."""

    audience: Audience
    text: str
    template: str | None = None
    variables: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(slots=True)
class Forecast:
    """The effect of an announcement: officers by fate and, of those who get it, by way (whatsapp, template, sms). `segments` are of one
    SMS; `cost` of all by SMS, at the price of the last month's, None if that is unknown; `needs_second`: a second person has to say yes."""

    text: str
    due_at: datetime
    fates: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    segments: int = 1
    cost: float | None = None
    currency: str = ""
    needs_second: bool = False
    over_budget: bool = False

    @property
    def officers(self) -> int:
        """How many get it."""
        return sum(self.fates[one] for one in GETS)


# -- before -----------------------------------------------------------------------------------------------------------


def forecast(tx: Connection, library: Library, means: Means, draft: Draft, now: datetime) -> Forecast:
    """The effect of an announcement. Stores nothing. Raises UsageError for one that cannot be sent."""
    programme, text = _checked(tx, library, means, draft, now)
    due = max(draft.at or now, now)
    found = Forecast(text, due)
    for one in _laid_out(tx, library, means, _as_stored(draft, text, due), now):
        found.fates[one.fate] += 1
        if one.fate in GETS:
            found.ways[one.way] += 1
    shown = text.replace("{{nombre}}", TYPICAL)
    found.segments = measure(plain(shown) if programme.sms.plain else shown).segments
    found.currency = programme.budget.currency if programme.budget else "USD"
    spent = spending.between(tx, programme.programme, now - _PRICED, now, found.currency)
    found.cost = found.segments * found.ways["sms"] * spent.price / spent.priced if spent.priced else None
    found.needs_second = _above_limit(programme, found.officers)
    found.over_budget = programme.programme in spending.over(tx)
    return found


def _above_limit(programme: Programme, officers: int) -> bool:
    """Whether so many officers need a second person's yes."""
    limit = programme.announcements.second_person_above
    return limit is not None and officers > limit


def send(tx: Connection, library: Library, means: Means, draft: Draft, now: datetime, actor: str) -> Announcement:
    """Schedule an announcement, or let it wait for a second person. Raises UsageError, also if nobody would get it."""
    found = forecast(tx, library, means, draft, now)
    if not found.officers:
        raise UsageError(Sentence("nobody would get this message"), "nobody")
    status = AnnouncementStatus.waiting if found.needs_second else AnnouncementStatus.scheduled
    key = announcements.add(
        tx,
        draft.audience,
        found.text,
        draft.template,
        draft.variables,
        status=status,
        officers=found.officers,
        due_at=found.due_at,
        created_at=now,
        created_by=name_of(actor),
    )
    detail = {"officers": found.officers, "cohort": draft.audience.cohort, "status": status}
    audit.record(tx, now, actor, "notice send", _subject(key), detail)
    return _known(tx, key)


def approve(tx: Connection, key: int, now: datetime, actor: str) -> Announcement:
    """A second person's yes. Raises ConflictError if it does not wait for one, or if it is the same person."""
    found = _known(tx, key)
    if found.status is not AnnouncementStatus.waiting:
        raise ConflictError(Sentence("this message does not wait for anybody"), "not_waiting")
    if found.created_by == name_of(actor):
        raise ConflictError(Sentence("somebody else than its author has to say yes"), "own_announcement")
    announcements.change(
        tx,
        key,
        status=AnnouncementStatus.scheduled,
        approved_at=now,
        approved_by=name_of(actor),
        due_at=max(found.due_at, now),
    )
    alerts.close(tx, GREW, _subject(key), now)
    audit.record(tx, now, actor, "notice approve", _subject(key), {"officers": found.officers})
    return _known(tx, key)


def cancel(tx: Connection, key: int, now: datetime, actor: str) -> int:
    """Stop an announcement: messages that have not gone out stay here. Returns their number. Raises ConflictError if nothing is
    left to stop."""
    found = _known(tx, key)
    stopped = announcements.cancel_unsent(tx, key)
    if found.status not in {AnnouncementStatus.waiting, AnnouncementStatus.scheduled} and not stopped:
        raise ConflictError(Sentence("nothing of this message is left to stop"), "nothing_to_stop")
    announcements.change(
        tx, key, status=AnnouncementStatus.cancelled, ended_at=found.ended_at or now, cancelled_by=name_of(actor)
    )
    alerts.close(tx, GREW, _subject(key), now)
    audit.record(tx, now, actor, "notice cancel", _subject(key), {"stopped": stopped})
    return stopped


def _subject(key: int) -> str:
    """An announcement in the audit log and in alerts."""
    return f"announcement:{key}"


def _known(tx: Connection, key: int) -> Announcement:
    found = announcements.find(tx, key, lock=True)
    if found is None:
        raise UsageError(Sentence("there is no notice {number}", number=key), "no_announcement")
    return found


def _checked(tx: Connection, library: Library, means: Means, draft: Draft, now: datetime) -> tuple[Programme, str]:
    """The programme and the text as it is stored. Raises UsageError."""
    audience, latest = draft.audience, library.latest(tx, draft.audience.programme)
    if latest is None:
        raise UsageError(
            Sentence("there is no published programme {programme}", programme=audience.programme), "no_programme"
        )
    programme, text = latest[1].definition, personal_words(draft.text)
    if audience.cohort is not None and cohorts.find(tx, audience.cohort).programme != programme.programme:
        raise UsageError(Sentence("the cohort {cohort} is of another programme", cohort=audience.cohort), "no_cohort")
    if (audience.field is None) != (audience.value is None) or (
        audience.field is not None and audience.field not in programme.fields
    ):
        raise UsageError(
            Sentence("officers are chosen by one of: {names}", names=", ".join(programme.fields)), "no_field"
        )
    if draft.template is not None and draft.template not in means.rules.templates:
        raise UsageError(Sentence("there is no approved template {template}", template=draft.template), "no_template")
    if draft.at is not None and draft.at > now + FARTHEST:
        raise UsageError(Sentence("a notice goes out within three months"), "too_far")
    return programme, text


def _as_stored(draft: Draft, text: str, due: datetime) -> Announcement:
    return Announcement(
        0,
        draft.audience,
        text,
        draft.variables,
        draft.template,
        AnnouncementStatus.scheduled,
        0,
        0,
        due,
        due,
        "",
        None,
        None,
        None,
        None,
    )


# -- the messages -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Placed:
    """One officer's message, what happens to it, and by which way."""

    message: NewMessage
    fate: Fate
    way: str = ""


def _laid_out(
    tx: Connection, library: Library, means: Means, announcement: Announcement, now: datetime
) -> Iterator[_Placed]:
    """Every officer of an announcement, from its `after` on; nothing is stored."""
    after: int | None = announcement.after
    while after is not None:
        ids, after = announcements.members(tx, announcement.audience, after, AT_ONCE)
        yield from _some(tx, library, means, announcement, ids, now)


def _some(
    tx: Connection, library: Library, means: Means, announcement: Announcement, ids: Sequence[int], now: datetime
) -> list[_Placed]:
    latest = library.latest(tx, announcement.audience.programme)
    asks = latest is not None and bool(notices(latest[1].definition))
    is_plain = (latest is not None and latest[1].definition.sms.plain) or None
    officers, receivers = contacts.unlocked(tx, ids), delivery.receivers(tx, ids)
    turn = Turn(tx, library, Changes(), max(announcement.due_at, now), priority=_NUDGE)
    return [
        _one(turn, means, announcement, officers[key], receivers[key], asks=asks, is_plain=is_plain)
        for key in ids
        if key in officers
    ]


def _one(
    turn: Turn,
    means: Means,
    announcement: Announcement,
    officer: Officer,
    receiver: Receiver,
    *,
    asks: bool,
    is_plain: bool | None,
) -> _Placed:
    """The message of one officer and its fate, by the decision that the send worker would take at that moment."""
    receiver = replace(receiver, places=tuple(one for one in receiver.places if one.channel in means.channels))
    values = json.dumps(announcement.variables, ensure_ascii=False) if announcement.variables else None
    message = new_message(
        turn,
        kind=KIND,
        channel=officer.channel,
        body=announcement.text,
        contact_id=officer.id,
        plain=is_plain,
        template=announcement.template,
        variables=values,
    )
    if (never := _never(officer, receiver, asks=asks)) is not None:
        return _Placed(message, never)
    morning = quiet_until(turn.now, receiver.timezone, means.rules.quiet)
    message = message._replace(due_at=morning or turn.now)
    fate = Fate.later if morning else Fate.goes
    if receiver.holds or receiver.cohort_paused or (receiver.paused_until and receiver.paused_until > message.due_at):
        return _Placed(message, Fate.waits, officer.channel)
    match decide(outbox.claimed(message), receiver, means.rules, message.due_at):
        case Send(place, content_sid):
            return _Placed(message, fate, "template" if content_sid else place.channel)
        case Redirect(channel):
            return _Placed(message._replace(channel=channel), fate, channel)
        case Wait():
            return _Placed(message, Fate.later, officer.channel)
        case Doubt():
            return _Placed(message, Fate.doubted)
        case Fail() | Expire() | Cancel():
            return _Placed(message, Fate.window)


def _never(officer: Officer, receiver: Receiver, *, asks: bool) -> Fate | None:
    """Why an officer gets no such message, whatever the hour."""
    if officer.status == ContactStatus.opted_out:
        return Fate.out
    if officer.status != ContactStatus.active:
        return Fate.blocked
    if asks and officer.consented_at is None:
        return Fate.no_consent
    return None if receiver.places else Fate.no_number


@dataclass(frozen=True, slots=True)
class AnnouncementJob:
    """The clock's job: gives the officers of a due announcement their messages, some at a time. One that would by now reach more officers than
    anybody has said yes to waits instead: officers join a cohort, and the programme's number changes."""

    library: Library
    means: Means

    def step(self, tx: Connection, now: datetime) -> int:
        """Look at the next officers of the first announcement that is due. 0 if none is."""
        found = announcements.due(tx, now)
        if found is None:
            return 0
        if found.after == 0 and (officers := self._unapproved(tx, found, now)):
            _wait_again(tx, found, officers, now)
            return 1
        ids, last = announcements.members(tx, found.audience, found.after, AT_ONCE)
        placed = _some(tx, self.library, self.means, found, ids, now)
        announcements.queue(tx, found.id, [one.message for one in placed if one.fate in GETS], VALID)
        announcements.place(
            tx, found.id, [(one.message.contact_id, one.fate) for one in placed if one.fate not in GETS]
        )
        if last is None:
            announcements.change(tx, found.id, status=AnnouncementStatus.laid_out, ended_at=now)
        else:
            announcements.change(tx, found.id, after=last)
        return max(len(ids), 1)

    def _unapproved(self, tx: Connection, found: Announcement, now: datetime) -> int:
        """How many officers would get an announcement, if so many need a yes that nobody has given; else 0."""
        latest = self.library.latest(tx, found.audience.programme)
        if latest is None or latest[1].definition.announcements.second_person_above is None:
            return 0
        officers = sum(one.fate in GETS for one in _laid_out(tx, self.library, self.means, found, now))
        is_approved = found.approved_at is not None and officers <= found.officers
        return 0 if is_approved or not _above_limit(latest[1].definition, officers) else officers


def _wait_again(tx: Connection, found: Announcement, officers: int, now: datetime) -> None:
    """Let an announcement wait for a second person, with an alert. An earlier yes was to fewer officers and does not count."""
    announcements.change(
        tx,
        found.id,
        status=AnnouncementStatus.waiting,
        officers=officers,
        approved_at=None,
        approved_by=None,
    )
    if alerts.ring(tx, GREW, _subject(found.id), now, {"officers": officers}):
        log.warning("an announcement waits: it would reach more officers than were approved", announcement=found.id)
