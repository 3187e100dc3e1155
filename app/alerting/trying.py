"""A test alert to everybody whom a programme names, by the ways of alerts: whether the servers take it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from app.alerting.ways import NO_SERVER, Hook, Mailer, Undelivered
from app.alerting.wording import test_notice
from app.errors import UsageError
from app.flows.language.definition import Programme
from app.store import alerts, audit
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class Attempt:
    """One receiver (an address, or `webhook`), and why the server did not take it; None if it did."""

    receiver: str
    error: str | None


async def send(programme: Programme, mailer: Mailer | None, hook: Hook) -> list[Attempt]:
    """Try every receiver once, all at the same time. Raises UsageError if the programme names nobody."""
    code, url = programme.programme, programme.alerts.webhook
    tried = [_mail(mailer, address, code) for address in programme.alerts.email]
    tried += [] if url is None else [_post(hook, url, code)]
    if not tried:
        raise UsageError(
            Sentence("{code} names nobody: add alerts to its file, with email or webhook", code=code), "names_nobody"
        )
    return await asyncio.gather(*tried)


def record(tx: Connection, programme: str, attempts: Sequence[Attempt], now: datetime, actor: str) -> None:
    """Keep in the audit log how many took it."""
    detail = {"delivered": sum(one.error is None for one in attempts), "of": len(attempts)}
    audit.record(tx, now, actor, alerts.TRIED, f"programme:{programme}", detail)


async def _mail(mailer: Mailer | None, address: str, code: str) -> Attempt:
    if mailer is None:
        return Attempt(address, NO_SERVER)
    try:
        await mailer.send(address, test_notice(code), uuid4().hex)
    except Undelivered as error:
        return Attempt(address, error.why)
    return Attempt(address, None)


async def _post(hook: Hook, url: str, code: str) -> Attempt:
    try:
        await hook.post(url, [{"event": "test", "programme": code}], uuid4().hex)
    except Undelivered as error:
        return Attempt("webhook", error.why)
    return Attempt("webhook", None)
