"""The quality of the data, as counts: answers given too fast, those who do not know, the same answer to all items, what is missing in a
wave, numbers far from the others, questions that all answer alike, options for anything else, and what officers write instead of an
answer. Of the officers' own answers, before corrections. Refuses to say who: similar names are `trato officers alike`."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select

from app.exports.columns import MISSING
from app.exports.selection import officer_conditions, response_conditions, time_conditions
from app.exports.source import Source
from app.exports.statistics.times import quartiles
from app.exports.tables import wide
from app.exports.tables.messages import told_act
from app.flows.replies.forms import OPEN_KINDS, AnswerKind
from app.store.dialect import seconds_between, utc_text
from app.store.tables import COHORT, INBOUND, RESPONSE, SESSION, with_officer

FAST_SECONDS = 3
"""An answer within so many seconds of its question can hardly have been read."""

FEWEST_ITEMS = 4
"""Of fewer items of a scale the same answer to all says nothing."""

FENCES = 3
"""Distances between the quartiles, beyond either of them, from which on a number is an outlier (Tukey's outer fences)."""
FEWEST_NUMBERS = 10
"""Numbers below which quartiles mean little: then none is an outlier."""

OTHER = frozenset({"otro", "otra", "other"})
"""The keys of options for anything else, which are to be specified in another question."""


class Check(StrEnum):
    """What is looked at."""

    fast = "fast"
    dont_know = "dont_know"
    straight_line = "straight_line"
    missing = "missing"
    no_value = "no_value"
    other = "other"
    outlier = "outlier"
    same_value = "same_value"
    act = "act"


@dataclass(frozen=True, slots=True)
class Finding:
    """A count of a check: `count` of `n`, by `count_officers` different officers of `officers`. `day` is in UTC. `what` is the missing code, or
    the act. Where the officers are not counted they are as many as `n`; of the checks of values they are at least so many. `limits`: the numbers
    beyond which an answer is an outlier."""

    check: Check
    programme: str
    flow: str
    variable: str
    wave: str
    day: str
    what: str
    n: int
    count: int
    officers: int
    count_officers: int
    limits: tuple[float | None, float | None] = (None, None)


def findings(source: Source) -> list[Finding]:
    """All counts, by check, programme, flow, variable, wave, day and what was found, in this order."""
    found = [
        *answers(source, by_day=True),
        *straight_lines(source),
        *missing(codes(source)),
        *values(source),
        *_acts(source),
    ]
    return sorted(
        found, key=lambda one: (one.check, one.programme, one.flow, one.variable, one.wave, one.day, one.what)
    )


def answers(source: Source, *, by_day: bool) -> Iterator[Finding]:
    """Answers given too fast, and those who do not know, by question, and by day and wave if that is wanted. A question without either has
    a count of none."""
    response = RESPONSE.c
    fast = seconds_between(response.asked_at, response.answered_at) < FAST_SECONDS
    unknown = response.missing == "d"
    groups: list[ColumnElement[Any]] = [COHORT.c.programme, response.flow, response.variable]
    if by_day:
        groups += [response.wave, func.substr(utc_text(response.answered_at), 1, 10)]
    query = (
        select(*groups, func.count(), func.count(distinct(response.contact_id)), *_counted(fast), *_counted(unknown))
        .select_from(with_officer(RESPONSE))
        .where(response.status == "ok", response.late.is_(False), *response_conditions(source.selection))
        .group_by(*groups)
    )
    for row in source.tx.execute(query):
        programme, flow, variable, *when, n, officers, fast_n, fast_officers, unknown_n, unknown_officers = row
        wave, day = when or (None, None)
        place = (programme, flow, variable, wave or "", day or "")
        yield Finding(Check.fast, *place, "", n, fast_n, officers, fast_officers)
        yield Finding(Check.dont_know, *place, "d", n, unknown_n, officers, unknown_officers)


def _counted(condition: ColumnElement[bool]) -> Sequence[ColumnElement[Any]]:
    return func.count(case((condition, 1))), func.count(distinct(case((condition, RESPONSE.c.contact_id))))


def straight_lines(source: Source) -> Iterator[Finding]:
    """Conversations in which all items of a scale have the same answer, by flow and wave."""
    response = RESPONSE.c
    names = (COHORT.c.programme, response.flow, response.wave, response.contact_id)
    each: Select[Any] = (
        select(*names, func.count(distinct(response.number)).label("different"))
        .select_from(with_officer(RESPONSE.join(SESSION, SESSION.c.id == response.session_id), RESPONSE))
        .where(
            response.kind == "scale",
            response.status == "ok",
            response.number.is_not(None),
            *response_conditions(source.selection),
        )
        .group_by(*names, response.session_id)
        .having(func.count(distinct(response.variable)) >= FEWEST_ITEMS)
    )
    one = each.subquery().c
    same = one.different == 1
    groups = (one.programme, one.flow, one.wave)
    query = select(
        *groups,
        func.count(),
        func.count(distinct(one.contact_id)),
        func.count(case((same, 1))),
        func.count(distinct(case((same, one.contact_id)))),
    ).group_by(*groups)
    for programme, flow, wave, n, officers, count, count_officers in source.tx.execute(query):
        yield Finding(Check.straight_line, programme, flow, "", wave or "", "", "", n, count, officers, count_officers)


Codes = Mapping[tuple[str, str], Mapping[str, Counter[str | None]]]
"""By programme and wave the missing codes of each variable, None for a value, with how many officers have each."""


def codes(source: Source) -> Codes:
    """What those who were to be asked have for each variable."""
    names = [one.name for one in wide.variables(source)]
    found: defaultdict[tuple[str, str], defaultdict[str, Counter[str | None]]]
    found = defaultdict(lambda: defaultdict(Counter))
    for (_, _, programme), wave, told in wide.officers_in_waves(source):
        for name in names:
            if (answered := told.answered(name)) is not None:
                found[programme, wave][name][answered.code] += 1
    return found


def missing(found: Codes) -> Iterator[Finding]:
    """The share of each missing code, and of all of them, among the officers of a wave who were to be asked, by variable and wave."""
    for (programme, wave), of_wave in found.items():
        for name, told in of_wave.items():
            n = told.total()
            without = n - told[None]
            yield Finding(Check.no_value, programme, "", name, wave, "", "", n, without, n, without)
            for code in MISSING:
                if (count := told[f".{code}"]) or code == "m":
                    yield Finding(Check.missing, programme, "", name, wave, "", code, n, count, n, count)


class _Given(NamedTuple):
    """A value of a question, with how many answers have it, of how many officers."""

    kind: str
    key: str | None
    value: str | None
    number: float | None
    answers: int
    officers: int

    @property
    def is_other(self) -> bool:
        """Whether it is, or is among several, an option for anything else."""
        chosen = (self.value or "").split() if self.kind == AnswerKind.multi else [self.key]
        return not OTHER.isdisjoint(chosen)


def values(source: Source) -> Iterator[Finding]:
    """Of the closed questions, by flow, over all waves: answers with an option for anything else, numbers beyond the fences, and answers with
    the most frequent value. A question with quartiles that are equal has no fences. Officers are counted by value, and the largest of
    these counts is taken: never more than there are."""
    response = RESPONSE.c
    given_as = (response.kind, response.key, response.value, response.number)
    groups = (COHORT.c.programme, response.flow, response.variable, *given_as)
    query = (
        select(*groups, func.count(), func.count(distinct(response.contact_id)))
        .select_from(with_officer(RESPONSE))
        .where(
            response.status == "ok",
            response.missing.is_(None),
            response.kind.not_in(OPEN_KINDS),
            *response_conditions(source.selection),
        )
        .group_by(*groups)
    )
    found: defaultdict[tuple[str, str, str], list[_Given]] = defaultdict(list)
    for programme, flow, variable, *given in source.tx.execute(query):
        found[programme, flow, variable].append(_Given(*given))
    for question, every in found.items():
        yield from _of_question(question, every)


def _of_question(question: tuple[str, str, str], every: Sequence[_Given]) -> Iterator[Finding]:
    def finding(check: Check, those: Sequence[_Given], some: Sequence[_Given]) -> Finding:
        n, count = (sum(one.answers for one in part) for part in (those, some))
        officers, by = (max((one.officers for one in part), default=0) for part in (those, some))
        return Finding(check, *question, "", "", "", n, count, officers, by)

    yield finding(Check.same_value, every, [max(every, key=lambda one: one.answers)])
    if other := [one for one in every if one.is_other]:
        yield finding(Check.other, every, other)
    numbers = [one for one in every if one.kind == AnswerKind.number and one.number is not None]
    times: Counter[float] = Counter()
    for one in numbers:
        times[one.number or 0.0] += one.answers
    if limits := fences(times):
        low, high = limits
        beyond = [one for one in numbers if not low <= (one.number or 0.0) <= high]
        yield replace(finding(Check.outlier, numbers, beyond), limits=limits)


def fences(numbers: Mapping[float, int]) -> tuple[float, float] | None:
    """The numbers below and above which a number is an outlier, given how often each came; None of too few, or of equal quartiles."""
    middle = quartiles(numbers)
    if middle is None or middle.n < FEWEST_NUMBERS or middle.low == middle.high:
        return None
    reach = FENCES * (middle.high - middle.low)
    return round(middle.low - reach, 4), round(middle.high + reach, 4)


def _acts(source: Source) -> Iterator[Finding]:
    """The messages of officers by what they do, by the flow and the step that were open; what is only counted in the report is `other`."""
    message, act = INBOUND.c, told_act()
    groups = (COHORT.c.programme, SESSION.c.flow, message.step)
    each = (
        select(*groups, act.label("act"), message.contact_id)
        .select_from(with_officer(INBOUND).outerjoin(SESSION, SESSION.c.id == message.session_id))
        .where(
            and_(message.act.is_not(None), act.is_not(None)),
            *officer_conditions(source.selection),
            *time_conditions(source.selection, message.received_at),
        )
        .subquery()
        .c
    )
    rows = source.tx.execute(
        select(
            each.programme, each.flow, each.step, each.act, func.count(), func.count(distinct(each.contact_id))
        ).group_by(each.programme, each.flow, each.step, each.act)
    ).all()
    totals: dict[tuple[str, str, str], int] = {}
    for programme, flow, step, _, count, _ in rows:
        key = programme, flow or "", step or ""
        totals[key] = totals.get(key, 0) + count
    for programme, flow, step, act_, count, officers in rows:
        key = programme, flow or "", step or ""
        yield Finding(Check.act, *key, "", "", act_, totals[key], count, officers, officers)
