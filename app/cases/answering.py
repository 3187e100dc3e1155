"""A person's answer to an officer, or to an unknown number. It goes through the outbox by the rules of every message: never to somebody
who has left, free text by WhatsApp only within 24 hours of their last message, else by an approved template or by SMS."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.cases import handling
from app.conversations.library import Library
from app.conversations.sessions import Turn, by_person, new_message
from app.errors import ConflictError, UsageError
from app.flows.free_text_window import WINDOW, in_window
from app.flows.quiet_hours import quiet_until
from app.sending.composing import personal_words
from app.sending.send_policy import PROMPT, Cancel, Doubt, Expire, Fail, Means, Redirect, Rules, Send, Wait, decide
from app.store import audit, cases, delivery, outbox, strangers
from app.store.bulk import insert_records
from app.store.cases import OF_SAFETY, Case
from app.store.contacts import Officer, change
from app.store.conversations import Changes
from app.store.delivery import Receiver
from app.store.holds import PERSON, Hold
from app.store.records import NewMessage
from app.store.tables import OUTBOUND, ContactStatus
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class Words:
    """The words of an answer. `template` is the approved WhatsApp template that carries them outside the 24 hours, with its variables;
    the text is what goes by SMS."""

    text: str
    template: str | None = None
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that is queued. `by_template`: only the template's words go out. `left` is the time left for free text by WhatsApp, None
    if there is none; `goes_at` is when it goes at the earliest; `waits`: it waits for a pause or the kill switch to end."""

    study_id: str | None
    channel: str
    by_template: bool
    left: timedelta | None
    goes_at: datetime
    waits: bool


def time_left(tx: Connection, case: Case, now: datetime) -> timedelta | None:
    """How long WhatsApp still takes free text to the author of a case. None if it does not, or if they have no WhatsApp."""
    if case.contact_id is not None:
        places = delivery.receivers(tx, [case.contact_id])[case.contact_id].places
        heard = [place.last_inbound_at for place in places if place.channel == "whatsapp" and not place.unreachable_at]
    else:
        heard = [one.at for one in strangers.messages(tx, case.lookup or "") if one.channel == "whatsapp"]
    last = max((at for at in heard if at is not None), default=None)
    return WINDOW - (now - last) if last is not None and in_window(last, now) else None


def unreachable(tx: Connection, case: Case) -> ConflictError | None:
    """Why no message may go to the officer of a case whatever its words, and what can be done instead; None if one may."""
    if case.contact_id is None:
        return None
    officer = handling.officer_of(tx, case)
    if officer.status == ContactStatus.opted_out:
        return ConflictError(
            Sentence(
                "officer {officer} has left the programme, and no message goes out: to telephone, "
                "`trato cases who {case} --reason …` shows the number",
                officer=officer.study_id,
                case=case.id,
            ),
            "left",
        )
    if officer.status == ContactStatus.blocked:
        return ConflictError(
            Sentence(
                "the carrier does not reach officer {officer}: `trato cases number {case}` gives "
                "another number, `trato cases who {case} --reason …` shows this one",
                officer=officer.study_id,
                case=case.id,
            ),
            "blocked",
        )
    return _doubted(case, officer) if Hold.number in officer.holds else None


def _doubted(case: Case, officer: Officer) -> ConflictError:
    return ConflictError(
        Sentence(
            "the number of officer {officer} may be somebody else's by now: `trato resume "
            "--officer {officer}` if it is theirs, `trato cases number {case}` if they have "
            "another",
            officer=officer.study_id,
            case=case.id,
        ),
        "doubted",
    )


def check(tx: Connection, case_id: int, actor: str) -> None:
    """Refuse what `answer` would refuse whatever the words, before somebody writes them."""
    case = handling.begin(tx, case_id, actor)
    handling.check_read(tx, case, actor)
    _check_may(tx, case)


def answer(
    tx: Connection, library: Library, means: Means, case_id: int, words: Words, now: datetime, actor: str
) -> Answered:
    """Answer the author of a case, who is then in conversation with a person. That person has the case from then on. Raises
    UsageError for words that cannot be sent, ConflictError if the case is closed, another's or has unread messages, and if the
    author cannot be written to."""
    words = replace(words, text=personal_words(words.text))
    case = handling.begin(tx, case_id, actor)
    handling.check_read(tx, case, actor)
    turn = Turn(tx, library, Changes(), now)
    if case.contact_id is not None:
        message, answered = _to_officer(turn, means, case, words)
    else:
        message, answered = _to_stranger(turn, means, case, words)
    ids = turn.changes.earlier
    ((row,),) = insert_records(tx, OUTBOUND, [message], ("reply_to_id", ids), returning=("id",))
    cases.attach(tx, case_id, row)
    if case.contact_id is not None:
        change(tx, case.contact_id, person_wrote_at=answered.goes_at)
    handling.keep(tx, case, actor, now)
    detail = {
        "message": message.uid,
        "channel": answered.channel,
        "template": words.template if answered.by_template else None,
    }
    audit.record(tx, now, actor, "case answer", f"case:{case_id}", detail)
    return answered


def _to_officer(turn: Turn, means: Means, case: Case, words: Words) -> tuple[NewMessage, Answered]:
    officer = handling.officer_of(turn.tx, case)
    _check_may(turn.tx, case)
    if words.template is not None and means.rules.templates.get(words.template) is None:
        text = Sentence(
            "there is no approved template {template}: `trato templates` lists them", template=words.template
        )
        raise UsageError(text, "no_template")
    receiver = delivery.receivers(turn.tx, [officer.id])[officer.id]
    receiver = replace(receiver, places=tuple(one for one in receiver.places if one.channel in means.channels))
    message = by_person(turn, officer, officer.channel, words.text, words.template, words.variables)
    message = message._replace(
        channel=_channel(turn, case, officer), due_at=_goes_at(receiver, case, means.rules, turn.now)
    )
    left = time_left(turn.tx, case, turn.now)
    by_template, waits = False, False
    match decide(outbox.claimed(message), receiver, means.rules, turn.now):
        case Send(_, content_sid):
            by_template = content_sid is not None
        case Redirect(channel):
            message = message._replace(channel=channel)
        case Wait():
            waits = True
        case Fail() | Expire():
            raise ConflictError(
                Sentence(
                    "WhatsApp takes no free text {since}, and officer {officer} has no SMS: --template sends an approved template",
                    since=_since(receiver, turn.now),
                    officer=officer.study_id,
                ),
                "window",
            )
        case Cancel(reason):
            raise ConflictError(
                Sentence("officer {officer} cannot be written to: {reason}", officer=officer.study_id, reason=reason),
                "unreachable",
            )
        case Doubt():
            raise _doubted(case, officer)
    return message, Answered(officer.study_id, message.channel, by_template, left, message.due_at, waits)


def _check_may(tx: Connection, case: Case) -> None:
    if case.contact_id is not None:
        handling.check_sound(tx, handling.officer_of(tx, case))
    if (why := unreachable(tx, case)) is not None:
        raise why


def _channel(turn: Turn, case: Case, officer: Officer) -> str:
    """The channel by which the author wrote last."""
    said = cases.messages(turn.tx, case.id)
    return said[-1].channel if said else officer.channel


def _goes_at(receiver: Receiver, case: Case, rules: Rules, now: datetime) -> datetime:
    """At once to somebody who has just written, and in danger; else after the quiet hours."""
    heard = [place.last_inbound_at for place in receiver.places if place.last_inbound_at is not None]
    if case.reason in OF_SAFETY or any(now - at < PROMPT for at in heard):
        return now
    return quiet_until(now, receiver.timezone, rules.quiet) or now


def _since(receiver: Receiver, now: datetime) -> Sentence:
    heard = [one.last_inbound_at for one in receiver.places if one.channel == "whatsapp" and one.last_inbound_at]
    if not heard:
        return Sentence("to somebody who has never written")
    return Sentence(
        "more than 24 hours after a message, and theirs is {hours} hours old",
        hours=(now - max(heard)) // timedelta(hours=1),
    )


def _to_stranger(turn: Turn, means: Means, case: Case, words: Words) -> tuple[NewMessage, Answered]:
    said = cases.messages(turn.tx, case.id)
    if not said or case.lookup is None:
        raise UsageError(Sentence("case {case} has no author who could be answered", case=case.id), "no_author")
    if words.template is not None or "{{" in words.text:
        raise UsageError(Sentence("an unknown number gets no template and no name"), "stranger_plain")
    last = said[-1]
    if last.channel not in means.channels:
        raise UsageError(Sentence("we have no number for {channel}", channel=last.channel), "no_channel")
    if last.channel == "whatsapp" and not in_window(last.at, turn.now):
        raise ConflictError(
            Sentence("WhatsApp takes no free text more than 24 hours after a message, and the number is no officer's"),
            "window",
        )
    turn.inbound_sid = last.sid
    turn.changes.earlier[last.sid] = last.id
    message = new_message(turn, kind=PERSON, channel=last.channel, body=words.text)
    left = time_left(turn.tx, case, turn.now)
    return message, Answered(None, last.channel, by_template=False, left=left, goes_at=turn.now, waits=False)
