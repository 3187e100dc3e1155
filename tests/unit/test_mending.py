"""Faults told to authors: of lines that are not YAML, of wrong notations, of words that are close to others. By their words,
for an author who cannot act on a message has not been helped."""

import pytest

from app.flows.language import mend
from app.flows.language.explain import as_yaml
from app.flows.language.nearby import did_you_mean, slug
from app.flows.language.problems import Problem
from app.flows.loader import load
from tests.excerpts import whole

_FILE = """\
programme: x
flows:
  f:
    title: F
    steps:
      - ask: a
        text: ¿Lo usó?
        answer: {choice: {si: Sí, no: "No"}}
        variables: ["{{ nombre }}"]
      - say: b
        text: Gracias.
"""


def _first(old: str, new: str) -> Problem:
    assert old in _FILE
    return load(_FILE.replace(old, new), "f").problems[0]


@pytest.mark.parametrize(
    ("old", "new", "place", "text", "hint"),
    [
        ("Gracias.", "Gracias: hasta luego.", (11, 22), "a text with a colon needs quotes", 'Write the whole text in "quotes"'),
        ("        text: G", "\t    text: G", (11, 1), "there is a tab in the indentation", "Use spaces"),
        ("Gracias.", "Gracias.\tAdiós", (11, 23), "there is a tab here", "Use a space"),
        ("Gracias.", "Gracias.\t", (11, 23), "there is a tab at the end of the line", "Delete it"),
        ("Gracias.", "Gracias.\t# nota", (11, 23), "there is a tab here", "Use a space"),
        ("        text: G", "       text: G", (11, 8), "not indented like those", "It has 7 spaces; it may have 4 (line 5) or 8 (line 10)"),
        ("      - say: b", "    - say: b", (10, 5), "not indented like those", "It has 4 spaces; it may have 6 (line 6)"),
        ("      - say: b", "      say: b", (10, 7), "not indented like those", "Begin it with - if it is a new one"),
        ("        text: G", "          text: G", (11, 11), "this key is further in", "Indent it with 8 spaces, like the key of line 10"),
        ("flows:", "flows", (2, 6), "a colon is missing behind this key", "Write flows:"),
        ("answer: {", "answer {", (8, 15), "a colon is missing behind this key", "Write answer:"),
        ("text: G", "text G", (11, 9), "this line has no key with a colon", "indent it with more than 8 spaces"),
        ("text: G", "text:G", (11, 13), "a colon needs a space behind it", "Write text: Gracias"),
        ("Gracias.", "Gracias.\n          Nota: adiós.", (12, 15), "a text with a colon needs quotes", "it began above this line"),
        ("Gracias.", "Gracias.\n        Adiós.", (12, 9), "this line has no key with a colon", "more than 8 spaces"),
        ("- say", "-say", (10, 7), "a dash needs a space behind it", "Write - say:"),
        ("- say", "• say", (10, 7), "a list is written with a plain -", "Write - and a space"),
        ("- say", "– say", (10, 7), "a list is written with a plain -", "Write - and a space"),
        ("Gracias.", '"Gracias", le dije.', (11, 24), "the text goes on behind the quotes", "Put ' around the whole text"),
        ("Gracias.", "'Diga 'gracias'.'", (11, 22), "the text goes on behind the quotes", 'Put " around the whole text'),
        ("Gracias.", '"Gracias.', (11, 15), "a text in quotes does not end", 'Write " at its end'),
        ("¿Lo usó?", '"¿Lo usó?', (7, 15), "goes on to line 8", 'Write " at its end'),
        ("Gracias.", '"Vaya a C:\\dir"', (11, 25), "a \\ has a meaning of its own", "Write it twice"),
        ("Gracias.", "@todos", (11, 15), "a text that begins with @ needs quotes", "Write the whole"),
        ("Gracias.", "- gracias", (11, 15), "a text that begins with - needs quotes", "Write the whole"),
        ("Gracias.", "-", (11, 15), "a text that begins with - needs quotes", "Write the whole"),
        ("Gracias.", "[Voz] Gracias.", (11, 15), "a text that begins with [ needs quotes", "Write the whole"),
        ("Gracias.", "{{ nombre }}, gracias.", (11, 16), "a text that begins with {{ needs quotes", "Write the whole"),
        ("Gracias.", "| Gracias.", (11, 15), "behind | the text begins on the next line", "Break the line"),
        ('["{{ nombre }}"]', "[“{{ nombre }}”]", (9, 21), "“ is not a quotation mark of YAML", 'Type a plain "'),
        ('"No"}}', '"No"}}}', (8, 45), "there is a } too many", "Delete it"),
        ('"No"}}', '"No"}', (8, 17), "{ is not closed", "Write } at the end"),
        ("si: Sí,", "si: Sí: claro,", (8, 33), "between { and } something cannot be read", "a comma between its parts"),
    ],
)  # fmt: skip
def test_a_line_that_is_not_yaml(old: str, new: str, place: tuple[int, int], text: str, hint: str) -> None:
    problem = _first(old, new)
    assert (problem.line, problem.column) == place
    assert text in problem.text
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("excerpt", "code", "hint"),
    [
        ("language: Español\n", "wrong-name", "Write es-MX"),
        ("language: es_mx\n", "wrong-name", "Write es-MX"),
        ("timezone: México\n", "unknown-timezone", "America/Mexico_City, America/Monterrey"),
        ("timezone: America/Mexico City\n", "unknown-timezone", "Did you mean America/Mexico_City?"),
        ("titulo: X\n", "unknown-key", "There is: "),
        ("answers: {x: {y: {etiqueta: Y}}}\n", "unknown-key", "Did you mean label?"),
        ("answers: {x: {y: {label:Y}}}\n", "unknown-key", "Write a space behind its colon"),
        ("answers: {x: {Sí: Sí}}\n", "wrong-name", "Write si"),
        ("answers: {x: {opciones: {a: A}}}\n", "unknown-key", "There is: also, label, misconception, value"),
        ("answers: {x: {y: {label: true}}}\n", "wrong-type", 'Put it in quotes: "true"'),
        ("fields: sector\n", "wrong-type", "Write [sector]"),
        ("campaigns: {c: {title: C, anchor: x, window: {from: 9am, to: '24:00'}}}\n", "hour", "Write 09:00"),
        ("campaigns: {c: {title: C, anchor: x, window: {desde: '10:00', to: '12:00'}}}\n", "unknown-key", "Did you mean from?"),
        ("campaigns: {c: {title: C, anchor: x}}\n", "missing-key", 'Add it, such as window: {from: "10:00", to: "20:00"}'),
        ("notices: {}\n", "missing-key", "Add it, such as opted_out: "),
    ],
)  # fmt: skip
def test_what_is_written_wrongly_is_told_how_to_be_written(excerpt: str, code: str, hint: str) -> None:
    problems = [problem for problem in load(whole(excerpt), "f").problems if problem.code == code]
    assert hint in " ".join(problem.hint for problem in problems)


@pytest.mark.parametrize(
    ("right", "value", "expected"),
    [
        (mend.duration, "2 horas", "2h"), (mend.duration, "3 días", "3d"), (mend.duration, "1 semana", "1w"), (mend.duration, "30 min.", "30m"),
        (mend.duration, 48, "48h for hours, or 48d for days"), (mend.duration, "0 horas", ""), (mend.duration, "pronto", ""),
        (mend.duration, True, ""), (mend.duration, "9999999 horas", ""),
        (mend.hour, "9am", "09:00"), (mend.hour, "12 p.m.", "12:00"), (mend.hour, "12 am", "00:00"), (mend.hour, "7:30 PM", "19:30"),
        (mend.hour, "9.30", "09:30"), (mend.hour, 9.3, "09:30"), (mend.hour, 19, "19:00"), (mend.hour, "19 hrs", "19:00"),
        (mend.hour, "“10:00”", "10:00"), (mend.hour, "24:00", "23:59"), (mend.hour, "25:00", ""), (mend.hour, "15 pm", ""),
        (mend.hour, None, ""), (mend.hour, 1e30, ""),
        (mend.weeks, "1–4", "1-4"), (mend.weeks, "1 a 4", "1-4"), (mend.weeks, "semanas 5 - 12", "5-12"), (mend.weeks, "4-1", "1-4"),
        (mend.weeks, "0", ""), (mend.weeks, "todas", ""),
        (mend.name, "Aplicó", "aplico"), (mend.name, "Año 1", "anio_1"), (mend.name, "1a vez", "a_1a_vez"), (mend.name, "¡!", ""),
        (mend.name, "x" * 40, "x" * 32), (mend.language, "inglés", "en"), (mend.language, "?", ""),
    ],
)  # fmt: skip
def test_the_right_notation(right: object, value: object, expected: str) -> None:
    assert callable(right)
    assert right(value) == expected


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("nivel", ["level", "label"], "Did you mean level?"),
        ("Retroalimentación", ["feedback"], "Did you mean feedback?"),
        ("GRACIAS", ["gracias", "gracia"], "Did you mean gracias?"),
        ("sin_contato", ["contacto", "sin_contacto"], "Did you mean sin_contacto?"),
        # A word that is there is never passed over for one that it means.
        ("texto", ["text", "texto_largo"], "Did you mean text?"),
        ("xyz", ["uno", "dos"], "There is: dos, uno"),
        ("xyz", [str(number) for number in range(9)], ""),
        ("xyz", [], ""),
    ],
)  # fmt: skip
def test_did_you_mean(word: str, known: list[str], said: str) -> None:
    assert did_you_mean(word, known) == said


def test_a_word_at_its_plainest() -> None:
    assert [slug(word) for word in ("Sí/No", "  Señal  ", "a__b", "ÁÉÍ", "…")] == ["si_no", "senial", "a_b", "aei", ""]


def test_an_example_is_written_as_yaml() -> None:
    assert as_yaml([{"a": "b: c", "d": 1, "e": True}, "f"]) == '[{a: "b: c", d: 1, e: true}, f]'
