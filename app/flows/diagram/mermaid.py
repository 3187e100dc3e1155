"""A diagram as Mermaid text, for a wiki, an issue or any page that renders it. In labels, every character with a
meaning in some release of Mermaid is written as a code, so that no text can be taken for syntax, Markdown, an
icon, a formula or a comment. Shows less than the page: Mermaid sets long labels badly."""

import json
import re
from collections.abc import Iterator

from app.flows.diagram.content import FILLS, WORDS, Diagram, DiagramNode, NodeKind, name_of
from app.flows.diagram.wording import clean, short

MOST_CHARACTERS, MOST_EDGES = 50_000, 500
"""Mermaid's default limits; only the embedding page can raise them."""

_LONGEST = 140
_SPECIAL = re.compile(
    r"""["#$%&*<>@[\\`~]"""  # ends the label, or is a code, a formula, a comment, a tag, a link, a \n, Markdown
    r"""|:(?! )|(?<![^\W_])_|_(?![^\W_])|(?<=www)\."""  # an icon or an address; emphasis; a bare address
    r"""|^[-+=]|^\d+(?=[.)])""",  # a list or a heading
    re.MULTILINE,
)

_PAIRS = re.compile(r"[$\\]")
"""Characters that form a formula or a line break with the next one, even as codes: a zero-width space separates them."""

_SHAPES = {
    NodeKind.start: '(["{}"])', NodeKind.say: '("{}")', NodeKind.ask: '["{}"]', NodeKind.branch: '{{"{}"}}', NodeKind.set: '[/"{}"/]',
    NodeKind.call: '[["{}"]]', NodeKind.stop: '(["{}"])', NodeKind.end: '(["{}"])',
}  # fmt: skip


def mermaid(diagram: Diagram) -> str:
    """The diagram as the text of a Mermaid flowchart."""
    marks = {node.name: f"n{number}" for number, node in enumerate(diagram.nodes)}
    lines = ["---", f"title: {json.dumps(clean(diagram.title), ensure_ascii=False)}", "---", "flowchart TD"]
    lines += [f"    accTitle: {escaped(diagram.title)}", f"    accDescr: {escaped('. '.join(diagram.about))}"]
    lines += _nodes(diagram, marks)
    for edge in diagram.edges:
        label = escaped(clean(" · ".join(edge.labels)))
        arrow = f'-->|"{label}"|' if label else "-->"
        lines.append(f"    {marks[edge.source]} {arrow} {marks[edge.target]}")
    for kind, colour in FILLS.items():
        if named := [marks[node.name] for node in diagram.nodes if node.kind is kind]:
            lines.append(f"    classDef {kind}_step fill:{colour},stroke:#566072,color:#1d2430")
            lines.append(f"    class {','.join(named)} {kind}_step")
    return "\n".join([*lines, ""])


def _nodes(diagram: Diagram, marks: dict[str, str]) -> Iterator[str]:
    """The nodes in order; the steps of a called flow within a frame."""
    open_: tuple[str, ...] = ()
    for number, node in enumerate(diagram.nodes):
        while open_ != node.within[: len(open_)]:
            yield "    " * len(open_) + "end"
            open_ = open_[:-1]
        for call in node.within[len(open_) :]:
            open_ = (*open_, call)
            yield "    " * len(open_) + f'subgraph {marks[call]}f["{escaped(call)}"]'
        label = _SHAPES[node.kind].format(_label(node, number))
        yield "    " * (len(open_) + 1) + f"{marks[node.name]}{label}"


def _label(node: DiagramNode, number: int) -> str:
    if node.kind in (NodeKind.start, NodeKind.end):
        return WORDS[node.kind].capitalize()
    parts = [f"{number} {name_of(node)}", f"Solo si {node.condition}" if node.condition else "", node.text]
    return "<br/>".join(escaped(short(clean(part), _LONGEST)) for part in parts if part)


def escaped(text: str) -> str:
    """A text for a quoted label. A line break becomes the one tag that Mermaid allows."""
    apart = _PAIRS.sub("\\g<0>\u200b", text)
    coded = _SPECIAL.sub(lambda found: "".join(f"#{ord(character)};" for character in found[0]), apart)
    return coded.replace("\n", "<br/>")


def too_large(text: str, diagram: Diagram) -> bool:
    """Whether Mermaid refuses the text with its default limits."""
    return len(text) > MOST_CHARACTERS or len(diagram.edges) > MOST_EDGES
