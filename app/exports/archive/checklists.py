"""Reporting checklists in the archive, each item with its figure, or "not recorded": CONSORT 2025, the items on the intervention of CONSORT-EHEALTH,
what reports of micro-randomised trials name, TIDieR, CREMAS. The items, in few words, are in `checklists.toml`; what answers them, here."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, func, select

from app.exports.archive.tables import code, text, write_table
from app.exports.package import CAUTION
from app.exports.report.data import ReportData
from app.exports.report.planned_flows import Reached
from app.exports.report.sample import Sample
from app.exports.source import Row
from app.exports.statistics import times
from app.exports.writers import WrittenFile
from app.flows.language.campaign import Campaign
from app.flows.language.definition import Programme
from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT, DRAW, NUDGE, RANDOMISATION
from app.store.versions import Version

NAME = "report/checklists.csv"
COLUMNS = (text("checklist"), code("item"), text("topic"), text("answer"))
NOT_RECORDED = "not recorded"


def write(
    tx: Connection, folder: Path, sample: Sample, data: ReportData, current: Programme, history: list[Version]
) -> WrittenFile:
    """Write the checklists. Raises ExternalError."""
    answers = dict(_answers(tx, sample, data, current, history))
    listed = tomllib.loads((files("app.exports.archive") / "checklists.toml").read_text("utf-8"))
    return write_table(folder, NAME, COLUMNS, _rows(listed, answers))


def _rows(listed: Mapping[str, Mapping[str, Mapping[str, str]]], answers: Mapping[str, str]) -> Iterator[Row]:
    for checklist, items in listed.items():
        for item, about in items.items():
            yield checklist, item, about["topic"], answers.get(about.get("by", ""), "") or NOT_RECORDED


def _answers(
    tx: Connection, sample: Sample, data: ReportData, current: Programme, history: list[Version]
) -> Iterator[tuple[str, str]]:
    """What the programme and the data say, by the name that the items use. An empty answer is not recorded."""
    yield from _of_programme(current, history)
    yield from _of_design(tx, sample, data, current)
    yield from _of_delivery(data)
    yield from _of_draws(tx, sample, current)
    first, last, cohorts, zones = tx.execute(
        select(
            func.min(CONTACT.c.created_at),
            func.max(CONTACT.c.created_at),
            func.count(COHORT.c.id.distinct()),
            func.count(CONTACT.c.timezone.distinct()),
        )
        .select_from(CONTACT_WITH_COHORT)
        .where(CONTACT.c.id.in_(sample.officers()))
    ).one()
    if first is not None:
        yield "dates", f"enrolled from {first:%Y-%m-%d} to {last:%Y-%m-%d}; planned days in protocol/calendar.csv"
        yield "setting", f"{cohorts} cohort(s) in {zones} time zone(s), data/officers.csv"


def _of_programme(current: Programme, history: list[Version]) -> Iterator[tuple[str, str]]:
    yield "title", f"{current.title} ({current.programme}, {len(current.flows)} flows)"
    yield (
        "protocol",
        "programme/ and protocol/ of this package; a registered protocol and analysis plan are not recorded",
    )
    yield "sharing", "this package; licence of the data not recorded"
    yield "changes", f"{len(history) - 1} later version(s) of the programme, protocol/changes.md; reasons not recorded"
    yield "materials", f"every text in programme/texts.csv; {len(history)} version(s) of the file in programme/"
    yield "channels", "WhatsApp and SMS on the officer's own telephone; share by channel in report/report.html"
    yield (
        "people",
        f"{current.authority or NOT_RECORDED}; messages of persons have the kind `person` in data/messages.csv",
    )
    yield "caution", CAUTION
    yield (
        "missing",
        "codes in data/codebook.html; late answers do not count in scores; Lee's bounds in report/report.html",
    )
    yield "methods", "report/report.html, section on method; scripts/recompute.py"
    reminders = [name for name, flow in current.flows.items() if flow.reminder is not None]
    yield "reminders", f"{len(reminders)} of {len(current.flows)} flows have a reminder"
    yield (
        "tailoring",
        f"to shifts, time zone and answers: {sum(len(one.followups) for one in current.campaigns.values())} follow-up rule(s)",
    )
    yield "ended", f"no flow begins after {current.ends.last_day}" if current.ends else ""
    yield "outcomes", "; ".join(f"{code} ({score.level}): {score.title}" for code, score in current.scores.items())
    yield "dose", "; ".join(f"{code}: {_pace(one)}" for code, one in current.campaigns.items())
    yield "burden", "; ".join(_burden(code, one) for code, one in current.campaigns.items())
    yield "prompting", "; ".join(f"{code}: window {_hour(one)}" for code, one in current.campaigns.items())
    waves = [(one.day, name, one) for campaign in current.campaigns.values() for name, one in campaign.waves.items()]
    yield (
        "waves",
        "; ".join(
            f"{name} from day {day}, open {one.closes.days} days"
            for day, name, one in sorted(waves, key=lambda wave: wave[:2])
        ),
    )


def _pace(campaign: Campaign) -> str:
    measured = sum(len(wave.flows) for wave in campaign.waves.values())
    return f"{len(campaign.slots)} slot(s), {measured} measurement flow(s), protocol/calendar.csv"


def _burden(name: str, campaign: Campaign) -> str:
    days = campaign.cap.per.days
    rest = f"rest after {campaign.pause_after} without an answer"
    return f"{name}: at most {campaign.cap.flows} flows in {days} days, {campaign.gap} between two, {rest}"


def _hour(campaign: Campaign) -> str:
    return f"{campaign.window.start:%H:%M}-{campaign.window.end:%H:%M}, beside shifts and quiet hours"


def _of_design(tx: Connection, sample: Sample, data: ReportData, current: Programme) -> Iterator[tuple[str, str]]:
    counts = {(line.stage, line.arm): line.officers for line in data.consort if not line.reason}
    arms = [line.arm for line in data.consort if line.stage == "allocated"]
    by_arm = {
        stage: "; ".join(f"{arm or 'all'} {counts[stage, arm]}" for arm in arms if (stage, arm) in counts)
        for stage in ("allocated", "received", "lost_last", "analysed", "discontinued")
    }
    yield (
        "flow",
        f"assessed {counts.get(('assessed', ''), 0)}; allocated: {by_arm['allocated']}; received: {by_arm['received']}; analysed: {by_arm['analysed'] or NOT_RECORDED}; report/consort.svg",
    )
    yield (
        "losses",
        f"lost in the last wave: {by_arm['lost_last'] or NOT_RECORDED}; left: {by_arm['discontinued']}; reasons in data/consort.csv",
    )
    yield "analysed_who", "by intention to treat, officers with a score, in the arm that was drawn"
    yield (
        "estimates",
        "report/report.html, effect by intention to treat" if any(one.effects for one in data.scores) else "",
    )
    yield "baseline", f"{len(data.covariates)} attribute(s) by arm, report/report.html" if data.covariates else ""
    yield "harms", f"left: {by_arm['discontinued']}; other harms not recorded here: safety cases are in no export"
    yield (
        "harms_how",
        "messages that speak of danger become cases for a person; their number, hidden below 5, is in the report",
    )
    yield (
        "eligibility",
        f"consent to the notice: {counts.get(('consented', ''), 0)} of {counts.get(('assessed', ''), 0)}; other criteria not recorded",
    )
    study = current.study
    if study is None:
        yield "design", "one group: the programme has no random arms"
        return
    yield (
        "design",
        "; ".join(
            f"arm {code}: share {arm.share}, campaign {arm.campaign or 'none'}" for code, arm in study.arms.items()
        ),
    )
    yield (
        "restriction",
        f"strata: {', '.join(study.strata) or 'none'}; cluster: {study.cluster or 'none'}; controlled rounding of shares",
    )
    drawn = RANDOMISATION.c
    rows = tx.execute(select(drawn.seed, drawn.input_hash, drawn.release).where(drawn.programme == sample.programme))
    draws = [f"seed {seed}, input {digest[:12]}, Trato {release}" for seed, digest, release in rows]
    yield "sequence", f"computed from the seed by SHA-256: {'; '.join(draws)}; protocol/draws.csv" if draws else ""
    yield (
        "concealment",
        "the order follows from random study ids; a draw is stored at once, and a second one is refused"
        if draws
        else "",
    )


def _of_delivery(data: ReportData) -> Iterator[tuple[str, str]]:
    counts = data.flow_counts
    both = {stage: sum(one.get(stage).count for one in (counts.asking, counts.telling)) for stage in Reached}
    planned = sum(both.values())
    sent = planned - both[Reached.planned]
    if planned:
        yield (
            "delivered",
            f"{sent} of {planned} planned flows were sent ({sent / planned:.1%}); why not: report/report.html",
        )
    total = counts.rates["all"].all().get("")
    if total is not None and total.of:
        yield (
            "compliance",
            f"{total.yes.count} of {total.of} flows that ask were answered ({total.yes.count / total.of:.1%})",
        )
    quartiles = times.quartiles(counts.happened)
    if quartiles is not None:
        yield (
            "latency",
            f"minutes to the first answer: median {quartiles.median:g}, quartiles {quartiles.low:g} and {quartiles.high:g}",
        )


def _of_draws(tx: Connection, sample: Sample, current: Programme) -> Iterator[tuple[str, str]]:
    slots = [(code, slot) for code, one in current.campaigns.items() for slot in one.slots if slot.draw]
    if not slots:
        return
    yield (
        "decision_points",
        f"{len(slots)} slot(s) draw at every occasion; data/mrt.csv has a row for each officer and occasion",
    )
    yield "options", "; ".join(json.dumps({name: one.p for name, one in slot.draw.items()}) for _, slot in slots)
    yield "availability", "`available` and `reason` of data/mrt.csv"
    proximal = [
        f"{', '.join(slot.outcome.records) or 'any answer'} within {slot.outcome.within}"
        for _, slot in slots
        if slot.outcome
    ]
    yield "proximal", "; ".join(dict.fromkeys(proximal))
    seeds = sorted({str(one.seed) for one in current.campaigns.values() if any(slot.draw for slot in one.slots)})
    yield "draw_when", f"when a flow may begin, by BLAKE2 of seed {', '.join(seeds)}, study id, campaign and occasion"
    drawn = select(DRAW.c.choice, func.count()).join(NUDGE, NUDGE.c.id == DRAW.c.nudge_id)
    rows = tx.execute(
        drawn.where(NUDGE.c.contact_id.in_(sample.officers())).group_by(DRAW.c.choice).order_by(DRAW.c.choice)
    )
    yield "treatments", "; ".join(f"{choice} {count}" for choice, count in rows)
    yield "estimator", "weighted and centred least squares, clustered by officer: scripts/mrt.py, scripts/mrt.R"
