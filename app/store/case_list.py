"""The list of cases as a page shows it: chosen, sorted and cut in the database. All functions take a transaction."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, String, and_, func, select, type_coerce
from sqlalchemy import case as sql_case

from app.store.cases import OF_SAFETY, PROGRAMME, WITH_OFFICER, Case, CaseReason, some
from app.store.tables import CASE, CASE_MESSAGE, INBOUND, OUTBOUND, SESSION

PAGE = 50
MOST_COUNTED = 5_000
"""Cases of a list that are counted and can be paged to."""


class Which(StrEnum):
    """The cases of a list."""

    open = "open"  # but for those that are snoozed
    mine = "mine"
    nobodys = "nobodys"
    snoozed = "snoozed"
    closed = "closed"


class Order(StrEnum):
    """The order of a list."""

    urgency = "urgency"  # then the one that has been open longest
    oldest = "oldest"
    latest = "latest"  # by the latest message


@dataclass(frozen=True, slots=True)
class Wanted:
    """The cases that are wanted. `programmes`: only those of some programmes; None: all, also of no programme. `person` is whose `mine`
    means; `reasons`: only these, if there are any."""

    programmes: frozenset[str] | None
    person: str
    which: Which = Which.open
    reasons: frozenset[CaseReason] = frozenset()
    order: Order = Order.urgency


class AboutQuestion(NamedTuple):
    """The question that the latest message of a case was about."""

    flow_version_id: int
    flow: str
    step: str


def page(tx: Connection, wanted: Wanted, now: datetime, first: int = 0, most: int = PAGE) -> list[Case]:
    """The cases from a place of the list on."""
    chosen = _chosen(select(CASE.c.id), wanted, now).order_by(*_order(wanted)).offset(first).limit(most)
    return _in_order(tx, chosen)


def count(tx: Connection, wanted: Wanted, now: datetime) -> int:
    """The number of cases of a list, at most `MOST_COUNTED`."""
    some = _chosen(select(CASE.c.id), wanted, now).limit(MOST_COUNTED).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def counts(tx: Connection, wanted: Wanted, now: datetime) -> dict[Which, int]:
    """The number of open cases in each list but that of the closed ones, whatever the reason."""
    lists = [one for one in Which if one is not Which.closed]
    columns = [func.count(sql_case((_of(one, wanted.person, now), 1))) for one in lists]
    found = select(*columns).select_from(WITH_OFFICER).where(CASE.c.closed_at.is_(None), *_scope(wanted))
    return {which: int(number) for which, number in zip(lists, tx.execute(found).one(), strict=True)}


def dangers(tx: Connection, wanted: Wanted, most: int) -> list[Case]:
    """The open cases about safety, the most urgent first."""
    of_safety = Wanted(wanted.programmes, wanted.person, reasons=OF_SAFETY)
    chosen = select(CASE.c.id).select_from(WITH_OFFICER).where(CASE.c.closed_at.is_(None), *_scope(of_safety))
    return _in_order(tx, chosen.order_by(*_order(of_safety)).limit(most))


def version(tx: Connection, wanted: Wanted) -> str:
    """A text that changes whenever an open case comes, goes or changes."""
    moments = [type_coerce(moment, String) for moment in (CASE.c.last_at, CASE.c.snoozed_until)]  # nobody reads them
    columns = (CASE.c.id, CASE.c.owner, CASE.c.reason, *moments)
    found = select(*columns).select_from(WITH_OFFICER).where(CASE.c.closed_at.is_(None), *_scope(wanted))
    digest = hashlib.sha256()
    for row in tx.execute(found.order_by(CASE.c.opened_at, CASE.c.id)):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()[:16]


def about(tx: Connection, ids: Collection[int]) -> dict[int, AboutQuestion]:
    """The questions that the latest messages of these cases were about, by case; a case without one is absent."""
    latest = (
        select(CASE_MESSAGE.c.case_id, func.max(CASE_MESSAGE.c.inbound_id).label("inbound_id"))
        .where(CASE_MESSAGE.c.case_id.in_(list(ids)), CASE_MESSAGE.c.inbound_id.is_not(None))
        .group_by(CASE_MESSAGE.c.case_id)
        .subquery()
    )
    asked = (
        select(OUTBOUND.c.flow)
        .where(
            OUTBOUND.c.contact_id == INBOUND.c.contact_id,
            OUTBOUND.c.session_id == INBOUND.c.session_id,
            OUTBOUND.c.step == INBOUND.c.step,
            OUTBOUND.c.kind == "ask",
        )
        .order_by(OUTBOUND.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = select(latest.c.case_id, SESSION.c.flow_version_id, asked, INBOUND.c.step).select_from(
        latest.join(INBOUND, INBOUND.c.id == latest.c.inbound_id).join(SESSION, SESSION.c.id == INBOUND.c.session_id)
    )
    return {
        case: AboutQuestion(version, flow, step) for case, version, flow, step in tx.execute(found) if flow and step
    }


def _in_order(tx: Connection, chosen: Select[int]) -> list[Case]:
    """The cases of these ids, in their order."""
    ids = list(tx.execute(chosen).scalars())
    found = {one.id: one for one in some(tx, ids)}
    return [found[one] for one in ids]


def _chosen(found: Select[Any], wanted: Wanted, now: datetime) -> Select[Any]:
    return found.select_from(WITH_OFFICER).where(_of(wanted.which, wanted.person, now), *_scope(wanted))


def _scope(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.programmes is not None:
        found.append(PROGRAMME.in_(sorted(wanted.programmes)))
    if wanted.reasons:
        found.append(CASE.c.reason.in_(sorted(wanted.reasons)))
    return found


def _of(which: Which, person: str, now: datetime) -> ColumnElement[bool]:
    is_open = CASE.c.closed_at.is_(None)
    snoozed = and_(CASE.c.snoozed_until.is_not(None), CASE.c.snoozed_until > now)
    match which:
        case Which.open:
            return and_(is_open, ~snoozed)
        case Which.mine:
            return and_(is_open, ~snoozed, CASE.c.owner == person)
        case Which.nobodys:
            return and_(is_open, ~snoozed, CASE.c.owner.is_(None))
        case Which.snoozed:
            return and_(is_open, snoozed)
        case Which.closed:
            return ~is_open


def _order(wanted: Wanted) -> list[ColumnElement[Any]]:
    if wanted.which is Which.closed:
        return [CASE.c.closed_at.desc(), CASE.c.id.desc()]
    match wanted.order:
        case Order.urgency:
            urgency = sql_case({reason.value: place for place, reason in enumerate(CaseReason)}, value=CASE.c.reason)
            return [urgency, CASE.c.opened_at, CASE.c.id]
        case Order.oldest:
            return [CASE.c.opened_at, CASE.c.id]
        case Order.latest:
            return [CASE.c.last_at.desc(), CASE.c.id.desc()]
