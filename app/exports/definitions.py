"""The stored programmes behind the answers: each version as its sessions had it, and the current version of each programme. The
exports, the report and the review of free text read them here. A version that this release can no longer read is None; callers
then use what the answers themselves say."""

import re
from functools import cached_property

from sqlalchemy import Connection
from sqlalchemy.exc import NoResultFound

from app.flows.engine.compiled import expand, items
from app.flows.labels import one_line
from app.flows.language import definition as d
from app.flows.language.vocabulary import Text
from app.flows.loader import load_published
from app.flows.variables import variables_of
from app.store import versions
from app.store.versions import Published

_ITEM = re.compile(r"\{\{\s*item\s*\}\}")


class Definitions:
    """Loads each version once, on first use."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._published: dict[int, Published] = {}
        self._loaded: dict[int, d.Programme | None] = {}
        self._variables: dict[tuple[int, str, str | None], frozenset[str]] = {}
        self._wordings: dict[tuple[int, str, str], str] = {}

    def published(self, number: int) -> Published:
        """A version as it is stored, by its number."""
        if number not in self._published:
            self._published[number] = versions.read(self._tx, number)
        return self._published[number]

    def version(self, number: int) -> d.Programme | None:
        """The programme of a version, by its number in the store."""
        if number not in self._loaded:
            self._loaded[number] = self._load(number)
        return self._loaded[number]

    def _load(self, number: int) -> d.Programme | None:
        try:
            stored = self.published(number)
        except NoResultFound:  # the row is missing, in a damaged database
            return None
        return load_published(stored.source, stored.name, stored.programme).programme

    def current(self, programme: str) -> d.Programme | None:
        """The version of a programme that new sessions use."""
        number = self.pointers.get(programme)
        return None if number is None else self.version(number)

    def all_current(self, programme: str | None = None) -> list[d.Programme]:
        """The readable current versions of all programmes, or of one, in the order of their names."""
        names = sorted(self.pointers) if programme is None else [programme]
        return [found for name in names if (found := self.current(name)) is not None]

    def asked(self, programme: d.Programme | None, flow: str, variant: str | None = None) -> frozenset[str]:
        """The variables that a session of a flow, and of the flows that it calls, may record: all, or those of one variant; none if
        the version is unreadable. `programme` must come from this object."""
        if programme is None:
            return frozenset()
        key = id(programme), flow, variant  # the programmes are kept here, so no other object can have their ids
        if key not in self._variables:
            self._variables[key] = variables_of(programme, flow, variant)
        return self._variables[key]

    def wording(self, version: int, flow: str, step: str) -> str:
        """The question that a step of a version asks, on one line; empty if the version is unreadable or has no such question."""
        key = version, flow, step
        if key not in self._wordings:
            programme = self.version(version)
            self._wordings[key] = "" if programme is None else _wording(programme, flow, step)
        return self._wordings[key]

    @cached_property
    def pointers(self) -> dict[str, int]:
        """The number of each programme's current version."""
        return versions.current(self._tx)


def question_text(ask: d.Ask, item: Text | None, language: str) -> str:
    """A question as it is asked, on one line, with the item of a `repeat` in its place."""
    text = one_line(ask.text, language)
    if item is None:
        return text
    name = one_line(item, language)
    return _ITEM.sub(lambda _: name, text) if _ITEM.search(text) else f"{text} {name}"


def _wording(programme: d.Programme, flow: str, step: str) -> str:
    if (definition := programme.flows.get(flow)) is None:
        return ""
    asks = (one for one in expand(definition) if isinstance(one, d.Ask) and one.ask == step)
    ask = next(asks, None)
    return "" if ask is None else question_text(ask, items(definition).get(step), programme.language)
