"""The protocol of a study as it happened: publications with their differences in words, roll-backs, pauses, outages, imports, draws,
announcements; decisions on the notice; the calendar of messages by arm. Names nobody: neither who acted, nor an officer; pauses of single
officers are left out, for their reason may be a crisis."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, or_, select

from app.exports.archive.tables import code, text, write_table
from app.exports.definitions import Definitions
from app.exports.selection import Selection, officer_conditions
from app.exports.source import Row
from app.exports.writers import WrittenFile, write_text
from app.flows.diff import compare
from app.flows.diff_words import change_lines
from app.store.tables import (
    ALERT,
    ANNOUNCEMENT,
    ASSIGNMENT,
    AUDIT_ENTRY,
    CAMPAIGN_VERSION,
    COHORT,
    CONSENT,
    CONTACT,
    NUDGE,
    RANDOMISATION,
    with_officer,
)
from app.store.versions import Version

FOLDER = "protocol"
HISTORY = (code("at"), code("event"), text("subject"), text("detail"))
DRAWS = (
    code("at"),
    text("scope"),
    code("seed"),
    code("input_hash"),
    code("release"),
    code("officers"),
    text("design"),
    text("balance"),
)
CONSENTS = (code("notice"), code("decision"), code("channel"), code("month"), code("decisions"))
CALENDAR = (
    text("arm"),
    code("campaign"),
    code("flow_version"),
    code("slot"),
    code("wave"),
    code("origin"),
    code("flow"),
    code("first_day"),
    code("last_day"),
    code("planned"),
    code("started"),
    code("skipped"),
)

_ACTS = ("publish", "rollback", "rename programme", "roster import", "randomize")
_OUTAGES = (
    "sender_refused",
    "key_wrong",
    "sender_foreign_answer",
    "sender_slowed",
    "clock_stopped",
    "clock",
    "sweep",
    "job",
    "budget_spent",
    "budget_nearly_spent",
    "not_ready",
    "template",
    "file_not_published",
)
"""Alerts of the service as a whole, never of an officer or an unknown number."""


def write(
    tx: Connection, folder: Path, selection: Selection, definitions: Definitions, history: list[Version]
) -> list[WrittenFile]:
    """Write the protocol of the selected programme. Raises ExternalError."""
    programme = selection.programme or ""
    events = sorted(_events(tx, programme, history), key=itemgetter(0))
    return [
        write_table(folder, f"{FOLDER}/history.csv", HISTORY, events),
        write_text(folder, f"{FOLDER}/changes.md", _changes(events, definitions, history)),
        write_table(folder, f"{FOLDER}/draws.csv", DRAWS, _draws(tx, programme)),
        write_table(folder, f"{FOLDER}/consents.csv", CONSENTS, _consents(tx, selection)),
        write_table(folder, f"{FOLDER}/calendar.csv", CALENDAR, _calendar(tx, selection, definitions)),
    ]


# -- what happened ----------------------------------------------------------------------------------------------------


def _events(tx: Connection, programme: str, history: Sequence[Version]) -> Iterator[tuple[str, str, str, str]]:
    acts = list(_audited(tx, programme))
    yield from acts
    noted = {json.loads(detail).get("version") for _, event, _, detail in acts if event == "publish"}
    for one in history:  # of an older release, or of a log that was cut
        if one.hash[:12] not in noted:
            yield _utc(one.published_at), "publish", programme, json.dumps({"version": one.hash[:12]})
    yield from _outages(tx, programme)
    yield from _announcements(tx, programme)


def _audited(tx: Connection, programme: str) -> Iterator[tuple[str, str, str, str]]:
    cohorts = {
        f"cohort:{row.id}": row.code
        for row in tx.execute(select(COHORT.c.id, COHORT.c.code).where(COHORT.c.programme == programme))
    }
    entry = AUDIT_ENTRY.c
    paused = entry.action.in_(("pause", "resume")), ~entry.subject.startswith("contact:")
    wanted = or_(
        entry.action.in_(_ACTS) & (entry.subject == programme),
        paused[0] & paused[1],
        entry.action.in_(("cohort date", "cohort zone")) & entry.subject.in_(cohorts),
    )
    for row in tx.execute(select(entry.at, entry.action, entry.subject, entry.detail).where(wanted).order_by(entry.id)):
        kind, _, name = row.subject.partition(":")
        if kind == "cohort" and row.subject not in cohorts:
            continue
        subject = f"cohort {cohorts[row.subject]}" if kind == "cohort" else "one of our numbers" if name else kind
        yield _utc(row.at), row.action, subject, json.dumps(_counted(json.loads(row.detail)), sort_keys=True)


def _counted(detail: Mapping[str, Any]) -> dict[str, Any]:
    """A detail with the number of officers in the place of their study ids."""
    found = dict(detail)
    if isinstance(left := found.get("left_out"), dict):
        found["left_out"] = {reason: len(ids) for reason, ids in left.items()}
    return found


def _outages(tx: Connection, programme: str) -> Iterator[tuple[str, str, str, str]]:
    alert = ALERT.c
    for row in tx.execute(
        select(alert.kind, alert.subject, alert.times, alert.first_at, alert.closed_at)
        .where(alert.kind.in_(_OUTAGES))
        .order_by(alert.id)
    ):
        kind, _, name = row.subject.partition(":")
        if kind in {"programme", "budget"} and name.partition(":")[0] not in {programme, "*"}:
            continue
        subject = "one of our numbers" if kind == "sender" else programme if kind == "programme" else kind
        detail = {"kind": row.kind, "times": row.times, "over": row.closed_at and _utc(row.closed_at)}
        yield _utc(row.first_at), "outage", subject, json.dumps(detail, sort_keys=True)


def _announcements(tx: Connection, programme: str) -> Iterator[tuple[str, str, str, str]]:
    one = ANNOUNCEMENT.c
    columns = one.due_at, one.status, one.cohort, one.field, one.officers
    for row in tx.execute(select(*columns).where(one.programme == programme).order_by(one.id)):
        detail = {"status": row.status, "officers": row.officers, "only_some": row.field is not None}
        subject = f"cohort {row.cohort}" if row.cohort else programme
        yield _utc(row.due_at), "announcement", subject, json.dumps(detail, sort_keys=True)


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _changes(events: Sequence[tuple[str, str, str, str]], definitions: Definitions, history: Sequence[Version]) -> str:
    """The publications and roll-backs, each with its differences from the version before, in words."""
    ids = {one.hash[:12]: one.id for one in history}
    lines = ["# Versions of the programme, and what each changed", ""]
    before: str | None = None
    for at, event, _, detail in events:
        version = json.loads(detail).get("version")
        if event not in {"publish", "rollback"} or version not in ids:
            continue
        lines += [f"## {at} {event} {version}", ""]
        old = None if before is None else definitions.version(ids[before])
        new = definitions.version(ids[version])
        if before is None:
            lines.append("The first version.")
        elif old is None or new is None:
            lines.append(f"This release of Trato cannot read one of the two versions: compare the files with {before}.")
        else:
            lines += [f"Changes from {before}:", "", *change_lines(compare(old, new), "en")]
        lines.append("")
        before = version
    return "\n".join(lines)


def _draws(tx: Connection, programme: str) -> Iterator[Row]:
    drawn = RANDOMISATION.c
    names = ("scope", "seed", "input_hash", "release", "officers", "design", "balance")
    query = select(drawn.at, *(drawn[name] for name in names)).where(drawn.programme == programme).order_by(drawn.id)
    return ((_utc(row[0]), *row[1:]) for row in tx.execute(query))


def _consents(tx: Connection, selection: Selection) -> Iterator[Row]:
    given = CONSENT.c
    query = select(given.version, given.granted, given.channel, given.at).select_from(with_officer(CONSENT))
    found: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    for row in tx.execute(query.where(*officer_conditions(selection))):
        found[row.version, "agreed" if row.granted else "declined", row.channel, f"{row.at:%Y-%m}"] += 1
    return ((*key, count) for key, count in sorted(found.items()))


# -- the calendar -----------------------------------------------------------------------------------------------------


def _calendar(tx: Connection, selection: Selection, definitions: Definitions) -> list[Row]:
    """The flows that were laid out, by arm and occasion, with the days after the anchor on which they were planned. A flow that was
    drawn stands once for each result of the draw."""
    current = definitions.current(selection.programme or "")
    anchors = {} if current is None else {name: one.anchor for name, one in current.campaigns.items()}
    versions = dict(_versions(tx, definitions))
    arms = select(ASSIGNMENT.c.contact_id, func.max(ASSIGNMENT.c.arm).label("arm")).group_by(ASSIGNMENT.c.contact_id)
    arm = arms.subquery()
    group = (
        func.coalesce(arm.c.arm, ""),
        NUDGE.c.campaign,
        NUDGE.c.campaign_version_id,
        NUDGE.c.slot,
        NUDGE.c.wave,
        NUDGE.c.origin,
        NUDGE.c.flow,
        NUDGE.c.status,
        CONTACT.c.timezone,
        COHORT.c.dates,
        CONTACT.c.dates,
    )
    query = (
        select(*group, func.count(), func.min(NUDGE.c.planned_for), func.max(NUDGE.c.planned_for))
        .select_from(with_officer(NUDGE).outerjoin(arm, arm.c.contact_id == NUDGE.c.contact_id))
        .where(*officer_conditions(selection))
        .group_by(*group)
    )
    found: dict[tuple[Any, ...], dict[str, int]] = {}
    days: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for *of, campaign_version, slot, wave, origin, flow, status, zone, shared, own, count, first, last in tx.execute(
        query
    ):
        key = (*of, versions[campaign_version], slot if origin == "plan" else "", wave or "", origin, flow)
        counts = found.setdefault(key, defaultdict(int))
        counts["planned"] += count
        counts[status] += count
        anchor = {**json.loads(shared), **json.loads(own)}.get(anchors.get(of[1], ""))
        if anchor is not None:
            days[key] += [_day(moment, zone, anchor) for moment in (first, last)]
    rows = [
        (
            *key,
            min(days[key], default=None),
            max(days[key], default=None),
            one["planned"],
            one["started"],
            one["skipped"],
        )
        for key, one in found.items()
    ]
    return sorted(rows, key=lambda row: (row[0], row[1], row[7] is None, row[7] or 0, row[3:7], row[2]))


def _day(moment: datetime, zone: str, anchor: str) -> int:
    return (moment.astimezone(ZoneInfo(zone)).date() - date.fromisoformat(anchor)).days


def _versions(tx: Connection, definitions: Definitions) -> Iterator[tuple[int, str]]:
    """The version of the file of each version of a campaign."""
    for row in tx.execute(select(CAMPAIGN_VERSION.c.id, CAMPAIGN_VERSION.c.flow_version_id)):
        yield row.id, definitions.published(row.flow_version_id).hash[:12]
