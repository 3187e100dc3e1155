"""The XML of an XLSX file: its elements, and the formats and shared texts that are struck out. Refuses entities, which no
spreadsheet has."""

from collections.abc import Callable
from xml.parsers.expat import ParserCreate as Parser
from xml.parsers.expat import XMLParserType

MOST_BYTES = 400_000_000
"""Unpacked. Nobody fills in a file that is larger."""

_STRIKE = "strike"


class NotXlsx(ValueError):
    """Not an XLSX file, or a damaged one."""


class TooLarge(NotXlsx):
    """Larger, unpacked, than any table that people fill in."""


def parser() -> XMLParserType:
    """A parser that refuses document types: entities are made there."""
    made = Parser()
    made.StartDoctypeDeclHandler = _refuse
    return made


def local(tag: str) -> str:
    """A tag without its prefix."""
    return tag.rpartition(":")[2]


def elements(xml: bytes, name: str) -> list[dict[str, str]]:
    """The attributes of all elements of a name."""
    found: list[dict[str, str]] = []
    _walk(xml, lambda tags, attributes: found.append(attributes) if tags[-1] == name else None)
    return found


def is_on(attributes: dict[str, str], name: str = "val", default: str = "1") -> bool:
    """Whether a yes or no of XLSX is yes."""
    return attributes.get(name, default) in {"1", "true"}


def struck_formats(xml: bytes) -> set[str]:
    """The numbers of the cell formats whose font is struck out, in the XML of styles."""
    struck: set[int] = set()
    formats: set[str] = set()
    counts = {"font": -1, "xf": -1}

    def note(tags: list[str], attributes: dict[str, str]) -> None:
        match tags[-2:]:
            case ["fonts", "font"]:
                counts["font"] += 1
            case ["font", "strike"] if "fonts" in tags and is_on(attributes):
                struck.add(counts["font"])
            case ["cellXfs", "xf"]:
                counts["xf"] += 1
                if int(attributes.get("fontId", "0")) in struck:
                    formats.add(str(counts["xf"]))
            case _:
                pass

    if _STRIKE.encode() in xml:
        _walk(xml, note)
    return formats


def struck_texts(xml: bytes) -> set[str]:
    """The numbers of the shared texts in which something is struck out."""
    texts: set[str] = set()
    count = -1

    def note(tags: list[str], attributes: dict[str, str]) -> None:
        nonlocal count
        if tags[-1] == "si":
            count += 1
        elif tags[-1] == _STRIKE and is_on(attributes):
            texts.add(str(count))

    if _STRIKE.encode() in xml:
        _walk(xml, note)
    return texts


def _walk(xml: bytes, note: Callable[[list[str], dict[str, str]], None]) -> None:
    """Call `note` with each element's path and attributes."""
    tags: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        tags.append(local(tag))
        note(tags, attributes)

    walker = parser()
    walker.StartElementHandler = start
    walker.EndElementHandler = lambda _: tags.pop()
    walker.Parse(xml, True)


def _refuse(*_: object) -> None:
    raise NotXlsx
