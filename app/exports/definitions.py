"""The programmes behind what was answered: each version as its session had it, and the current one. A version that this release
cannot read any more is None, and whoever asks makes do with what the answers say of themselves."""

from functools import cached_property

from sqlalchemy import Connection

from app.flows.language import definition as d
from app.flows.loader import load
from app.flows.variables import variables_of
from app.store import versions


class Definitions:
    """Reads versions when they are asked for, each once."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._read: dict[int, d.Programme | None] = {}
        self._asked: dict[tuple[int, str], frozenset[str]] = {}

    def version(self, number: int) -> d.Programme | None:
        """A version by its number in the store."""
        if number not in self._read:
            stored = versions.read(self._tx, number)
            self._read[number] = load(stored.source, stored.programme).programme
        return self._read[number]

    def current(self, programme: str) -> d.Programme | None:
        """What new sessions of a programme use."""
        number = self._pointers.get(programme)
        return None if number is None else self.version(number)

    def all_current(self, programme: str | None = None) -> list[d.Programme]:
        """The current versions of all programmes, or of one, that can be read."""
        names = sorted(self._pointers) if programme is None else [programme]
        return [found for name in names if (found := self.current(name)) is not None]

    def asked(self, programme: d.Programme | None, flow: str) -> frozenset[str]:
        """The variables that a conversation of one of these programmes, and those that it calls, may record. Of one that cannot be
        read any more it is not known."""
        if programme is None:
            return frozenset()
        key = id(programme), flow  # they are kept here, so that nothing else has their ids
        if key not in self._asked:
            self._asked[key] = variables_of(programme, flow)
        return self._asked[key]

    @cached_property
    def _pointers(self) -> dict[str, int]:
        return versions.current(self._tx)
