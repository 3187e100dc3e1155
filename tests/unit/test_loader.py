"""Flow files: what YAML and the models forbid is reported all at once, in its place, and nothing ever raises."""

import re
import tracemalloc
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.errors import ConfigurationError
from app.flows.engine.compiled import bind
from app.flows.loader import LoadedFile, lint, load, load_folder
from app.flows.yaml.source import MAX_BYTES, read, spell
from tests.excerpts import whole
from tests.lint_pages import WITH_BLOCKS
from tests.work import calls

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
    assert source.word(("a", 1), "tres") is None
    assert source.place(("a", 0, "nada", "de", "esto")) == source.place(("a", 0))
    assert spell(("flows", "voz", "steps", 1, "scale")) == "voz → steps[1] → scale"
    assert spell(("campaigns", "s", "slots", 0)) == "campaigns → s → slots[0]"


_ALIAS_BOMB = (
    "a: &a ["
    + ",".join("x" * 9)
    + "]\n"
    + "".join(
        f"{name}: &{name} [" + ",".join([f"*{before}"] * 9) + "]\n"
        for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
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
    "chain of calls": whole(
        "flows:\n"
        + "".join(
            f"  f{number}:\n    title: F\n    kind: tip\n    steps: [{{call: a, flow: f{number + 1}}}]\n"
            for number in range(1500)
        )
    ),
    "braces that do not end": whole(
        "flows:\n  f:\n    title: F\n    kind: tip\n    steps:\n"
        + "".join(f"      - {{say: s{number}, text: '{'{' * 3900}'}}\n" for number in range(180))
    ),
    "parentheses in a variable": whole(
        "flows:\n  f:\n    title: F\n    kind: tip\n    steps:\n"
        + "".join(f"      - {{say: s{number}, text: '{{{{ {'(' * 1900}a{')' * 1900} }}}}'}}\n" for number in range(180))
    ),
    "many names to guess at": whole(
        "fields: [" + ",".join(f"a{number}" for number in range(30_000)) + "]\nflows:\n  f:\n"
        "    title: F\n    kind: tip\n    steps:\n"
        + "".join(f"      - {{say: s{n}, text: '{{{{ z{n} }}}}'}}\n" for n in range(450))
    ),
    "items": whole(
        "flows: {f: {title: F, kind: tip, steps: [{repeat: r, answer: text, items: {"
        + ",".join(f"i{number}: {{text: I}}" for number in range(6000))
        + "}}]}}\n"
    ),
    "a long name": whole("timezone: " + "a/" * 200_000 + "\n"),
    "conditions": "flows: {f: {steps: [{say: a, when: " + "{not: " * 45 + "{}" + "}" * 45 + "}]}}",
    "braces in texts": whole(
        "flows:\n  f:\n    title: F\n    kind: tip\n    steps:\n"
        + "".join(f"      - {{say: s{number}, text: '{'{{ ' * 1300}'}}\n" for number in range(100))
    ),
}


MOST_CALLS_PER_CHARACTER = 100
"""Of functions, to read a file: 1 to 20 as a rule, 70 where there is a step in every twenty characters."""


_AT_NIGHT = ("flow without an end", "many keys")
"""These are as long as a file may be, and take ten seconds each."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.nightly] if name in _AT_NIGHT else []) for name in _HOSTILE]
)
def test_hostile_yaml_is_refused_with_little_work_and_in_little_memory(name: str) -> None:
    text = _HOSTILE[name]
    read: list[LoadedFile] = []
    calls(lambda: read.append(load(text, "f")), most=30_000 + MOST_CALLS_PER_CHARACTER * min(len(text), MAX_BYTES))
    loaded = read[0]
    lint(loaded)
    assert loaded.programme is None
    assert loaded.problems
    assert all(len(str(problem)) < 1000 for problem in loaded.problems)
    if len(_HOSTILE[name]) < 2000:
        tracemalloc.start()
        load(_HOSTILE[name], "f")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        (b"a: 1\nb: x\x00y\nc: \x1b\n", [(2, 5, "U+0000"), (3, 4, "U+001B")]),
        ("a: uno\u2028dos\nb: \u200bx\n".encode(), [(1, 7, "U+2028"), (2, 4, "U+200B")]),
        (b'a: "\\ud800 \\0"\n"b\\0": 1\n', [(1, 4, "U+D800"), (2, 1, "U+0000")]),
        (b"a: 1\r\nb:\r- \xe2\x80\xa9\n", [(3, 3, "U+2029")]),
        (b"\xef\xbb\xbfa: 1\nb: \xef\xbb\xbf1\n", [(2, 4, "U+FEFF")]),
        ("a: 👩‍👩‍👧 ❤️ ñ\n".encode(), []),
    ],
)
def test_characters_that_nobody_sees_are_all_named(raw: bytes, places: list[tuple[int, int, str]]) -> None:
    found = [problem for problem in load(raw, "f").problems if problem.code == "yaml-encoding"]
    assert [(problem.line, problem.column, problem.text.split()[-1]) for problem in found] == places


def test_an_invisible_character_may_not_be_written_as_an_escape_either() -> None:
    text = whole('title: "uno\\0"\nauthority: "a\\tb\\nc"\n')
    loaded = load(text, "f")
    assert [(problem.line, problem.column, problem.code) for problem in loaded.problems] == [(1, 8, "unseen-character")]
    assert loaded.source.value(("title",)) == "uno\0"


def test_what_is_behind_an_invisible_character_is_still_checked() -> None:
    loaded = load(whole("title: uno\u2028dos\nanswers: {x: {y: {label: Y, vlue: 1}}}\n"), "f")
    assert [(problem.line, problem.column, problem.code) for problem in loaded.problems] == [
        (1, 11, "yaml-encoding"),
        (2, 29, "unknown-key"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_unicode_is_called_by_its_name(encoding: str) -> None:
    problems = load("programme: x\n".encode(encoding), "f").problems
    assert [(problem.code, problem.text) for problem in problems] == [
        ("yaml-encoding", "the file is UTF-16, not UTF-8")
    ]


def _mutated(chance: Random, text: bytes) -> bytes:
    """The text after some slips of the keyboard: bytes lost, doubled or put in, lines moved, keys and values exchanged."""
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(text) or 1)
        lines = text.split(b"\n")
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                text = text[:at] + text[at + chance.choice((1, 2, 40)) :]
            case 1:
                text = text[:at] + chance.choice(_SLIPS) + text[at:]
            case 2:
                text = text[:at] + text[at : at + 60] + text[at:]
            case 3:
                lines[one], lines[other] = lines[other], lines[one]
                text = b"\n".join(lines)
            case 4:
                lines[one] = b":".join(reversed(lines[one].split(b":")))
                text = b"\n".join(lines)
            case _:
                lines[one] = b" " * chance.randrange(9) + lines[one].lstrip()
                text = b"\n".join(lines)
    return text


_SLIPS = (b"\t", b'"', b"'", b"{", b"}", b"[", b"]", b": ", b"- ", b"\n", b"#", b"*a", b"!x ", b"|", b"{{", b"\x00", b"\xff", "“".encode(),
          "\u2028".encode(), b"null", b"0123", b"end", b"---", b"@", b"\r", b"\xc2\xa0")  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_slips_of_the_keyboard_give_problems_or_a_programme(seed: int) -> None:
    chance = Random(seed)
    texts = [file.read_bytes() for file in sorted(BROKEN.glob("*.yaml"))]
    texts += [whole(page.passes).encode() for page in WITH_BLOCKS]
    for _ in range(25):
        text = _mutated(chance, chance.choice(texts))
        loaded = load(text, "f")
        lines = re.split(r"\r\n|\r|\n", text.decode("utf-8", "replace"))
        assert (loaded.programme is None) == bool(loaded.problems)
        for problem in (*loaded.problems, *lint(loaded)):
            assert 1 <= problem.line <= len(lines) + 1
            assert 1 <= problem.column <= len(lines[min(problem.line, len(lines)) - 1]) + 2
            assert "\n" not in str(problem)
        if loaded.programme is not None:
            bind(loaded.programme, "test")


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
def test_any_shape_is_answered_with_problems_in_their_place(
    steps: list[object], answers: object, campaign: object
) -> None:
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


def test_a_file_of_5000_lines_is_checked_with_work_in_proportion() -> None:
    steps = "".join(
        f"      - ask: q{number}\n        text: '¿Lo aplicó, {{{{ nombre }}}}? ({number})'\n        answer: yes_no\n"
        f"        level: behaviour\n        go: {{no: q{number + 1}}}\n"
        for number in range(450)
    )
    flows = "".join(
        f"  f{flow}:\n    title: F\n    kind: report\n    steps:\n{steps}      - say: q450\n        text: Fin.\n"
        for flow in "ab"
    )
    text = whole(f"flows:\n{flows}")
    assert text.count("\n") > 4500
    calls(lambda: lint(load(text, "f")), most=MOST_CALLS_PER_CHARACTER * len(text))
    loaded = load(text, "f")
    found = lint(loaded)
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


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("        answer: si_no\n", "", {"missing-key"}),
        ("answer: si_no", "answer: {choice: [Sí, No]}", {"wrong-type", "unused-answer"}),
        ("si: Sí", "sí: Sí", {"wrong-name"}),
        ("say: fin", "say: Fin", {"wrong-name"}),
        ("say: fin", "mensaje: fin", {"step-kind"}),
        ("ask: uso", "pregunta: uso", {"step-kind"}),
        ("records: uso", "records: Usó", {"wrong-name"}),
        ("fields: [sector]", "fields: [Sector]", {"wrong-name"}),
        ("otra:", "Otra:", {"wrong-name"}),
    ],
)
def test_one_mistake_is_not_reported_again_wherever_its_name_is_used(old: str, new: str, codes: set[str]) -> None:
    text = whole("""\
fields: [sector]
answers:
  si_no: {si: Sí, no: "No"}
flows:
  una:
    title: Una
    kind: report
    steps:
      - ask: uso
        text: "{{ sector }}: ¿Lo usó?"
        answer: si_no
        records: uso
        level: behaviour
        template: uso
        go: {si: fin, else: otra}
      - call: otra
        flow: otra
        when: {any: [{field: sector, is: norte}, {step: uso, is: si}]}
      - say: fin
        text: "{{ uso }}"
  otra:
    title: Otra
    kind: tip
    steps:
      - {say: hola, text: Buen día., template: hola}
""")
    assert load(text, "f").problems == ()
    changed = load(text.replace(old, new), "f")
    assert {problem.code for problem in changed.problems} | {"unused-answer"} == codes | {"unused-answer"}


def test_a_file_of_transcripts_is_told_from_one_of_flows() -> None:
    problems = load("programme: x\ntranscripts:\n  a: {flow: b}\n", "f").problems
    assert [(problem.line, problem.hint) for problem in problems] == [(2, "Play it with trato test")]


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
    (tmp_path / "._a.yaml").write_bytes(b"\x00\x05")
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
    assert [(problem.line, problem.column, problem.code) for problem in second.problems] == [
        (1, 12, "duplicate-programme")
    ]


@pytest.mark.parametrize("copied", ["a - copia.yaml", "Copia de a.yaml", "a (1).yaml", "a_final.yaml"])
def test_a_copy_is_blamed_itself_and_once(tmp_path: Path, copied: str) -> None:
    for name in ("a.yaml", copied):
        (tmp_path / name).write_text(whole("programme: uno\n"))
    found = {Path(item.file).name: item for item in load_folder(tmp_path)}
    assert (found["a.yaml"].problems, found["a.yaml"].programme is None) == ((), False)
    [problem] = found[copied].problems
    assert (problem.code, "take a copy out of the folder" in problem.hint) == ("duplicate-programme", True)
    assert f"is in {tmp_path / 'a.yaml'} already" in problem.text


def test_a_folder_without_flows(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no flow file"):
        load_folder(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_folder(tmp_path / "nada")
