"""Flow files: what YAML and the models forbid is reported all at once, in its place, and nothing ever raises."""

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.errors import ConfigurationError
from app.flows.checks.examples import whole
from app.flows.loader import lint, load, load_folder
from app.flows.source import MAX_BYTES, read, spell

BROKEN = Path(__file__).parent.parent / "broken"
_EXPECTED = (BROKEN / "expected.txt").read_text(encoding="utf-8").splitlines()


def _cases() -> dict[str, list[str]]:
    cases: dict[str, list[str]] = {file.name: [] for file in BROKEN.glob("*.yaml")}
    for line in _EXPECTED:
        place, code = line.split()
        cases[place.split(":")[0]].append(f"{place} {code}")
    return cases


@pytest.mark.parametrize(("name", "expected"), _cases().items())
def test_every_problem_of_a_broken_file_has_its_place(name: str, expected: list[str]) -> None:
    loaded = load((BROKEN / name).read_bytes(), name)
    found = [f"{item.file}:{item.line}:{item.column} {item.code}" for item in (*loaded.problems, *lint(loaded))]
    assert sorted(found) == sorted(expected)
    assert expected


def test_a_good_file_is_a_programme() -> None:
    loaded = load(whole("programme: prueba\n"), "prueba.yaml")
    assert loaded.problems == ()
    assert loaded.programme is not None
    assert loaded.programme.programme == "prueba"
    assert lint(loaded) == ()


def test_words_of_yaml_1_1_stay_words() -> None:
    source = read("no: No\nsi: Sí\nhora: 12:30\nsi_no: [yes, no, on, off]\nver: 1.10\nvacio:\n", "f")
    assert source.data == {
        "no": "No", "si": "Sí", "hora": "12:30", "si_no": ["yes", "no", "on", "off"], "ver": 1.1, "vacio": None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value", "dates", "zeros"),
    [
        ("a: 7", 7, 0, 0),
        ("a: -7", -7, 0, 0),
        ("a: 0", 0, 0, 0),
        ("a: 0.5", 0.5, 0, 0),
        ("a: 1e3", 1000.0, 0, 0),
        ("a: 1e999", "1e999", 0, 0),
        ("a: .nan", ".nan", 0, 0),
        ("a: 0123", "0123", 0, 1),
        ("a: '0123'", "0123", 0, 0),
        ("a: 2026-01-02", "2026-01-02", 1, 0),
        ('a: "2026-01-02"', "2026-01-02", 0, 0),
        ("a: " + "9" * 5000, "9" * 5000, 0, 0),
        ("a: ~", None, 0, 0),
        ("a: true", True, 0, 0),
    ],
)
def test_scalars(text: str, value: object, dates: int, zeros: int) -> None:
    source = read(text, "f")
    assert source.data == {"a": value}
    assert (len(source.dates), len(source.zeros)) == (dates, zeros)


def test_every_duplicate_key_is_reported_with_both_lines() -> None:
    loaded = load("a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\na: 4\n", "f")
    found = [(item.line, item.column, item.text) for item in loaded.problems if item.code == "yaml-duplicate-key"]
    assert found == [
        (3, 1, "the key a is already on line 1"),
        (4, 11, "the key d is already on line 4"),
        (5, 1, "the key a is already on line 1"),
    ]


def test_places() -> None:
    source = read("\ufeffa:\n  - b: 1\n    c: {d: 'x y z'}\n  - >-\n    una\n    dos\n", "f")
    assert source.place(("a",), key=True) == (1, 1)
    assert source.place(("a", 0, "c", "d")) == (3, 12)
    assert source.place(("a", 0, "c", "d"), key=True) == (3, 9)
    assert source.word(("a", 0, "c", "d"), "z") == (3, 17)
    assert source.word(("a", 1), "dos") == (6, 5)
    assert source.word(("a", 1), "tres") == source.place(("a", 1))
    assert source.place(("a", 0, "nada", "de", "esto")) == source.place(("a", 0))
    assert spell(("flows", "voz", "steps", 1, "scale")) == "voz → steps[1] → scale"
    assert spell(("campaigns", "s", "slots", 0)) == "campaigns → s → slots[0]"


_ALIAS_BOMB = "a: &a [" + ",".join("x" * 9) + "]\n" + "".join(
    f"{name}: &{name} [" + ",".join([f"*{before}"] * 9) + "]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
_HALF = MAX_BYTES // 2 - 100
_HOSTILE = {
    "alias bomb": _ALIAS_BOMB,
    "line of 10 MB": "a: " + "x" * 10_000_000,
    "10 MB of quotes": '"' * 10_000_000,
    "brackets": "[" * 700_000,
    "braces": "{a: " * 180_000,
    "dashes": "- " * 350_000,
    "question marks": "? " * 350_000,
    "pending brackets": "[" * 900 + "a," * 300_000,
    "many keys": "".join(f"k{n}: 1\n" for n in range(70_000)),
    "flow without an end": "[" + "a," * 300_000,
    "one long text": "a: " + "x y " * (_HALF // 2),
    "empty lines": "\n" * (MAX_BYTES - 1),
    "comments": "# x\n" * (MAX_BYTES // 4),
    "escapes": 'a: "' + "\\n" * _HALF + '"',
    "python": "!!python/object/apply:os.system [id]",
    "merge": "a: &x {b: 1}\nc: {<<: *x}\n",
    "same key": "a: 1\n" * 100_000,
    "conditions": "flows: {f: {steps: [{say: a, when: " + "{not: " * 45 + "{}" + "}" * 45 + "}]}}",
    "braces in texts": whole("flows:\n  f:\n    title: F\n    kind: tip\n    steps:\n" + "".join(
        f"      - {{say: s{number}, text: '{'{{ ' * 1300}'}}\n" for number in range(100)
    )),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_yaml_is_refused_soon_and_in_little_memory(name: str) -> None:
    began = time.process_time()
    loaded = load(_HOSTILE[name], "f")
    assert time.process_time() - began < 2.5, "a second on an idle machine; this one is shared"
    assert loaded.programme is None
    assert loaded.problems
    if len(_HOSTILE[name]) < 2000:
        tracemalloc.start()
        load(_HOSTILE[name], "f")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
        tracemalloc.stop()


_YAMLISH = st.lists(
    st.sampled_from(
        ["a", "flows", ": ", ":\n", "\n", "  ", "- ", "[", "]", "{", "}", '"', "'", "|\n", ">-\n", "&a ", "*a ", "!!str ", "#",
         "? ", "%YAML 1.2\n", "---\n", "...\n", "\t", "0123", "2026-01-01", "\\x", "\\U", "é", "👍", "\ufeff", "\x07", "<<: "]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text(max_size=200) | _YAMLISH)
@example("\ud800")
@example('a: "\\UFFFFFFFF"')
@example("%YAML 99999999999.1\n---\na")
@example("%TAG ! tag:x:\n---\n!a b")
def test_nothing_raises(text: str | bytes) -> None:
    loaded = load(text, "f")
    assert loaded.programme is None
    assert all(problem.line >= 1 and problem.column >= 1 for problem in loaded.problems)
    assert loaded.problems


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.sampled_from(["si", "a b", "yes_no", "end", "{{ x }}", "24h", ""]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["say", "ask", "text", "go", "when", "step", "is", "answer", "choice", "scale", "max", "labels", "all", "not",
             "repeat", "items", "call", "flow", "set", "values", "branch", "cases", "else", "feedback", "si", "1", "end"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


def _yaml(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_yaml, value)) + "]"
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
    return str(value)


@settings(max_examples=200)
@given(st.lists(_PLAIN, min_size=1, max_size=4), _PLAIN, _PLAIN)
def test_any_shape_is_answered_with_problems_in_their_place(steps: list[object], answers: object, campaign: object) -> None:
    text = whole(
        f"answers: {{a: {_yaml(answers)}}}\ncampaigns: {{c: {_yaml(campaign)}}}\n"
        f"flows:\n  f:\n    title: F\n    kind: tip\n    steps: {_yaml(steps)}\n"
    )
    loaded = load(text, "f")
    lines = text.split("\n")
    for problem in (*loaded.problems, *lint(loaded)):
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert "Input should" not in problem.text
    assert (loaded.programme is None) == bool(loaded.problems)


def test_a_file_of_5000_lines_is_checked_in_a_second() -> None:
    steps = "".join(
        f"      - ask: q{number}\n        text: '¿Lo aplicó, {{{{ nombre }}}}? ({number})'\n        answer: yes_no\n"
        f"        level: behaviour\n        go: {{no: q{number + 1}}}\n"
        for number in range(450)
    )
    flows = "".join(
        f"  f{flow}:\n    title: F\n    kind: report\n    steps:\n{steps}      - say: q450\n        text: Fin.\n" for flow in "ab"
    )
    text = whole(f"flows:\n{flows}")
    assert text.count("\n") > 4500
    began = time.process_time()
    loaded = load(text, "f")
    found = lint(loaded)
    assert time.process_time() - began < 2.5, "0.5 s on an idle machine; this one is shared"
    assert loaded.problems == ()
    assert {problem.code for problem in found} == {"too-many-questions", "template-missing"}


def test_damage_in_one_part_hides_nothing_in_the_others() -> None:
    text = whole("""\
flows:
  uno:
    title: Uno
    kind: tip
    steps:
      - say: hola
        texto: Buen día.
      - say: adios
        text: "{{ nadie }}"
        go: holla
  dos:
    title: Dos
    kind: tip
    steps:
      - call: ir
        flow: unos
""")
    loaded = load(text, "f")
    assert [(problem.line, problem.code) for problem in loaded.problems] == [
        (7, "unknown-key"), (9, "undefined-variable"), (10, "unknown-step"), (16, "unknown-flow")
    ]  # fmt: skip
    assert loaded.problems[0].hint == "Did you mean text?"
    assert loaded.problems[2].hint == "Did you mean hola?"


def test_keys_are_written_as_documented_only() -> None:
    text = whole(
        "flows:\n  f:\n    title: F\n    kind: tip\n    steps:\n"
        "      - branch: a\n        cases: [{when: {var: x, is_: 1}, go: end}]\n        else_: end\n"
    )
    found = [(problem.line, problem.code, problem.hint) for problem in load(text, "f").problems]
    assert (8, "unknown-key", "Did you mean else?") in found
    assert (7, "unknown-key", "Did you mean is?") in found


def test_what_is_too_long() -> None:
    options = ", ".join(f"o{number}: O" for number in range(27))
    loaded = load(whole(f"title: T\nanswers:\n  muchas: {{{options}}}\n"), "f")
    assert [(problem.line, problem.code) for problem in loaded.problems] == [(3, "too-long")]


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(whole("programme: dos\n"))
    (tmp_path / "a.yaml").write_text(whole("programme: uno\n"))
    (tmp_path / "leame.txt").write_text("nada")
    (tmp_path / "transcripts").mkdir()
    (tmp_path / "transcripts" / "t.yaml").write_text("{")
    loaded = load_folder(tmp_path)
    assert [item.programme and item.programme.programme for item in loaded] == ["uno", "dos"]


def test_two_files_of_one_programme(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(whole("programme: uno\n"))
    (tmp_path / "b.yaml").write_text(whole("programme: uno\n"))
    first, second = load_folder(tmp_path)
    assert first.problems == ()
    assert second.programme is None
    assert [(problem.line, problem.column, problem.code) for problem in second.problems] == [(1, 12, "duplicate-programme")]


def test_a_folder_without_flows(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no flow file"):
        load_folder(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_folder(tmp_path / "nada")
