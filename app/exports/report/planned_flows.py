"""Outcomes of the planned flows: how far each came, response and its time. Reads the plan as columns and returns counts with the number
of officers behind them; no row leaves this module."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, func, select

from app.exports.report.conversations import Conversations, columns, is_among, moments, naive
from app.exports.report.programme import ProgrammeSummary
from app.exports.report.reach import Reach
from app.exports.report.sample import Sample
from app.exports.report.tally import Parts, Places, Shares
from app.exports.statistics.libraries import numpy
from app.flows.language.definition import FlowKind
from app.store.dialect import stored_text
from app.store.tables import (
    CAMPAIGN_VERSION,
    CONTACT,
    NUDGE,
    RESPONSE,
    SESSION,
    NudgeStatus,
)

GRID = (5, 15, 30, 60, 120, 240, 480, 720, 1440, 2160, 2880, 4320)
"""Minutes after the question at which the curve of answers is read."""

DIMENSIONS = ("wave", "week", "principle", "channel", "hour", "arm")


class Reached(IntEnum):
    """The last stage that a planned flow reached."""

    planned = 0
    sent = 1
    delivered = 2
    replied = 3
    completed = 4


@dataclass(slots=True)
class FlowCounts:
    """Counts of the planned flows that ask something and of those that only inform; consent is excluded. `finished` is by flow, with the
    total under an empty name."""

    asking: Parts[Reached] = field(default_factory=Parts)
    telling: Parts[Reached] = field(default_factory=Parts)
    reasons: Parts[str] = field(default_factory=Parts)
    rates: dict[str, Shares[str]] = field(default_factory=lambda: {name: Shares() for name in ("all", *DIMENSIONS)})
    finished: Shares[str] = field(default_factory=Shares)
    happened: Counter[float] = field(default_factory=Counter)
    given_up: Counter[float] = field(default_factory=Counter)
    answered_by: Parts[int] = field(default_factory=Parts)


def used_versions(tx: Connection, sample: Sample) -> set[int]:
    """The versions of the programme's file that the sample's flows were planned with or asked from."""
    own = sample.officers()
    planned = select(CAMPAIGN_VERSION.c.flow_version_id).join(
        NUDGE, NUDGE.c.campaign_version_id == CAMPAIGN_VERSION.c.id
    )
    found = tx.execute(planned.where(NUDGE.c.contact_id.in_(own)).distinct()).scalars().all()
    asked = select(RESPONSE.c.flow_version_id).where(RESPONSE.c.contact_id.in_(own)).distinct()
    return {*found, *tx.execute(asked).scalars()}


@dataclass(frozen=True, slots=True)
class _Plan:
    """The flows of the plan as arrays: the officer and the conversation by id (0: none), places among `flows`, `reasons`, `waves` and
    `channels`, moments in UTC (NaT: none), and whether it was talked to its end."""

    officer: Any
    session: Any
    flow: Any
    reason: Any
    wave: Any
    channel: Any
    begun: Any
    ended: Any
    completed: Any
    flows: Sequence[tuple[int, str]]
    reasons: Sequence[str]
    waves: Sequence[str]
    channels: Sequence[str]

    def only(self, those: Any) -> "_Plan":  # noqa: ANN401 - an array
        """Some of the flows."""
        return replace(self, **{name: getattr(self, name)[those] for name in _COLUMNS})


_COLUMNS = ("officer", "session", "flow", "reason", "wave", "channel", "begun", "ended", "completed")


def flow_counts(
    tx: Connection, sample: Sample, programme: ProgrammeSummary, talks: Conversations, now: datetime
) -> FlowCounts:
    """All flows of the plan whose moment has come by `now`, the last moment of the data."""
    np, plan, found = numpy(), _plan(tx, sample, talks, now), FlowCounts()
    known = [programme.flow(*one) for one in plan.flows]
    is_consent = np.array([flow is not None and flow.kind is FlowKind.consent for flow in known], bool)
    asking = np.array([flow is None or flow.asks for flow in known], bool)
    plan = plan.only(~is_consent[plan.flow])
    asks, sent = asking[plan.flow], talks.reach[plan.session] & Reach.sent > 0
    replied = ~np.isnat(talks.answered_at[plan.session])
    reached = _reached(plan, talks, asks & replied)
    for parts, those in ((found.asking, asks), (found.telling, ~asks)):
        parts.extend(list(Reached), reached[those], plan.officer[those])
    found.reasons.extend(plan.reasons, plan.reason[~sent], plan.officer[~sent])
    plan, replied = plan.only(asks & sent), replied[asks & sent]
    principles = [(flow and flow.principle) or "" for flow in known]
    for name, (keys, places) in _groups(tx, sample, plan, principles).items():
        found.rates[name].extend(keys, places, plan.officer, replied)
    completed = replied & plan.completed
    found.finished.extend([""], np.zeros(len(completed), int), plan.officer, completed)
    found.finished.extend([flow for _, flow in plan.flows], plan.flow, plan.officer, completed)
    asked = ~np.isnat(talks.asked_at[plan.session])
    _add_times(found, plan.only(asked), talks, now)
    return found


def _plan(tx: Connection, sample: Sample, talks: Conversations, now: datetime) -> _Plan:
    np = numpy()
    flows, reasons, waves, channels = Places[tuple[int, str]](), Places[str](), Places[str](), Places[str]()
    parts: list[dict[str, Any]] = []
    for contact, wave, flow, status, reason, session, version, begun, ended, outcome, channel in columns(
        tx, _query(sample, now)
    ):
        why = (_reason(*each) for each in zip(status, reason, begun, strict=True))
        officer = np.array(contact, np.int32)
        part = {
            "officer": officer,
            "session": np.array([number or 0 for number in session], np.int32),
            "flow": np.array([flows[one] for one in zip(version, flow, strict=True)], np.int32),
            "reason": np.array([reasons[one] for one in why], np.int16),
            "wave": np.array([waves[one or ""] for one in wave], np.int16),
            "channel": np.array([channels[one or ""] for one in channel], np.int16),
            "begun": moments(begun),
            "ended": moments(ended),
            "completed": is_among(outcome, ("completed",)),
        }
        parts.append({name: column[talks.mine[officer]] for name, column in part.items()})
    nothing = {name: np.zeros(0, "M8[us]" if name in {"begun", "ended"} else int) for name in _COLUMNS}
    found = {name: np.concatenate([part.pop(name) for part in parts or [nothing]]) for name in _COLUMNS}
    found["completed"] = found["completed"].astype(bool)
    return _Plan(**found, flows=list(flows), reasons=list(reasons), waves=list(waves), channels=list(channels))


def _query(sample: Sample, now: datetime) -> Select[Any]:
    plan, session = NUDGE.c, SESSION.c
    return (
        select(
            plan.contact_id,
            plan.wave,
            plan.flow,
            plan.status,
            plan.reason,
            plan.session_id,
            func.coalesce(session.flow_version_id, CAMPAIGN_VERSION.c.flow_version_id),
            stored_text(session.started_at),
            stored_text(session.ended_at),
            session.outcome,
            session.channel,
        )
        .select_from(
            NUDGE.join(CAMPAIGN_VERSION, CAMPAIGN_VERSION.c.id == plan.campaign_version_id).outerjoin(
                SESSION, session.id == plan.session_id
            )
        )
        .where(
            plan.planned_for <= now,
            *sample.narrowed(plan.contact_id),
            *sample.within(plan.planned_for, plan.contact_id),
        )
    )


def _reason(status: str, reason: str | None, begun: str | None) -> str:
    """Why a flow was not sent."""
    if begun:
        return reason or "not_delivered"
    return (reason or "waiting") if status == NudgeStatus.skipped else "waiting"


def _reached(plan: _Plan, talks: Conversations, replied: Any) -> Any:  # noqa: ANN401 - arrays
    """The last step of each flow. A reply proves that the message arrived, whatever the carrier has told."""
    where, reach = numpy().where, talks.reach[plan.session]
    heard = where(plan.completed, Reached.completed, Reached.replied)
    told = where(reach & Reach.delivered > 0, Reached.delivered, Reached.sent)
    return where(reach & Reach.sent > 0, where(replied, heard, told), Reached.planned)


def _groups(
    tx: Connection, sample: Sample, plan: _Plan, principles: Sequence[str]
) -> dict[str, tuple[Sequence[str], Any]]:
    """By dimension the names of the groups, and in which each flow that was sent counts; an empty name is that of the rest."""
    np = numpy()
    arms, zones = Places[str](), Places[str]()
    own = sample.arms()
    query = select(CONTACT.c.id, CONTACT.c.timezone, own.c.arm).outerjoin(own, own.c.contact_id == CONTACT.c.id)
    last = int(plan.officer.max(initial=0)) + 1
    arm, zone = np.zeros(last, int), np.zeros(last, int)
    for contact, timezone, drawn in tx.execute(query.where(CONTACT.c.id.in_(sample.officers()), CONTACT.c.id < last)):
        zone[contact], arm[contact] = zones[timezone], arms[drawn or ""]
    week, hour, weeks, hours = _local(plan.begun, zone[plan.officer], list(zones))
    return {
        "all": ([""], np.zeros(len(plan.officer), int)),
        "wave": (plan.waves, plan.wave),
        "week": (weeks, week),
        "principle": (principles, plan.flow),
        "channel": (plan.channels, plan.channel),
        "hour": (hours, hour),
        "arm": (list(arms), arm[plan.officer]),
    }


def _local(begun: Any, zone: Any, zones: Sequence[str]) -> tuple[Any, Any, Sequence[str], Sequence[str]]:  # noqa: ANN401 - arrays
    """The local week and hour of each moment, and their names. No zone changes within a quarter of an hour."""
    np = numpy()
    weeks, hours = Places[str](), Places[str]()
    quarters, place = np.unique(begun.astype("M8[m]").astype(int) // 15 * len(zones) + zone, return_inverse=True)
    clocks = [ZoneInfo(name) for name in zones]
    week, hour = np.zeros(len(quarters), int), np.zeros(len(quarters), int)
    for at, quarter in enumerate(quarters.tolist()):
        number, own = divmod(quarter, len(zones))
        local = datetime.fromtimestamp(number * 900, clocks[own])
        monday = local.date() - timedelta(days=local.weekday())
        week[at], hour[at] = weeks[monday.isoformat()], hours[f"{local.hour:02}"]
    return week[place], hour[place], list(weeks), list(hours)


def _add_times(found: FlowCounts, plan: _Plan, talks: Conversations, now: datetime) -> None:
    """How long the first answer took from the first question; or until when it was waited for in vain."""
    np = numpy()
    asked, answered = talks.asked_at[plan.session], talks.answered_at[plan.session]
    replied = ~np.isnat(answered)
    until = np.where(replied, answered, np.where(np.isnat(plan.ended), naive(now), plan.ended))
    minutes = np.maximum((until - asked).astype(int) // 60_000_000, 0)
    for counts, those in ((found.happened, replied), (found.given_up, ~replied)):
        values, numbers = np.unique(minutes[those], return_counts=True)
        counts.update(dict(zip(values.astype(float).tolist(), numbers.tolist(), strict=True)))
    bins = np.where(replied, np.searchsorted(GRID, minutes), len(GRID) + 1)
    found.answered_by.extend(range(len(GRID) + 2), bins, plan.officer)
