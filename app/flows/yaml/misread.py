"""Explains a YAML syntax error to the author of the file. Looks at the line itself instead of the parser's message,
so that none of the parser's phrases is shown."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import ScalarEvent

from app.flows.language.problems import Problem
from app.wording import Sentence, one_of

Diagnosis = tuple[int, int, str, str]
"""Line, column, text and hint."""

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_BULLETS = "•·–—−*"
_KEY = re.compile(r"[a-z_]\w*:(?=\s|$)")
_STRANGE_SPACE = re.compile(r"(?:^ *(?:- *)?|:)([^\S \t\r\n])")
_WORDS_QUOTES = re.compile(r"(?:^ *|- +|: +|[\[{,] *)([“”„])")
_START = re.compile(r"[ \t]*(?:- +)*")
_NEEDS_QUOTES = "@`%,]}"
_QUOTE_IT = Sentence('Write the whole text in "quotes"')


@dataclass(frozen=True, slots=True)
class _Place:
    """The place at which the parser stopped, and the beginning of the part that it was reading (0, 0 if it does not say). `quoted` is where the
    last text in quotes began that goes over several lines and ends here. All from 1."""

    lines: tuple[str, ...]
    line: int
    column: int
    began: tuple[int, int]
    quoted: tuple[int, int] | None

    def text(self, line: int) -> str:
        """A line of the file; empty behind its end."""
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""

    @property
    def shown(self) -> str:
        """The line where the parser stopped."""
        return self.text(self.line)

    @property
    def opened(self) -> str:
        """The character where that began which it was reading."""
        line, column = self.began
        return self.text(line)[column - 1 : column] if line else ""

    @property
    def concerned(self) -> tuple[int, ...]:
        """The lines that may be at fault: where it began, and where the parser stopped."""
        return tuple(dict.fromkeys(line for line in (self.began[0], self.line) if line))

    @property
    def first(self) -> int:
        """The column of the line's first character that is not a blank."""
        return len(self.shown) - len(self.shown.lstrip()) + 1

    def above(self) -> int | None:
        """The nearest line above that holds more than a comment."""
        numbers = range(self.line - 1, 0, -1)
        return next(
            (number for number in numbers if self.text(number).strip() and self.text(number).strip()[0] != "#"), None
        )


def syntax(error: MarkedYAMLError, file: str, lines: tuple[str, ...], last: ScalarEvent | None = None) -> Problem:
    """The place that the parser could not read. `last` is the last value or key that it could."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    context = error.context_mark
    began = (context.line + 1, context.column + 1) if context else (0, 0)
    place = _Place(lines, line, column, began, _over_lines(last, line))
    told = next((told for look in _LOOKS if (told := look(place))), None)
    line, column, text, hint = told or (
        place.line,
        place.column,
        Sentence("this is not valid YAML"),
        Sentence("Compare its indentation, colons and quotes with the lines above"),
    )
    return Problem(file, line, column, "yaml-syntax", "", text, hint)


def _over_lines(last: ScalarEvent | None, line: int) -> tuple[int, int] | None:
    if last is None or not last.style or last.style not in "\"'":
        return None
    start, end = last.start_mark, last.end_mark
    return (start.line + 1, start.column + 1) if start.line < end.line == line - 1 else None


# -- at the beginning of the line ---------------------------------------------------------------------------------------


def _strange_space(place: _Place) -> Diagnosis | None:
    for line in place.concerned:
        if strange := _STRANGE_SPACE.search(place.text(line)):
            text = Sentence("there is a space here that is not a plain one, U+{code:04X}", code=ord(strange[1]))
            return line, strange.start(1) + 1, text, Sentence("Delete it, and type a space")
    return None


def _no_list_sign(place: _Place) -> Diagnosis | None:
    begins = place.shown.strip()
    if begins[:1] in _BULLETS and begins[1:2].isspace():
        return (
            place.line,
            place.first,
            Sentence("a list is written with a plain -, not with {sign}", sign=begins[0]),
            Sentence("Write - and a space"),
        )
    if begins[:2] in ("> ", "< "):
        return (
            place.line,
            place.first,
            Sentence("this line of a talk is not indented like those around it"),
            Sentence("Indent it like them"),
        )
    if re.match(r"-[^\s-]", begins) and _KEY.search(begins):
        return (
            place.line,
            place.first,
            Sentence("a dash needs a space behind it"),
            Sentence("Write - {key}:", key=begins[1:].split(":")[0]),
        )
    return None


# -- quotes and brackets ------------------------------------------------------------------------------------------------


def _quotes_of_a_word_processor(place: _Place) -> Diagnosis | None:
    for line in place.concerned:
        if quote := _WORDS_QUOTES.search(place.text(line)):
            return (
                line,
                quote.start(1) + 1,
                Sentence("{sign} is not a quotation mark of YAML", sign=quote[1]),
                Sentence('Type a plain "'),
            )
    return None


def _quotes(place: _Place) -> Diagnosis | None:
    if place.quoted:
        line, column = place.quoted
        sign = place.text(line)[column - 1]
        return (
            line,
            column,
            Sentence("the text in quotes that begins here goes on to line {line}", line=place.line),
            Sentence("Write {sign} at its end", sign=sign),
        )
    if place.opened and place.opened in "\"'":
        line, column = place.began
        if place.opened == '"' and place.shown[: place.column - 1].endswith("\\"):
            return (
                place.line,
                place.column - 1,
                Sentence("a \\ has a meaning of its own in double quotes"),
                Sentence("Write it twice, or use 'single quotes'"),
            )
        return (
            line,
            column,
            Sentence("a text in quotes does not end"),
            Sentence("Write {opened} at its end, and quotes inside it twice", opened=place.opened),
        )
    return None


def _behind_quotes_or_brackets(place: _Place) -> Diagnosis | None:
    """`text: "Alto", le dijo` and `text: [Voz] Escuche`: the value ends before the text does."""
    value = _value(place.shown)
    if value is None:
        return None
    sign, rest = place.shown[value], place.shown[value:]
    if sign in "\"'":
        closed = _QUOTED.match(rest)
        if closed and _goes_on(rest[closed.end() :]) and place.opened not in "[{":
            other = "'" if sign == '"' else '"'
            text = Sentence("the text goes on behind the quotes that close it")
            hint = Sentence(
                "Put {other} around the whole text, or write quotes within it as «»; is a quote missing in a line above?",
                other=other,
            )
            return place.line, value + closed.end() + 1, text, hint
    if sign in "[{" and place.opened not in "[{":
        end = rest.rfind("]" if sign == "[" else "}")
        if rest.count("}") > rest.count("{") or rest.count("]") > rest.count("["):
            return (
                place.line,
                place.column,
                Sentence("there is a {sign} too many", sign=rest[end]),
                Sentence("Delete it"),
            )
        if end >= 0 and _goes_on(rest[end + 1 :]):
            return place.line, value + 1, Sentence("a text that begins with {sign} needs quotes", sign=sign), _QUOTE_IT
    return None


def _goes_on(rest: str) -> bool:
    return bool(rest.strip()) and not re.match(r"\s+#", rest)


def _brackets(place: _Place) -> Diagnosis | None:
    if not place.opened or place.opened not in "[{":
        return None
    line, column = place.began
    close = "}" if place.opened == "{" else "]"
    rest = _QUOTED.sub("", place.text(line)[column - 1 :])
    if rest.count(close) < rest.count(place.opened):
        return (
            line,
            column,
            Sentence("{opened} is not closed", opened=place.opened),
            Sentence("Write {close} at the end", close=close),
        )
    text = Sentence("between {opened} and {close} something cannot be read", opened=place.opened, close=close)
    hint = Sentence(
        'Put a comma between its parts, a space behind each colon, and "quotes" around a text with a colon or a comma'
    )
    return (place.line, place.column, text, hint) if place.line == line else (line, column, text, hint)


# -- keys and colons ----------------------------------------------------------------------------------------------------


def _first_sign_of_a_text(place: _Place) -> Diagnosis | None:
    value = _value(place.shown)
    rest = place.shown[value:] if value is not None else ""
    if value is None or place.column < value:
        return None
    if rest[0] in _NEEDS_QUOTES or rest[:2].rstrip() in ("-", "?"):
        return place.line, value + 1, Sentence("a text that begins with {sign} needs quotes", sign=rest[0]), _QUOTE_IT
    if rest[0] in "|>" and rest[1:].strip("+-123456789 "):
        return (
            place.line,
            value + 1,
            Sentence("behind {sign} the text begins on the next line", sign=rest[0]),
            Sentence("Break the line behind {sign}", sign=rest[0]),
        )
    return None


def _colon_in_a_text(place: _Place) -> Diagnosis | None:
    if re.sub(r"[\[{].*[\]}]", "", _QUOTED.sub("", place.shown)).count(": ") + place.shown.rstrip().endswith(":") > 1:
        return place.line, place.column, Sentence("a text with a colon needs quotes"), _QUOTE_IT
    above = place.above()
    if above is None or place.column == place.first or place.shown[place.column - 1 : place.column] != ":":
        return None
    key = _key_column(place.text(above))
    if re.fullmatch(r"[a-z_]\w*", place.text(above).strip()):
        return (
            above,
            len(place.text(above)) + 1,
            Sentence("a colon is missing behind this key"),
            Sentence("Write {key}:", key=place.text(above).strip()),
        )
    if _KEY.match(place.shown.strip()) and key < place.first:
        hint = Sentence(
            "Indent it with {spaces} spaces, like the key of line {above}; if it belongs to the text above, put all of it in quotes",
            spaces=key - 1,
            above=above,
        )
        return place.line, place.first, Sentence("this key is further in than the one above it"), hint
    return (
        place.line,
        place.column,
        Sentence("a text with a colon needs quotes"),
        Sentence("{hint}; it began above this line", hint=_QUOTE_IT),
    )


def _no_colon(place: _Place) -> Diagnosis | None:
    """The line where a key was begun that has no colon; the parser stops only at the next one."""
    if key := re.match(r"([a-z_]\w*) +[\[{]", place.shown.strip()):
        return (
            place.line,
            place.first + len(key[1]),
            Sentence("a colon is missing behind this key"),
            Sentence("Write {key}:", key=key[1]),
        )
    for line in place.concerned:
        text = place.text(line).strip().removeprefix("- ")
        if not text or text[0] in "\"'[{|>&*!#-" or re.search(r":(\s|$)", text):
            continue
        column = _key_column(place.text(line))
        if (key := re.match(r"[A-Za-z_]\w*(?=:\S)", text)) and not text.startswith(("http:", "https:")):
            return (
                line,
                column + len(key[0]),
                Sentence("a colon needs a space behind it"),
                Sentence("Write {key}: {rest}…", key=key[0], rest=text[len(key[0]) + 1 :][:20].strip()),
            )
        if line == place.began[0] or place.column == place.first:
            indent = len(place.text(line)) - len(place.text(line).lstrip())
            hint = Sentence(
                "Write key: value; if it goes on with the text above, indent it with more than {indent} spaces",
                indent=indent,
            )
            return line, indent + 1, Sentence("this line has no key with a colon"), hint
    return None


def _indented_otherwise(place: _Place) -> Diagnosis | None:
    if place.column != place.first:
        return None
    has, item = place.first - 1, place.shown.strip().startswith("- ")
    keys, items = _levels(place)
    known = items if item else keys
    text = Sentence("this line is not indented like those it belongs to")
    if not item and has in items:
        return place.line, place.first, text, Sentence("Begin it with - if it is a new one of the list")
    near = [
        max((level for level in known if level < has), default=None),
        min((level for level in known if level > has), default=None),
    ]
    wanted = [Sentence("{level} (line {line})", level=level, line=known[level]) for level in near if level is not None]
    spaces = Sentence("1 space") if has == 1 else Sentence("{number} spaces", number=has)
    return (
        place.line,
        place.first,
        text,
        Sentence("It has {spaces}; it may have {wanted}", spaces=spaces, wanted=one_of(wanted))
        if wanted
        else Sentence("Compare it with the lines above"),
    )


def _levels(place: _Place) -> tuple[dict[int, int], dict[int, int]]:
    """How many spaces stand before the keys and the dashes above, each with its nearest line; only the levels that are open."""
    keys: dict[int, int] = {}
    items: dict[int, int] = {}
    within = len(place.text(place.line - 1))
    for number in range(place.line - 1, 0, -1):
        text = place.text(number)
        indent = len(text) - len(text.lstrip())
        if not text.strip() or text.strip()[0] == "#" or indent > within:
            continue
        within = indent
        if text.strip().startswith("- "):
            items.setdefault(indent, number)
        if _KEY.match(text.strip().removeprefix("- ")):
            keys.setdefault(_key_column(text) - 1, number)
    return keys, items


def _value(text: str) -> int | None:
    """Where the value of a line begins, from 0; None if it has none."""
    start = _START.match(text)
    at = start.end() if start else 0
    if key := re.compile(r"[^\s\"'\[{#:][^\"'\[{#:]*:[ \t]+").match(text, at):
        at = key.end()
    return at if at < len(text) and not text[at].isspace() else None


def _key_column(text: str) -> int:
    start = _START.match(text)
    return (start.end() if start else 0) + 1


_LOOKS: tuple[Callable[[_Place], Diagnosis | None], ...] = (
    _strange_space,
    _quotes_of_a_word_processor,
    _quotes,
    _behind_quotes_or_brackets,
    _brackets,
    _no_list_sign,
    _first_sign_of_a_text,
    _colon_in_a_text,
    _no_colon,
    _indented_otherwise,
)
