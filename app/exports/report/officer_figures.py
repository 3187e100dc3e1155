"""Figures on officers: their status, their dispositions in each wave, attrition by arm, and balance between arms."""

from collections.abc import Iterator

from app.exports.report import consort_figures, figures
from app.exports.report.data import ReportData
from app.exports.report.figures import Figure, number, p_cell, percent
from app.exports.report.names import independence_remark, wave_name
from app.exports.report.officers import STATUSES, Covariate, opt_outs
from app.exports.report.programme import ProgrammeSummary
from app.exports.report.waves import Wave
from app.exports.report.words import Words
from app.exports.statistics import dispositions
from app.exports.statistics.dispositions import Disposition
from app.exports.statistics.suppression import Part, hidden

_LAST = tuple(
    place for place, letter in enumerate(Disposition) if letter in {Disposition.complete, Disposition.partial}
)


def people(data: ReportData, words: Words, k: int) -> Iterator[Figure]:
    """Officers by status, and opt-outs by arm."""
    everybody = data.status_counts.get("", {})
    if everybody:
        yield figures.categories(
            "standings",
            words("standing"),
            words("standings_note"),
            (words("standing"), words("officers")),
            [(words(name), everybody[name]) for name in STATUSES],
            words,
            k,
            disjoint=True,
        )
    if data.consort and data.consort[0].officers:
        yield _consort(data, everybody, words, k)
    arms = {
        arm: parts
        for arm, parts in sorted(data.status_counts.items(), key=lambda item: (item[0] is None, item[0]))
        if arm != ""
    }
    if arms:
        # Opt-outs of all are in the table above: the arms must not tell what is hidden there.
        small = STATUSES.index("opted_out") in hidden([everybody[name] for name in STATUSES], k, disjoint=True)
        shares = {words("no_arm") if arm is None else arm: opt_outs(parts) for arm, parts in arms.items()}
        yield figures.shares(
            "opt-outs",
            words("opt_outs"),
            words("opt_outs_note"),
            (words("arm"), words("opted_out"), words("of")),
            list(shares.items()),
            words,
            k,
            total=opt_outs(everybody),
            disjoint=True,
            hide=small,
        )


def _consort(data: ReportData, everybody: dict[str, Part], words: Words, k: int) -> Figure:
    closed = [wave for wave in data.waves if not wave.open]
    gone = _hidden(closed[-1], k) if closed else set[Disposition]()
    attrition = bool(closed) and (
        "RR2" not in _shown(gone, dispositions.estimated_e(closed[-1].counts))
        or any(share.small(k) for share in closed[-1].lost().values())
    )
    out = consort_figures.small(data.consort, everybody, k, attrition=attrition, letters=bool(gone))
    return consort_figures.flow(data.consort, words, out)


def waves(data: ReportData, words: Words, k: int) -> Iterator[Figure]:
    """Dispositions and AAPOR's rates of every wave, and its attrition by arm."""
    if not data.waves:
        return
    names = [_wave_name(wave, data.programme, words) for wave in data.waves]
    out_ = [_hidden(wave, k) for wave in data.waves]
    letters = tuple(letter.value for letter in Disposition)
    yield Figure(
        "dispositions",
        words("dispositions"),
        words("dispositions_note"),
        (words("wave"), *letters, words("all")),
        tuple((name, *_counts(wave, gone, words)) for name, wave, gone in zip(names, data.waves, out_, strict=True)),
    )
    yield Figure(
        "outcome-rates",
        words("outcome_rates"),
        words("outcome_rates_note"),
        (words("wave"), *dispositions.formulas(1.0), "e"),
        tuple(
            (name, *_outcome_rates(wave, gone, words)) for name, wave, gone in zip(names, data.waves, out_, strict=True)
        ),
    )
    for name, wave, gone in zip(names, data.waves, out_, strict=True):
        yield from _attrition(name, wave, gone, words, k)


def _hidden(wave: Wave, k: int) -> set[Disposition]:
    """The counts that must not be shown; complete and partial last, for the rates are of them. All of them, if the wave is
    of fewer than k officers."""
    if sum(wave.counts.values()) < k:
        return set(Disposition)
    parts = [Part(wave.counts[letter], wave.counts[letter]) for letter in Disposition]
    return {list(Disposition)[place] for place in hidden(parts, k, disjoint=True, last=_LAST)}


def _counts(wave: Wave, gone: set[Disposition], words: Words) -> Iterator[str]:
    for letter in Disposition:
        yield words("hidden") if letter in gone else number(wave.counts[letter])
    yield words("hidden") if gone == set(Disposition) else number(sum(wave.counts.values()))


def _outcome_rates(wave: Wave, gone: set[Disposition], words: Words) -> Iterator[str]:
    e = dispositions.estimated_e(wave.counts)
    shown = _shown(gone, e)
    for name, rate in dispositions.rates(wave.counts, e).items():
        yield words("hidden") if name not in shown else "" if rate is None else f"{rate:.3f}"
    yield words("hidden") if Disposition.not_eligible in gone else f"{e:.3f}"


def _shown(gone: set[Disposition], e: float) -> set[str]:
    return set() if gone == set(Disposition) else dispositions.shown(gone, e)


def _attrition(name: str, wave: Wave, gone: set[Disposition], words: Words, k: int) -> Iterator[Figure]:
    """All of it is hidden where RR2 is: one less attrition is the same figure."""
    lost = wave.lost()
    if not set(lost) - {""}:
        return
    table = [[share.yes.count, share.no.count] for arm, share in lost.items() if arm]
    yield figures.shares(
        f"attrition-{wave.suffix}",
        f"{words('attrition')}: {name}",
        words("attrition_note"),
        (words("arm"), words("lost"), words("of")),
        [(arm or words("no_arm"), share) for arm, share in lost.items()],
        words,
        k,
        total=wave.lost_of_all(),
        disjoint=True,
        hide="RR2" not in _shown(gone, dispositions.estimated_e(wave.counts)),
        remarks=independence_remark(table, words, hide=any(share.small(k) for share in lost.values())),
    )


def _wave_name(wave: Wave, programme: ProgrammeSummary, words: Words) -> str:
    return wave_name(wave.suffix, programme) + (f", {words('open_wave')}" if wave.open else "")


def roster(data: ReportData, words: Words, k: int) -> Iterator[Figure]:
    """The balance of the arms in the data of the roster."""
    arms = sorted({arm for covariate in data.covariates for arm in covariate.arms})
    rows = tuple(row for covariate in data.covariates for row in _covariate_rows(covariate, arms, words, k))
    if rows:
        columns = (words("attribute"), *arms, "d", "p")
        yield Figure("roster", words("roster"), words("balance_note"), columns, rows)
    yield from consort_figures.spillover(data.places, words, k)


def _covariate_rows(covariate: Covariate, arms: list[str], words: Words, k: int) -> Iterator[tuple[str, ...]]:
    there = {arm: covariate.arms[arm] for arm in arms if arm in covariate.arms}
    test = covariate.test
    p = p_cell(None if test is None else test.p)
    apart = "" if covariate.normalised_difference is None else f"{covariate.normalised_difference:.2f}"
    few = any(moments.n < k for moments in there.values())
    if not covariate.levels:
        cells = [
            _moments(there[arm].mean, there[arm].variance, there[arm].n, words, k) if arm in there else ""
            for arm in arms
        ]
        yield (covariate.name, *cells, *(("", "") if few else (apart, p)))
        return
    out_ = {
        arm: hidden([Part(counts[arm], counts[arm]) for counts in covariate.levels.values()], k, disjoint=True)
        for arm in there
    }
    few = few or any(out_.values())
    yield (covariate.name, *("" for _ in arms), *(("", "") if few else (apart, p)))
    for place, (level, counts) in enumerate(covariate.levels.items()):
        cells = [
            ""
            if arm not in there
            else words("hidden")
            if there[arm].n < k or place in out_[arm]
            else f"{number(counts[arm])} ({percent(counts[arm] / there[arm].n)})"
            for arm in arms
        ]
        yield (f"{covariate.name} = {level}", *cells, "", "")


def _moments(mean: float, variance: float, n: int, words: Words, k: int) -> str:
    return words("hidden") if n < k else f"{number(mean, 2)} ({number(variance**0.5, 2)})"
