"""Unknown senders, for the person who finds out who they are. The list shows only the end of a number; opening one sender shows number,
name and messages, and is kept in the audit log. Nothing here is ever logged."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.channels import sealed_form
from app.channels.addresses import is_user_id
from app.channels.sealed_form import SealedForm
from app.errors import UsageError
from app.store import addresses, audit, cases, contacts, strangers
from app.store.cases import CaseOutcome
from app.store.strangers import Message, Stranger
from app.store.vault import Vault

_SHOWN = 4
"""Characters at the end of a number that the list shows."""


@dataclass(frozen=True, slots=True)
class UnknownSender:
    """An unknown sender. `perhaps`: the study id of the officer with this WhatsApp account, by the carrier's data."""

    id: int
    channel: str
    ending: str
    messages: int
    first_at: datetime
    last_at: datetime
    perhaps: str | None


@dataclass(frozen=True, slots=True)
class SenderDetails:
    """One sender with messages. `profile` is the sender's name on WhatsApp."""

    address: str
    profile: str
    messages: list[Message]


def waiting(tx: Connection, vault: Vault) -> list[UnknownSender]:
    """The unknown senders that nobody has handled, the latest first."""
    return [_waiting(tx, vault, sender) for sender in strangers.waiting(tx)]


def details(tx: Connection, vault: Vault, sender_id: int, now: datetime, actor: str = "command line") -> SenderDetails:
    """Open one sender, which the audit log keeps. Raises UsageError for an unknown id."""
    sender = _sender(tx, sender_id)
    form = _form(vault, sender)
    audit.record(tx, now, actor, "inbox show", f"inbound:{sender.id}", {"messages": sender.messages})
    return SenderDetails(form.author, form.profile, strangers.messages(tx, sender.lookup))


def dismiss(tx: Connection, sender_id: int, now: datetime, actor: str = "command line") -> None:
    """Take a sender who is not an officer off the list, until their next message. Raises UsageError."""
    sender = _sender(tx, sender_id)
    cases.close_strangers(tx, sender.lookup, CaseOutcome.nothing_to_do, now)
    audit.record(tx, now, actor, "inbox dismiss", f"inbound:{sender.id}", {"messages": sender.messages})


def address_of(tx: Connection, vault: Vault, sender_id: int) -> str:
    """The canonical address of a sender. Raises UsageError for an unknown id."""
    sender = _sender(tx, sender_id)
    return _form(vault, sender).author


def _sender(tx: Connection, sender_id: int) -> Stranger:
    for sender in strangers.waiting(tx):
        if sender.id == sender_id:
            return sender
    raise UsageError(f"there is no unknown sender {sender_id}: `trato inbox` lists them")


def _form(vault: Vault, sender: Stranger) -> SealedForm:
    return sealed_form.load(vault.open(sender.sealed, f"inbound:{sender.sid}"))


def _waiting(tx: Connection, vault: Vault, sender: Stranger) -> UnknownSender:
    form = _form(vault, sender)
    address = form.author
    owners = contacts.owners(tx, [vault.lookup(one) for one in (address, *form.also)])
    names = addresses.study_ids(tx, set(owners.values()))
    ending = f"{address[:3] if is_user_id(address) else ''}…{address[-_SHOWN:]}"
    return UnknownSender(
        sender.id,
        sender.channel,
        ending,
        sender.messages,
        sender.first_at,
        sender.last_at,
        next(iter(names.values()), None),
    )
