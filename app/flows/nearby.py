"""The "did you mean" of every message to an author."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

_CLOSE = 62
"""Similarity, of 100, from which a guess helps more than it misleads: `texto` for `text`, `sin_contato`."""


def did_you_mean(word: object, known: Iterable[str], *, else_list: int = 8) -> str:
    """A guess at what was meant; without a close one, what there is to choose from if that is few. May be empty."""
    names = sorted(set(known))
    found = process.extractOne(str(word), names, scorer=fuzz.ratio, score_cutoff=_CLOSE)
    if found is not None:
        return f"Did you mean {found[0]}?"
    return f"There is: {', '.join(names)}" if 0 < len(names) <= else_list else ""
