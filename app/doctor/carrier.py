"""The account at the carrier, by its own answers: credentials, clock, numbers, the addresses that it calls, templates."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from app.channels.account import Access, Account, Fault, Sender
from app.channels.templates import Review
from app.doctor.findings import Area, Finding, fault, unknown
from app.doctor.machine import clock
from app.errors import ExternalError
from app.wording import Sentence

_SHOWN = 3
"""Names of templates in one line."""

_CONFIGURE = Sentence("Run `trato twilio configure`; --dry-run shows what it would set")
_TEMPLATES = Sentence("Run `trato templates --check`; docs/production.md has the steps")


async def look(account: Account, now: datetime) -> AsyncIterator[Finding]:
    """Everything but the templates. After credentials that are refused nothing else is asked for."""
    for one in await account.probe():
        yield Finding.of(Area.public_address, one)
    try:
        access = await account.access()
        for finding in of_access(access, now):
            yield finding
        if any(not one.warning for one in access.faults):
            for area in (Area.senders, Area.webhooks):
                yield unknown(area, Sentence("the carrier does not let us look"))
            return
        for finding in of_senders(await account.senders()):
            yield finding
    except ExternalError as error:
        yield fault(
            Area.credentials,
            error.text,
            Sentence("Look at this machine's way into the internet, and at status.twilio.com"),
        )


def of_access(access: Access, now: datetime) -> list[Finding]:
    """The credentials, and the carrier's clock."""
    found = [Finding.of(Area.credentials, one) for one in access.faults]
    found = found or [Finding(Area.credentials, Sentence("the carrier takes our key and knows our token"))]
    return found if access.at is None else [*found, clock(now, access.at, Sentence("the carrier's"))]


def of_senders(senders: Sequence[Sender]) -> list[Finding]:
    """Our numbers, and the addresses that are called for them."""
    found: list[Finding] = []
    for sender in senders:
        found += [Finding.of(Area.senders, one) for one in sender.faults]
        if sender.id is not None and not sender.is_configured:
            found.append(fault(Area.webhooks, _wrong(sender), _CONFIGURE))
    right = [sender for sender in senders if sender.is_configured]
    if right and len(right) == len(senders):
        found.append(Finding(Area.webhooks, Sentence("the carrier calls the right addresses")))
    if not any(sender.faults for sender in senders):
        found.append(
            Finding(
                Area.senders, Sentence("in the account: {names}", names=", ".join(sender.name for sender in senders))
            )
        )
    return found


def _wrong(sender: Sender) -> str:
    if sender.overridden:
        return Sentence("{name}: the carrier uses something else in the place of our addresses", name=sender.name)
    hook = next(hook for hook in sender.hooks if not hook.is_right)
    if not hook.now:
        return Sentence("{name}: no address is set for {kind}", name=sender.name, kind=hook.kind)
    return Sentence("{name}: {kind} goes to {now}", name=sender.name, kind=hook.kind, now=hook.now)


def of_templates(review: Review) -> list[Finding]:
    """The templates as `trato templates --check` finds them: equal faults of several are one finding."""
    alike: dict[tuple[str, bool], list[str]] = {}
    for one in review.findings:
        alike.setdefault((one.text, one.warning), []).append(one.name)
    found = [
        Finding.of(Area.templates, Fault(Sentence("{name}: {what}", name=_some(names), what=text), _TEMPLATES, warning))
        for (text, warning), names in alike.items()
    ]
    return found or [Finding(Area.templates, Sentence("approved, and as the flows have them"))]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return (
        shown
        if len(names) <= _SHOWN
        else Sentence("{names} and {number} more", names=shown, number=len(names) - _SHOWN)
    )
