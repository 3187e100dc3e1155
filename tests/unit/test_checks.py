"""The checks: each with the examples of its own page, and what the examples do not show. The pages are up to date."""

import json
import re
from pathlib import Path

import pytest
import typer
from ruamel.yaml import YAML
from typer.testing import CliRunner

from app.cli.check import check
from app.flows.checks import CHECKS, ERRORS, LINTS
from app.flows.checks.base import Rule
from app.flows.checks.examples import whole
from app.flows.checks.pages import RULES, pages
from app.flows.graph import Edge, components, graph, reachable
from app.flows.loader import lint, load
from app.flows.problems import Problem, Severity

ROOT = Path(__file__).parent.parent.parent
BROKEN = ROOT / "tests" / "broken"
_WITH_EXAMPLES = [rule for rule in RULES if rule.fails]


def _found(excerpt: str) -> list[Problem]:
    loaded = load(whole(excerpt), "f.yaml")
    return [*loaded.problems, *lint(loaded)]


def _at(excerpt: str, problem: Problem) -> str:
    """The rest of the line from where a problem stands."""
    return excerpt.splitlines()[problem.line - 1][problem.column - 1 :]


def _codes(excerpt: str, severity: Severity | None = None) -> set[str]:
    return {problem.code for problem in _found(excerpt) if severity in (None, problem.severity)}


def _flow(steps: str, kind: str = "report", more: str = "") -> str:
    """A flow of these steps. It opens with a template, so that nothing of it is unwise by itself."""
    return f"{more}flows:\n  f:\n    title: F\n    kind: {kind}\n    steps:\n{steps}"


@pytest.mark.parametrize("rule", _WITH_EXAMPLES, ids=lambda rule: rule.id)
def test_the_wrong_example_has_this_fault_only(rule: Rule) -> None:
    # Errors are asked for alone: an example of one need not be wise in everything else.
    severity = rule.severity if rule.severity is Severity.error else None
    assert _codes(rule.fails, severity) == {rule.id}


@pytest.mark.parametrize("rule", _WITH_EXAMPLES, ids=lambda rule: rule.id)
def test_the_right_example_has_none(rule: Rule) -> None:
    severity = rule.severity if rule.severity is Severity.error else None
    assert _codes(rule.passes, severity) == set()


def test_every_check_has_a_documented_code_of_its_own() -> None:
    codes = [rule.id for rule in RULES]
    assert len(codes) == len(set(codes))
    assert all(len(rule.about) > 20 for rule in RULES)
    assert {check.rule.id for check in CHECKS} == {check.rule.id for check in (*ERRORS, *LINTS)}
    assert all(check.rule.fails and check.rule.passes for check in CHECKS)


def test_every_code_reported_in_the_broken_files_has_a_page() -> None:
    expected = {line.split()[1] for line in (BROKEN / "expected.txt").read_text(encoding="utf-8").splitlines()}
    assert expected <= {rule.id for rule in RULES}


def test_the_pages_are_up_to_date() -> None:
    folder = ROOT / "docs" / "lints"
    written = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")}
    assert written == pages(), "run: trato check --docs docs/lints"


@pytest.mark.parametrize(
    ("code", "excerpt", "at"),
    [
        ("unknown-step", _flow("      - branch: b\n        cases: [{when: {var: x, is: 1}, go: nada}]\n"), "nada}]"),
        ("unknown-step", _flow("      - {branch: b, cases: [{when: {var: x, is: 1}, go: end}], else: nada}\n"), "nada}"),
        ("unknown-step", _flow(
            "      - say: a\n        text: A\n        when: {all: [{not: {step: nada, answered: true}}]}\n"
        ), "nada, answered"),
        ("unknown-flow", ("campaigns:\n  c:\n    title: C\n    anchor: x\n    window: {from: '10:00', to: '12:00'}\n"
            "    waves: {w: {suffix: bl, day: 0, flows: [ejemplo, nada]}}\n"), "nada]"),
        ("unknown-answer", "answers: {edad: {number: {}}}\n" + _flow(
            "      - {ask: a, text: A, answer: {choice: edad}}\n"
        ), "edad}"),
        ("unknown-option", _flow(
            "      - {ask: a, text: A, answer: {scale: {max: 3}}}\n"
            "      - {say: b, text: B, when: {step: a, in: [3, 4]}}\n"
        ), "4]"),
        ("unknown-option", _flow("      - {ask: a, text: A, answer: {choice: {x: X}}, correct: y}\n"), "y}"),
        ("unknown-option", _flow("      - {ask: a, text: A, answer: {choice: {x: X}}, feedback: {y: Y}}\n"), "y: Y"),
        ("unknown-principle", "principles: {voz: {label: V}}\n" + _flow(
            "      - {repeat: r, answer: yes_no, items: {i: {text: I, principle: vos}}}\n"
        ), "vos"),
        ("undefined-variable", _flow("      - {say: a, text: A, template: t, variables: ['{{ x }}']}\n"), "x }}"),
        ("undefined-variable", _flow("      - {set: a, values: {x: '{{ z }}'}}\n"), "z }}"),
        ("undefined-variable", _flow("      - {say: a, text: A, when: {var: x, is: 1}}\n"), "x, is"),
        ("undefined-variable", _flow("      - {ask: a, text: '{{ item }}', answer: text}\n"), "item }}"),
        ("bad-template", _flow("      - {say: a, text: '{% if x %}'}\n"), "{% if"),
        ("bad-template", _flow("      - {say: a, text: 'Hola {{ nombre '}\n"), "{{ nombre"),
        ("duplicate-step", _flow(
            "      - {repeat: a, answer: yes_no, items: {b: {text: B}}}\n      - {say: a_b, text: B}\n"
        ), "a_b"),
        ("reserved-name", _flow("      - {ask: a, text: A, answer: {choice: {else: E, x: X}}}\n"), "else: E"),
        ("keyword-option", _flow("      - {ask: a, text: A, answer: {scale: {max: 3, labels: {1: Bajo, 3: Alto}}}}\n"), "Alto"),
        ("overlapping-aliases", _flow("      - {ask: a, text: A, answer: {choice: {x: Sé, y: ¡SE!}}}\n"), "¡SE!"),
        ("variable-name", _flow("      - {ask: a, text: A, answer: yes_no, records: str12}\n"), "str12"),
        ("variable-name", _flow("      - {ask: a, text: A, answer: yes_no, records: un_nombre_de_treinta_y_un_signos}\n", "survey",
            "campaigns:\n  c:\n    title: C\n    anchor: x\n    window: {from: '10:00', to: '12:00'}\n"
            "    waves: {w: {suffix: bl, day: 0, flows: [f]}}\n"), "un_nombre_de"),
        ("consent-question", _flow("      - {ask: a, text: A, answer: yes_no, consent: v1}\n"), "consent: v1"),
        ("consent-question", _flow("      - {ask: a, text: A, answer: text, consent: v1}\n", "consent"), "text, consent"),
        ("measured-feedback", _flow(
            "      - {ask: a, text: A, answer: yes_no, correct: si}\n"
            "      - {say: b, text: Bien, when: {step: a, is: si}}\n", "quiz"
        ), "{say: b"),
        ("call-loop", _flow("      - {call: a, flow: f}\n"), "f}"),
        ("loop-without-wait", _flow("      - {say: a, text: A}\n      - {set: b, values: {x: 1}, go: a}\n"), "{say: a, text: A}"),
        ("loop-without-wait", _flow("      - {say: a, text: A, go: a}\n"), "{say: a, text: A, go"),
    ],
)  # fmt: skip
def test_places_of_errors(code: str, excerpt: str, at: str) -> None:
    found = [_at(excerpt, problem) for problem in _found(excerpt) if problem.code == code]
    assert [text[: len(at)] for text in found] == [at]


@pytest.mark.parametrize(
    ("code", "steps", "expected"),
    [
        # The idiom of one named option is plain; two of three is not.
        ("option-without-branch", "      - {ask: a, text: A, answer: {choice: {x: X, y: Y, z: Z}}, go: {x: end}}\n", 0),
        ("option-without-branch", "      - {ask: a, text: A, answer: {choice: {x: X, y: Y, z: Z}}, go: {x: end, y: end}}\n", 1),
        ("option-without-branch", "      - {ask: a, text: A, answer: {choice: {x: X, y: Y, z: Z}}, feedback: {x: X, y: Y}}\n", 1),
        # Options in the text are no buttons.
        ("button-too-long", "      - {ask: a, text: A, answer: {choice: {x: Una respuesta muy muy larga, y: Y}}}\n", 1),
        ("button-too-long", "      - {ask: a, text: A, options_in_text: true, answer: {choice: {x: Una respuesta muy muy larga}}}\n", 0),
        ("too-many-buttons", f"      - {{ask: a, text: A, answer: {{choice: {{{', '.join(f'o{n}: O{n}' for n in range(11))}}}}}}}\n", 1),
        # An emoji counts as two, and spaces are those that are shown.
        ("button-too-long", f"      - {{ask: a, text: A, answer: {{choice: {{x: '{'x' * 18}👍', y: Y}}}}}}\n", 0),
        ("button-too-long", f"      - {{ask: a, text: A, answer: {{choice: {{x: '{'x' * 19}👍', y: Y}}}}}}\n", 1),
        ("button-too-long", f"      - {{ask: a, text: A, answer: {{choice: {{x: ' {'x' * 10}   {'x' * 9} ', y: Y}}}}}}\n", 0),
        # A scale of which every point has a name is buttons or a list; where several may be chosen, nothing is pressed.
        ("button-too-long", "      - {ask: a, text: A, answer: {scale: {max: 2, labels: {1: Una respuesta muy muy larga, 2: B}}}}\n", 1),
        ("button-too-long", "      - {ask: a, text: A, answer: {scale: {max: 3, labels: {1: Una respuesta muy muy larga, 3: B}}}}\n", 0),
        ("button-too-long", "      - {ask: a, text: A, answer: {multi: {x: Una respuesta muy muy larga, y: Y}}}\n", 0),
        ("list-item-too-long", "      - {ask: a, text: A, answer: {scale: {max: 4, labels: {1: {es-MX: Una respuesta muy muy larga}, 2: B, 3: C, 4: D}}}}\n", 1),
        # Two ways of which one is taken share a name; one after the other do not.
        ("variable-twice", ("      - {ask: a, text: A, answer: yes_no, go: {si: b, no: c, unclear: end}}\n"
            "      - {ask: b, text: B, answer: yes_no, records: v, go: end}\n"
            "      - {ask: c, text: C, answer: yes_no, records: v}\n"), 0),
        # A day without an answer needs a template again; an hour does not.
        ("template-missing", ("      - {ask: a, text: A, template: t, answer: yes_no, timeout: 1h, go: {timeout: b}}\n"
            "      - {say: b, text: B}\n"), 0),
        ("template-missing", ("      - {ask: a, text: A, template: t, answer: yes_no, timeout: 1d, go: {timeout: b}}\n"
            "      - {say: b, text: B}\n"), 1),
        ("template-missing", ("      - {ask: a, text: A, template: t, answer: yes_no, when: {field: z, is: 1}}\n"
            "      - {say: b, text: B}\n"), 1),
        ("template-body", "      - {say: a, template: t, text: 'Hola {{ nombre }} {{ nombre }}, adiós'}\n", 1),
        ("template-body", "      - {say: a, template: t, text: 'Hola {{ nombre }}'}\n", 1),
        ("template-body", "      - {say: a, template: t, text: 'Hola {{ nombre }}.'}\n", 1),
        ("template-body", "      - {say: a, text: '{{ nombre }}, hola'}\n", 0),
        ("too-many-segments", f"      - {{say: a, template: t, text: '{'a' * 612}'}}\n", 0),
        ("too-many-segments", f"      - {{say: a, template: t, text: '{'a' * 613}'}}\n", 1),
        ("too-many-segments", f"      - {{say: a, template: t, text: '{'a' * 267}ó'}}\n", 0),
        ("too-many-segments", f"      - {{say: a, template: t, text: '{'a' * 268}ó'}}\n", 1),
        # An option counts with its number and its line.
        ("too-many-segments", f"      - {{ask: a, text: '{'a' * 610}', answer: {{choice: {{x: X}}}}}}\n", 1),
        ("unreachable-step", ("      - {ask: a, text: A, answer: yes_no, go: {si: c, no: c, unclear: c}}\n"
            "      - {say: b, text: B}\n      - {say: c, text: C}\n"), 1),
        ("unreachable-step", "      - {end: a, when: {field: z, is: 1}}\n      - {say: b, text: B}\n", 0),
        # The longest way counts, not the number of questions; a called flow counts with it.
        ("too-many-questions", "      - {repeat: r, text: '{{ item }}', answer: yes_no, items: {a: {text: A}, b: {text: B}, c: {text: C}}}\n", 0),
        ("too-many-questions", "      - {repeat: r, answer: yes_no, items: {a: {text: A}, b: {text: B}, c: {text: C}, d: {text: D}}}\n", 1),
    ],
)  # fmt: skip
def test_what_is_unwise(code: str, steps: str, expected: int) -> None:
    found = [problem for problem in _found(_flow(steps, more="fields: [z]\n")) if problem.code == code]
    assert len(found) == expected


def test_what_may_be_said_in_a_text() -> None:
    excerpt = _flow(
        "      - {ask: a, text: '¿Qué, {{ nombre }} {{ sector | title }}?', answer: yes_no, records: uso}\n"
        "      - {set: b, values: {turno: '{{ sector }}'}}\n"
        "      - {ask: c, text: C, answer: number}\n"
        "      - {say: d, text: '{{ uso }} {{ turno }} {{ f_c }}', when: {var: uso, is: si}}\n"
        "      - {repeat: e, text: '¿{{ item }}?', answer: yes_no, items: {x: {text: X}}}\n",
        more="fields: [sector]\n",
    )
    assert _codes(excerpt, Severity.error) == set()


def test_a_warning_about_segments_names_the_character_and_offers_plain_words() -> None:
    excerpt = _flow(f"      - {{say: a, template: t, text: '{'a ' * 150}ó'}}\n")
    found = [item for item in _found(excerpt) if item.code == "too-many-segments"]
    assert [_at(excerpt, item) for item in found] == ["ó'}"]
    assert found[0].text == 'costs 5 SMS because of "ó"; 2 without accents and signs'
    assert found[0].hint.endswith("a a o")


@pytest.mark.parametrize(("plain", "expected"), [("true", 0), ("false", 1)])
def test_segments_are_counted_as_the_programme_sends_them(plain: str, expected: int) -> None:
    excerpt = _flow(f"      - {{say: a, template: t, text: '{'a' * 300}ó'}}\n", more=f"sms: {{plain: {plain}}}\n")
    assert len([item for item in _found(excerpt) if item.code == "too-many-segments"]) == expected


def test_a_programme_with_plain_sms_is_told_what_that_saves(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    for plain, shown in (("true", True), ("false", False)):
        file.write_text(whole(_flow(f"      - {{say: a, text: '{'a' * 100}ó'}}\n", more=f"sms: {{plain: {plain}}}\n")), encoding="utf-8")
        app = typer.Typer()
        app.command()(check)
        told = CliRunner().invoke(app, [str(file)]).stdout
        assert (re.search(r"its texts are \d+ SMS, and would be \d+ without", told) is not None) is shown


def test_a_damaged_flow_is_not_also_called_unwise() -> None:
    codes = _codes(_flow("      - {say: a, texto: A, go: end}\n      - {say: b, text: B}\n", more="answers: {x: {y: Y}}\n"))
    assert codes == {"unknown-key"}


def test_the_graph_of_a_flow() -> None:
    loaded = load(whole(_flow(
        "      - {ask: a, text: A, answer: {choice: {x: X, y: Y}, missing: [d]}, timeout: 1h, go: {x: c, timeout: d}}\n"
        "      - {say: b, text: B, when: {step: a, is: y}}\n"
        "      - {branch: c, cases: [{when: {any: [{step: a, in: [x, y]}, {not: {var: v, at_least: 2}}]}, go: a}]}\n"
        "      - {end: d}\n"
        "      - {repeat: r, answer: yes_no, items: {i: {text: I}}}\n"
        "      - {set: e, values: {v: 1}}\n"
    )), "f")
    assert loaded.programme is not None
    made = graph(loaded.programme, "f")
    assert list(made.nodes) == ["a", "b", "c", "d", "r_i", "e"]
    assert made.edges == (
        Edge("a", "c", ("x",)),
        Edge("a", "b", ("y", "missing", "unclear")),
        Edge("a", "d", ("timeout",)),
        Edge("b", "c"),
        Edge("c", "a", ("a in x, y or not (v ≥ 2)",)),
        Edge("c", "d", ("else",)),
        Edge("d", "end"),
        Edge("r_i", "e"),
        Edge("e", "end"),
    )
    assert reachable(made.successors, [made.start]) == {"a", "b", "c", "d", "end"}
    assert sorted(map(sorted, components(made.successors))) == [["a", "b", "c"], ["d"], ["e"], ["r_i"]]
    assert made.nodes["r_i"].path == ("flows", "f", "steps", 4, "items", "i")


def _run(*arguments: str) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(check)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_check_shows_line_column_and_caret() -> None:
    code, out, _ = _run(str(BROKEN / "names.yaml"), str(BROKEN / "colon.yaml"))
    assert code == 1
    assert "names.yaml:17:13 [unknown-step] reporte → steps[0] → go: no step is called contato. Did you mean contacto?\n" in out
    assert "\n            go: contato\n                ^\n" in out
    assert out.endswith("2 files: 13 errors, 0 warnings. Each code is explained in docs/lints\n")


def test_check_of_a_folder_is_right_when_all_is(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(whole(""), encoding="utf-8")
    assert _run(str(tmp_path)) == (0, "1 file: nothing to report\n", "")
    assert _run(str(tmp_path), "--strict")[0] == 0


def test_check_fails_for_a_warning_only_if_strict(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(whole("answers: {x: {y: Y}}\n"), encoding="utf-8")
    code, out, _ = _run(str(tmp_path))
    assert (code, "[unused-answer]" in out, "(warning)" in out) == (0, True, True)
    assert _run(str(tmp_path), "--strict")[0] == 1


def test_check_in_json() -> None:
    code, out, _ = _run(str(BROKEN / "quote.yaml"), "--format", "json")
    found = json.loads(out)
    assert code == 1
    assert (found["errors"], found["warnings"], len(found["files"])) == (1, 0, 1)
    assert {key: found["problems"][0][key] for key in ("line", "column", "code", "severity")} == {
        "line": 2, "column": 8, "code": "yaml-syntax", "severity": "error"
    }  # fmt: skip


def test_check_for_github(tmp_path: Path) -> None:
    file = tmp_path / "100%, a.yaml"
    file.write_text(whole('title: "{{"\nanswers: {x: {y: Y}}\n').replace("Buen día.", "'{{ x'"), encoding="utf-8")
    code, out, _ = _run(str(file), "--format", "github")
    warning, error = out.splitlines()
    assert code == 1
    assert error.startswith(f"::error file={tmp_path}/100%25%2C a.yaml,line=")
    assert ",title=bad-template::ejemplo → steps[0] → text: the text cannot be read" in error
    assert warning.startswith("::warning ")


def test_check_cannot_read(tmp_path: Path) -> None:
    missing = _run(str(tmp_path / "nada.yaml"))
    assert (missing[0], missing[1], "No such file" in missing[2]) == (2, "", True)
    empty = _run(str(tmp_path))
    assert (empty[0], "no flow file" in empty[2]) == (2, True)


def test_check_looks_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(whole(""), encoding="utf-8")
    monkeypatch.setenv("TRATO_FLOWS", str(tmp_path))
    assert _run()[:2] == (0, "1 file: nothing to report\n")


def test_check_writes_the_pages(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("old")
    assert _run("--docs", str(tmp_path))[0] == 0
    assert {file.name for file in tmp_path.iterdir()} == set(pages())


def test_a_long_line_is_cut_around_the_place(tmp_path: Path) -> None:
    text = whole(_flow(f"      - {{say: a, template: t, text: '{'x' * 500} {{{{ nadie }}}} x.'}}\n"))
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    shown, caret = _run(str(tmp_path))[1].splitlines()[1:3]
    assert len(shown) <= 124
    assert shown[caret.index("^") :].startswith("nadie")


def test_examples_read_as_any_yaml() -> None:
    for rule in _WITH_EXAMPLES:
        assert isinstance(YAML(typ="safe", pure=True).load(whole(rule.passes)), dict)
