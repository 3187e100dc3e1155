"""Campaigns in time: days that never come, more flows than caps allow, hours blocked by rest, budgets that contradict each other."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from app.flows.burden import most_questions
from app.flows.checks.base import Check, Context, Finding, check
from app.flows.language.campaign import Campaign, Moment, Recurrence, Wave
from app.flows.language.nearby import closest
from app.flows.language.problems import Severity
from app.flows.recurrence import Unreadable, happens, read
from app.flows.yaml.source import Path
from app.wording import Sentence

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def _recurrences(context: Context) -> Iterator[tuple[Path, Recurrence]]:
    for code, campaign in context.programme.campaigns.items():
        for index, slot in enumerate(campaign.slots):
            if slot.on is not None:
                yield ("campaigns", code, "slots", index, "on"), slot.on


@check("cron-field", Severity.error)
def cron_field(context: Context) -> Iterator[Finding]:
    """A field of `on` cannot be read as days of the calendar."""
    for path, recurrence in _recurrences(context):
        for name in Recurrence.model_fields:
            text = getattr(recurrence, name)
            try:
                if text is not None:
                    read(name, text)
            except Unreadable as error:
                yield Finding((*path, name), error.text)


@check("never-due", Severity.warning)
def never_due(context: Context) -> Iterator[Finding]:
    """A slot is never due: no year has the days that its `on` asks for, or no choice of its `draw` sends anything."""
    for code, campaign in context.programme.campaigns.items():
        for index, slot in enumerate(campaign.slots):
            if slot.draw and not any(choice.flows for choice in slot.draw.values()):
                yield Finding(
                    ("campaigns", code, "slots", index, "draw"),
                    Sentence("no choice sends anything"),
                    Sentence("Give one of them from"),
                    key=True,
                )
    for path, recurrence in _recurrences(context):
        try:
            if not happens(recurrence):
                yield Finding(path, Sentence("no year has such a day"), key=True)
        except Unreadable:
            continue  # reported by cron-field


@check("over-cap", Severity.warning)
def over_cap(context: Context) -> Iterator[Finding]:
    """A slot asks for more in a week than the `cap` and the `gap` of its campaign leave room for: the rest is always skipped."""
    for code, campaign in context.programme.campaigns.items():
        for index, slot in enumerate(campaign.slots):
            most, cap = _WEEK // campaign.gap, slot.cap or campaign.cap
            if cap.per >= _WEEK:
                most = min(most, cap.flows)
            asked = slot.per_week if slot.per_week is not None else _WEEK // slot.every if slot.every is not None else 0
            if asked > max(most, 1):
                key = "every" if slot.per_week is None else "per_week"
                text = Sentence("{asked} a week, and cap and gap leave room for {most}", asked=asked, most=max(most, 1))
                yield Finding(
                    ("campaigns", code, "slots", index, key), text, Sentence("Ask for less, or raise the cap")
                )


@check("wave-too-short", Severity.warning)
def wave_too_short(context: Context) -> Iterator[Finding]:
    """A measurement wave closes before all its flows have found room: one a day or on its `days`, within the `cap` and the `gap`."""
    for code, campaign in context.programme.campaigns.items():
        for name, wave in campaign.waves.items():
            days = _days_needed(campaign, wave)
            if days * _DAY >= wave.closes or wave.closes < _DAY:
                where: Path = ("campaigns", code, "waves", name)
                place = (*where, "closes") if "closes" in wave.model_fields_set else where
                text = Sentence(
                    "the wave closes before the last of its {count} flows, which is due after {days}d at best",
                    count=len(wave.flows),
                    days=days,
                )
                if days == 0:
                    text = Sentence(
                        "the wave closes on the day on which it begins, for many before their hour has come"
                    )
                yield Finding(place, text, Sentence("Write closes: {days}d or more", days=days + 1), key=place == where)


def _days_needed(campaign: Campaign, wave: Wave, every: int = 1) -> int:
    """How many days after a wave begins its last flow can be due, at best, for an officer who can be reached `every` so many days."""
    cap = wave.cap or campaign.cap
    gap, per, flows = max(1, ceil(campaign.gap / _DAY)), ceil(cap.per / _DAY), cap.flows
    days = [wave.first_day(0)]
    for place in range(1, len(wave.flows)):
        room = days[place - flows] + per if place >= flows else 0
        days.append(ceil(max(days[-1] + gap, wave.first_day(place), room) / every) * every)
    return days[-1]


MOST_QUESTIONS, MOST_CONTACTS, MOST_DAYS = 24, 5, 10
"""The burden of a wave that officers bear."""


@check("wave-burden", Severity.warning)
def wave_burden(context: Context) -> Iterator[Finding]:
    """A measurement wave asks an officer more than 24 questions, in more than 5 conversations, or over more than 10 days at best, also
    of an officer who works every other day."""
    for code, campaign in context.programme.campaigns.items():
        for name, wave in campaign.waves.items():
            where: Path = ("campaigns", code, "waves", name, "flows")
            asked = sum(most_questions(context.graphs, flow) for flow in wave.flows if flow in context.graphs)
            days, unit_of_days = (
                _days_needed(campaign, wave),
                Sentence("days from its first conversation to its last, at best"),
            )
            if days <= MOST_DAYS and campaign.on_duty == "wait":
                days, unit_of_days = (
                    _days_needed(campaign, wave, every=2),
                    Sentence("{unit}, with shifts of 24x24", unit=unit_of_days),
                )
            for count, most, unit in (
                (asked, MOST_QUESTIONS, Sentence("questions")),
                (len(wave.flows), MOST_CONTACTS, Sentence("conversations")),
                (days, MOST_DAYS, unit_of_days),
            ):
                if count > most:
                    text = Sentence(
                        "the wave takes {count} {unit}; officers bear {most}", count=count, unit=unit, most=most
                    )
                    hint = (
                        Sentence("Give the wave a cap of its own, or other days")
                        if unit == unit_of_days
                        else Sentence("Ask for less, or for a random half")
                    )
                    yield Finding(where, text, hint, key=True)


@check("within-rest", Severity.warning)
def within_rest(context: Context) -> Iterator[Finding]:
    """`after_shift` lies wholly within the `rest` after a long turn, when nobody is written to."""
    for code, campaign in context.programme.campaigns.items():
        for path, moment in _moments(campaign):
            if moment.after_shift is None or campaign.rest is None:
                continue
            (first, last), (begins, ends) = moment.after_shift, campaign.rest.between
            if begins <= first and last <= ends:
                text = Sentence(
                    "after a turn of {hours} hours or more, all of it is rest",
                    hours=campaign.rest.after // timedelta(hours=1),
                )
                yield Finding(
                    ("campaigns", code, *path, "after_shift"),
                    text,
                    Sentence("Ask earlier or later, or make the rest shorter"),
                )


@check("wave-twice", Severity.warning)
def wave_twice(context: Context) -> Iterator[Finding]:
    """A campaign measures by one flow twice under one `suffix`."""
    for code, campaign in context.programme.campaigns.items():
        seen: dict[tuple[str, str], str] = {}
        for name, wave in campaign.waves.items():
            for at, flow in enumerate(wave.flows):
                if (other := seen.setdefault((wave.suffix, flow), f"{name}.{at}")) != f"{name}.{at}":
                    where: Path = ("campaigns", code, "waves", name)
                    text = Sentence(
                        "{flow} is measured as {suffix} by the wave {wave} already",
                        flow=flow,
                        suffix=wave.suffix,
                        wave=other.partition(".")[0],
                    )
                    if other.startswith(f"{name}."):
                        yield Finding(
                            (*where, "flows", at),
                            Sentence("{flow} is twice in this wave", flow=flow),
                            Sentence("Take one out"),
                        )
                    else:
                        yield Finding((*where, "suffix"), text, Sentence("Give this wave a suffix of its own"))
                        break


_WORKSHOP = "workshop_date"
_AS_ROSTERS_SAY = ("fecha_taller", "fecha_de_taller", "fecha_del_taller", "taller")
"""Names that a roster may give the date of the workshop: its column is read as `workshop_date`, whatever the anchor is called."""


@check("anchor-name", Severity.warning)
def anchor_name(context: Context) -> Iterator[Finding]:
    """An `anchor` is nearly `workshop_date`, or that date in other words: no roster would have it."""
    for code, campaign in context.programme.campaigns.items():
        anchor = campaign.anchor
        if context.is_damaged(("campaigns", code, "anchor")):
            continue
        if anchor in _AS_ROSTERS_SAY or (anchor != _WORKSHOP and closest(anchor, [_WORKSHOP])):
            yield Finding(
                ("campaigns", code, "anchor"),
                Sentence("the date of the workshop is called {name}", name=_WORKSHOP),
                Sentence("Write {right}", right=_WORKSHOP),
            )


@check("budget-order", Severity.warning)
def budget_order(context: Context) -> Iterator[Finding]:
    """The `budget` of a month is less than that of a day: the day's is never reached."""
    budget = context.programme.budget
    for unit in ("segments", "price"):
        day, month = getattr(budget.day, unit), getattr(budget.month, unit)
        if day is not None and month is not None and month < day:
            text = Sentence(
                "{month:g} {unit} in a month are spent before {day:g} in a day", month=month, unit=unit, day=day
            )
            yield Finding(("budget", "month", unit), text, Sentence("Write a month's budget of at least a day's"))


def _moments(campaign: Campaign) -> Iterator[tuple[Path, Moment]]:
    parts: list[tuple[Path, Moment | None]] = [
        (("slots", index, "at"), slot.at) for index, slot in enumerate(campaign.slots)
    ]
    parts += [(("waves", name, "at"), wave.at) for name, wave in campaign.waves.items()]
    parts += [(("waves", name, "first_at"), wave.first_at) for name, wave in campaign.waves.items()]
    parts += [(("followups", name, "at"), followup.at) for name, followup in campaign.followups.items()]
    yield from ((path, moment) for path, moment in parts if moment is not None)


PACE: tuple[Check, ...] = (
    cron_field,
    never_due,
    over_cap,
    wave_too_short,
    wave_burden,
    wave_twice,
    within_rest,
    anchor_name,
    budget_order,
)
