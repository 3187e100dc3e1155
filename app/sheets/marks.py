"""Marks of the rows of a sheet of texts: fingerprints of each row's texts when they were exported. By its mark, an import can
separate edits in the sheet from edits in the file since then, and find rows that were combined from two."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_UNSEEN = dict.fromkeys(map(ord, "\u200b\ufeff\u00ad"))
_ALIKE = {ord("\u00a0"): " ", ord("\u202f"): " ", ord("\v"): "\n", ord("\u2028"): "\n", ord("\u2029"): "\n"}
_BREAK = re.compile(r"\r\n?")


class Mismatch(ValueError):
    """Not a mark, or the mark of another row."""


def visible(text: str) -> str:
    """A text as far as people see it, for comparison: spreadsheets and word processors change line breaks and spaces on their
    own. Drops spaces at the ends of lines; keeps quotes and dashes."""
    plain = unicodedata.normalize("NFC", _BREAK.sub("\n", text).translate(_UNSEEN).translate(_ALIKE))
    return "\n".join(line.rstrip() for line in plain.split("\n")).strip()


def digest(text: str) -> str:
    """A short fingerprint of a text; of an empty one, nothing."""
    return _hash(shown) if (shown := visible(text)) else ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Mark:
    """The programme of a row, and the digest of its text in each language, as exported."""

    programme: str
    digests: Mapping[str, str]

    def stamped(self, place: str) -> str:
        """The mark as written in the row of a place."""
        body = " ".join((self.programme, *(f"{language}={value}" for language, value in self.digests.items())))
        return f"{body} {_hash(f'{place} {body}')}"

    @classmethod
    def read(cls, text: str, place: str) -> "Mark":
        """Parse the mark of a row. Raises Mismatch."""
        programme, *pairs, _ = text.split() if text.count(" ") > 1 else ("", "", "")
        mark = cls(programme, dict(pair.split("=", 1) for pair in pairs if "=" in pair))
        if mark.stamped(place) != text:
            raise Mismatch(text)
        return mark
