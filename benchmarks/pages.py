"""The addresses of the console, found as a person finds them: from the routes without parts, by the links and the choices of each page. So a
new page, a new filter and the next page of a list are measured by themselves."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

from app.web.console.routes import HANDLERS

NOT_PAGES = {
    "/console/events": "a stream, which does not end",
    "/console/data/report": "a document that is computed from all answers",
}
"""What is not asked, and why."""
_LATELY = timedelta(days=30)
_ROUTES = [line.removeprefix("GET ") for line in HANDLERS if line.startswith("GET ")]
_PATTERNS = [
    (route, re.compile(re.sub(r"\{\w+\}", "[^/]+", route))) for route in sorted(_ROUTES, key=lambda one: "{" in one)
]


def first() -> list[str]:
    """The addresses of the routes without parts."""
    return [route for route in _ROUTES if "{" not in route and route not in NOT_PAGES]


def unseen(kinds: Iterable[str]) -> list[str]:
    """The routes of which no address was found."""
    seen = {kind.partition("?")[0] for kind in kinds}
    return [route for route in _ROUTES if route not in seen and route not in NOT_PAGES]


def kind_of(address: str) -> str | None:
    """The route of an address with the names of its query, and the values that are words: pages of one kind ask the same question. None for
    what is no page of the console."""
    parts = urlsplit(address)
    route = next((route for route, pattern in _PATTERNS if pattern.fullmatch(parts.path)), None)
    if route is None or route in NOT_PAGES or parts.netloc:
        return None
    query = sorted(
        (name, "…" if re.search(r"\d", value) else value) for name, value in parse_qsl(parts.query) if name != "done"
    )
    return f"{route}?{'&'.join('='.join(one) for one in query)}" if query else route


def names_of(kind: str) -> str:
    """The route of a kind of page with the names of its query."""
    return re.sub(r"=[^&]*", "", kind)


def addresses(page: str, here: str, now: datetime) -> list[str]:
    """The addresses to which a page leads: its links, and each choice of its forms that ask."""
    reader = _Reader(urlsplit(here).path, now)
    reader.feed(page)
    return reader.found


@dataclass(slots=True)
class _Form:
    action: str
    kept: dict[str, str] = field(default_factory=dict)
    choices: list[tuple[str, str]] = field(default_factory=list)
    days: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, here: str, now: datetime) -> None:
        super().__init__()
        self.found: list[str] = []
        self._here, self._now = here, now
        self._form: _Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and (link := given.get("href", "")):
            self.found.append(f"{self._here}{link}" if link.startswith("?") else link)
        elif tag == "form" and given.get("method", "get").lower() == "get":
            self._form = _Form(given.get("action") or self._here)
        elif self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: _Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.append((self._select, value))
        elif tag == "input" and given.get("type") == "radio":
            form.choices.append((name, value))
        elif tag == "input" and given.get("type") == "date":
            form.days[name] = str((self._now - (_LATELY if name == "from" else timedelta())).date())
        elif tag == "input" and given.get("type") == "hidden":
            form.kept[name] = value
        elif tag == "input" and "required" in given:
            self._form = None  # it wants words, which nobody types here

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "form" and self._form is not None:
            form, self._form = self._form, None
            chosen = [{**form.kept, name: value} for name, value in form.choices if value]
            self.found += [f"{form.action}?{urlencode(one)}" for one in [*chosen, {**form.kept, **form.days}] if one]
