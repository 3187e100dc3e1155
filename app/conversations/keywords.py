"""The effects of the programme's keywords, at any step: BAJA, ALTA, AYUDA, PAUSA, ATRÁS, TURNO, IDIOMA. Recognises nothing
(`flows/replies/keywords.py`) and words nothing (`flows/engine/commands.py`). What a hold lets through
of the replies is `holds`' rule."""

from datetime import timedelta

from app.conversations import consenting, ending
from app.conversations.sessions import Turn, begin_anew, end_hold, notice, proceed, say, stop
from app.flows.engine import commands
from app.flows.engine.commands import Notice
from app.flows.engine.engine import Back
from app.flows.replies.keywords import Keyword, Name, keyword
from app.flows.shifts import Shift
from app.store import nudges
from app.store.contacts import Officer
from app.store.endings import FAREWELL
from app.store.holds import WHO_NO, Hold
from app.store.tables import ContactStatus


def obey(turn: Turn, officer: Officer, word: Keyword) -> bool:
    """Obey a keyword. False if it means nothing here: then the message is read like any other."""
    match word.name:
        case Name.BAJA:
            opt_out(turn, officer, confirm=True)
        case Name.ALTA:
            _opt_in(turn, officer)
        case Name.AYUDA:
            _answer(turn, officer, Notice("help"))
        case Name.PAUSA if officer.may_be_written_to:
            _pause(turn, officer, commands.pause_days(word))
        case Name.ATRAS if officer.session is not None and officer.held_at is None:
            proceed(turn, officer, Back())
        case Name.TURNO if officer.may_be_written_to and _shift(turn, officer, word):
            pass
        case Name.IDIOMA if officer.may_be_written_to and _language(turn, officer, word.argument):
            pass
        case Name.PAUSA | Name.ATRAS | Name.TURNO | Name.IDIOMA:
            return False
    turn.outcome = "keyword"
    return True


def carrier_opt_out(turn: Turn, officer: Officer, found: str, body: str) -> bool:
    """Record STOP, START or HELP, which the carrier has recognised and answered itself; START is followed by the question for
    consent where there is none. False if the message is read like any other: carriers take YES for START, but here it answers a question and is no ALTA."""
    word = keyword(body)
    if found == "START" and (word is None or word.name is not Name.ALTA):
        return False
    turn.outcome = "keyword"
    if found == "STOP":
        opt_out(turn, officer, confirm=False)
    elif found == "START":
        _activate(turn, officer)
        _ask_for_consent(turn, officer)
    return True


def opt_out(turn: Turn, officer: Officer, *, confirm: bool, actor: str = consenting.OFFICER) -> None:
    """Stop writing to the officer, cancel queued messages and record the withdrawal, by the officer or by a person for them. Confirmed
    once, to a number in doubt without a name."""
    if officer.status == ContactStatus.opted_out:
        return
    stop(turn, officer)
    officer.status = ContactStatus.opted_out
    turn.changes.silence(officer.id)
    consenting.withdraw(turn, officer, actor)
    turn.changes.contacts.append((officer.id, {"status": ContactStatus.opted_out, "opted_out_at": turn.said_at}))
    if confirm:
        _answer(turn, officer, Notice(WHO_NO if Hold.number in officer.holds else "opted_out"))


def _opt_in(turn: Turn, officer: Officer) -> None:
    """Write to the officer again. The reply is what happens next: the question for consent, messages, or none for now. After a
    serious incident this ends the hold. Amid a crisis it ends nothing: a person sees it. After the programme's last day nothing begins any more,
    and the last message is the reply."""
    _activate(turn, officer)
    if ending.ended_at(turn, officer) is not None:
        _answer(turn, officer, Notice(FAREWELL))
    elif not _ask_for_consent(turn, officer):
        _answer(turn, officer, Notice("opted_in" if consenting.is_followed(turn, officer) else "opted_in_idle"))


def _ask_for_consent(turn: Turn, officer: Officer) -> bool:
    """Begin the consent flow with an officer who has to agree before the next message. False if none has to, or if a person holds
    the officer, if another conversation is open, after which it is asked, or if no conversation begins any more."""
    flow = consenting.missing(turn, officer)
    if flow is None or officer.held_at is not None or ending.ended_at(turn, officer) is not None:
        return False
    if officer.session is not None and officer.session.flow != flow:
        return False
    begin_anew(turn, officer, flow)
    return True


def _activate(turn: Turn, officer: Officer) -> None:
    end_hold(turn, officer, Hold.serious)
    officer.status, officer.paused_until = ContactStatus.active, None
    turn.changes.contacts.append(
        (officer.id, {"status": ContactStatus.active, "opted_out_at": None, "paused_until": None})
    )


def _pause(turn: Turn, officer: Officer, days: int) -> None:
    officer.paused_until = turn.said_at + timedelta(days=days)
    turn.changes.contacts.append((officer.id, {"paused_until": officer.paused_until}))
    _answer(turn, officer, Notice("paused", {"dias": days}))


def _shift(turn: Turn, officer: Officer, word: Keyword) -> bool:
    known = Shift.from_json(officer.shift, officer.timezone) if officer.shift else None
    told = commands.shift(word, known, turn.now, officer.timezone, asked=officer.session is not None)
    if told is None:
        return False
    if told.shift is not None:
        officer.shift = told.shift.to_json()
        turn.changes.contacts.append((officer.id, {"shift": officer.shift}))
        nudges.lay_out_anew(turn.tx, [officer.id])
    _answer(turn, officer, told)
    return True


def _language(turn: Turn, officer: Officer, wanted: str) -> bool:
    """Change the officer's language, or list the programme's languages if it has none like that."""
    latest = turn.library.latest(turn.tx, officer.programme)
    if latest is None:
        return False
    programme = latest[1].definition
    chosen = commands.language(programme, wanted)
    told = Notice("help") if chosen else commands.languages(programme, wanted, asked=officer.session is not None)
    if told is None:
        return False
    if chosen:
        officer.language = chosen
        turn.changes.contacts.append((officer.id, {"language": chosen}))
    _answer(turn, officer, told)
    return True


def _answer(turn: Turn, officer: Officer, told: Notice) -> None:
    if text := notice(turn, officer, told.notice, **told.values):
        say(turn, officer, told.notice, text)
