"""What a text is coded as, once several coders have coded it: what `final` says, else what all others agree on, else nothing.
One coder alone agrees with nobody."""

from collections.abc import Mapping
from enum import StrEnum

FINAL = "final"
"""The coder that settles what others disagree on."""


class How(StrEnum):
    """How far a text is coded."""

    final = "final"
    agreed = "agreed"
    disputed = "disputed"
    single = "single"


def settled(said: Mapping[str, str]) -> tuple[str | None, How]:
    """The codes of one text by one variable, and how they came about. `said` is what each coder said, at least one."""
    if FINAL in said:
        return said[FINAL], How.final
    if len(said) == 1:
        return None, How.single
    first, *others = said.values()
    return (first, How.agreed) if all(one == first for one in others) else (None, How.disputed)
