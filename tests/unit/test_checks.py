"""The checks: the cases that the examples of their pages do not show, and what the command prints."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from app.cli.check import _annotation, check
from app.errors import UsageError
from app.flows.engine.graph import Edge, components, graph, reachable
from app.flows.language.problems import Problem, Severity
from app.flows.loader import lint, load
from tests.excerpts import whole

ROOT = Path(__file__).parent.parent.parent
BROKEN = ROOT / "tests" / "broken"


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


def _campaign(parts: str, more: str = "") -> str:
    """A campaign of these parts."""
    return f"{more}campaigns:\n  c:\n    title: C\n    anchor: x\n    seed: 7\n    window: {{from: '10:00', to: '12:00'}}\n{parts}"


def _study(rest: str) -> str:
    return f"fields: [sector]\nstudy:\n  title: E\n  seed: 7\n  arms: {{a: {{}}, b: {{}}}}\n{rest}"


def _draw(choices: str) -> str:
    return _campaign(f"    slots: [{{weeks: 1-4, per_week: 1, draw: {{{choices}}}}}]\n", "fields: [sector]\n")


_ASKING = """\
flows:
  f: {title: F, kind: vignette, steps: [{ask: a, text: A, answer: {choice: {x: X, y: Y}}, correct: x}, {ask: b, text: B, answer: yes_no}]}
  g: {title: G, kind: tip, steps: [{call: c, flow: f}]}
  h: {title: H, kind: tip, steps: [{say: s, text: S}]}
"""


def _follow(when: str, slots: str = "f", follows: str = "h") -> str:
    parts = f"    slots: [{{weeks: 1-4, per_week: 1, from: [{slots}]}}]\n    followups: {{r: {{when: {{{when}}}, after: 2d, from: [{follows}]}}}}\n"
    return _campaign(parts, _ASKING)


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
        ("unknown-flow", _draw("u: {p: 1, from: [nada]}"), "nada]"),
        ("unknown-flow", _follow("flow: f, wrong: true", follows="nada"), "nada]"),
        ("unknown-flow", _follow("flow: nada"), "nada}"),
        ("unknown-step", _follow("flow: f, step: z, is: x"), "z, is"),
        ("unknown-option", _follow("flow: f, step: a, is: z"), "z}"),
        ("unknown-option", _follow("flow: f, step: b, in: [si, z]"), "z]"),
        ("unknown-field", _draw("u: {p: 1, only: {turno: [a]}, from: [ejemplo]}"), "turno: [a]"),
        ("unknown-field", _draw("u: {p: 1, only: {sector: [a], cohort: [b]}, from: [ejemplo]}"), None),
        ("unknown-field", _study("  strata: [cohort, turno]\n"), "turno]"),
        ("unknown-field", _study("  cluster: turno\n"), "turno"),
        ("unknown-field", _study("  balance: [sector, edad]\n"), "edad]"),
        ("arms-alike", _study(""), "b: {}}"),
        ("draw-sum", _draw("u: {p: 0.1, from: [ejemplo]}, v: {p: 0.2, from: [ejemplo]}, w: {p: 0.7}"), None),
        ("draw-sum", _draw("u: {p: 0.3, from: [ejemplo]}, v: {p: 0.3, only: {sector: [a]}}"), None),
        ("draw-excess", _draw("u: {p: 0.9, from: [ejemplo]}, v: {p: 0.3, only: {sector: [a]}}"), None),
        ("never-follows", _follow("flow: f, wrong: true", slots="g"), None),
        ("never-follows", _follow("flow: f", slots="g"), "f}, after"),
        ("never-follows", _follow("flow: f, step: b, wrong: true"), "f, step: b"),
        ("never-follows", _follow("flow: h, wrong: true", slots="h"), "h, wrong"),
        ("never-follows", _follow("flow: f", slots="h", follows="f"), None),
        ("never-follows", _campaign(
            "    waves: {w: {suffix: bl, day: 0, flows: [f]}}\n    followups: {r: {when: {flow: f, wrong: true}, after: 2d, from: [h]}}\n", _ASKING
        ), "f, wrong"),
        ("followup-loop", _follow("flow: f", follows="h, f"), "f]}"),
        ("review-nothing", _campaign("    slots: [{weeks: 1-4, per_week: 1, pick: due, from: [f]}]\n", _ASKING), "f]}"),
        ("cron-field", _campaign("    slots: [{weeks: 1-4, on: {day: '32'}, from: [ejemplo]}]\n"), "'32'}"),
        ("never-due", _campaign("    slots: [{weeks: 1-4, on: {day: '32'}, from: [ejemplo]}]\n"), None),
        ("never-due", _draw("a: {p: 0.5}, b: {p: 0.5}"), "draw: {"),
        ("never-due", _draw("a: {p: 0.5}, b: {p: 0.5, from: [ejemplo]}"), None),
        ("pace", _campaign("    slots: [{weeks: 1-4, every: 36h, from: [ejemplo]}]\n"), "{weeks"),
        ("pace", _campaign("    slots: [{weeks: 1-4, every: 48h, from: [ejemplo]}]\n"), None),
        ("pace", _campaign("    waves: {w: {suffix: bl, day: 0, days: [0, 1], flows: [ejemplo]}}\n"), "{suffix"),
        ("wave-too-short", _campaign("    waves: {w: {suffix: bl, day: 0, days: [8], flows: [ejemplo]}}\n"), "w: {suffix"),
        ("wave-too-short", _campaign("    waves: {w: {suffix: bl, day: 0, days: [6], flows: [ejemplo]}}\n"), None),
        ("weeks", _campaign("    slots: [{weeks: [4, 1], per_week: 1, from: [ejemplo]}]\n"), "[4, 1]"),
        ("between", _campaign("    slots: [{weeks: 1-4, per_week: 1, from: [ejemplo], at: {after_shift: [1h, 3h]}}]\n"), "[1h"),
        ("slot-flows", _draw("a: {p: 1, from: [ejemplo]}").replace("per_week: 1", "per_week: 1, pick: due"), "{weeks"),
        ("wave-too-short", _campaign("    waves: {w: {suffix: bl, day: 0, closes: 12h, flows: [ejemplo]}}\n"), "12h"),
        ("wave-twice", _campaign("    waves: {w: {suffix: bl, day: 0, flows: [ejemplo, ejemplo]}}\n"), "ejemplo]}}"),
        ("wave-twice", _campaign("    waves: {v: {suffix: bl, day: 0, flows: [ejemplo]}, w: {suffix: bl, day: 9, flows: [otro]}}\n"), None),
        ("anchor-name", _campaign("").replace("anchor: x", "anchor: workshp_date"), "workshp"),
        ("anchor-name", _campaign("").replace("anchor: x", "anchor: graduacion"), None),
        ("never-follows", _follow("flow: f, wrong: true", "f").replace("weeks: 1-4", "weeks: 4-1"), None),
        ("over-cap", _campaign("    gap: 4d\n    slots: [{weeks: 1-4, per_week: 2, from: [ejemplo]}]\n"), "2, from"),
        ("over-cap", _campaign("    slots: [{weeks: 1-4, every: 1d, from: [ejemplo]}]\n"), "1d, from"),
        ("wave-too-short", _campaign("    gap: 3d\n    waves: {w: {suffix: bl, day: 0, flows: [ejemplo, ejemplo, ejemplo, ejemplo]}}\n"), "w: {suffix"),
        ("wave-too-short", _campaign("    waves: {w: {suffix: bl, day: 0, closes: 3d, flows: [ejemplo, ejemplo, ejemplo]}}\n"), None),
        ("wave-too-short", _campaign("    waves: {w: {suffix: bl, day: 0, closes: 5d, flows: [ejemplo, ejemplo, ejemplo, ejemplo]}}\n"), "5d"),
        ("wave-too-short", _campaign("    waves: {w: {suffix: bl, day: 0, closes: 5d, cap: {flows: 4}, flows: [ejemplo, ejemplo, ejemplo, ejemplo]}}\n"), None),
        ("over-cap", _campaign("    slots: [{weeks: 1-4, every: 1d, cap: {flows: 7}, from: [ejemplo]}]\n"), None),
        ("within-rest", _campaign("    rest: null\n    slots: [{weeks: 1-4, per_week: 1, from: [ejemplo], at: {after_shift: 4h-6h}}]\n"), None),
        ("within-rest", _campaign("    waves: {w: {suffix: bl, day: 0, flows: [ejemplo], at: {after_shift: 4h-6h}}}\n"), "4h-6h"),
        ("quiet-hours", _campaign("    slots: [{weeks: 1-4, per_week: 1, from: [ejemplo], window: {from: '20:00', to: '22:00'}}]\n"), "'22:00'"),
        ("quiet-hours", _campaign("    waves: {w: {suffix: bl, day: 0, flows: [ejemplo], window: {from: '08:00', to: '12:00'}}}\n"), "'08:00'"),
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
        ("variable-name", _flow("      - {call: a, flow: g}\n  g:\n    title: G\n    kind: survey\n    steps:\n"
            "      - {ask: a, text: A, answer: yes_no, records: un_nombre_de_treinta_y_un_signos}\n", "survey",
            "campaigns:\n  c:\n    title: C\n    anchor: x\n    window: {from: '10:00', to: '12:00'}\n"
            "    waves: {w: {suffix: bl, day: 0, flows: [f]}}\n"), "un_nombre_de"),
        ("variable-name", _flow("      - {ask: a, text: A, answer: {multi: {x: X, y: Y}}, records: un_nombre_de_22_caracte}\n", "survey",
            "campaigns:\n  c:\n    title: C\n    anchor: x\n    window: {from: '10:00', to: '12:00'}\n"
            "    waves: {w: {suffix: bl, day: 0, flows: [f]}}\n"), "un_nombre_de"),
        ("variable-name", _flow("      - {ask: a, text: A, answer: {scale: {max: 5}}, records: v, level: internal}\n", "survey",
            "campaigns:\n  c:\n    title: C\n    anchor: x\n    window: {from: '10:00', to: '12:00'}\n"
            "    waves: {w: {suffix: bl, day: 0, flows: [f]}}\n"
            "scores: {un_puntaje_de_treinta_y_un_signo: {title: P, level: internal, kind: mean, items: [v]}}\n"), "{title: P"),
        ("consent-question", _flow("      - {ask: a, text: A, answer: yes_no, consent: v1}\n"), "consent: v1"),
        ("consent-question", _flow("      - {ask: a, text: A, answer: text, consent: v1}\n", "consent"), "text, consent"),
        ("consent-question", (
            "flows:\n  a: {title: A, kind: consent, steps: [{ask: a, text: A, answer: yes_no, consent: v1}]}\n"
            "  b: {title: B, kind: consent, steps: [{ask: b, text: B, answer: yes_no, consent: v1}]}\n"
        ), "b: {title"),
        ("measured-feedback", _flow(
            "      - {ask: a, text: A, answer: yes_no, correct: si}\n"
            "      - {say: b, text: Bien, when: {step: a, is: si}}\n", "quiz"
        ), "{say: b"),
        ("measured-feedback", _flow(
            "      - {ask: a, text: A, answer: yes_no, correct: si, go: {si: b, no: end}}\n      - {say: b, text: Bien}\n", "quiz"
        ), "go: {si"),
        ("measured-feedback", _flow(
            "      - {ask: a, text: A, answer: yes_no, correct: si, go: {unclear: c}}\n"
            "      - {say: b, text: Gracias, go: end}\n      - {say: c, text: No le entendimos}\n", "quiz"
        ), None),
        ("measured-feedback", _flow(
            "      - {ask: a, text: A, answer: yes_no, correct: si}\n"
            "      - {branch: c, cases: [{when: {step: a, is: si}, go: b}], else: end}\n      - {say: b, text: Bien}\n", "quiz"
        ), "{step: a"),
        ("measured-feedback", _flow(
            "      - {ask: a, text: A, answer: yes_no, correct: si, records: v}\n"
            "      - {say: b, text: Bien, when: {var: v, is: si}}\n", "survey"
        ), "{say: b"),
        ("undefined-variable", _flow("      - {say: a, text: 'x, {{ nombre }} y {{ x }}'}\n"), "x }}'"),
        ("bad-template", _flow("      - {say: a, text: '{{ nombre }}, {{ a b }}'}\n"), "{{ a b"),
        ("bad-template", _flow("      - {say: a, text: '{{ nombre }} {# nota #}'}\n"), "{#"),
        ("text-cut", _flow("      - say: a\n        text: Marque al #911\n"), "#911"),
        ("call-loop", _flow("      - {call: a, flow: f}\n"), "f}"),
        ("loop-without-wait", _flow("      - {say: a, text: A}\n      - {set: b, values: {x: 1}, go: a}\n"), "{say: a, text: A}"),
        ("loop-without-wait", _flow("      - {say: a, text: A, go: a}\n"), "{say: a, text: A, go"),
    ],
)  # fmt: skip
def test_places_of_errors(code: str, excerpt: str, at: str | None) -> None:
    found = [_at(excerpt, problem) for problem in _found(excerpt) if problem.code == code]
    assert [text[: len(at or "")] for text in found] == ([at] if at else [])


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
        # A template of ours opens nothing: what follows a timeout before any answer needs one too, however short it is.
        ("template-missing", ("      - {ask: a, text: A, template: t, answer: yes_no, timeout: 1h, go: {timeout: b}}\n"
            "      - {say: b, text: B}\n"), 1),
        # After an answer there is a day, which several timeouts may use up.
        ("template-missing", ("      - {ask: z, text: Z, template: t, answer: yes_no}\n"
            "      - {ask: a, text: A, answer: yes_no, timeout: 13h, go: {timeout: b}}\n      - {say: b, text: B}\n"), 0),
        ("template-missing", ("      - {ask: z, text: Z, template: t, answer: yes_no}\n"
            "      - {ask: a, text: A, answer: yes_no, timeout: 13h, go: {timeout: b}}\n"
            "      - {ask: b, text: B, answer: yes_no, timeout: 13h, go: {timeout: c}}\n      - {say: c, text: C}\n"), 1),
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
        # A repeat is counted with its longest item, an item without a common text with the options.
        ("too-many-segments", (f"      - {{repeat: r, text: 'Diga: {{{{ item }}}}', answer: {{choice: {{x: X}}}}, items: {{a: {{text: '{'a' * 604}'}}}}}}\n"), 1),
        ("too-many-segments", (f"      - {{repeat: r, answer: {{choice: {{x: X}}}}, items: {{a: {{text: '{'a' * 610}'}}}}}}\n"), 1),
        ("too-many-segments", (f"      - {{repeat: r, answer: {{choice: {{x: X}}}}, items: {{a: {{text: '{'a' * 600}'}}}}}}\n"), 0),
        ("overlapping-aliases", "      - {ask: a, text: A, answer: {choice: {x: {label: X, also: ['2']}, y: Y}}}\n", 1),
        ("overlapping-aliases", "      - {ask: a, text: A, answer: {choice: {x: {label: Tiempo, also: [b)]}, y: Riesgo}}}\n", 1),
        ("overlapping-aliases", "      - {ask: a, text: A, answer: {choice: {x: {label: Tiempo, also: [La segunda]}, y: Riesgo}}}\n", 1),
        ("overlapping-aliases", "      - {ask: a, text: A, answer: {choice: {x: '0', y: '1', z: 2 o más}}}\n", 1),
        ("overlapping-aliases", "      - {ask: a, text: A, answer: {choice: {x: '1', y: {label: Dos, also: [b, segunda]}}}}\n", 0),
        ("overlapping-aliases", "      - {ask: a, text: A, answer: {scale: {max: 3, labels: {1: Nada, 3: NADA}}}}\n", 1),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: No hubo tiempo, y: Riesgo}}}\n", 1),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: No hubo tiempo, y: {label: Riesgo, also: ['no']}}}}\n", 0),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: Sí, y: 'No', z: No venía al caso}}}\n", 0),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: Nada de apoyo, y: Ninguna unidad, z: Otro}}}\n", 2),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: Nada de apoyo, y: Nada, z: Otro}}}\n", 0),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: No quise hacerlo así, y: Riesgo}}}\n", 0),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: Todo el turno, y: Medio turno}}}\n", 0),
        ("colliding-label", "      - {ask: a, text: A, answer: {multi: {x: Todo el turno, y: Medio turno}}}\n", 1),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: Riesgo, y: Riesgo para terceros, z: Mucho riesgo}}}\n", 2),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: Más, y: Menos, z: Mucho más}}}\n", 0),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: Después, y: Antes, z: Hola}}}\n", 2),
        ("colliding-label", "      - {ask: a, text: A, answer: {choice: {x: Mi jefe me acosa, y: Riesgo}}}\n", 1),
        ("keyword-option", "      - {ask: a, text: A, answer: {choice: {x: {label: X, also: [baja, Atrás, HELP, pausa 3 días]}}}}\n", 4),
        ("carrier-word", "      - {ask: a, text: A, answer: {choice: {x: {label: X, also: [YES]}, y: 'Yes, I did'}}}\n", 1),
        ("value-twice", "      - {ask: a, text: A, answer: {choice: {x: {label: X, value: y}, y: Y}}}\n", 1),
        # A question that may be left out does not stop a loop; one that is always asked does.
        ("loop-without-wait", ("      - {ask: a, text: A, answer: yes_no, when: {field: z, is: 1}}\n"
            "      - {say: b, text: B, go: a}\n"), 1),
        ("loop-without-wait", ("      - {ask: a, text: A, answer: yes_no, when: {field: z, is: 1}, go: {si: a}}\n"
            "      - {say: b, text: B}\n"), 0),
        ("never-happens", "      - {ask: a, text: A, answer: yes_no, timeout: 48h}\n", 1),
        ("never-happens", "      - {ask: a, text: A, answer: yes_no, timeout: 47h}\n", 0),
        ("never-happens", "      - {ask: a, text: A, answer: yes_no, go: {timeout: end, missing: end}}\n", 2),
        ("never-happens", "      - {ask: a, text: A, answer: {yes_no: {}, missing: [d]}, timeout: 1h, go: {timeout: end, missing: end}}\n", 0),
        ("single-brace", "      - {say: a, text: 'Hola {nombre}, {{ nombre }}, [z], <nombre> [opcional] {x'}\n", 3),
        ("text-cut", "      - {say: a, text: 'Marque al #911'} # nota\n", 0),
        ("text-cut", "      - say: a\n        text: Marque al #911\n", 1),
        ("text-cut", "      - say: a\n        text: |  # nota\n          Marque al #911\n        # nota\n", 0),
        ("typographic-quotes", "      - {say: a, text: “Hola”}\n      - {say: b, text: «Hola»}\n      - {say: c, text: La palabra “Hola”}\n", 1),
        ("variable-name", "      - {ask: un_paso_de_nombre_bastante_largo, text: A, answer: yes_no}\n", 1),
        *(("variable-name", f"      - {{ask: a, text: A, answer: yes_no, records: {name}}}\n", 1)
          for name in ("id", "if", "using", "str244", "to", "all", "while", "study_id", "wave")),
        # The longest way counts, not the number of questions; a called flow counts with it.
        ("too-many-questions", "      - {repeat: r, text: '{{ item }}', answer: yes_no, items: {a: {text: A}, b: {text: B}, c: {text: C}}}\n", 0),
        ("too-many-questions", "      - {repeat: r, answer: yes_no, items: {a: {text: A}, b: {text: B}, c: {text: C}, d: {text: D}}}\n", 0),
        ("too-many-questions", "      - {repeat: r, answer: yes_no, items: {a: {text: A}, b: {text: B}, c: {text: C}, d: {text: D}, e: {text: E}}}\n", 1),
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
        file.write_text(
            whole(_flow(f"      - {{say: a, text: '{'a' * 100}ó'}}\n", more=f"sms: {{plain: {plain}}}\n")),
            encoding="utf-8",
        )
        app = typer.Typer()
        app.command()(check)
        told = CliRunner().invoke(app, [str(file)]).stdout
        assert (re.search(r"its texts are \d+ SMS, and would be \d+ without", told) is not None) is shown


def test_a_damaged_flow_is_not_also_called_unwise() -> None:
    codes = _codes(
        _flow("      - {say: a, texto: A, go: end}\n      - {say: b, text: B}\n", more="answers: {x: {y: Y}}\n")
    )
    assert codes == {"unknown-key"}


def test_the_graph_of_a_flow() -> None:
    loaded = load(
        whole(
            _flow(
                "      - {ask: a, text: A, answer: {choice: {x: X, y: Y}, missing: [d]}, timeout: 1h, go: {x: c, timeout: d}}\n"
                "      - {say: b, text: B, when: {step: a, is: y}}\n"
                "      - {branch: c, cases: [{when: {any: [{step: a, in: [x, y]}, {not: {var: v, at_least: 2}}]}, go: a}]}\n"
                "      - {end: d}\n"
                "      - {repeat: r, answer: yes_no, items: {i: {text: I}}}\n"
                "      - {set: e, values: {v: 1}}\n"
            )
        ),
        "f",
    )
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


def _run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(check)
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    if isinstance(result.exception, UsageError):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_check_shows_line_column_and_caret() -> None:
    code, out, _ = _run(str(BROKEN / "names.yaml"), str(BROKEN / "colon.yaml"))
    assert code == 1
    assert (
        "names.yaml:17:13 [unknown-step] reporte → steps[0] → go: no step is called contato. Did you mean contacto?\n"
        in out
    )
    assert "\n            go: contato\n                ^\n" in out
    assert out.endswith("2 files: 13 errors, 0 warnings. `trato check --explain CODE` explains a code\n")


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
    assert error.endswith(",title=bad-template::ejemplo → steps[0] → text: {{ is not closed by }}. Write {{ x }}")
    assert warning.startswith("::warning ")


def test_an_annotation_escapes_what_github_takes_for_its_own() -> None:
    problem = Problem("a:b,c%d\re\nf", 2, 3, "x-y", "f → g", "h: i, j%\r\nk", "l", Severity.warning)
    assert _annotation(problem) == (
        "::warning file=a%3Ab%2Cc%25d%0De%0Af,line=2,col=3,title=x-y::f → g: h: i, j%25%0D%0Ak. l"
    )


def test_check_cannot_read(tmp_path: Path) -> None:
    for path, said in (
        (tmp_path / "nada.yaml", "No such file"),
        (tmp_path, "no flow file"),
        ("/proc/self/mem", "cannot read /proc"),
    ):
        with pytest.raises(UsageError, match=said):
            _run(str(path))


def test_check_of_standard_input() -> None:
    code, out, _ = _run("-", stdin=whole("title: 2\n"))
    assert code == 1
    assert out.startswith("standard input:1:8 [wrong-type] title: must be a text, got 2")


def test_check_of_something_endless() -> None:
    assert "[yaml-limit]" in _run("/dev/zero")[1]


def test_one_file_named_in_two_ways_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(whole(""), encoding="utf-8")
    assert _run(str(tmp_path), str(tmp_path / ".." / tmp_path.name / "a.yaml"))[1] == "1 file: nothing to report\n"


def test_nothing_of_a_file_reaches_the_terminal_but_what_can_be_seen(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        whole('title: x\x1b[31m\n"a\\nb": 1\n\'\x9b\': "\\e[2J"\ntimezone: "a\\ab"\n'), encoding="utf-8"
    )
    out = _run(str(tmp_path))[1]
    assert not set(out) & set(map(chr, {*range(32), *range(127, 160)} - {10}))
    assert "a.yaml:2:1 [unknown-key] a⏎b: there is no key a⏎b here" in out
    assert "no time zone is called a�b" in out


def test_the_caret_stands_below_its_place_behind_wide_and_combining_characters(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        whole(_flow("      - {say: a, template: t, text: '👍o\u0301 {{ x }} ya.'}\n")), encoding="utf-8"
    )
    line, caret = _run(str(tmp_path))[1].splitlines()[1:3]
    assert caret.index("^") == line.index("x }}"), "one more for the emoji, one less for the accent"


def test_check_looks_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(whole(""), encoding="utf-8")
    monkeypatch.setenv("TRATO_FLOWS", str(tmp_path))
    assert _run()[:2] == (0, "1 file: nothing to report\n")


def test_a_long_line_is_cut_around_the_place(tmp_path: Path) -> None:
    text = whole(_flow(f"      - {{say: a, template: t, text: '{'x' * 500} {{{{ nadie }}}} x.'}}\n"))
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    shown, caret = _run(str(tmp_path))[1].splitlines()[1:3]
    assert len(shown) <= 124
    assert shown[caret.index("^") :].startswith("nadie")
