"""Gives an officer another number. The old one is given up: nothing is sent to it any more, and its next message is from an unknown
sender. Earlier messages from the new number become the officer's history but are not read as answers: nobody knew to which question;
only a BAJA among them is obeyed. An open conversation continues at the new number. Two officers never share a number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.channels.addresses import CHANNELS, is_user_id
from app.channels.causes import Cause
from app.conversations import keywords
from app.conversations.doubting import NO_NUMBER, strand
from app.conversations.library import Library
from app.conversations.sessions import Turn, end_hold, put_on_hold
from app.errors import UsageError
from app.flows.replies.keywords import Name, keyword
from app.store import addresses, audit, cases, contacts, conversations, lookups, strangers, suppression
from app.store.contacts import Officer
from app.store.conversations import Changes
from app.store.holds import Hold
from app.store.records import NewAddress
from app.store.tables import ContactStatus
from app.store.vault import Vault
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A change of number. `retired`: the number of addresses given up; `messages`: of earlier messages from the new one;
    `opted_out`: a BAJA was among them. `holder`: the officer who had the number before, and has the old one if `swapped`."""

    study_id: str
    retired: int = 0
    messages: int = 0
    opted_out: bool = False
    holder: str | None = None
    swapped: bool = False


def change(
    tx: Connection,
    vault: Vault,
    study_id: str,
    plain: str,
    now: datetime,
    *,
    channel: str | None = None,
    take: bool = False,
    swap: bool = False,
    scope: Collection[str] | None = None,
    actor: str = "command line",
) -> NumberChange:
    """Give an officer this canonical number, on one channel or all, or one more WhatsApp user id. Another officer who has it
    gives it up with `take`, and gets this officer's with `swap`. `scope`: the programmes whose officers may give theirs up; None for all.
    Raises UsageError without these, for a holder of another programme, and for an unknown study id."""
    contact = addresses.known(tx, study_id)
    if suppression.among(tx, [plain]):
        raise UsageError(suppression.REFUSAL, "erased_number")
    lookup = lookups.of(tx, vault, plain)
    holder = contacts.owners(tx, [lookup]).get(lookup, contact)
    officers = contacts.officers(tx, {contact, holder})  # locked from here on
    names = addresses.study_ids(tx, officers)
    if holder != contact:
        _check(officers[holder], plain, channel, scope, take=take, swap=swap)
    channels = ("whatsapp",) if is_user_id(plain) else CHANNELS if channel is None else (channel,)
    address_change = _AddressChange(Turn(tx, Library(), Changes(), now), vault, plain, actor)
    if holder != contact:
        address_change.free(officers[holder], officers[contact] if swap else None)
    done = address_change.give(officers[contact], channels, names[contact])
    if holder != contact:
        done = replace(done, holder=names[holder], swapped=swap)
    conversations.write(tx, address_change.turn.changes)
    detail = {
        "channels": channels,
        **{name: value for name, value in asdict(done).items() if value and name != "study_id"},
    }
    audit.record(tx, now, actor, "number", f"contact:{contact}", detail)
    return done


def recognise(turn: Turn, officer: Officer, lookup: str) -> tuple[int, bool]:
    """Give an unknown sender's messages to this officer: the number of messages, and whether the last wish among them is a BAJA,
    which opts the officer out. They count for WhatsApp's window too."""
    came = strangers.messages(turn.tx, lookup)
    for channel, at in {message.channel: message.at for message in came}.items():
        contacts.heard_from(turn.tx, channel, [lookup], at)
    last = _last_wish(came)
    leaves = last is not None and last[0] is Name.BAJA
    if last is not None and leaves:
        turn.words = last[1]
        keywords.opt_out(turn, officer, confirm=False)
    adopted = strangers.adopt(turn.tx, lookup, officer.id)
    if (danger := cases.hand_over(turn.tx, lookup, officer.id, turn.now)) is not None:
        put_on_hold(turn, officer, Hold(danger))
    return adopted, leaves


def _check(
    officer: Officer, plain: str, channel: str | None, scope: Collection[str] | None, *, take: bool, swap: bool
) -> None:
    if scope is not None and officer.programme not in scope:
        # The study id is not named: the person has no permission in that programme.
        raise UsageError(Sentence("an officer of another programme has that number"), "number_elsewhere")
    holder = officer.study_id
    if is_user_id(plain):
        raise UsageError(
            Sentence("that WhatsApp account is officer {holder}'s", holder=holder), "number_taken", holder=holder
        )
    if not (take or swap):
        raise UsageError(
            Sentence(
                "that number is officer {holder}'s: --swap exchanges the two numbers, --take leaves "
                "{holder} without one",
                holder=holder,
            ),
            "number_taken",
            holder=holder,
        )
    if channel is not None:
        raise UsageError(Sentence("a number that is taken or swapped goes over on every channel: leave --channel out"))


@dataclass(frozen=True, slots=True)
class _AddressChange:
    """One change of an address, by one actor."""

    turn: Turn
    vault: Vault
    plain: str
    actor: str

    @property
    def lookup(self) -> str:
        return self.vault.lookup(self.plain)

    def free(self, holder: Officer, other: Officer | None) -> None:
        """Take the number from its holder, who gets the other officer's, if any."""
        tx, now = self.turn.tx, self.turn.now
        channels = [one.channel for one in addresses.in_use(tx, holder.id) if one.lookup == self.lookup]
        numbers = self._numbers(other.id, channels) if other else {}
        addresses.retire(tx, holder.id, channels, now)
        if other is not None:
            addresses.retire(tx, other.id, CHANNELS, now)
        self._add(holder.id, numbers)
        if other is not None:
            end_hold(self.turn, holder, Hold.number)
        if not addresses.in_use(tx, holder.id):
            strand(self.turn, holder, self.actor)

    def give(self, officer: Officer, channels: Collection[str], study_id: str) -> NumberChange:
        """Give the officer the number and its earlier messages."""
        tx = self.turn.tx
        retired = 0
        if not is_user_id(self.plain):
            retired = addresses.retire(tx, officer.id, channels, self.turn.now, keep=self.lookup)
        self._add(officer.id, dict.fromkeys(channels, self.plain))
        self._unblock(officer)
        end_hold(self.turn, officer, Hold.number)
        messages, leaves = recognise(self.turn, officer, self.lookup)
        return NumberChange(study_id, retired, messages, leaves)

    def _numbers(self, contact: int, channels: Collection[str]) -> dict[str, str]:
        """An officer's numbers by channel, without user ids."""
        opened = [
            (one.channel, self.vault.open(one.sealed, f"address:{contact}"))
            for one in addresses.in_use(self.turn.tx, contact)
        ]
        return {channel: number for channel, number in opened if channel in channels and not is_user_id(number)}

    def _add(self, contact: int, numbers: Mapping[str, str]) -> None:
        addresses.add(
            self.turn.tx,
            [
                NewAddress(
                    contact_id=contact,
                    channel=channel,
                    lookup=self.vault.lookup(number),
                    sealed=self.vault.seal(number, f"address:{contact}"),
                    created_at=self.turn.now,
                )
                for channel, number in numbers.items()
            ],
        )

    def _unblock(self, officer: Officer) -> None:
        """End a block that was due to the old number."""
        if officer.status == ContactStatus.blocked:
            why = audit.latest(self.turn.tx, "block", f"contact:{officer.id}")
            if why.get("cause") == Cause.recipient_unreachable or why.get("reason") == NO_NUMBER:
                self._mark(officer, ContactStatus.active)

    def _mark(self, officer: Officer, status: ContactStatus) -> None:
        officer.status = status
        self.turn.changes.contacts.append((officer.id, {"status": status}))


def _last_wish(came: Sequence[strangers.Message]) -> tuple[Name, str] | None:
    """The latest BAJA or ALTA among messages, with its words."""
    words = [(word.name, message.body) for message in came if (word := keyword(message.body)) is not None]
    return next((found for found in reversed(words) if found[0] in (Name.BAJA, Name.ALTA)), None)
