"""A diagram as one HTML page: the steps as cards in the order of the file, each way out a link to its card. No script, no
network, one style sheet that a strict policy names by its hash. The same diagram gives the same page."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.flows.diagram.content import END, WORDS, Diagram, DiagramEdge, DiagramNode, name_of
from app.flows.diagram.wording import clean

_STYLE = Path(__file__).parent / "templates" / "page.css"


@dataclass(frozen=True, slots=True)
class Link:
    """A way out of a card: the answers or conditions that take it, and where it leads."""

    label: str
    target: str
    sign: str
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """A step on the page. `number` counts from 1; `arrow` says that a way leads to the next card; `jumps` are the cards,
    other than the one above, with a way to this one; `inner` are the steps of a called flow that is written out."""

    node: DiagramNode
    number: int
    name: str
    ways: tuple[Link, ...]
    arrow: bool
    jumps: tuple[Link, ...]
    inner: "tuple[Card, ...]"


def page(diagram: Diagram) -> str:
    """The diagram as a whole HTML file."""
    style = _STYLE.read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            diagram=diagram,
            cards=_Cards(diagram).at(()),
            kinds=WORDS,
            style=style,
            policy=f"default-src 'none'; style-src 'sha256-{_digest(style)}'",
            end=END,
        )
    )


def cards(diagram: Diagram) -> str:
    """The cards of a diagram as a piece of HTML, without a style, for another page."""
    found = _Cards(diagram).at(())
    return _environment().get_template("cards.html.j2").render(diagram=diagram, cards=found, kinds=WORDS, end=END)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("app.flows.diagram"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["clean"] = clean
    return environment


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Cards:
    """The cards of a diagram, the steps of called flows within those of their calls."""

    def __init__(self, diagram: Diagram) -> None:
        self.steps = list(enumerate(diagram.nodes))[1:-1]
        self.numbers = {node.name: number for number, node in enumerate(diagram.nodes)}
        self.following = {node.name: after.name for node, after in zip(diagram.nodes, diagram.nodes[1:], strict=False)}
        self.leaving: dict[str, list[DiagramEdge]] = {node.name: [] for node in diagram.nodes}
        self.jumping: dict[str, list[str]] = {node.name: [] for node in diagram.nodes}
        for edge in diagram.edges:
            self.leaving[edge.source].append(edge)
            if self.following[edge.source] != edge.target:
                self.jumping[edge.target].append(edge.source)

    def at(self, within: tuple[str, ...]) -> tuple[Card, ...]:
        """The cards of the steps that are written out directly within these calls."""
        return tuple(self._card(number, node) for number, node in self.steps if node.within == within)

    def _card(self, number: int, node: DiagramNode) -> Card:
        edges, following = self.leaving[node.name], self.following[node.name]
        ways = tuple(self._way(edge) for edge in edges if edge.labels or edge.target != following)
        arrow = any(edge.target == following for edge in edges)
        jumps = tuple(self._back(source) for source in dict.fromkeys(self.jumping[node.name]))
        return Card(node, number, name_of(node), ways, arrow, jumps, self.at((*node.within, node.name)))

    def _way(self, edge: DiagramEdge) -> Link:
        back = self.numbers[edge.target] <= self.numbers[edge.source]
        sign = (
            "■" if edge.target == END else "↑" if back else "↓" if edge.target == self.following[edge.source] else "→"
        )
        return Link(clean(" · ".join(edge.labels)) or "después", edge.target, sign, self._numbered(edge.target))

    def _back(self, source: str) -> Link:
        return Link("", source, "", self._numbered(source))

    def _numbered(self, name: str) -> str:
        return "fin" if name == END else f"{self.numbers[name]} {name.rpartition('.')[2]}"
