"""A diagram as SVG: one still picture that needs nothing beside it, and may stand in a page with a strict policy: no
script, style sheet, font or identifier of its own but those of its title. Text is text, in the order it is read."""

from collections.abc import Iterator
from html import escape

from app.flows.diagram.content import FILLS, WORDS, Diagram, name_of
from app.flows.diagram.layout import HEAD, MARGIN, PAD, Block, Bus, Card, Layout, Row, Way, layout
from app.flows.diagram.lettering import clean

_FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
_INK, _QUIET, _RULE = "#1d2430", "#566072", "#c9d0da"
_LANES = ("#1d5fa6", "#a34a00", "#24703a", "#77379c", "#a3195b", "#00696f")
"""Dark enough to be read in grey; neighbours differ."""


def svg(diagram: Diagram) -> str:
    """The diagram as a whole SVG file."""
    placed = layout(diagram)
    colours = {bus.target: _LANES[place % len(_LANES)] for place, bus in enumerate(placed.buses)}
    head = [line for block in placed.head for line in _block(block, MARGIN)]
    cards = [line for card in placed.cards for line in _card(card, colours)]
    lanes = [line for bus in placed.buses for line in _bus(bus, placed, colours[bus.target])]
    return "\n".join(
        [*_opening(diagram, placed), *head, *_ends(placed), *_called(placed), *lanes, *cards, "</svg>", ""]
    )


def _opening(diagram: Diagram, placed: Layout) -> Iterator[str]:
    wide, high = _n(placed.width), _n(placed.height)
    mark = f"{diagram.programme}-{diagram.flow}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" lang="es"'
        f' role="graphics-document document" aria-labelledby="{mark}-title {mark}-desc" font-family="{_FONT}" fill="{_INK}">'
    )
    yield f'<title id="{mark}-title">{_text(diagram.title)}</title>'
    about = f"La conversación {diagram.flow}, de arriba abajo: cada paso, y a qué paso lleva cada respuesta."
    yield f'<desc id="{mark}-desc">{_text(about)}</desc>'
    yield f'<rect width="{wide}" height="{high}" fill="#ffffff"/>'


# -- cards ----------------------------------------------------------------------------------------------------------


def _card(card: Card, colours: dict[str, str]) -> Iterator[str]:
    kind = WORDS[card.node.kind]
    name = name_of(card.node)
    x, y, wide = card.x, card.y, card.width
    yield f'<g role="group" aria-label="Paso {card.number}, {kind}: {name}">'
    yield _box(x, y, wide, card.height, 8, f'fill="#ffffff" stroke="{_QUIET}"')
    yield (
        f'<path d="M{_n(x)} {_n(y + HEAD)}v{_n(8 - HEAD)}q0 -8 8 -8h{_n(wide - 16)}q8 0 8 8v{_n(HEAD - 8)}z"'
        f' fill="{FILLS[card.node.kind]}" stroke="{_QUIET}"/>'
    )
    yield _line(x + PAD, card.door + 5, f"{card.number} {name}", 'font-size="14" font-weight="bold"')
    yield _line(x + wide - PAD, card.door + 4, kind, 'font-size="12" text-anchor="end"')
    for block in card.blocks:
        yield from _block(block, x + PAD)
    for row in card.rows:
        yield from _row(row, card, colours)
    yield "</g>"
    if card.arrow:
        yield _down(MARGIN + 46, card.y + card.height)


def _row(row: Row, card: Card, colours: dict[str, str]) -> Iterator[str]:
    yield f'<path d="M{_n(card.x)} {_n(row.top)}h{_n(card.width)}" stroke="{_RULE}"/>'
    yield from _block(row.label, card.x + PAD)
    colour = colours[row.target] if row.way is Way.lane else _INK
    yield _line(
        card.x + card.width - PAD,
        row.y + 4,
        row.leads,
        f'font-size="12" font-weight="bold" text-anchor="end" fill="{colour}"',
    )


def _called(placed: Layout) -> Iterator[str]:
    """A ground behind the steps of each flow that is written out where it is called."""
    within: dict[str, list[Card]] = {}
    for card in placed.cards:
        for call in card.node.within:
            within.setdefault(call, []).append(card)
    for call, cards in within.items():
        x, y = MARGIN + 16 * (call.count(".") + 1) - 8, cards[0].y - 9
        high = cards[-1].y + cards[-1].height - y + 9
        yield _box(
            x, y, cards[0].x + cards[0].width - x + 9, high, 10, 'fill="#ece3f6" fill-opacity="0.5" stroke="#77379c"'
        )


def _ends(placed: Layout) -> Iterator[str]:
    yield from _pill(placed.start, "Inicio")
    yield _down(MARGIN + 46, placed.start + 30)
    if placed.end is not None:
        yield from _pill(placed.end, "Fin")


def _pill(y: float, word: str) -> Iterator[str]:
    yield _box(MARGIN, y, 92, 30, 15, f'fill="{_INK}"')
    yield _line(MARGIN + 46, y + 20, word, 'font-size="13" font-weight="bold" text-anchor="middle" fill="#ffffff"')


# -- ways -----------------------------------------------------------------------------------------------------------


def _down(x: float, y: float) -> str:
    """An arrow to the card below."""
    return f'<path d="M{_n(x)} {_n(y)}v30m-5 -6l5 12 5 -12z" fill="{_INK}" stroke="{_INK}" stroke-width="1.5"/>'


def _bus(bus: Bus, placed: Layout, colour: str) -> Iterator[str]:
    """The lane to a card, with a white edge: where it crosses others one sees which goes over."""
    edge = placed.cards[0].x + placed.cards[0].width
    ways = " ".join(_lane(bus.x, edge, y, bus.door) for y in bus.sources)
    yield f'<g fill="none" aria-hidden="true"><path d="{ways}" stroke="#ffffff" stroke-width="6"/>'
    yield f'<path d="{ways}" stroke="{colour}" stroke-width="1.8"/>'
    yield f'<path d="M{_n(edge + 1)} {_n(bus.door)}l11 -5v10z" fill="{colour}"/></g>'


def _lane(x: float, edge: float, y: float, door: float) -> str:
    """Out of a row, along the lane, and in at the door, with round corners."""
    turn = 6 if door > y else -6
    return (
        f"M{_n(edge)} {_n(y)}H{_n(x - 6)}Q{_n(x)} {_n(y)} {_n(x)} {_n(y + turn)}V{_n(door - turn)}"
        f"Q{_n(x)} {_n(door)} {_n(x - 6)} {_n(door)}H{_n(edge + 10)}"
    )


# -- what everything is made of -------------------------------------------------------------------------------------


def _block(block: Block, x: float) -> Iterator[str]:
    style = block.style
    lines = (
        f'<tspan x="{_n(x)}" y="{_n(block.y + place * style.line)}">{_text(line)}</tspan>'
        for place, line in enumerate(block.lines)
    )
    yield (
        f'<text font-size="{_n(style.size)}"' + ' font-weight="bold"' * style.bold + ' font-style="italic"' * style.italic
        + f' fill="{_QUIET}"' * style.quiet + ">" + " ".join(lines) + "</text>"
    )  # fmt: skip


def _line(x: float, y: float, text: str, style: str) -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" {style}>{_text(text)}</text>'


def _box(x: float, y: float, wide: float, high: float, round_: float, style: str) -> str:
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="{_n(high)}" rx="{_n(round_)}" {style}/>'


def _text(text: str) -> str:
    return escape(clean(text), quote=False)


def _n(number: float) -> str:
    """A measure as short as it can be written."""
    return f"{number:.1f}".removesuffix(".0")
