"""The report, section by section: from counts to figures, with everything hidden that must be. Here are the flows; officers are in
`arms`, the levels in `levels`."""

from collections.abc import Iterator
from itertools import groupby

from app.exports.report import arms, figures, levels
from app.exports.report.catalogue import Catalogue
from app.exports.report.figures import Figure, Line, Section, number, percent
from app.exports.report.found import Found
from app.exports.report.names import flow_name, label, tested
from app.exports.report.talks import DIMENSIONS, GRID, Reached, Talks
from app.exports.report.words import Words
from app.exports.statistics import times
from app.exports.statistics.suppression import Part, steps


def sections(found: Found, words: Words, k: int) -> list[Section]:
    """The sections in their order. One without figures is left out."""
    made = [
        Section("sample", words("sample"), tuple(arms.people(found, words, k))),
        Section("funnel", words("funnel"), tuple(_funnels(found.talks, words, k))),
        Section("rates", words("rates"), tuple(_rates(found, words, k)), (words("rates_note"),)),
        Section("time", words("time_to_answer"), tuple(_times(found.talks, words, k))),
        Section("drop-off", words("drop_off"), tuple(_drop_off(found, words, k))),
        Section("waves", words("waves"), tuple(arms.waves(found, words, k))),
        Section("balance", words("balance"), tuple(arms.roster(found.covariates, words, k))),
        Section("knowledge", words("knowledge"), tuple(levels.knowledge(found, words, k))),
        Section("internal", words("internal"), tuple(levels.internal(found, words, k))),
        Section("behaviour", words("behaviour"), tuple(levels.behaviour(found, words, k)), (words("caution"),)),
    ]
    return [section for section in made if section.figures]


def _funnels(talks: Talks, words: Words, k: int) -> Iterator[Figure]:
    stages = [(words(stage.name), talks.asking.get(stage)) for stage in Reached]
    if talks.asking.all():
        yield figures.funnel("asking", words("asking"), words("asking_note"), stages, words, k)
    if talks.telling.all():
        told = [(words(stage.name), talks.telling.get(stage)) for stage in (Reached.planned, Reached.sent, Reached.delivered)]
        yield figures.funnel("telling", words("telling"), words("telling_note"), told, words, k)
    reasons = sorted(talks.reasons.all().items(), key=lambda item: (-item[1].count, item[0]))
    if reasons:
        named = [(words.reason(code), part) for code, part in reasons]
        yield figures.categories("reasons", words("reasons"), words("reasons_note"), (words("reason"), words("flows")), named, words, k)


def _rates(found: Found, words: Words, k: int) -> Iterator[Figure]:
    total = found.talks.rates["all"].all().get("")
    if total is None:
        return
    for name in DIMENSIONS:
        groups = found.talks.rates[name].all()
        if set(groups) == {""}:
            continue
        order = {wave.suffix: place for place, wave in enumerate(found.waves)} if name == "wave" else {}
        keys = sorted(groups, key=lambda key: (key == "", order.get(key, 0), key))
        remarks: tuple[str, ...] = ()
        if name == "arm":
            table = [[groups[key].yes.count, groups[key].no.count] for key in keys if key]
            remarks = tested(table, words, hide=any(groups[key].small(k) for key in keys))
        yield figures.shares(
            f"rate-{name}", words(f"by_{name}"), "", (words(name), words("answered"), words("sent")),
            [(label(name, key, found.known, words), groups[key]) for key in keys], words, k, total=total, disjoint=name == "arm",
            remarks=remarks,
        )


# -- time -----------------------------------------------------------------------------------------------------------


def _times(talks: Talks, words: Words, k: int) -> Iterator[Figure]:
    by_bin = [talks.answered_by.get(place) for place in range(len(GRID) + 2)]
    answered = max((part.officers for part in by_bin[:-1]), default=0)
    found = times.quartiles(talks.happened)
    total = talks.rates["all"].all().get("")
    if found is not None and answered >= k and total is not None:
        cells = [words("hidden") if total.small(k) else number(found.n), *(number(value) for value in (found.low, found.median, found.high))]
        columns = (words("answered"), words("quarter_low"), words("median"), words("quarter_high"))
        yield Figure("quartiles", words("quartiles"), words("quartiles_note"), columns, (tuple(cells),), words=0)
    if found is not None:
        yield _curve(talks, by_bin, words, k)


def _curve(talks: Talks, by_bin: list[Part], words: Words, k: int) -> Figure:
    """Shown at those moments between which nobody or k officers answered, so that no step of the curve is one of few."""
    waiting = times.waiting(talks.happened, talks.given_up, GRID)
    rest = by_bin[len(GRID) + 1] if by_bin[len(GRID)].count == 0 else _larger(by_bin[len(GRID)], by_bin[len(GRID) + 1])
    shown = steps(by_bin[: len(GRID)], rest, k)[1:]
    points = tuple(1 - share if show else None for share, show in zip(waiting, shown, strict=True))
    marks = tuple(words("minutes", n=end) if end < 120 else words("hours", n=end // 60) for end in GRID)
    rows = tuple((mark, words("hidden") if at is None else percent(at)) for mark, at in zip(marks, points, strict=True))
    return Figure(
        "curve", words("curve"), words("curve_note"), (words("after"), words("share")), rows,
        lines=(Line(words("answered"), points),), marks=marks,
    )


def _larger(one: Part, other: Part) -> Part:
    return Part(one.count + other.count, max(one.officers, other.officers))


# -- drop-off -------------------------------------------------------------------------------------------------------


def _drop_off(found: Found, words: Words, k: int) -> Iterator[Figure]:
    order = {code: place for place, code in enumerate(found.known.latest)}
    finished = found.talks.finished.all()
    codes = sorted(finished, key=lambda code: (order.get(code, len(order)), code))
    if codes:
        yield figures.shares(
            "finished", words("finished"), words("finished_note"), (words("flow"), words("completed"), words("sent")),
            [(flow_name(code, found.known), finished[code]) for code in codes], words, k,
        )
    rows = tuple(_step_rows(found, words, k))
    if rows:
        columns = (words("flow"), words("question"), words("answered"), words("of"), words("share"), words("interval"))
        yield Figure("steps", words("by_step"), words("by_step_note"), columns, rows, words=2)


def _step_rows(found: Found, words: Words, k: int) -> Iterator[tuple[str, ...]]:
    """Each flow's questions in their order. Where answers lead different ways, a question is hidden too if who answered the last
    one shown, less who were put this one, are few: so many went the other way, and it would tell their answer."""
    order = {(code, step): place for place, (code, step) in enumerate(_questions(found.known))}
    listed = sorted(found.steps, key=lambda item: (order.get((item.flow, item.step), len(order)), item.flow, item.step))
    for code, group in groupby(listed, key=lambda item: item.flow):
        before: int | None = None
        for item in group:
            share = item.answered
            flow = found.known.latest.get(code)
            branches = flow is None or flow.branches
            hide = share.small(k) or (branches and before is not None and 0 < abs(before - share.of) < k)
            before = before if hide else share.yes.count
            question = flow.questions.get(item.step) if flow is not None else None
            yield (
                flow_name(code, found.known), item.step if question is None else question.variable,
                *figures.share_cells(share, words, hide=hide),
            )


def _questions(known: Catalogue) -> Iterator[tuple[str, str]]:
    for code, flow in known.latest.items():
        yield from ((code, step) for step in flow.questions)
