"""An author's mistake in a YAML file, with its place. All of them are reported, never only the first."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from app.wording import into

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)
"""Control characters, line separators that only some programs know, and characters that hide or reverse text. Joiners
of emoji (U+200D, U+FE0F) are not among them."""


class Severity(StrEnum):
    """`error` stops publication; `warning` does so only with `--strict`."""

    error = "error"
    warning = "warning"


_TWICE = ("duplicate-step", "yaml-duplicate-key")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding. Lines and columns count from 1; 0 stands for the file as a whole.

    `path` is the place in the document, for a person: `voz → steps[1] → scale`. `text` and `hint` are sentences (`app.wording`): English
    as they are, Spanish by `into`. `hint` is the correction, often a "did you mean". Shown as::

    flows/principles.yaml:11:9 [scale-range] voz → steps[1] → scale: must be ≤ 10, got 99
    """

    file: str
    line: int
    column: int
    code: str
    path: str
    text: str
    hint: str = ""
    severity: Severity = Severity.error

    def into(self, language: str) -> "Problem":
        """The same problem with its text and hint in a language, `es` or `en`."""
        return replace(self, text=into(self.text, language), hint=into(self.hint, language))

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        hint = f". {self.hint}" if self.hint else ""
        said = f"{self.file}:{self.line}:{self.column} [{self.code}] {where}{self.text}{hint}"
        return UNSEEN.sub("�", said.replace("\n", "⏎").replace("\t", " "))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems of a file from its top to its end; but a name that stands twice comes before what follows from it: that another
    name is missing."""
    found = sorted(problems, key=lambda problem: (problem.line, problem.column, problem.code, problem.text))
    causes = [problem for problem in found if problem.code in _TWICE]
    return tuple(sorted(found, key=lambda problem: max(_place(problem, causes))))


def _place(problem: Problem, causes: list[Problem]) -> Iterator[tuple[int, int, bool]]:
    yield problem.line, problem.column, False
    yield from ((cause.line, cause.column, True) for cause in causes if _follows(problem, cause))


def _follows(problem: Problem, cause: Problem) -> bool:
    """Whether a name may be missing because another one stands twice: for a step within its flow, for a key anywhere."""
    if cause.code == "duplicate-step":
        return problem.code == "unknown-step" and problem.path.partition(" ")[0] == cause.path.partition(" ")[0]
    return problem.code.startswith("unknown-") and problem.code != "unknown-key"
