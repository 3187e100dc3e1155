"""What the programme's keywords do, at any step: BAJA, ALTA, AYUDA, PAUSA, ATRÁS, IDIOMA. The words themselves, and how
they are recognised, are `flows/replies/keywords.py`."""

from datetime import timedelta

from app.flows.engine import Back
from app.flows.replies.keywords import Keyword
from app.services.sessions import Turn, notice, proceed, say, stop
from app.store.contacts import Officer
from app.store.tables import ContactStatus

PAUSE_DAYS = 7
LONGEST_PAUSE_DAYS = 90


def obey(turn: Turn, officer: Officer, word: Keyword) -> bool:
    """Do what a keyword asks. False if it means nothing here and the message is to be read as any other."""
    match word.name:
        case "BAJA":
            opt_out(turn, officer, confirm=True)
        case "ALTA":
            _opt_in(turn, officer)
        case "AYUDA":
            _answer(turn, officer, "help")
        case "PAUSA" if officer.may_be_written_to:
            _pause(turn, officer, word.days or PAUSE_DAYS)
        case "ATRAS" if officer.session is not None:
            proceed(turn, officer, Back())
        case "IDIOMA" if officer.may_be_written_to and word.argument:
            return _language(turn, officer, word.argument)
        case _:
            return False
    turn.outcome = "keyword"
    return True


def carrier_opt_out(turn: Turn, officer: Officer, found: str) -> None:
    """The carrier has recognised STOP, START or HELP itself and has answered: only record."""
    turn.outcome = "keyword"
    if found == "STOP":
        opt_out(turn, officer, confirm=False)
    elif found == "START":
        _activate(turn, officer)


def opt_out(turn: Turn, officer: Officer, *, confirm: bool) -> None:
    """Never write again, from this moment: what is queued is cancelled. Confirmed once."""
    if officer.status == ContactStatus.opted_out:
        return
    stop(turn, officer)
    officer.status = ContactStatus.opted_out
    turn.changes.silence(officer.id)
    turn.changes.contacts.append((officer.id, {"status": ContactStatus.opted_out, "opted_out_at": turn.said_at}))
    if confirm:
        _answer(turn, officer, "opted_out")


def _opt_in(turn: Turn, officer: Officer) -> None:
    _activate(turn, officer)
    _answer(turn, officer, "opted_in")


def _activate(turn: Turn, officer: Officer) -> None:
    officer.status, officer.paused_until = ContactStatus.active, None
    turn.changes.contacts.append(
        (officer.id, {"status": ContactStatus.active, "opted_out_at": None, "paused_until": None})
    )


def _pause(turn: Turn, officer: Officer, days: int) -> None:
    days = min(days, LONGEST_PAUSE_DAYS)
    officer.paused_until = turn.said_at + timedelta(days=days)
    turn.changes.contacts.append((officer.id, {"paused_until": officer.paused_until}))
    _answer(turn, officer, "paused", dias=days)


def _language(turn: Turn, officer: Officer, wanted: str) -> bool:
    """Change the officer's language to one that the programme has; False if it has none like it."""
    latest = turn.library.latest(turn.tx, officer.programme)
    programme = latest[1].definition if latest else None
    offered = [programme.language, *programme.languages] if programme else []
    chosen = next((language for language in offered if language.partition("-")[0] == wanted.strip().lower()[:2]), None)
    if chosen is None:
        return False
    officer.language = chosen
    turn.changes.contacts.append((officer.id, {"language": chosen}))
    _answer(turn, officer, "help")
    turn.outcome = "keyword"
    return True


def _answer(turn: Turn, officer: Officer, name: str, **values: object) -> None:
    if text := notice(turn, officer, name, **values):
        say(turn, officer, name, text)
