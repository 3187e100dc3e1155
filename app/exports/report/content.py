"""The sections of the report, from counts to figures, with small numbers hidden. Flows are here, officers in `officer_figures`, the
three levels in `level_figures`."""

from collections.abc import Iterator
from itertools import chain, groupby

from app.exports.report import act_figures, figures, level_figures, officer_figures, quality_figures
from app.exports.report.data import ReportData
from app.exports.report.figures import Figure, Line, Section, number, percent
from app.exports.report.names import alike_remark, flow_name, label
from app.exports.report.planned_flows import DIMENSIONS, GRID, FlowCounts, Reached
from app.exports.report.programme import ProgrammeSummary
from app.exports.report.words import Words
from app.exports.statistics import times
from app.exports.statistics.suppression import Part, hidden, steps
from app.flows.language.definition import FlowKind


def sections(data: ReportData, words: Words, k: int) -> list[Section]:
    """The sections in their order. A section without figures says why it is empty."""
    made = {
        "sample": officer_figures.people(data, words, k),
        "funnel": _funnels(data.flow_counts, words, k),
        "rates": _rates(data, words, k),
        "time": _times(data.flow_counts, words, k),
        "drop_off": _drop_off(data, words, k),
        "messages": act_figures.acts(data.acts, data.programme, words, k),
        "quality": quality_figures.quality(data, words, k),
        **({"reading": _reading(data, words, k)} if data.reading_errors else {}),
        "waves": officer_figures.waves(data, words, k),
        "balance": officer_figures.roster(data, words, k),
        "knowledge": level_figures.scores(data, "knowledge", words, k),
        "internal": level_figures.scores(data, "internal", words, k),
        "behaviour": chain(
            level_figures.scores(data, "behaviour", words, k), level_figures.application(data, words, k)
        ),
    }
    return [_section(name, tuple(each), words) for name, each in made.items()]


def _section(name: str, made: tuple[Figure, ...], words: Words) -> Section:
    text = (words("caution"),) if name == "behaviour" else (words("rates_note"),) if name == "rates" and made else ()
    return Section(name.replace("_", "-"), words(name), made, text if made else (*text, words(f"no_{name}")))


def _funnels(flow_counts: FlowCounts, words: Words, k: int) -> Iterator[Figure]:
    """The funnels and the response rates must hide alike where they show the same figures: sent and replied are the rates' own. Why flows
    were not sent adds up to planned less sent, and is hidden if that is."""
    asking_shown = _asking_shown(flow_counts, k)
    telling = [flow_counts.telling.get(stage) for stage in _INFORMING_STAGES]
    telling_shown = steps(telling[:-1], telling[-1], k)
    if flow_counts.asking.all():
        stages = [(words(stage.name), flow_counts.asking.get(stage)) for stage in Reached]
        yield figures.funnel("asking", words("asking"), words("asking_note"), stages, asking_shown, words)
    if flow_counts.telling.all():
        stages = [(words(stage.name), part) for stage, part in zip(_INFORMING_STAGES, telling, strict=True)]
        yield figures.funnel("telling", words("telling"), words("telling_note"), stages, telling_shown, words)
    reasons = sorted(flow_counts.reasons.all().items(), key=lambda item: (-item[1].count, item[0]))
    if reasons:
        named = [(words.reason(code), part) for code, part in reasons]
        yield figures.categories(
            "reasons",
            words("reasons"),
            words("reasons_note"),
            (words("reason"), words("flows")),
            named,
            words,
            k,
            hide=not all(asking_shown[:2]) or not all(telling_shown[:2]),
        )


_INFORMING_STAGES = (Reached.planned, Reached.sent, Reached.delivered)


def _asking_shown(flow_counts: FlowCounts, k: int) -> list[bool]:
    """Which steps of the funnel of flows that ask may be shown."""
    parts = [flow_counts.asking.get(stage) for stage in Reached]
    total = flow_counts.rates["all"].all().get("")
    keep = {Reached.sent, Reached.replied} if total is not None and not total.small(k) else set[Reached]()
    return steps(parts[:-1], parts[-1], k, keep)


def _rates(data: ReportData, words: Words, k: int) -> Iterator[Figure]:
    total = data.flow_counts.rates["all"].all().get("")
    if total is None:
        return
    for name in DIMENSIONS:
        groups = data.flow_counts.rates[name].all()
        if set(groups) == {""}:
            continue
        order = {wave.suffix: place for place, wave in enumerate(data.waves)} if name == "wave" else {}
        keys = sorted(groups, key=lambda key: (key == "", order.get(key, 0), key))
        remarks: tuple[str, ...] = ()
        if name == "arm":
            by_unit = {key: _by_unit(data, key) for key in keys if key}
            remarks = alike_remark(by_unit, words, hide=any(groups[key].small(k) for key in keys))
        yield figures.shares(
            f"rate-{name}",
            words(f"by_{name}"),
            "",
            (words(name), words("answered"), words("sent")),
            [(label(name, key, data.programme, words), groups[key]) for key in keys],
            words,
            k,
            total=total,
            disjoint=name == "arm",
            remarks=remarks,
        )


def _by_unit(data: ReportData, arm: str) -> dict[str, tuple[int, int]]:
    """Answered and sent of each unit of the draw: the cluster, or the officer, whose flows are alike."""
    units = {one.contact_id: f"cluster {one.cluster}" for one in data.drawn.values() if one.cluster}
    found: dict[str, tuple[int, int]] = {}
    for contact, (yes, of) in data.flow_counts.rates["arm"].by_officer(arm).items():
        unit = units.get(contact, f"officer {contact}")
        before = found.get(unit, (0, 0))
        found[unit] = before[0] + yes, before[1] + of
    return found


# -- time -----------------------------------------------------------------------------------------------------------


def _times(flow_counts: FlowCounts, words: Words, k: int) -> Iterator[Figure]:
    by_bin = [flow_counts.answered_by.get(place) for place in range(len(GRID) + 2)]
    answered = max((part.officers for part in by_bin[:-1]), default=0)
    quartiles = times.quartiles(flow_counts.happened)
    total = flow_counts.rates["all"].all().get("")
    if quartiles is not None and answered >= k and total is not None:
        cells = [
            words("hidden") if total.small(k) else number(quartiles.n),
            *(number(value) for value in (quartiles.low, quartiles.median, quartiles.high)),
        ]
        columns = (words("answered"), words("quarter_low"), words("median"), words("quarter_high"))
        yield Figure("quartiles", words("quartiles"), words("quartiles_note"), columns, (tuple(cells),), words=0)
    if quartiles is not None:
        yield _curve(flow_counts, by_bin, words, k)


def _curve(flow_counts: FlowCounts, by_bin: list[Part], words: Words, k: int) -> Figure:
    """Shown at those moments between which nobody or k officers answered, so that no step of the curve is one of few."""
    kaplan_meier = times.kaplan_meier(flow_counts.happened, flow_counts.given_up, GRID)
    rest = by_bin[len(GRID) + 1] if by_bin[len(GRID)].count == 0 else _larger(by_bin[len(GRID)], by_bin[len(GRID) + 1])
    shown = steps(by_bin[: len(GRID)], rest, k)[1:]
    points = tuple(1 - share if show else None for share, show in zip(kaplan_meier, shown, strict=True))
    marks = tuple(words("minutes", n=end) if end < 120 else words("hours", n=end // 60) for end in GRID)
    rows = tuple((mark, words("hidden") if at is None else percent(at)) for mark, at in zip(marks, points, strict=True))
    return Figure(
        "curve",
        words("curve"),
        words("curve_note"),
        (words("after"), words("share")),
        rows,
        lines=(Line(words("answered"), points),),
        marks=marks,
    )


def _larger(one: Part, other: Part) -> Part:
    return Part(one.count + other.count, max(one.officers, other.officers))


# -- the reader's error ---------------------------------------------------------------------------------------------


def _reading(data: ReportData, words: Words, k: int) -> Iterator[Figure]:
    """By question; where people have read fewer than k replies, or all but few were read right or wrong, nothing tells of one."""
    rows = []
    for one in data.reading_errors:
        hide = one.agreed < k
        cells = ("", "") if hide or one.rate is None else (percent(one.rate), figures.span(one.interval))
        rows.append((one.variable, words("hidden") if hide else number(one.agreed), *cells))
    if rows:
        columns = (words("question"), words("replies_read"), words("read_wrong"), words("interval"))
        yield Figure("reading-errors", words("reading_errors"), words("reading_note"), columns, tuple(rows))


# -- drop-off -------------------------------------------------------------------------------------------------------


def _drop_off(data: ReportData, words: Words, k: int) -> Iterator[Figure]:
    order = {code: place for place, code in enumerate(data.programme.latest)}
    finished = data.flow_counts.finished.all()
    total = finished.pop("", None)
    codes = sorted(finished, key=lambda code: (order.get(code, len(order)), code))
    shown: dict[str, list[int]] = {}
    if total is not None:
        # The total is the funnel's last step: hidden there, it must not follow from here.
        hide = total.small(k) or not _asking_shown(data.flow_counts, k)[Reached.completed]
        out = set(range(len(codes))) if hide else hidden([finished[code] for code in codes], k)
        shown = {
            code: [finished[code].yes.count, finished[code].of] for place, code in enumerate(codes) if place not in out
        }
        yield figures.shares(
            "finished",
            words("finished"),
            words("finished_note"),
            (words("flow"), words("completed"), words("sent")),
            [(flow_name(code, data.programme), finished[code]) for code in codes],
            words,
            k,
            total=total,
            hide=hide,
        )
    rows = tuple(_step_rows(data, shown, words, k))
    if rows:
        columns = (words("flow"), words("question"), words("answered"), words("of"), words("share"), words("interval"))
        yield Figure("steps", words("by_step"), words("by_step_note"), columns, rows, words=2)


def _step_rows(data: ReportData, shown: dict[str, list[int]], words: Words, k: int) -> Iterator[tuple[str, ...]]:
    """Each flow's questions in their order. A question is hidden, too, if one of its numbers differs by few from one that is shown of
    the same flow: so many stopped there, or were led another way by what they answered; or if the flow is hidden, for the first
    and the last question tell what it has. Who consented tells how many left since, and is hidden if that is."""
    order = {(code, step): place for place, (code, step) in enumerate(_questions(data.programme))}
    listed = sorted(data.steps, key=lambda item: (order.get((item.flow, item.step), len(order)), item.flow, item.step))
    standing = list(data.status_counts.get("", {}).values())
    left = bool(hidden(standing, k, disjoint=True))
    gone = data.flow_counts.finished.all().keys() - shown.keys()
    for code, group in groupby(listed, key=lambda item: item.flow):
        flow = data.programme.latest.get(code)
        for item in group:
            share, seen = item.answered, shown.setdefault(code, [])
            numbers = share.yes.count, share.of
            hide = share.small(k) or code in gone or any(0 < abs(one - other) < k for one in numbers for other in seen)
            hide = hide or (left and flow is not None and flow.kind is FlowKind.consent)
            seen += () if hide else numbers
            variable = item.step if flow is None else flow.questions.get(item.step, item.step)
            yield flow_name(code, data.programme), variable, *figures.share_cells(share, words, hide=hide)


def _questions(programme: ProgrammeSummary) -> Iterator[tuple[str, str]]:
    for code, flow in programme.latest.items():
        yield from ((code, step) for step in flow.questions)
