"""Where everything of a drawing stands: the steps one below the other in the order of the file, each a card whose rows
are the ways out of it; a way to the next card goes straight down, every other one runs in a lane at the right. Measures
in pixels; draws nothing.

A layered layout (Sugiyama) was tried on the programme's flows with graphlay, of the libraries on PyPI the one with a fitting
licence, edge labels and no Graphviz: a report of eight steps became 1,600 pixels wide, in an order that is not the
file's, and one of 300 steps 3,700 by 43,000. Here a way's words stand in its card, so that none can cover another; the
drawing is about as wide as a sheet however long it gets; and nothing need be installed. All ways to one step share a
lane, so that few cross."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.flows.diagram.content import END, Diagram, Edge, Node
from app.flows.diagram.lettering import clean, short, width, wrap

MARGIN, CARD, PAD, INDENT = 28.0, 470.0, 16.0, 16.0
HEAD, PILL, ARROW, GAP = 32.0, 30.0, 38.0, 22.0
"""Heights: of a card's heading, of the start and the end, and between two cards with and without an arrow."""

_LANE, _FIRST_LANE = 17.0, 30.0
_LONGEST_TEXT, _LONGEST_NOTE = 320, 170


@dataclass(frozen=True, slots=True)
class Style:
    """How lines are lettered: `size` of the letters, `line` from one to the next."""

    size: float
    line: float
    bold: bool = False
    italic: bool = False
    quiet: bool = False


TITLE, TEXT, LABEL = Style(20, 26, bold=True), Style(14, 19), Style(12, 16)
NOTE, CONDITION = Style(12, 16, quiet=True), Style(12, 16, italic=True, quiet=True)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines below each other; `y` is the base line of the first."""

    y: float
    lines: tuple[str, ...]
    style: Style


class Way(StrEnum):
    """How a row goes on: to the next card, along a lane, or nowhere."""

    down = "down"
    lane = "lane"
    out = "out"


@dataclass(frozen=True, slots=True)
class Row:
    """A way out of a card: its words, what it `leads` to as it is written, and how. `y` is its middle."""

    target: str
    label: Block
    leads: str
    way: Way
    top: float
    y: float


@dataclass(frozen=True, slots=True)
class Card:
    """A step where it stands. `number` counts from 1; `arrow` says that something leads to the next card or the end."""

    node: Node
    number: int
    x: float
    y: float
    width: float
    height: float
    blocks: tuple[Block, ...]
    rows: tuple[Row, ...]
    arrow: bool

    @property
    def door(self) -> float:
        """The height at which a lane comes in."""
        return self.y + HEAD / 2


@dataclass(frozen=True, slots=True)
class Bus:
    """The lane to one card, at `x`: from the rows at the heights `sources` to its `door`."""

    target: str
    x: float
    sources: tuple[float, ...]
    door: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing's measures. `start` and `end` are the tops of the two pills; no `end` if the last card does not lead
    there, for the others say for themselves that they end."""

    width: float
    height: float
    head: tuple[Block, ...]
    start: float
    cards: tuple[Card, ...]
    buses: tuple[Bus, ...]
    end: float | None


def layout(diagram: Diagram) -> Layout:
    """Place a diagram. The same diagram is always placed the same."""
    numbers = {node.name: number for number, node in enumerate(diagram.nodes)}
    leaving: dict[str, list[Edge]] = {node.name: [] for node in diagram.nodes}
    for edge in diagram.edges:
        leaving[edge.source].append(edge)
    head, start = _head(diagram)
    y = start + PILL + ARROW
    cards: list[Card] = []
    for number, node in enumerate(diagram.nodes[1:-1], 1):
        card = _card(node, y, leaving[node.name], diagram.nodes[number + 1].name, numbers)
        cards.append(card)
        y += card.height + (ARROW if card.arrow else GAP)
    end = y if cards[-1].arrow else None
    buses = tuple(_buses(cards))
    right = max([MARGIN + CARD, *(bus.x for bus in buses)]) + MARGIN
    return Layout(right, y + (PILL + MARGIN if end else MARGIN - GAP), head, start, tuple(cards), buses, end)


def _head(diagram: Diagram) -> tuple[tuple[Block, ...], float]:
    """The title and what is said below it, and where the drawing may begin."""
    blocks: list[Block] = []
    y = MARGIN
    for style, text in ((TITLE, diagram.title), *((NOTE, line) for line in diagram.about)):
        block, y = _block(y, clean(text), CARD, style)
        blocks.append(block)
    return tuple(blocks), y + 14


def _block(top: float, text: str, room: float, style: Style) -> tuple[Block, float]:
    """Lines from `top` on, and where they end."""
    lines = tuple(wrap(text, room, style.size, bold=style.bold))
    return Block(top + style.size * 0.9, lines, style), top + style.line * len(lines)


def _card(node: Node, y: float, edges: list[Edge], following: str, numbers: dict[str, int]) -> Card:
    indent = INDENT * len(node.within)
    wide = CARD - indent
    blocks: list[Block] = []
    bottom = y + HEAD
    for style, text in _texts(node):
        block, bottom = _block(bottom + 7, text, wide - 2 * PAD, style)
        blocks.append(block)
    bottom += 10 if blocks else 0
    rows: list[Row] = []
    for edge in edges:
        if edge.labels or edge.target != following:
            row = _row(edge, bottom, wide, following, numbers)
            rows.append(row)
            bottom += 2 * (row.y - bottom)
    arrow = any(edge.target == following for edge in edges)
    return Card(node, numbers[node.name], MARGIN + indent, y, wide, bottom - y, tuple(blocks), tuple(rows), arrow)


def _texts(node: Node) -> Iterator[tuple[Style, str]]:
    if node.condition:
        yield CONDITION, clean(f"Solo si {node.condition}")
    if text := clean(node.text):
        yield TEXT, short(text, _LONGEST_TEXT)
    for note in node.notes:
        yield NOTE, short(clean(note).replace("\n", " "), _LONGEST_NOTE)


def _row(edge: Edge, top: float, wide: float, following: str, numbers: dict[str, int]) -> Row:
    way = Way.down if edge.target == following else Way.out if edge.target == END else Way.lane
    back = numbers[edge.target] <= numbers[edge.source]
    sign = {Way.down: "↓", Way.out: "■", Way.lane: "↑" if back else "→"}[way]
    name = "fin" if edge.target == END else f"{numbers[edge.target]} {edge.target.rpartition('.')[2]}"
    leads = f"{sign} {name}"
    words = clean(" · ".join(edge.labels)).replace("\n", " ") or "después"
    label, bottom = _block(top + 7, words, wide - 3 * PAD - width(leads, LABEL.size, bold=True), LABEL)
    return Row(edge.target, label, leads, way, top, (top + bottom + 5) / 2)


def _buses(cards: list[Card]) -> Iterator[Bus]:
    """A lane for every card that something jumps to; the shortest nearest, two in one if they do not come close."""
    doors = {card.node.name: card.door for card in cards}
    sources: dict[str, list[float]] = {}
    for row in (row for card in cards for row in card.rows if row.way is Way.lane):
        sources.setdefault(row.target, []).append(row.y)
    spans = {target: (min(*ys, doors[target]), max(*ys, doors[target])) for target, ys in sources.items()}
    lanes: list[list[tuple[float, float]]] = []
    for target in sorted(spans, key=lambda name: (spans[name][1] - spans[name][0], spans[name])):
        low, high = spans[target]
        free = (place for place, lane in enumerate(lanes) if all(high + GAP < a or b + GAP < low for a, b in lane))
        place = next(free, len(lanes))
        lanes[place:] = lanes[place:] or [[]]
        lanes[place].append((low, high))
        x = MARGIN + CARD + _FIRST_LANE + place * _LANE
        yield Bus(target, x, tuple(sources[target]), doors[target])
