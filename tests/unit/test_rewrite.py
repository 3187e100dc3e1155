"""`app.flows.yaml.rewrite`: any text goes into a file and comes out the same, however the old one was written, and nothing else in the
file changes by a byte."""

import copy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.flows.loader import load
from app.flows.texts import entries
from app.flows.yaml.emit import Value
from app.flows.yaml.rewrite import Unwritable, rewrite
from app.flows.yaml.source import Path as Spot
from app.flows.yaml.source import at, read
from tests.programmes import FIRST

DOCUMENT = """\
# Arriba
plain: Hola, mundo   # un comentario
several: Hola
  y adiós  # otro
double: "Buen día, {{ nombre }}: ¿sí?"
single: 'Es el ''mejor'''
literal: |-   # al lado
  Uno
    dos

  tres

folded: >-
    Un texto de más de un renglón
    que YAML vuelve a unir.

    Segundo párrafo.


# En medio
clipped: |
  Con su salto
kept: |+
  Con sus saltos


steps:
  - ask: uno
    text: >
      Con un salto
      al final
    answer: {choice: {si: {label: Sí, value: 1}, no: "No", nc: 'Nc', otro: {label: {es-MX: Otro, nah: Occe}}}}
    variables: ["{{ nombre }}", dos]
  # Antes del segundo
  - text: Último
    listed:
      - primero   # x
      - "segundo"
languages:
  es-MX: Hola
  nah: >-
    Nican nicah
    ya
  # Al final
  en: Hi   # c
next:
    Debajo
# Hasta abajo"""

PLACES: tuple[Spot, ...] = (
    ("plain",), ("several",), ("double",), ("single",), ("literal",), ("folded",), ("clipped",), ("kept",), ("steps", 0, "text"),
    ("steps", 0, "answer", "choice", "si", "label"), ("steps", 0, "answer", "choice", "no"), ("steps", 0, "answer", "choice", "nc"),
    ("steps", 0, "variables", 0), ("steps", 0, "variables", 1), ("steps", 1, "text"), ("steps", 1, "listed", 0),
    ("steps", 1, "listed", 1), ("languages", "es-MX"), ("languages", "nah"), ("next",),
)  # fmt: skip

ODD = (
    "no", "12:30", "2026-01-02", "0123", "1_000", "- x", "{a: b}", "[a]", "&a", "*b", "!tag", "%x", "@x", "`x`", "a: b", "a #b", "#",
    "{{ nombre }}", "Hola, {{ nombre }}: ¿sí?", '"', "'", 'El "mejor"', "it's", "null", "~", "true", "|", ">-", "---", "...", "? a",
    "=SUMA(A1)", "+52", "-", "\\", "C:\\n", "á é í ó ú ñ ¿¡", "👍🏽 👨‍👩‍👧", "a\nb", "a\n\nb", "a\n\n\nb\n", "  antes", "después  ",
    " a\nb", "a\n  b\nc", "a  b", "\n", "\na", "a\n", "a\t b", "\u00a0x", "\u2028", "\x85", "\ufeff", "a \nb", "x" * 1600,
    "palabra " * 200 + "fin", "<b>&amp;</b>", "\U0001f600", "a\r\nb", "a\rb", "\x07",
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(ODD),
    st.text(st.sampled_from("aeé ñ:#-{}[]\"'|>&*!%@`,?\n\t\\123"), min_size=1, max_size=40),
    st.lists(st.sampled_from(ODD), min_size=1, max_size=4).map(" ".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
)


def _wanted(text: str, values: dict[Spot, Value]) -> object:
    data = copy.deepcopy(read(text, "").data)
    for path, value in values.items():
        at(data, path[:-1])[path[-1]] = value
    return data


@given(st.dictionaries(st.sampled_from(PLACES), texts, min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_texts_come_out_as_they_went_in(values: dict[Spot, Value]) -> None:
    after = read(rewrite(DOCUMENT, values), "")
    assert after.problems == ()
    assert after.data == _wanted(DOCUMENT, values)
    assert (after.dates, after.zeros) == ((), ())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("place", PLACES)
def test_one_text_changes_only_its_own_lines(place: Spot, newline: str) -> None:
    document = DOCUMENT.replace("\n", newline)
    start, stop = _own_lines(document, place)
    for text in ODD:
        after = rewrite(document, {place: text})
        assert read(after, "").value(place) == text
        assert after.startswith(document[:start])
        assert after.endswith(document[stop:])
        assert newline == "\n" or "\n" not in after.replace("\r\n", "")


def _own_lines(text: str, place: Spot) -> tuple[int, int]:
    """From the beginning of a text's first line to its end, what follows on its last line not counted."""
    node = read(text, "").node(place)
    assert node is not None
    start, stop = node.span
    if node.style in ("|", ">"):
        stop = start + len(text[start:stop].rstrip())
    return text.rfind("\n", 0, start) + 1, stop


TRANSLATED = [place for place in PLACES if place[0] != "languages" and not isinstance(place[-1], int)]


@given(st.sampled_from(TRANSLATED), texts, texts)
@example(("several",), "a", "b\nc")
@example(("plain",), "Hola, mundo", "palabra " * 40)
@settings(max_examples=150, deadline=None)
def test_a_text_becomes_one_in_two_languages(place: Spot, own: str, other: str) -> None:
    before = str(read(DOCUMENT, "").value(place))
    for value in ({"es-MX": before, "nah": other}, {"label": {"es-MX": own, "nah": other}}):
        after = rewrite(DOCUMENT, {place: value})
        assert read(after, "").data == _wanted(DOCUMENT, {place: value})
        assert [line for line in DOCUMENT.splitlines() if line.startswith("#")] == [
            line for line in after.splitlines() if line.startswith("#")
        ]


@pytest.mark.parametrize("place", [("languages",), ("steps", 0, "answer", "choice", "otro", "label")])
@pytest.mark.parametrize(
    "value",
    [
        {"es-MX": "Otro"},
        {"nah": "Occe"},
        {"es-MX": "Uno", "nah": "Ce", "fr": "Un"},
        {"fr": "Un", "es-MX": "x: y"},
        {"nah": "Occe", "fr": "Un", "pt-BR": "Um\ndois"},
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_languages_come_and_go(place: Spot, value: dict[str, str], newline: str) -> None:
    document = DOCUMENT.replace("\n", newline)
    after = rewrite(document, {place: value})
    assert read(after, "").data == _wanted(document, {place: value})
    assert "# Al final" in after
    assert after.endswith(document[document.index("next:") :])


def _diff(place: Spot, value: Value) -> tuple[str, str]:
    """The lines that go and the lines that come."""
    before, after = DOCUMENT.split("\n"), rewrite(DOCUMENT, {place: value}).split("\n")
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return "\n".join(before), "\n".join(after)


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("plain",), "Adiós", "plain: Adiós   # un comentario"),
        (("plain",), "No", 'plain: "No"   # un comentario'),
        (("plain",), "a: b", 'plain: "a: b"   # un comentario'),
        (("several",), "a\nb", 'several: "a\\nb"  # otro'),
        (("double",), "Sí", 'double: "Sí"'),
        (("single",), "it's", "single: 'it''s'"),
        (("literal",), "Uno\n  dos\n\ncuatro", "  cuatro"),
        (("folded",), "Un texto de más de un renglón que YAML une.\nSegundo párrafo.", "    que YAML une."),
        (("clipped",), "Otro\n", "  Otro"),
        (("clipped",), "Otro", "clipped: |-\n  Otro"),
        (("steps", 0, "variables", 1), "{{ dos }}", '    variables: ["{{ nombre }}", "{{ dos }}"]'),
        (("steps", 1, "text"), "a\nb", "  - text: |-\n      a\n      b"),
        (
            ("steps", 1, "text"),
            "palabra " * 20 + "x",
            "  - text: >-\n      " + "palabra " * 13 + "palabra\n      " + "palabra " * 6 + "x",
        ),
        (("steps", 1, "text"), {"es-MX": "Último", "nah": "Tlami"}, "  - text: {es-MX: Último, nah: Tlami}"),
        (
            ("steps", 1, "text"),
            {"es-MX": "Último", "nah": "a\nb"},
            "  - text:\n      es-MX: Último\n      nah: |-\n        a\n        b",
        ),
        (("clipped",), {"es-MX": "Con su salto\n", "nah": "x"}, "clipped:\n  es-MX: |\n    Con su salto\n  nah: x"),
        (("next",), {"es-MX": "Debajo", "nah": "a\nb"}, "  es-MX: Debajo\n  nah: |-\n    a\n    b"),
    ],
)
def test_a_text_is_written_as_it_was_or_as_plainly_as_it_can_be(place: Spot, value: Value, expected: str) -> None:
    assert _diff(place, value)[1] == expected


@pytest.mark.parametrize(
    ("document", "value"),
    [
        ("text: {es-MX: Hola}\n", {"nah": "Occe"}),
        ("text: {es-MX: Hola}\n", "Hola"),
        ("text: [Hola]\n", "Hola"),
        ("text:\n  - Hola\n", {"es-MX": "Hola"}),
    ],
)
def test_what_cannot_be_written_in_place_is_refused(document: str, value: Value) -> None:
    with pytest.raises(Unwritable) as refused:
        rewrite(document, {("text",): value})
    assert refused.value.path == ("text",)


def test_nothing_is_written_that_does_not_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.flows.yaml.rewrite.scalar", lambda text, room, old: f"{text}\nmore: 1")
    with pytest.raises(Unwritable):
        rewrite("a: b\nc: d\n", {("a",): "x"})


def test_the_programme_with_every_text_as_it_is_stays_as_it_is() -> None:
    before = FIRST.read_text(encoding="utf-8")
    loaded = load(before, FIRST.name)
    assert loaded.context is not None
    values: dict[Spot, Value] = {entry.path: entry.texts["es-MX"] for entry in entries(loaded.context)}
    assert len(values) > 300
    assert rewrite(before, values) == before


def test_the_programme_keeps_all_that_is_no_text() -> None:
    before = FIRST.read_text(encoding="utf-8")
    loaded = load(before, FIRST.name)
    assert loaded.context is not None
    after = rewrite(before, {entry.path: f"{entry.texts['es-MX']} Más: #1\nfin" for entry in entries(loaded.context)})
    for sign in ("# ", " records:", " go:", " value:", " also:", " level:"):
        assert _with(before, sign) <= _with(after, sign)
    back = {entry.path: entry.texts["es-MX"] for entry in entries(loaded.context)}
    assert read(rewrite(after, back), "").data == loaded.source.data


def _with(text: str, sign: str) -> set[str]:
    """The text after a sign, line by line."""
    return {line[line.index(sign) :] for line in text.splitlines() if sign in line}


LISTS = """\
a:
  uno: Uno  # 1
  dos: {label: Dos, value: 2}   # 2
  tres: {label: Tres, also: [x, "y"], value: 3}  # 3
  cuatro:
    label: Cuatro  # 4
    also:
      - x  # 5
      # 6
      - "y"  # 7
    value: 4
  cinco: {label: {es: Cinco}}
  seis:
    label:
      es: Seis # 8
  siete:
    # 9
    label: Siete # 10
"""


@pytest.mark.parametrize(
    ("place", "value", "new"),
    [
        (("uno",), {"label": "Uno", "also": ("no, hubo", "sí")}, ['  uno: {label: Uno, also: ["no, hubo", sí]}  # 1']),
        (("dos", "also"), ("z",), ["  dos: {label: Dos, value: 2, also: [z]}   # 2"]),
        (("tres", "also"), ("x", "y", "z: 1"), ['  tres: {label: Tres, also: [x, "y", "z: 1"], value: 3}  # 3']),
        (("cuatro", "also"), ("x", "y", "a", "b"), ["      - a", "      - b"]),
        (("cinco", "also"), ("q",), ["  cinco: {also: [q], label: {es: Cinco}}"]),
        (("seis", "also"), ("q",), ["    also: [q]"]),
        (("siete", "also"), ("q",), ["    also: [q]"]),
    ],
)
def test_a_list_grows_at_its_end_and_every_comment_stays(place: Spot, value: Value, new: list[str]) -> None:
    changed = rewrite(LISTS, {("a", *place): value})
    assert [line for line in changed.splitlines() if line not in LISTS.splitlines()] == new
    assert changed.count("#") == LISTS.count("#")
    expected = list(value) if isinstance(value, tuple) else {"label": "Uno", "also": ["no, hubo", "sí"]}
    assert at(read(changed, "").data, ("a", *place)) == expected


@pytest.mark.parametrize(
    ("place", "value"), [(("tres", "also"), ("y", "x")), (("nada", "also"), ("x",)), (("tres", "value"), ("x",))]
)
def test_items_of_a_list_are_not_changed_in_place(place: Spot, value: Value) -> None:
    with pytest.raises((Unwritable, TypeError, KeyError)):
        rewrite(LISTS, {("a", *place): value})
