"""Reports and scores in a flow file: what the examples of their checks do not show, and those of the programme itself."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from app.flows.diff import compare
from app.flows.language.definition import FlowKind, Programme
from app.flows.loader import lint, load
from app.flows.variables import asked
from tests.excerpts import whole

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "flows" / "principles.yaml"

_QUESTIONS = """\
flows:
  sabe:
    title: Sabe
    kind: quiz
    steps:
      - ask: voz
        text: ¿Qué hace?
        template: sabe_voz
        answer: {choice: {oigo: Escucho, sigo: Sigo}, missing: [d]}
        records: know_voz
        level: knowledge
        correct: oigo
  opina:
    title: Opina
    kind: survey
    steps:
      - ask: escuchar
        text: Vale la pena escuchar.
        template: opina_escuchar
        answer: {scale: {min: 1, max: 5}}
        records: att_escuchar
        level: internal
  reporte:
    title: Reporte
    kind: report
    steps:
      - ask: aplico
        text: ¿Lo hizo?
        template: reporte_aplico
        answer: {choice: {si: {label: Sí, value: 1}, no: {label: "No", value: 0}, nc: {label: No venía al caso, value: "n"}}}
        records: rep_applied
        level: behaviour
      - ask: gusto
        text: ¿Le gustó?
        answer: {choice: {mucho: Mucho, poco: Poco}}
        records: rep_liked
        level: behaviour
"""


def programme() -> Programme:
    found = load(FILE.read_bytes(), "principles.yaml").programme
    assert found is not None
    return found


def told(excerpt: str) -> list[tuple[str, str, str]]:
    """Code, the rest of the line from where it stands, and text of every problem."""
    text = whole(excerpt)
    loaded = load(text, "f.yaml")
    return [
        (item.code, text.splitlines()[item.line - 1][item.column - 1 :], item.text)
        for item in (*loaded.problems, *lint(loaded))
    ]


def test_a_problem_stands_at_the_variable() -> None:
    report = "reports:\n  r: {{title: R, from: [reporte], columns: {{applied: {}}}}}\n"
    ((code, at, text),) = told(_QUESTIONS + report.format("rep_aplied"))
    assert (code, at[:10], text) == (
        "report-variable",
        "rep_aplied",
        "no conversation of this report records rep_aplied",
    )
    (code, at, _), (twice, there, _) = told(_QUESTIONS + report.format("[rep_applied, rep_liked, rep_applied]"))
    assert (code, at[:9]) == ("report-values", "rep_liked")
    assert (twice, there[:12]) == ("report-twice", "rep_applied]")


@pytest.mark.parametrize(
    ("score", "code"),
    [
        ("{title: P, level: internal, kind: mean, items: [att_escuchar, att_escuchar]}", "score-item"),
        ("{title: P, level: behaviour, kind: share_applied, items: [rep_liked]}", "score-kind"),
        ("{title: P, level: knowledge, kind: mean, items: [know_voz]}", "score-kind"),
        ("{title: P, level: internal, kind: mean, items: [att_escuchar], principle: voz}", "unknown-principle"),
        ("{title: P, level: internal, kind: mean, items: []}", "empty"),
        ("{title: P, level: internal, kind: median, items: [att_escuchar]}", "wrong-value"),
        ("{title: P, level: internal, kind: mean, items: [att_escuchar], minimum: 80}", "out-of-range"),
    ],
)
def test_what_no_score_can_be(score: str, code: str) -> None:
    found = told(f"{_QUESTIONS}scores:\n  p: {score}\n")
    assert code in {item[0] for item in found}, found


def test_items_of_one_mean_have_the_same_ends() -> None:
    other = """      - ask: digno
        text: Merece respeto.
        answer: {scale: {min: 0, max: 10}}
        records: att_digno
        level: internal
  reporte:
"""
    scores = "scores:\n  p: {title: P, level: internal, kind: mean, items: [att_escuchar, att_digno]}\n"
    ((code, _, text),) = told(_QUESTIONS.replace("  reporte:\n", other, 1) + scores)
    assert (code, text) == ("score-kind", "att_digno has other ends than the items before it, in opina")


def test_a_report_of_a_flow_that_there_is_not() -> None:
    found = told(_QUESTIONS + "reports:\n  r: {title: R, from: [reprote], columns: {applied: rep_applied}}\n")
    assert [(code, at[:7]) for code, at, _ in found] == [("unknown-flow", "reprote")]


def test_a_damaged_question_is_reported_once() -> None:
    broken = _QUESTIONS.replace("answer: {scale: {min: 1, max: 5}}", "answer: {scale: {min: 5, max: 1}}")
    found = told(broken + "scores:\n  p: {title: P, level: internal, kind: mean, items: [att_escuchar]}\n")
    assert {code for code, _, _ in found} == {"scale-range"}


def test_the_programme_reports_and_scores_all_that_it_asks() -> None:
    found = programme()
    reporting = {flow for report in found.reports.values() for flow in report.from_}
    assert {code for code, flow in found.flows.items() if flow.kind is FlowKind.report} <= reporting
    items = {name for score in found.scores.values() for name in score.items}
    for code, flow in found.flows.items():
        if flow.kind in {FlowKind.quiz, FlowKind.survey} and code not in reporting:
            assert {name for name, _ in asked(found, code)} <= items
    for code, score in found.scores.items():
        levels = {ask.level for flow in found.flows for name, ask in asked(found, flow) if name in score.items}
        assert levels == {score.level}, code


def test_the_examples_of_the_paper_are_the_programmes() -> None:
    paper = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")
    shown = [YAML(typ="safe").load(block) for block in re.findall(r"```yaml\n(.*?)```", paper, re.DOTALL)]
    own = YAML(typ="safe").load(FILE)
    assert len(shown) == 2
    for part in shown:
        assert part.items() <= {**own["reports"], **own["scores"]}.items()


def test_what_changes_in_a_score_changes_the_data() -> None:
    old = programme()
    text = FILE.read_text(encoding="utf-8")
    new = load(
        text.replace(
            "items: [int_version, int_favores, int_explica, int_regano]",
            "items: [int_version, int_favores, int_explica]",
        ),
        "f.yaml",
    ).programme
    assert new is not None
    (change,) = compare(old, new)
    assert change.data
    renamed = load(text.replace("title: Justicia interna", "title: Justicia"), "f.yaml").programme
    assert renamed is not None
    assert [change.data for change in compare(old, renamed)] == [False]
