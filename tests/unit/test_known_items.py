"""Invented officers with an ability and an attitude: what was put in comes out of the scores and the item analysis. The figures are those
of the normal ogive: two right answers of loading l correlate by (2/pi) asin(l²) where half are right (Sheppard 1899)."""

from datetime import date
from math import asin, pi, sqrt
from random import Random
from statistics import NormalDist, correlation, fmean, pvariance

import pytest

from app.exports.statistics.items import change, detectable, forms, item
from app.exports.statistics.scales import alpha
from app.flows.engine.compiled import Ask, CompiledProgramme, bind
from app.flows.language.reports_and_scores import Score
from app.flows.loader import load
from app.flows.scoring import ItemAnswer, ScoreResult, score
from app.flows.variables import measured
from app.flows.variants import crossed, first_of
from app.rehearsal.behaviour import TAUGHT, Behaviour, Crowd
from app.rehearsal.origins import Origin
from tests.excerpts import whole

PEOPLE = 3000
LOADING = 0.7
PHI = 2 / pi * asin(LOADING**2)
KNOWLEDGE = [f"know_{form}{place}" for form in "ab" for place in range(8)]
ATTITUDE = [f"att_{place}" for place in range(8)]


def _book() -> CompiledProgramme:
    items = "".join(
        f"      - {{ask: {name}, text: '¿Qué conviene?', answer: {{choice: {{x: Uno, y: Dos, z: Tres}}}}, records: {name}, "
        f"level: knowledge, correct: y}}\n"
        for name in KNOWLEDGE
    )
    views = "".join(
        f"      - {{ask: {name}, text: Opine., answer: {{scale: {{min: 1, max: 5}}}}, records: {name}, level: internal, "
        f"reverse: {'true' if place % 2 else 'false'}}}\n"
        for place, name in enumerate(ATTITUDE)
    )
    source = (
        f"flows:\n  saber:\n    title: S\n    kind: quiz\n    steps:\n{items}"
        f"  opinar:\n    title: O\n    kind: survey\n    steps:\n{views}"
    )
    loaded = load(whole(source), "f.yaml")
    assert loaded.programme is not None, loaded.problems
    return bind(loaded.programme, "v")


BOOK = _book()
SCALES = measured(BOOK.definition)


def _crowd(p: float = 0.5, **more: object) -> Crowd:
    items = {name: {"p": p, "loading": LOADING} for name in (*KNOWLEDGE, *ATTITUDE)}
    kind = {"answers": 1, "goes_on": 1, "unclear": 0, "late": 0, "leaves": 0, "differs": 0, "items": items}
    return Crowd(Behaviour.model_validate({**kind, **more}), Random(1), date(2026, 3, 2))


def _answers(crowd: Crowd, number: str, flow: str, names: list[str]) -> dict[str, ItemAnswer]:
    found = {}
    for name in names:
        crowd.traits_of(number).answers = 1
        reply = crowd.reply_to(number, Origin(BOOK, flow, name, "ask"), date(2026, 3, 2))
        ask = BOOK.flows[flow].steps[BOOK.flows[flow].index[name]]
        assert reply is not None
        assert isinstance(ask, Ask)
        if ask.correct is None:
            found[name] = ItemAnswer(reply.text, float(reply.text))
        else:
            labels = [option.label for option in ask.form.options]
            key = ask.form.options[labels.index(reply.text) if reply.text in labels else int(reply.text) - 1].key
            found[name] = ItemAnswer(key, correct=key == ask.correct)
    return found


def _scored(
    kind: str, names: list[str], given: dict[str, ItemAnswer], never_put: set[str] | None = None
) -> ScoreResult:
    level = "knowledge" if kind == "share_right" else "internal"
    rule = Score.model_validate({"title": "P", "level": level, "kind": kind, "items": names})
    return score(rule, SCALES, given, never_put or set())


def test_difficulty_discrimination_and_alpha() -> None:
    crowd, own = _crowd(), KNOWLEDGE[:8]
    crowd.behaviour.items[own[0]] = type(crowd.behaviour.items[own[0]])(p=0.8, loading=LOADING)
    crowd.behaviour.items[own[1]] = type(crowd.behaviour.items[own[1]])(p=0.5, loading=0.0)
    rows = [_scored("share_right", own, _answers(crowd, f"n{place}", "saber", own)).by_item for place in range(PEOPLE)]
    easy, useless, usual = (item(rows, place) for place in (0, 1, 2))
    assert easy is not None
    assert useless is not None
    assert usual is not None
    assert easy.mean == pytest.approx(0.8, abs=0.025)
    assert usual.mean == pytest.approx(0.5, abs=0.03)
    assert useless.rest == pytest.approx(0, abs=0.06)
    # The six of equal loading: alpha of k items that correlate by phi, and each with the sum of the other five.
    six = [row[2:] for row in rows]
    found, one = alpha(six), item(six, 0)
    assert found is not None
    assert one is not None
    assert found.alpha == pytest.approx(6 * PHI / (1 + 5 * PHI), abs=0.02)
    assert one.rest == pytest.approx(sqrt(5) * PHI / sqrt(1 + 4 * PHI), abs=0.05)


def test_forms_that_are_crossed_over_and_the_change_that_can_be_detected() -> None:
    crowd, pairs, rows = _crowd(), [], []
    half = {"a": set(KNOWLEDGE[8:]), "b": set(KNOWLEDGE[:8])}
    for place in range(PEOPLE):
        first, values = first_of(2, f"K{place:05}", "prueba", "forma"), []
        for wave in range(2):
            form = crossed(("a", "b"), first, wave, {}, str(wave))
            names = [name for name in KNOWLEDGE if name not in half[form]]
            result = _scored("share_right", KNOWLEDGE, _answers(crowd, f"n{place}", "saber", names), half[form])
            assert result.items == 8
            values.append(result.value or 0.0)
            rows += [result.by_item] if wave == 0 else []
        pairs.append((values[0], values[1]))
    assert forms(rows) == [tuple(range(8)), tuple(range(8, 16))]
    assert sum(row[0] is not None for row in rows) == pytest.approx(PEOPLE / 2, abs=90)
    found = change(pairs)
    assert found is not None
    # Parallel forms: they correlate as alpha has it, and their differences vary by 2 (1 - r).
    r, sd = 8 * PHI / (1 + 7 * PHI), sqrt(0.25 * (1 + 7 * PHI) / 8)
    assert found.r == pytest.approx(r, abs=0.03)
    assert found.mean == pytest.approx(0, abs=0.015)
    assert found.detectable == pytest.approx(detectable(sd * sqrt(2 * (1 - r)), PEOPLE), rel=0.05)


def test_what_is_learnt_is_found_again() -> None:
    crowd, own = _crowd(gain=0.5), KNOWLEDGE[:8]
    before = fmean(
        _scored("share_right", own, _answers(crowd, f"n{place}", "saber", own)).value or 0 for place in range(PEOPLE)
    )
    for one in crowd.traits.values():
        one.taught = TAUGHT
    after = fmean(
        _scored("share_right", own, _answers(crowd, f"n{place}", "saber", own)).value or 0 for place in range(PEOPLE)
    )
    assert before == pytest.approx(0.5, abs=0.02)
    assert after == pytest.approx(NormalDist().cdf(0.5), abs=0.02)


def test_who_says_yes_to_everything_shows_in_the_raw_mean_alone() -> None:
    crowd = _crowd(p=0.7, acquiesces=0.8)
    given = [_answers(crowd, f"n{place}", "opinar", ATTITUDE) for place in range(PEOPLE)]
    raw = [_scored("acquiescence", ATTITUDE, one).value or 0 for one in given]
    turned = [_scored("mean", ATTITUDE, one).value or 0 for one in given]
    says_yes = [crowd.traits_of(f"n{place}").says_yes for place in range(PEOPLE)]
    attitude = [crowd.traits_of(f"n{place}").attitude for place in range(PEOPLE)]
    assert fmean(raw) == pytest.approx(3, abs=0.05), "the middle of the scale: the attitude cancels out"
    assert fmean(turned) > 3.4
    assert correlation(raw, says_yes) > 0.85
    assert abs(correlation(raw, attitude)) < 0.06
    assert correlation(turned, attitude) > 0.8
    assert pvariance(raw) > 0.25


def test_straight_lines_are_found() -> None:
    crowd = _crowd(straight_lines=0.2)
    lines = [
        _scored("straight_line", ATTITUDE, _answers(crowd, f"n{place}", "opinar", ATTITUDE)).value
        for place in range(PEOPLE)
    ]
    always = [crowd.traits_of(f"n{place}").always is not None for place in range(PEOPLE)]
    assert all(line == 1 for line, same in zip(lines, always, strict=True) if same)
    assert fmean(line or 0 for line in lines) == pytest.approx(0.2, abs=0.03)
