"""Hoy: how far the flows of some days came, by cohort, with a list behind each number; the response by day; messages that did not arrive,
by cause; officers who have not answered lately; open alerts; and the pauses of a cohort and of everything. Counts are for people who may see
`trato status`; study ids only for those who may see an officer's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection
from starlette.responses import Response

from app.alerting import wording
from app.days import Days
from app.exports.statistics.proportions import Interval, wilson
from app.people.roles import Permission
from app.scheduler.nudging import REMEMBERED
from app.sending import pausing
from app.sending.pausing import Target
from app.store import alert_deliveries, cohorts, day_counts, failures, funnel, ignored, pauses
from app.store.alert_deliveries import KnownAlert
from app.store.cohorts import Group
from app.store.failures import CauseCount
from app.store.funnel import Funnel, Stage
from app.store.ignored import SilentOfficer
from app.store.pulse import pulse
from app.web.console.days import days_of
from app.web.console.visit import Handler, Visit

HERE = "/console/today"
MOST_DAYS = 31
SHOWN = (Stage.planned, Stage.sent, Stage.delivered, Stage.read, Stage.replied, Stage.completed)
"""The stages that the page shows. What has begun but was not sent yet, is being sent."""
_RESPONSE_DAYS = 7
_COHORTS = 50
_SILENT = 8
FEW = 1_000
"""Officers of cohorts whose lists go from officer to officer."""


@dataclass(frozen=True, slots=True)
class DayResponse:
    """Of the flows of a day that were sent, those that were answered, as a share with its interval."""

    day: date
    sent: int
    replied: int
    interval: Interval | None

    @property
    def share(self) -> float:
        """The share, from 0 to 1."""
        return self.replied / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class Board:
    """The page. `funnels` has the cohorts that anything was planned for, by id; `silent` is None for a person who may not see it;
    `as_of`: the counts are of this moment, None: of now."""

    groups: list[Group]
    funnels: dict[int, Funnel]
    response: list[DayResponse]
    failures: list[CauseCount]
    silent: list[SilentOfficer] | None
    alerts: list[KnownAlert]
    stopped: bool
    version: str
    as_of: datetime | None

    @property
    def total(self) -> Funnel:
        """All cohorts together."""
        return funnel.total(self.funnels)


async def today(visit: Visit) -> Response:
    """The page: of today, or of the days of the query, of all cohorts or of one."""
    days = chosen_days(visit)
    only = visit.request.query_params.get("cohort", "")
    board = await visit.count(lambda tx: _board(visit, tx, days, only))
    page, pages = visit.page_number(), max(-(-len(board.groups) // _COHORTS), 1)
    return visit.page(
        "today.html",
        HERE,
        board=board,
        shown=board.groups[(page - 1) * _COHORTS : page * _COHORTS],
        stages=SHOWN,
        nothing=funnel.NOTHING,
        days=days,
        is_today=days == Days.at(visit.now, days.zone),
        only=only,
        number=page,
        pages=pages,
        sentence=lambda kind: wording.sentence(kind, visit.t.language),
        command=wording.command,
        may={one: visit.actor.may_somewhere(one) for one in (Permission.story, Permission.schedule)},
        may_stop=visit.may(Permission.schedule, None),
    )


def chosen_days(visit: Visit) -> Days:
    """The days that the query names; today without any."""
    return days_of(visit.request.query_params, Days.at(visit.now, visit.zone(None)), MOST_DAYS)


def groups(visit: Visit, tx: Connection, permission: Permission, only: str = "") -> list[Group]:
    """The cohorts of the programmes in which this is allowed; only that of one code, if it is given."""
    return visit.groups(permission, _chosen(tx, only))


def are_few(groups: Mapping[int, Group]) -> bool:
    """Whether these cohorts have so few officers that a list goes from officer to officer: then it is quick over many days, too."""
    return sum(one.officers for one in groups.values()) <= FEW


def _chosen(tx: Connection, only: str) -> list[Group]:
    return [one for one in cohorts.find_all(tx) if only in ("", one.code)]


def _board(visit: Visit, tx: Connection, days: Days, only: str) -> Board:
    chosen = _chosen(tx, only)
    known = {one.id: one for one in visit.groups(Permission.status, chosen)}
    all_of_them = not only and visit.scope(Permission.status) is None
    counted = day_counts.sums(tx, days, _RESPONSE_DAYS, known, visit.parts.library.without_consent())
    found = counted.by_cohort
    return Board(
        sorted(known.values(), key=lambda one: (one.id not in found and one.paused_at is None, one.code)),
        found,
        [_response(day.first, came) for day, came in counted.by_day.items()],
        failures.counts(tx, failures.Chosen(days.begin, days.end, None if all_of_them else known)),
        _silent(visit, tx, chosen),
        _alerts(visit, tx),
        pauses.is_stopped(tx),
        pulse(tx),
        counted.at,
    )


def _response(day: date, came: Funnel) -> DayResponse:
    sent = came.stages[Stage.sent]
    # a flow that a person counted an answer for need not have been sent
    replied = min(came.stages[Stage.replied], sent)
    return DayResponse(day, sent, replied, wilson(replied, sent))


def _silent(visit: Visit, tx: Connection, chosen: list[Group]) -> list[SilentOfficer] | None:
    if not visit.actor.may_somewhere(Permission.story):
        return None
    own = {one.id: one for one in visit.groups(Permission.story, chosen)}
    since = visit.now - REMEMBERED
    return ignored.page(tx, own, visit.now, since, most=_SILENT, few=are_few(own)).officers


def _alerts(visit: Visit, tx: Connection) -> list[KnownAlert]:
    """The open alerts of the person's programmes, and those of the installation; the latest first."""
    scope = visit.scope(Permission.status)
    found = [one for one in alert_deliveries.recent(tx, visit.now) if one.closed_at is None]
    return [one for one in reversed(found) if scope is None or (_programme(one) or next(iter(scope), None)) in scope]


def _programme(alert: KnownAlert) -> str | None:
    kind, _, name = alert.subject.partition(":")
    return name if kind == "programme" else alert.programme


# -- pauses -----------------------------------------------------------------------------------------------------------


async def ask_pause(visit: Visit) -> Response:
    """The page that asks whether a cohort, or everything, is really to stop."""
    code = visit.request.query_params.get("cohort", "")

    def read(tx: Connection) -> tuple[str, int]:
        group = _paused(visit, tx, code)
        return code, pauses.waiting(tx, cohort=None if group is None else group.id)

    cohort, waiting = await visit.read(read)
    return visit.page("pause.html", HERE, cohort=cohort, waiting=waiting)


def _paused(visit: Visit, tx: Connection, code: str) -> Group | None:
    """The cohort that the person may pause; None: everything. Raises NoRole, UsageError."""
    if not code:
        visit.require(Permission.schedule, None)
        return None
    cohorts.check(tx, code)
    group = next(one for one in cohorts.find_all(tx) if one.code == code)
    visit.require(Permission.schedule, group.programme)
    return group


async def _set(visit: Visit, *, stop: bool) -> Response:
    code = visit.fields.get("cohort", "")
    target = Target("cohort", code) if code else Target("service")

    def work(tx: Connection) -> object:
        _paused(visit, tx, code)
        change = pausing.pause if stop else pausing.resume
        return change(tx, target, visit.now, visit.actor.label)

    await visit.write(work)
    visit.parts.wake()
    what = "cohort" if code else "all"
    return visit.go(HERE, f"{what}_{'stopped' if stop else 'goes_on'}")


async def pause(visit: Visit) -> Response:
    """Pause a cohort, or stop everything."""
    return await _set(visit, stop=True)


async def resume(visit: Visit) -> Response:
    """Let a cohort, or everything, go on."""
    return await _set(visit, stop=False)


HANDLERS: dict[str, Handler] = {
    f"GET {HERE}": today,
    f"GET {HERE}/pause": ask_pause,
    f"POST {HERE}/pause": pause,
    f"POST {HERE}/resume": resume,
}
"""The handlers of the page, by their routes."""
