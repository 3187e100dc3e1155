"""The code of a text after several coders: the one given by `final`, otherwise the one on which all coders agree, otherwise none.
A single coder is not an agreement."""

from collections.abc import Mapping
from enum import StrEnum

FINAL = "final"
"""The coder who decides where the others disagree."""


class CodingStatus(StrEnum):
    """How the code of a text was reached."""

    final = "final"
    agreed = "agreed"
    disputed = "disputed"
    single = "single"


def settle_codes(codes_by_coder: Mapping[str, str]) -> tuple[str | None, CodingStatus]:
    """The codes of one text by one variable, and their status. `codes_by_coder` has at least one coder."""
    if FINAL in codes_by_coder:
        return codes_by_coder[FINAL], CodingStatus.final
    if len(codes_by_coder) == 1:
        return None, CodingStatus.single
    first, *others = codes_by_coder.values()
    return (first, CodingStatus.agreed) if all(one == first for one in others) else (None, CodingStatus.disputed)
