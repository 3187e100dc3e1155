"""Whether a reply to a closed question is nothing but its option, and so says no more than the value does. Whatever else was written
is somebody's own words."""

import re

from app.flows.replies.fold import fold
from app.flows.replies.lexicon import NO, YES

_FIGURES = re.compile(r"[\d\s.,:/%-]{1,10}")
"""A number, a date or a time in figures; longer ones may be a telephone or a badge."""


def is_bare(raw: str, *, key: str | None, label: str) -> bool:
    """Whether a reply that was understood as this option, or (no key) as this value, is nothing but it: its number, its label, its key,
    a yes or a no."""
    if _FIGURES.fullmatch(raw.strip()):
        return True
    words = fold(raw).words
    named = words[1:] if len(words) > 1 and words[0].isdecimal() else words  # «2 No venía al caso»
    return bool(named) and (
        named in (fold(label).words, fold((key or "").replace("_", " ")).words) or named in YES or named in NO
    )
