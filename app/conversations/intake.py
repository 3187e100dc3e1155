"""From a carrier's request to the ledger, for webhooks and the simulator. Waits for nothing but the ledger, and returns once the
message is durable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from app.channels.base import Channel, DeliveryStatus, Inbound, Malformed, Status
from app.channels.causes import Cause
from app.conversations.inbound import Arrival, Received
from app.store import dead_letters
from app.store.dead_letters import DeadLetter, PendingLetter
from app.store.ledger import Ledger
from app.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Intake:
    """The entrance for inbound messages and statuses. One per process."""

    channel: Channel
    ledger: Ledger
    vault: Vault
    on_answer: Callable[[], None] = lambda: None
    """Called when messages may have been queued, so that the sender looks at once."""
    check: Callable[[], None] = lambda: None
    """Raises ExternalError while this process may take no message."""

    async def inbound(self, path: str, body: bytes, headers: Mapping[str, str]) -> Received | DeadLetter | None:
        """Verify, parse and store a posted message. None if it is signed but cannot be read: it becomes a dead letter. Raises
        Forged; ExternalError if it cannot be stored."""
        form = self.channel.verify(path, body, headers)
        try:
            message = self.channel.parse_inbound(form)
        except Malformed:
            await self.ledger.set_aside("inbound", form)
            return None
        return await self.message(message)

    async def message(self, message: Inbound) -> Received | DeadLetter:
        """Store a message that needs no verification: from the simulator, or found by a sweep."""
        self.check()
        received: Received | DeadLetter = await self.ledger.submit("inbound", Arrival.of(message, self.vault))
        self.on_answer()
        return received

    async def status(self, path: str, body: bytes, headers: Mapping[str, str], uid: str | None) -> None:
        """A posted status callback. Raises as `inbound` does."""
        form = self.channel.verify(path, body, headers)
        try:
            status = self.channel.parse_status(form, uid)
        except Malformed:
            await self.ledger.set_aside("status", {**form, "uid": uid or ""})
            return
        await self.told(status)

    async def told(self, status: Status) -> None:
        """A status that needs no verification."""
        self.check()
        await self.ledger.submit("status", status)

    async def again(self, letter: PendingLetter) -> None:
        """Handle a dead letter again, after the fault has been fixed, and remove it if that succeeds. The message keeps its
        original moment. Raises the handler's error; then nothing has changed."""
        self.check()
        item = self._read(letter)
        handle, clock = self.ledger.kinds[letter.kind].handle, self.ledger.clock

        def replay(tx: Connection) -> None:
            if dead_letters.mark_replayed(tx, letter.id, clock()):
                handle(tx, [item], clock())

        await self.ledger.run(replay)
        self.on_answer()

    def _read(self, letter: PendingLetter) -> Arrival | Status:
        raw = letter.raw
        if letter.kind == "inbound":
            message = self.channel.parse_inbound(raw)
            return Arrival.of(replace(message, sent_at=message.sent_at or letter.at), self.vault)
        if "sid" in raw:  # it was parsed before it failed: see `raw_status`
            return _status(raw)
        return self.channel.parse_status(raw, raw.get("uid") or None)


def raw_status(status: Status) -> dict[str, str]:
    """A parsed status as a dead letter keeps it."""
    code = "" if status.error_code is None else str(status.error_code)
    return {
        "sid": status.sid,
        "status": status.status or "",
        "uid": status.uid or "",
        "error_code": code,
        "cause": status.cause or "",
        "word": status.word,
    }


def _status(raw: Mapping[str, str]) -> Status:
    status, code, cause = raw["status"], raw["error_code"], raw["cause"]
    return Status(
        raw["sid"],
        DeliveryStatus(status) if status else None,
        raw["uid"] or None,
        int(code) if code else None,
        Cause(cause) if cause else None,
        raw["word"],
    )
