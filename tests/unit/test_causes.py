"""Faults of flow files whose consequences are easily taken for them: the report names the cause and its place."""

from pathlib import Path

import pytest

from app.cli.check import check
from app.errors import ConfigurationError, UsageError
from app.flows.language import mend
from app.flows.language.problems import Problem
from app.flows.loader import lint, load, load_folder

FILE = """\
programme: laurel
title: Seguimiento
timezone: America/Mexico_City
notices:
  help: Ayuda.
  opted_out: Listo.
  opted_in: Bienvenida.
  paused: Pausa.
  nothing_open: Nada.
  unclear: No le entendimos.
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    slots:
      - {weeks: 1-4, per_week: 2, from: [reporte]}
    waves:
      despues: {suffix: el, day: 60, flows: [reporte]}
flows:
  reporte:
    title: Reporte
    kind: report
    steps:
      - ask: contacto
        text: ¿Tuvo contacto?
        answer: yes_no
        go: {no: gracias}
      - say: bien
        text: >-
          Bien
          hecho.
      - say: gracias
        text: Gracias.
"""
"""The first step is on line 25, the last on 33."""


def _problems(*changes: tuple[str, str]) -> list[Problem]:
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return list(load(text, "f.yaml").problems)


def _places(problems: list[Problem]) -> list[tuple[int, int]]:
    return [(problem.line, problem.column) for problem in problems]


def test_the_file_is_right() -> None:
    assert _problems() == []


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ([("        answer", "\tanswer"), ("        go", "\t\tgo")], [(27, 1), (28, 1)]),
        ([("        answer", "    \tanswer"), ("Reporte", "Re\tporte")], [(22, 14), (27, 5)]),
        ([("- ask", "-\task"), ("- say: gracias", "-\tsay: gracias")], [(25, 8), (33, 8)]),
        ([("      - say: bien", "\t- say: bien")], [(29, 1)]),
    ],
)
def test_every_line_with_a_tab_is_reported(changes: list[tuple[str, str]], places: list[tuple[int, int]]) -> None:
    found = _problems(*changes)
    assert _places(found) == places
    assert all("there is a tab" in problem.text for problem in found)


def test_tabs_of_a_text_are_no_fault() -> None:
    tabs = (
        ("          hecho.", "          hecho.\tSí."),
        ("Gracias.", '"Gracias.\tSí."'),
        ("yes_no", "yes_no  #\tsí o no"),
    )
    assert _problems(*tabs) == []
    assert _places(_problems(*tabs, ("        go", "\tgo"))) == [(28, 1)]


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        (
            [("        answer", "\u00a0 " * 4 + "answer"), ("        text: Gr", "\u00a0" * 8 + "text: Gr")],
            [(27, 1), (34, 1)],
        ),
        ([("        answer:", "        answer:\u00a0")], [(27, 16)]),
        ([("- say: bien", "-\u00a0say: bien")], [(29, 8)]),
        ([("        go", "\u2003\u2003\u2003 \u3000   go")], [(28, 1)]),
        ([("          hecho.", "\u00a0" * 10 + "hecho.")], [(32, 1)]),
        ([("flows:\n  reporte", "\u00a0\nflows:\n  reporte")], [(20, 1)]),
        ([("flows:\n  reporte", "\u00a0# nota\nflows:\n  reporte")], [(20, 1)]),
        ([("  help:", "\u00a0\u00a0help:")], [(5, 1)]),
    ],
)
def test_a_space_that_yaml_does_not_know_is_reported_where_it_is_and_the_rest_is_read(
    changes: list[tuple[str, str]], places: list[tuple[int, int]]
) -> None:
    found = _problems(*changes)
    assert _places(found) == places
    assert all("a space here that is not a plain one" in problem.text for problem in found)
    assert _places(_problems(*changes, ("Reporte", "{}"))) == sorted([*places, (22 + (places == [(20, 1)]), 12)])


def test_such_spaces_within_texts_are_no_fault() -> None:
    inner = ("Gracias.", "Buen\u00a0turno."), ("          hecho.", "          \u00a0hecho."), ("Ayuda.", "\u00a0Ayuda.")
    assert _problems(*inner) == []


def test_such_a_space_within_braces_is_named() -> None:
    found = _problems(("{suffix: el,", "{suffix: el,\u00a0closes:\u00a07d,"))
    assert found[0].hint == "One of its spaces is not a plain one, U+00A0: delete it, and type a space"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("text: Gracias.", "text: #gracias", (34, 14)),
        ("text: Gracias.", "text: # gracias", (34, 14)),
        ("text: ¿Tuvo contacto?", "text:   #contacto", (26, 14)),
        ("title: Seguimiento", "title: #Seguimiento", (2, 7)),
        ("suffix: el, day: 60", "suffix: el, day: #60\n        60", (19, 35)),
    ],
)
def test_a_value_that_is_a_comment_is_told_in_its_place(old: str, new: str, place: tuple[int, int]) -> None:
    found = [problem for problem in _problems((old, new)) if "comment" in problem.text]
    if new.startswith("suffix"):  # the number is there all the same, on the next line
        assert found == []
    else:
        assert _places(found) == [place]
        assert "there is nothing but a comment here: #" in found[0].text


def test_a_comment_in_the_place_of_what_may_be_left_out_is_a_warning() -> None:
    loaded = load(FILE.replace("answer: yes_no", "answer: yes_no\n        template: #reporte"), "f.yaml")
    assert [(problem.code, problem.line) for problem in lint(loaded) if "comment" in problem.text] == [("text-cut", 28)]
    loaded = load(FILE.replace("answer: yes_no", "answer: yes_no\n        template: # todavía no"), "f.yaml")
    assert [problem for problem in lint(loaded) if "comment" in problem.text] == []


@pytest.mark.parametrize(
    "value",
    ["02/03/2026", "2026-03-02", '"02-03-26"', "2 de marzo", "lunes 2 de marzo de 2026", "46083", "[2026-03-02]"],
)
def test_a_date_as_anchor_is_told_that_the_name_of_a_column_is_meant(value: str) -> None:
    (found,) = _problems(("anchor: workshop_date", f"anchor: {value}"))
    assert found.text.startswith("must be the name of a column with dates, not a date")
    assert found.hint.startswith("Write workshop_date")


@pytest.mark.parametrize(
    ("value", "right"),
    [("60 días", "60"), ("60d", "60"), ("día 60", "60"), ("2 semanas", "14"), ("7 días antes", "-7"), ("-7 días", "-7"), ("sesenta", "60"),
     ("2 meses", ""), ("60 o 67", ""), ("60-67", ""), ("pronto", ""), ("48 horas", "")],
)  # fmt: skip
def test_a_day_with_its_unit_is_told_the_number(value: str, right: str) -> None:
    (found,) = _problems(("day: 60", f"day: {value}"))
    assert found.hint == (f"Write {right}" if right else "")


@pytest.mark.parametrize(
    ("value", "whole", "right"),
    [("3 mensajes", True, "3"), ("dos", True, "2"), ("1,500", True, "1500"), ("1,5 puntos", False, "1.5"), ("1,5 puntos", True, ""),
     ("50 %", False, "0.5"), ("900 pesos", False, "900"), ("2 semanas", True, "2"), ("", True, ""), ("10:30", True, ""), ("9" * 40, False, "1e+40")],
)  # fmt: skip
def test_a_number_among_words(value: str, whole: bool, right: str) -> None:
    assert mend.number(value, whole=whole, in_days=False) == right


def test_a_step_that_stands_twice_comes_before_what_follows_from_it() -> None:
    found = _problems(("- say: gracias", "- say: bien"))
    assert [(problem.code, problem.line) for problem in found] == [("duplicate-step", 33), ("unknown-step", 28)]
    assert found[0].hint == "Give one of them another name, such as gracias, to which a go leads"


def test_a_key_that_stands_twice_comes_before_the_names_that_are_missing() -> None:
    found = _problems(
        ("from: [reporte]", "from: [otro]"), ("        text: Gracias.\n", "        text: Gracias.\n  reporte: {}\n")
    )
    assert [problem.code for problem in found][:2] == ["yaml-duplicate-key", "unknown-flow"]
    assert found[0].line > found[1].line


def test_a_file_with_the_ending_of_notepad_is_told_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "seguimiento.yaml.txt"
    file.write_text(FILE, encoding="utf-8")
    (loaded,) = load_folder(tmp_path)
    assert [(problem.code, problem.hint.partition(";")[0]) for problem in loaded.problems] == [
        ("file-name", "Rename it to seguimiento.yaml")
    ]
    with pytest.raises(UsageError, match=r"seguimiento\.yaml is called .*seguimiento\.yaml\.txt: rename it"):
        check([tmp_path / "seguimiento.yaml"])
    file.rename(tmp_path / "seguimiento.txt")
    with pytest.raises(ConfigurationError, match=r"if seguimiento\.txt is one, rename it to seguimiento\.yaml"):
        load_folder(tmp_path)
    assert capsys.readouterr().out == ""
