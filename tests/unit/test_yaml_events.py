"""The two parsers of YAML: whatever libyaml reads, ruamel.yaml reads alike."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import Event, NodeEvent, ScalarEvent

from app.flows.yaml.events import Doubtful, exact_events, quick_events

FLOWS = Path("flows/principles.yaml").read_text(encoding="utf-8")
SMALL = """\
# Una prueba
programme: prueba  # corta
texts: {hola: "¿Cómo está?", adios: 'Hasta \u2018luego\u2019'}
flows:
  saludo:
    - say: |
        Buenos días.

        Somos de la academia 👍.
    - ask: si
      text: >-
        ¿Tuvo contacto
        con la gente?
      options: [Sí, No, "No sé"]
      empty:
"""
SIGNS = [
    *" \n:#-?!&*|>'\"%@`{}[],\\/~=.0aé👍\t",
    "\n\n",
    "  ",
    "- ",
    ": ",
    "---\n",
    "...",
    '["a":b]',
    '{"a":1}',
    "|-",
    ">+",
    "\r\n",
    "{a,b}",
]


def shown(events: Iterator[Event]) -> list[tuple[object, ...]]:
    return [
        (
            type(event),
            getattr(event, "value", None),
            getattr(event, "style", None),
            getattr(event, "flow_style", None),
            *marks(event),
        )
        for event in events
    ]


def marks(event: Event) -> tuple[int, ...]:
    """The places of values and keys. Where an empty one is, the parsers see differently: the reader takes the place behind its key."""
    if not isinstance(event, NodeEvent) or (isinstance(event, ScalarEvent) and not event.value and not event.style):
        return ()
    start, end = event.start_mark, event.end_mark
    return start.index, start.line, start.column, end.index, end.line, end.column


@pytest.mark.parametrize("change", [str, lambda text: text.replace("\n", "\r\n")], ids=["unix", "windows"])
@pytest.mark.parametrize("text", [FLOWS, SMALL], ids=["principles", "small"])
def test_a_flow_file_is_read_quickly_and_alike(text: str, change: Callable[[str], str]) -> None:
    assert shown(quick_events(change(text))) == shown(exact_events(change(text)))


def test_a_text_with_any_slip_is_read_alike_or_left_to_the_exact_parser() -> None:
    chance, alike = random.Random(1), 0
    for _ in range(600):
        text = SMALL
        for _ in range(chance.choice([1, 1, 2, 3])):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice([*SIGNS, ""]) + text[at + chance.randrange(2) :]
        try:
            quick = shown(quick_events(text))
        except Doubtful:
            continue
        assert quick == shown(exact_events(text)), text
        alike += 1
    assert alike > 200


@pytest.mark.parametrize(
    "text",
    [
        "a: \t1",
        "a: 1\rb: 2",
        "%YAML 1.2\n---\na: 1",
        "a: &x 1",
        "a: !x 1",
        'a: ["b":c]',
        "a: |\n \n  b",
        "a: |#\n  b",
        "a: \u2028b",
        "a: {b",
    ],
)
def test_a_text_that_may_be_read_otherwise_is_left_to_the_exact_parser(text: str) -> None:
    with pytest.raises(Doubtful):
        list(quick_events(text))


def test_the_exact_parser_gives_the_error() -> None:
    with pytest.raises(YAMLError):
        list(exact_events("a: {b"))
