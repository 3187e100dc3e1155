"""Aviso: a one-off message to the officers of a cohort, or to those with a value of an attribute. What it would do is shown before it can be
sent; afterwards, what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import ConflictError, UsageError
from app.people.roles import Permission
from app.sending import announcing
from app.sending.announcing import GETS, Draft, Fate, Forecast
from app.store import announcements, cohorts
from app.store.announcements import Announcement, AnnouncementStatus, Audience
from app.store.cohorts import Group
from app.web import forms
from app.web.console.days import moment_of
from app.web.console.visit import Handler, Visit

HERE = "/console/notice"


@dataclass(frozen=True, slots=True)
class Result:
    """An announcement, and how many of its messages have each status, and officers no message for each reason."""

    one: Announcement
    sent: dict[str, int]
    unsent: dict[str, int]

    @property
    def may_stop(self) -> bool:
        """Whether something of it has not gone out."""
        unfinished = {AnnouncementStatus.waiting, AnnouncementStatus.scheduled}
        return self.one.status in unfinished or bool(self.sent.get("queued"))


async def written(visit: Visit) -> Response:
    """The page to write one, with the latest."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "", shown: Forecast | None = None) -> Response:
    own = visit.programmes(Permission.schedule)

    def read(tx: Connection) -> tuple[list[Announcement], list[Group]]:
        return announcements.latest(tx, own), [one for one in cohorts.find_all(tx) if one.programme in own]

    latest, groups = await visit.read(read)
    known = {code: found for code in own if (found := visit.programme(code)) is not None}
    return visit.page(
        "notice.html",
        HERE,
        status,
        latest=latest,
        groups=groups,
        programmes=known,
        fields=sorted({name for one in known.values() for name in one.fields}),
        templates=sorted(visit.parts.means.rules.templates),
        shown=shown,
        gets=GETS,
        fates=list(Fate),
        error=error,
        typed=visit.fields,
    )


async def send(visit: Visit) -> Response:
    """Show what the message of the form would do; with `sure`, send it, if that is still so."""
    try:
        draft = _draft(visit)
        parts = visit.parts
        shown = await visit.read(lambda tx: announcing.forecast(tx, parts.library, parts.means, draft, visit.now))
        if visit.fields.get("sure") != _told(shown):
            return await _page(visit, shown=shown)
        found = await visit.write(
            lambda tx: announcing.send(tx, parts.library, parts.means, draft, visit.now, visit.actor.label)
        )
    except UsageError as error:
        return await _page(visit, 400, visit.told(error))
    return visit.go(f"{HERE}/{found.id}", "notice_kept")


def _told(shown: Forecast) -> str:
    """What the person has agreed to: how many get it. If it is another number by then, it is shown again."""
    return str(shown.officers)


def _draft(visit: Visit) -> Draft:
    fields = visit.fields
    programme = visit.chosen(Permission.schedule, fields.get("programme", "")).programme
    name, value = fields.get("field", ""), fields.get("value", "").strip()
    return Draft(
        Audience(programme, fields.get("cohort", "") or None, name or None, value if name else None),
        fields.get("text", ""),
        *visit.template(),
        _moment(fields.get("at", ""), visit.zone(programme)),
    )


def _moment(text: str, zone: str) -> datetime | None:
    """The moment of a form in the programme's time zone. Raises UsageError."""
    if not text.strip():
        return None
    if (found := moment_of(text.strip())) is None:
        raise UsageError("write day and hour, and check the year", "bad_moment")
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


# -- one of them ------------------------------------------------------------------------------------------------------


async def show(visit: Visit) -> Response:
    """One message: its text, and what became of it."""
    return await _shown(visit)


async def _shown(visit: Visit, status: int = 200, error: str = "") -> Response:
    def read(tx: Connection) -> Result:
        found = _known(visit, tx)
        return Result(found, *announcements.counts(tx, found.id))

    result = await visit.read(read)
    return visit.page("notice_one.html", HERE, status, result=result, one=result.one, error=error)


def _known(visit: Visit, tx: Connection) -> Announcement:
    number = forms.number(visit.request.path_params["notice"], 15)
    found = None if number is None else announcements.find(tx, number)
    if found is None:
        raise UsageError("there is no such notice", "no_announcement")
    visit.require(Permission.schedule, found.audience.programme)
    return found


async def _act(visit: Visit, act: Callable[[Connection, int], object]) -> Response | None:
    try:
        await visit.write(lambda tx: act(tx, _known(visit, tx).id))
    except ConflictError as error:
        return await _shown(visit, 409, visit.told(error))
    visit.parts.wake()
    return None


async def approve(visit: Visit) -> Response:
    """A second person's yes."""
    refused = await _act(visit, lambda tx, key: announcing.approve(tx, key, visit.now, visit.actor.label))
    return refused or visit.go(f"{HERE}/{visit.request.path_params['notice']}", "notice_approved")


async def cancel(visit: Visit) -> Response:
    """Stop what has not gone out."""
    refused = await _act(visit, lambda tx, key: announcing.cancel(tx, key, visit.now, visit.actor.label))
    return refused or visit.go(f"{HERE}/{visit.request.path_params['notice']}", "notice_cancelled")


HANDLERS: dict[str, Handler] = {
    f"GET {HERE}": written,
    f"POST {HERE}": send,
    f"GET {HERE}/{{notice}}": show,
    f"POST {HERE}/{{notice}}/approve": approve,
    f"POST {HERE}/{{notice}}/cancel": cancel,
}
"""The handlers of one-off messages, by their routes."""
