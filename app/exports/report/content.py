"""The report, section by section: from counts to figures, with everything hidden that must be."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from app.exports.report import figures
from app.exports.report.answers import Answers, Scale
from app.exports.report.catalogue import Catalogue
from app.exports.report.figures import Bar, Figure, Line, Section, number, percent, span
from app.exports.report.people import STANDINGS, Covariate, out
from app.exports.report.steps import Step
from app.exports.report.talks import DIMENSIONS, GRID, Reached, Talks
from app.exports.report.waves import Wave
from app.exports.report.words import Words
from app.exports.statistics import dispositions, quantiles, times
from app.exports.statistics.dispositions import Disposition
from app.exports.statistics.proportions import independence
from app.exports.statistics.suppression import Part, hidden, steps


@dataclass(frozen=True, slots=True)
class Found:
    """All that a report is made of."""

    known: Catalogue
    talks: Talks
    steps: list[Step]
    waves: list[Wave]
    standings: dict[str, dict[str, Part]]
    covariates: list[Covariate]
    answers: Answers


def sections(found: Found, words: Words, k: int) -> list[Section]:
    """The sections in their order. One without figures is left out."""
    made = [
        Section("sample", words("sample"), tuple(_people(found, words, k))),
        Section("funnel", words("funnel"), tuple(_funnels(found.talks, words, k))),
        Section("rates", words("rates"), tuple(_rates(found, words, k)), (words("rates_note"),)),
        Section("time", words("time_to_answer"), tuple(_times(found.talks, words, k))),
        Section("drop-off", words("drop_off"), tuple(_drop_off(found, words, k))),
        Section("waves", words("waves"), tuple(_waves(found, words, k))),
        Section("balance", words("balance"), tuple(_balance(found.covariates, words, k))),
        Section("knowledge", words("knowledge"), tuple(_knowledge(found, words, k))),
        Section("internal", words("internal"), tuple(_internal(found, words, k))),
        Section("behaviour", words("behaviour"), tuple(_behaviour(found, words, k)), (words("caution"),)),
    ]
    return [section for section in made if section.figures]


def _people(found: Found, words: Words, k: int) -> Iterator[Figure]:
    everybody = found.standings.get("", {})
    if everybody:
        yield figures.categories(
            "standings", words("standing"), words("standings_note"), (words("standing"), words("officers")),
            [(words(name), everybody[name]) for name in STANDINGS], words, k, disjoint=True,
        )
    arms = {arm: parts for arm, parts in sorted(found.standings.items()) if arm}
    if arms:
        # Opt-outs of all are in the table above: the arms must not tell what is hidden there.
        small = 0 in hidden([everybody[name] for name in ("opted_out", *(n for n in STANDINGS if n != "opted_out"))], k, disjoint=True)
        shares = {arm: out(parts) for arm, parts in arms.items()}
        yield figures.shares(
            "opt-outs", words("opt_outs"), words("opt_outs_note"), (words("arm"), words("opted_out"), words("of")), list(shares.items()),
            words, k, total=out(everybody), disjoint=True, hide=small,
        )


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
            remarks = _test([[groups[key].yes.count, groups[key].no.count] for key in keys if key], words, any(groups[key].small(k) for key in keys))
        yield figures.shares(
            f"rate-{name}", words(f"by_{name}"), "", (words(name), words("answered"), words("sent")),
            [(_label(name, key, found.known, words), groups[key]) for key in keys], words, k, total=total, disjoint=name == "arm",
            remarks=remarks,
        )


def _label(name: str, key: str, known: Catalogue, words: Words) -> str:
    match name:
        case "wave":
            return _wave(key, known) if key else words("no_wave")
        case "principle":
            return known.principles.get(key, key) if key else words("no_principle")
        case "arm":
            return key or words("no_arm")
        case "hour":
            return f"{key}:00"
        case _:
            return key


def _wave(suffix: str, known: Catalogue) -> str:
    return f"{known.waves[suffix]} ({suffix})" if suffix in known.waves else suffix


def _test(table: list[list[int]], words: Words, any_hidden: bool) -> tuple[str, ...]:
    test = None if any_hidden else independence(table)
    return () if test is None else (f"{words('test')}: {figures.p_value(test, words)}",)


# -- time -----------------------------------------------------------------------------------------------------------


def _times(talks: Talks, words: Words, k: int) -> Iterator[Figure]:
    by_bin = [talks.answered_by.get(place) for place in range(len(GRID) + 2)]
    answered = max((part.officers for part in by_bin[:-1]), default=0)
    found = times.quartiles(talks.happened)
    if found is not None and answered >= k:
        cells = [number(found.n), *(number(value) for value in (found.low, found.median, found.high))]
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
            [(_flow(code, found.known), finished[code]) for code in codes], words, k,
        )
    rows = tuple(_step_rows(found, words, k))
    if rows:
        columns = (words("flow"), words("question"), words("answered"), words("of"), words("share"), words("interval"))
        yield Figure("steps", words("by_step"), words("by_step_note"), columns, rows, words=2)


def _flow(code: str, known: Catalogue) -> str:
    return known.latest[code].title if code in known.latest else code


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
                _flow(code, found.known), item.step if question is None else question.variable,
                *figures.share_cells(share, words, hide=hide),
            )


def _questions(known: Catalogue) -> Iterator[tuple[str, str]]:
    for code, flow in known.latest.items():
        yield from ((code, step) for step in flow.questions)


# -- waves ----------------------------------------------------------------------------------------------------------


_LAST = tuple(place for place, letter in enumerate(Disposition) if letter in {Disposition.complete, Disposition.partial})


def _waves(found: Found, words: Words, k: int) -> Iterator[Figure]:
    if not found.waves:
        return
    names = [_wave_name(wave, found.known, words) for wave in found.waves]
    counts, rates = [], []
    for name, wave in zip(names, found.waves, strict=True):
        parts = [Part(wave.counts[letter], wave.counts[letter]) for letter in Disposition]
        total = sum(wave.counts.values())
        out_ = set(range(len(parts))) if 0 < total < k else hidden(parts, k, disjoint=True, last=_LAST)
        cells = [words("hidden") if place in out_ else number(part.count) for place, part in enumerate(parts)]
        counts.append((name, *cells, words("hidden") if total < k else number(total)))
        rates.append((name, *_outcome_rates(wave, {list(Disposition)[place] for place in out_}, words, few=total < k)))
    letters = tuple(letter.value for letter in Disposition)
    yield Figure("dispositions", words("dispositions"), words("dispositions_note"), (words("wave"), *letters, words("all")), tuple(counts))
    columns = (words("wave"), *dispositions.formulas(1.0), "e")
    yield Figure("outcome-rates", words("outcome_rates"), words("outcome_rates_note"), columns, tuple(rates))
    for name, wave in zip(names, found.waves, strict=True):
        lost = wave.lost()
        if set(lost) - {""}:
            few = any(share.small(k) for share in lost.values())
            table = [[share.yes.count, share.no.count] for arm, share in lost.items() if arm]
            yield figures.shares(
                f"attrition-{wave.suffix}", f"{words('attrition')}: {name}", words("attrition_note"),
                (words("arm"), words("lost"), words("of")), [(_label("arm", arm, found.known, words), share) for arm, share in lost.items()],
                words, k, total=wave.lost_of_all(), disjoint=True, remarks=_test(table, words, few),
            )


def _outcome_rates(wave: Wave, out_: set[Disposition], words: Words, *, few: bool) -> Iterator[str]:
    e = dispositions.estimated_e(wave.counts)
    shown = set() if few else dispositions.shown(out_, e)
    for name, rate in dispositions.rates(wave.counts, e).items():
        yield words("hidden") if name not in shown else "" if rate is None else f"{rate:.3f}"
    yield words("hidden") if few or Disposition.not_eligible in out_ else f"{e:.3f}"


def _wave_name(wave: Wave, known: Catalogue, words: Words) -> str:
    return _wave(wave.suffix, known) + (f", {words('open_wave')}" if wave.open else "")


# -- balance --------------------------------------------------------------------------------------------------------


def _balance(covariates: list[Covariate], words: Words, k: int) -> Iterator[Figure]:
    arms = sorted({arm for covariate in covariates for arm in covariate.arms})
    rows = tuple(row for covariate in covariates for row in _covariate_rows(covariate, arms, words, k))
    if rows:
        columns = (words("attribute"), *arms, "d", "p")
        yield Figure("roster", words("roster"), words("balance_note"), columns, rows)


def _covariate_rows(covariate: Covariate, arms: list[str], words: Words, k: int) -> Iterator[tuple[str, ...]]:
    there = {arm: covariate.arms[arm] for arm in arms if arm in covariate.arms}
    test = covariate.test
    p = "" if test is None or test.p is None else "< 0.001" if test.p < 0.001 else f"{test.p:.3f}"
    apart = "" if covariate.apart is None else f"{covariate.apart:.2f}"
    few = any(moments.n < k for moments in there.values())
    if not covariate.levels:
        cells = [_moments(there[arm].mean, there[arm].variance, there[arm].n, words, k) if arm in there else "" for arm in arms]
        yield (covariate.name, *cells, *(("", "") if few else (apart, p)))
        return
    out_ = {
        arm: hidden([Part(counts[arm], counts[arm]) for counts in covariate.levels.values()], k, disjoint=True) for arm in there
    }
    few = few or any(out_.values())
    yield (covariate.name, *("" for _ in arms), *(("", "") if few else (apart, p)))
    for place, (level, counts) in enumerate(covariate.levels.items()):
        cells = [
            "" if arm not in there else words("hidden") if there[arm].n < k or place in out_[arm]
            else f"{number(counts[arm])} ({percent(counts[arm] / there[arm].n)})"
            for arm in arms
        ]
        yield (f"{covariate.name} = {level}", *cells, "", "")


def _moments(mean: float, variance: float, n: int, words: Words, k: int) -> str:
    return words("hidden") if n < k else f"{number(mean, 2)} ({number(variance ** 0.5, 2)})"


# -- the three levels -----------------------------------------------------------------------------------------------


def _knowledge(found: Found, words: Words, k: int) -> Iterator[Figure]:
    cells = found.answers.right.all()
    if cells:
        names = (words("principle"), words("wave"), words("right_column"), words("of"))
        yield figures.grid("right", words("right"), words("right_note"), names, cells, _wave_marks(found), _principles(found), words, k)


def _internal(found: Found, words: Words, k: int) -> Iterator[Figure]:
    order = list(_wave_marks(found))
    scales = sorted(found.answers.scales, key=lambda scale: (scale.flow, order.index(scale.wave) if scale.wave in order else len(order)))
    if not scales:
        return
    ends = [question for code in {scale.flow for scale in scales} if code in found.known.latest for question in found.known.latest[code].questions.values()]
    low = min((question.low for question in ends if question.low is not None), default=0.0)
    high = max((question.high for question in ends if question.high is not None), default=1.0)
    axis = tuple(((point - low) / (high - low), number(point)) for point in range(int(low), int(high) + 1))
    bars = tuple(_scale_bar(scale, found.known, low, high, words, k) for scale in scales)
    rows = tuple(_scale_row(scale, found.known, words, k) for scale in scales)
    columns = (
        words("scale"), words("wave"), words("items"), "n", words("mean"), words("sd"), words("interval"), words("alpha_n"),
        words("alpha"), words("interval"),
    )
    remarks = () if quantiles.available() else (f"{words('no_feldt')}: {quantiles.WANTS_SCIPY}",)
    yield Figure("scales", words("scales"), words("scales_note"), columns, rows, bars, axis=axis, words=2, remarks=remarks)


def _scale_bar(scale: Scale, known: Catalogue, low: float, high: float, words: Words, k: int) -> Bar:
    label = f"{scale.wave}: {_flow(scale.flow, known)}"
    if scale.mean is None or scale.mean.n < k:
        return Bar(label, None, words("hidden"))
    at, ends = scale.mean.mean, scale.mean.interval
    edges = (None, None) if ends is None else (max(0.0, (ends.low - low) / (high - low)), min(1.0, (ends.high - low) / (high - low)))
    return Bar(label, (at - low) / (high - low), number(at, 2), *edges)


def _scale_row(scale: Scale, known: Catalogue, words: Words, k: int) -> tuple[str, ...]:
    mean = (words("hidden"), "", "", "")
    if scale.mean is not None and scale.mean.n >= k:
        sd = "" if scale.mean.sd is None else number(scale.mean.sd, 2)
        mean = (number(scale.mean.n), number(scale.mean.mean, 2), sd, span(scale.mean.interval, share=False))
    alpha = ("", "", "") if scale.alpha is None else (words("hidden"), "", "")
    if scale.alpha is not None and scale.alpha.n >= k:
        alpha = (number(scale.alpha.n), number(scale.alpha.alpha, 2), span(scale.alpha.interval, share=False))
    return (_flow(scale.flow, known), _wave(scale.wave, known), number(scale.items), *mean, *alpha)


def _behaviour(found: Found, words: Words, k: int) -> Iterator[Figure]:
    answers, names = found.answers, (words("principle"), words("month"), words("applied_column"), words("applicable"))
    cells = answers.applied.all()
    if cells:
        months = {month: month for month in sorted({month for month, _ in cells})}
        yield figures.grid(
            "applied", words("applied"), words("applied_note"), names, cells, months, _principles(found), words, k,
            (words("not_applicable"), answers.not_applicable.all()),
        )
    by_wave = answers.applied_by_wave.all()
    if by_wave:
        yield figures.grid(
            "applied-wave", words("applied_wave"), words("applied_wave_note"), (names[0], words("wave"), *names[2:]), by_wave,
            _wave_marks(found), _principles(found), words, k,
        )
    if answers.last_contacts:
        yield _last_contacts(found, words, k)
    for name, parts in (("reactions", answers.reactions), ("barriers", answers.barriers)):
        listed = sorted(parts.all().items(), key=lambda item: (-item[1].count, item[0]))
        if listed:
            yield figures.categories(name, words(name), words("options_note"), (words("option"), words("answers")), listed, words, k)


def _last_contacts(found: Found, words: Words, k: int) -> Figure:
    rows, lines = [], []
    marks = _wave_marks(found)
    for code, label in _principles(found).items():
        points = []
        for wave in marks:
            mean = found.answers.last_contacts.get((wave, code))
            shown = mean is not None and mean.n >= k
            points.append(mean.mean if mean is not None and shown else None)
            if mean is not None:
                cells = (number(mean.n), percent(mean.mean), span(mean.interval)) if shown else (words("hidden"), "", "")
                rows.append((label, marks[wave], *cells))
        if any(point is not None for point in points):
            lines.append(Line(label, tuple(points)))
    columns = (words("principle"), words("wave"), "n", words("mean"), words("interval"))
    return Figure(
        "last-contacts", words("last_contacts"), words("last_contacts_note"), columns, tuple(rows), lines=tuple(lines),
        marks=tuple(marks.values()), words=2,
    )


def _wave_marks(found: Found) -> dict[str, str]:
    return {wave.suffix: _wave(wave.suffix, found.known) for wave in found.waves}


def _principles(found: Found) -> dict[str, str]:
    return found.known.principles
