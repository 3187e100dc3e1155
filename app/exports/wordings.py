"""The wording of questions that were answered, as the version asked them that an officer answered; and the code book that a
programme has now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.flows.engine.compiled import expand, items, plain
from app.flows.language import definition as d
from app.flows.loader import load
from app.store import versions
from app.store.free_text import FreeText


@dataclass(slots=True)
class Wordings:
    """Reads each version once."""

    tx: Connection
    _programmes: dict[int, d.Programme | None] = field(default_factory=dict)
    _questions: dict[tuple[int, str, str], str] = field(default_factory=dict)

    def question(self, text: FreeText) -> str:
        """The question that a text answers, on one line; empty if this release cannot read the version."""
        key = text.version, text.flow, text.step
        if key not in self._questions:
            self._questions[key] = self._wording(*key)
        return self._questions[key]

    def programme(self, version: int) -> d.Programme | None:
        """A version's programme; None if this release cannot read it."""
        if version not in self._programmes:
            stored = versions.read(self.tx, version)
            self._programmes[version] = load(stored.source, stored.programme).programme
        return self._programmes[version]

    def current(self) -> Mapping[str, d.Programme]:
        """The programmes as they are now, by their codes."""
        found = {code: self.programme(version) for code, version in versions.current(self.tx).items()}
        return {code: programme for code, programme in found.items() if programme is not None}

    def _wording(self, version: int, flow: str, step: str) -> str:
        programme = self.programme(version)
        asked = programme.flows.get(flow) if programme is not None else None
        if programme is None or asked is None:
            return ""
        for one in expand(asked):
            if isinstance(one, d.Ask) and one.ask == step:
                item = items(asked).get(step)
                parts = [one.text] if item is None else [one.text, item]
                return " ".join(" ".join(plain(part, programme.language).split()) for part in parts)
        return ""
