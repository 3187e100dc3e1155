"""Lints of measured items, on files made for each."""

from collections import Counter
from pathlib import Path

import pytest

from app.flows.burden import questions_by_flow
from app.flows.loader import lint, load
from tests.excerpts import whole

ROOT = Path(__file__).parents[2]
HEAD = "principles: {voz: {label: Dar voz}}\n"


def _item(name: str, labels: str, key: str, when: str = "", text: str = "¿Qué conviene?") -> str:
    options = ", ".join(f"{letter}: {label}" for letter, label in zip("xyz", labels.split("/"), strict=False))
    return (
        f"      - {{ask: {name}, {when}text: {text}, answer: {{choice: {{{options}}}, missing: [d]}}, template: t_{name}, "
        f"records: know_{name}, level: knowledge, principle: voz, correct: {key}}}\n"
    )


def _quiz(items: str, more: str = "", name: str = "saber") -> str:
    return f"  {name}:\n    title: Saber\n    kind: quiz\n{more}    steps:\n{items}"


def _codes(source: str) -> list[tuple[str, str]]:
    loaded = load(whole(source), "f.yaml")
    assert loaded.problems == ()
    wanted = ("key-by-length", "key-position", "taught-words", "item-again", "wave-burden", "too-many-questions")
    return [(problem.code, problem.text) for problem in lint(loaded) if problem.code in wanted]


def test_a_form_is_judged_over_all_flows_of_its_crossover() -> None:
    # Form a has its key longest in 3 of 4 items, two in each flow; form b in 2 of 4.
    long, short = "corto/mucho más largo/breve", "corto/mediano así/breve ya igual"
    parts = [
        _item(f"a{part}1", long, "y", "when: {var: variant, is: a}, ")
        + _item(f"a{part}2", long if part == 1 else short, "z" if part == 1 else "x", "when: {var: variant, is: a}, ")
        + _item(f"b{part}1", long, "y", "when: {var: variant, is: b}, ")
        + _item(f"b{part}2", short, "x", "when: {var: variant, is: b}, ")
        for part in (1, 2)
    ]
    parts[0] = parts[0].replace("correct: z", "correct: y")
    more = "    variants: [a, b]\n    crossover: forma\n"
    flows = "flows:\n" + "".join(_quiz(part, more, f"saber_{place}") for place, part in enumerate(parts, 1))
    waves = (
        "campaigns:\n  c:\n    title: C\n    anchor: workshop_date\n    window: {from: '10:00', to: '19:00'}\n    waves:\n"
        "      antes: {suffix: bl, day: -20, closes: 14d, flows: [saber_1, saber_2]}\n"
        "      final: {suffix: el, day: 60, closes: 14d, flows: [saber_1, saber_2]}\n"
    )
    assert _codes(HEAD + flows + waves) == [
        ("key-by-length", "in 3 of 4 items of forma a the right option is the longest"),
        ("key-position", "in 3 of 4 items of forma a the right option is number 2"),
    ]
    again = waves + "      otra: {suffix: fu, day: 200, closes: 14d, flows: [saber_1]}\n"
    assert ("item-again", "know_a11 is asked in the wave antes already") in _codes(HEAD + flows + again), (
        "the third wave has the form of the first again"
    )


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("xyzx", []),
        ("xxyz", []),
        ("xxxy", [("key-position", "in 3 of 4 items of saber the right option is number 1")]),
        ("xxx", []),
    ],
)
def test_keys_that_pile_up(keys: str, found: list[tuple[str, str]]) -> None:
    items = "".join(_item(f"i{place}", "uno/dos/mil", key) for place, key in enumerate(keys))
    assert _codes(f"{HEAD}flows:\n{_quiz(items)}") == found, "three items are too few for a pattern"


def test_five_words_in_a_row_are_found_without_accents_and_not_across_texts() -> None:
    def file(taught: str, kind: str = "story") -> str:
        story = f"  cuento:\n    title: Cuento\n    kind: {kind}\n    steps:\n      - {{say: hola, text: '{taught}', template: c}}\n"
        asked = _quiz(_item("i", "uno/dos/mil", "x", text="'Ella dice que sí tiene permiso. ¿Qué conviene?'"))
        return f"{HEAD}flows:\n{story}{asked}"

    assert _codes(file("Y ella DICE: que si, tiene papeles.")) == [
        ("taught-words", "«ella dice que si tiene» is taught in cuento")
    ]
    assert _codes(file("Y ella dice que sí: no tiene papeles.")) == [], "four words are no quotation"
    assert _codes(file("Y ella dice que sí tiene papeles.", "report")) == [], "a report does not teach"


def test_what_most_items_say_is_how_to_answer() -> None:
    how = "Si no sabe, escriba: no sé"
    items = "".join(
        _item(f"i{place}", "uno/dos/mil", key, text=f"'¿{place}? {how}'") for place, key in enumerate("xyz")
    )
    case = (
        f"  caso:\n    title: Caso\n    kind: vignette\n    steps:\n      - {{say: hola, text: '{how}', template: c}}\n"
    )
    assert _codes(f"{HEAD}flows:\n{case}{_quiz(items)}") == []


def test_the_longest_variant_counts_and_a_report_may_ask_four() -> None:
    def report(extra: str) -> str:
        return (
            "flows:\n  f:\n    title: F\n    kind: report\n    variants: [a, b]\n    steps:\n"
            "      - {ask: uno, text: '¿Uno?', answer: yes_no, level: behaviour, template: t}\n"
            + "".join(
                f"      - {{ask: {v}{n}, when: {{var: variant, is: {v}}}, text: '¿{v}{n}?', answer: yes_no, level: behaviour}}\n"
                for v in "ab"
                for n in (1, 2)
            )
            + "      - {ask: fin, text: '¿Fin?', answer: yes_no, level: behaviour}\n"
            + extra
        )

    loaded = load(whole(report("")), "f.yaml")
    assert loaded.programme is not None
    assert questions_by_flow(loaded.programme) == {"f": 4}
    assert _codes(report("")) == []
    extra = "      - {ask: otra, when: {var: variant, is: b}, text: '¿Otra?', answer: yes_no, level: behaviour}\n"
    assert [code for code, _ in _codes(report(extra))] == ["too-many-questions"]


def test_a_wave_of_twenty_four_questions_in_five_contacts_is_bearable() -> None:
    def wave(flows: int, each: int) -> str:
        steps = [
            f"      - {{ask: p{n}, text: '¿{n}?', answer: yes_no, level: behaviour{', template: t' if n == 0 else ''}}}\n"
            for n in range(each)
        ]
        names = [f"w{n}" for n in range(flows)]
        written = "".join(f"  {name}:\n    title: W\n    kind: survey\n    steps:\n{''.join(steps)}" for name in names)
        return (
            f"flows:\n{written}campaigns:\n  c:\n    title: C\n    anchor: workshop_date\n    window: {{from: '10:00', to: '19:00'}}\n"
            f"    waves:\n      antes: {{suffix: bl, day: -30, closes: 25d, flows: [{', '.join(names)}]}}\n"
        )

    assert _codes(wave(5, 4)) == []
    assert _codes(wave(5, 5)) == [("wave-burden", "the wave takes 25 questions; officers bear 24")]
    # With three a week, the seventh comes two weeks after the first.
    assert [text for _, text in _codes(wave(7, 3))] == [
        "the wave takes 14 days from its first conversation to its last, at best; officers bear 10",
        "the wave takes 7 conversations; officers bear 5",
    ]


def test_a_wave_ends_within_ten_days_for_who_works_every_other_day_too() -> None:
    def wave(more: str, campaign: str = "") -> list[str]:
        step = "{ask: p, text: '¿Sí?', answer: yes_no, level: behaviour, template: t}"
        written = "".join(f"  w{n}:\n    title: W\n    kind: survey\n    steps:\n      - {step}\n" for n in range(5))
        found = _codes(
            f"flows:\n{written}campaigns:\n  c:\n    title: C\n    anchor: workshop_date\n    window: {{from: '10:00', to: '19:00'}}\n"
            f"{campaign}    waves:\n      antes: {{suffix: bl, day: -30, closes: 25d, flows: [w0, w1, w2, w3, w4]{more}}}\n"
        )
        return [text for _, text in found]

    assert wave("") == []  # on the days 0, 2, 4, 8 and 10
    late = ", days: [0, 1, 8, 9, 10]"
    assert wave(late) == [  # 0, 2, 8, 10 and 12
        "the wave takes 12 days from its first conversation to its last, at best, with shifts of 24x24; officers bear 10"
    ]
    assert wave(late, "    on_duty: write\n") == []
    assert wave(", days: [0, 1, 6, 8, 9], cap: {flows: 4, per: 7d}") == []  # 0, 2, 6, 8 and 10


def test_the_first_programme_has_these_faults_and_the_one_that_ships_none() -> None:
    first = Counter(
        code for code, _ in _codes((ROOT / "tests" / "programmes" / "first.yaml").read_text(encoding="utf-8"))
    )
    assert first == {"key-by-length": 1, "taught-words": 1, "item-again": 3, "wave-burden": 6}
    assert _codes((ROOT / "flows" / "principles.yaml").read_text(encoding="utf-8")) == []
