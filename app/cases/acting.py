"""Acts on the officer of a case: letting out, pausing, resuming, another number; and giving an unknown number to its officer. Each is the
act that the officers' commands have, and the case keeps who did it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.cases import handling
from app.channels import sealed_form
from app.channels.addresses import is_user_id
from app.conversations.library import Library
from app.errors import UsageError
from app.flows.quiet_hours import Quiet
from app.roster import leaving, numbers, people
from app.roster.enrolment import stored_names
from app.roster.leaving import Left
from app.roster.numbers import NumberChange
from app.sending import pausing
from app.sending.pausing import Change, Target
from app.store import addresses, audit, contacts, strangers
from app.store.cases import Case
from app.store.strangers import Stranger
from app.store.vault import Vault
from app.wording import Sentence

_SHOWN = 4
"""Characters of a number's end that may be shown to everybody who sees cases."""


@dataclass(frozen=True, slots=True)
class Person:
    """The person behind a case: an officer's name and numbers, or an unknown number with the name on its WhatsApp account."""

    study_id: str | None
    name: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of an unknown number. `perhaps`: the study id of the officer with this WhatsApp account, by the carrier's data."""

    ending: str
    perhaps: str | None


def let_out(tx: Connection, library: Library, case_id: int, quiet: Quiet, now: datetime, actor: str) -> Left:
    """Let the officer of a case out of the programme. Raises ConflictError if they have left already."""
    case, study_id = _officers(tx, case_id, actor)
    done = leaving.let_out(tx, library, study_id, quiet, now, actor)
    _note(tx, case, "case out", now, actor)
    return done


def pause(tx: Connection, case_id: int, now: datetime, actor: str) -> Change:
    """Hold everything to the officer of a case, but what a person writes, until somebody resumes."""
    case, study_id = _officers(tx, case_id, actor)
    done = pausing.pause(tx, Target("officer", study_id), now, actor)
    _note(tx, case, "case pause", now, actor)
    return done


def resume(tx: Connection, case_id: int, now: datetime, actor: str) -> Change:
    """End what holds the officer of a case, but for a matter of safety, which ends with the case."""
    case, study_id = _officers(tx, case_id, actor)
    done = pausing.resume(tx, Target("officer", study_id), now, actor)
    _note(tx, case, "case resume", now, actor)
    return done


def number(
    tx: Connection,
    vault: Vault,
    case_id: int,
    plain: str,
    now: datetime,
    actor: str,
    *,
    take: bool = False,
    swap: bool = False,
    scope: Collection[str] | None = None,
) -> NumberChange:
    """Give the officer of a case another number, in its canonical form. `scope` as for `numbers.change`."""
    case, study_id = _officers(tx, case_id, actor)
    done = numbers.change(tx, vault, study_id, plain, now, take=take, swap=swap, scope=scope, actor=actor)
    _note(tx, case, "case number", now, actor)
    return done


def identify(
    tx: Connection,
    vault: Vault,
    case_id: int,
    study_id: str,
    now: datetime,
    actor: str,
    *,
    take: bool = False,
    swap: bool = False,
    scope: Collection[str] | None = None,
) -> NumberChange:
    """Give the unknown number of a case to an officer, after a person has confirmed whose it is. Its messages become the officer's
    history; the case ends, unless it is about safety: then it goes on as the officer's. `scope` as for `numbers.change`."""
    case = handling.begin(tx, case_id, actor)
    handling.check_read(tx, case, actor)
    author = _form(vault, _stranger(tx, case)).author
    done = numbers.change(tx, vault, study_id, author, now, take=take, swap=swap, scope=scope, actor=actor)
    handling.stop_calls(tx, case_id, now)
    audit.record(tx, now, actor, "case identify", f"case:{case_id}", {"messages": done.messages})
    return done


def who(tx: Connection, vault: Vault, case_id: int, reason: str, now: datetime, actor: str) -> Person:
    """Name and numbers behind a case, as far as they can be opened. The audit log keeps that somebody looked, and why. Raises UsageError
    without a reason."""
    detail = {"reason": audit.reason(reason)}
    case = handling.lock(tx, case_id)
    audit.record(tx, now, actor, "case who", f"case:{case_id}", detail)
    if case.contact_id is None:
        form = _form(vault, _stranger(tx, case))
        return Person(None, form.profile, (form.author,))
    name = stored_names(tx, vault, [case.contact_id]).get(case.contact_id, "")
    numbers = people.numbers_of(tx, vault, [case.contact_id]).get(case.contact_id, ())
    return Person(case.study_id, name, numbers)


def ending(tx: Connection, vault: Vault, case: Case) -> Ending | None:
    """The end of the number of an unknown sender; None for any other case, and if the message cannot be opened."""
    found = strangers.of(tx, case.lookup) if case.lookup is not None else None
    if found is None or not vault.opens(found.sealed, f"inbound:{found.sid}"):
        return None
    form = _form(vault, found)
    owners = contacts.owners(tx, [lookup for one in (form.author, *form.also) for lookup in vault.lookups(one)])
    names = addresses.study_ids(tx, set(owners.values()))
    start = form.author[:3] if is_user_id(form.author) else ""
    return Ending(f"{start}…{form.author[-_SHOWN:]}", next(iter(names.values()), None))


def _officers(tx: Connection, case_id: int, actor: str) -> tuple[Case, str]:
    """A case of an officer, to act on, and the officer's study id."""
    case = handling.begin(tx, case_id, actor)
    return case, handling.officer_of(tx, case).study_id


def _note(tx: Connection, case: Case, action: str, now: datetime, actor: str) -> None:
    handling.keep(tx, case, actor, now)
    audit.record(tx, now, actor, action, f"case:{case.id}")


def _stranger(tx: Connection, case: Case) -> Stranger:
    found = strangers.of(tx, case.lookup) if case.lookup is not None else None
    if found is None:
        raise UsageError(Sentence("case {case} is of no unknown number", case=case.id), "no_stranger")
    return found


def _form(vault: Vault, sender: Stranger) -> sealed_form.SealedForm:
    return sealed_form.load(vault.open(sender.sealed, f"inbound:{sender.sid}"))
