"""A labelled corpus of replies: how it is written, and how well and how fast it is read.

The measures are those that matter for data: the share read as labelled, and the share *wrongly accepted* (a value stored
that was not meant). To ask again costs a message; to invent an answer costs the study.
"""

import gc
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from app.cli.reply import form_of
from app.errors import UsageError
from app.flows.replies import reader
from app.flows.replies.fold import LONGEST
from app.flows.replies.forms import AnswerKind, Form, Parsed, Unparsed
from app.flows.replies.reader import LONGEST_CLOSED

LINE_BREAK = "⏎"
TIMED_ROUNDS = 5
SAFETY = Path(__file__).with_name("safety.yaml")
FILES = sorted(file for file in Path(__file__).parent.glob("*.yaml") if file != SAFETY)
ENOUGH_RIGHT, TOO_MANY_WRONG = 0.98, 0.005
_LONG = ("pues la verdad no me acuerdo bien pero creo que fue como a las 7 o 8 de la noche " * 40)[:LONGEST]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One reply and what it must be understood as: a stored value, a missing code, or nothing."""

    section: str
    form: Form
    text: str
    value: str | None = None
    missing: str | None = None

    @property
    def acceptable(self) -> bool:
        """Whether the reply has a meaning."""
        return self.value is not None or self.missing is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one labelled reply was read."""

    reply: Labelled
    outcome: Parsed | Unparsed

    @property
    def right(self) -> bool:
        """Read as labelled."""
        if isinstance(self.outcome, Unparsed):
            return not self.reply.acceptable
        if self.outcome.missing is not None:
            return self.outcome.missing == self.reply.missing
        return self.reply.missing is None and str(self.outcome.value) == self.reply.value

    @property
    def wrongly_accepted(self) -> bool:
        """Something was stored that was not meant."""
        return isinstance(self.outcome, Parsed) and not self.right


@dataclass(frozen=True, slots=True)
class Corpus:
    """Labelled replies, all of one moment in the officer's zone."""

    at: datetime
    replies: tuple[Labelled, ...]

    def judged(self) -> list[Verdict]:
        """Read every reply."""
        readers = {form: reader(form) for form in dict.fromkeys(reply.form for reply in self.replies)}
        return [Verdict(reply, readers[reply.form].read(reply.text, self.at)) for reply in self.replies]


def load(path: Path) -> Corpus:
    """Read a corpus file. Raises UsageError if it is none."""
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return Corpus(datetime.fromisoformat(document["at"]), tuple(_replies(document["sections"])))
    except (OSError, UnicodeDecodeError, YAMLError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is not a corpus of replies: {error}") from error


def _replies(sections: list[dict[str, Any]]) -> list[Labelled]:
    found: list[Labelled] = []
    for section in sections:
        name, form = section["name"], _form(section)
        for value, lines in section.get("understood", {}).items():
            found += [Labelled(name, form, text, value=str(value)) for text in _lines(lines)]
        for code, lines in section.get("missing_replies", {}).items():
            found += [Labelled(name, form, text, missing=code) for text in _lines(lines)]
        found += [Labelled(name, form, text) for text in _lines(section.get("unclear", ""))]
    return found


def _lines(lines: str) -> list[str]:
    return [line.replace(LINE_BREAK, "\n") for line in lines.splitlines() if line]


def _form(section: dict[str, Any]) -> Form:
    options = section.get("options", [])
    labels = section.get("labels", {})
    return form_of(
        AnswerKind(section["as"]),
        options,
        {int(point): label for point, label in labels.items()},
        minimum=section.get("min"),
        maximum=section.get("max"),
        missing=frozenset(section.get("allows", [])),
        past=section.get("past", False),
        whole=not section.get("decimals", False),
        units=tuple(section.get("units", [])),
    )


def measured(corpus: Corpus) -> dict[str, Any]:
    """Accuracy, wrong acceptances by kind, and the time a reply takes, in microseconds."""
    verdicts = corpus.judged()
    kinds: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        kinds[verdict.reply.form.kind].append(verdict)
    return {
        **_shares(verdicts),
        "kinds": {kind: _shares(found) for kind, found in kinds.items()},
        "microseconds": _timed(corpus),
        "wrong": [_wrong(verdict) for verdict in verdicts if not verdict.right],
    }


def _shares(verdicts: list[Verdict]) -> dict[str, float]:
    total = max(len(verdicts), 1)
    return {
        "replies": len(verdicts),
        "right": round(sum(verdict.right for verdict in verdicts) / total, 4),
        "wrongly_accepted": round(sum(verdict.wrongly_accepted for verdict in verdicts) / total, 4),
    }


def _wrong(verdict: Verdict) -> dict[str, Any]:
    reply, outcome = verdict.reply, verdict.outcome
    got = (
        f"({outcome.reason})"
        if isinstance(outcome, Unparsed)
        else f"{outcome.missing or outcome.value} by {outcome.rule}"
    )
    return {"section": reply.section, "text": reply.text, "expected": reply.missing or reply.value, "got": got}


def _timed(corpus: Corpus) -> dict[str, float]:
    """Each reply's best of a few rounds; and the slowest form on the longest text that a closed question reads, and on
    one as long as a carrier delivers, which only open questions read."""
    readers = {form: reader(form) for form in dict.fromkeys(reply.form for reply in corpus.replies)}
    gc.disable()
    try:
        times = sorted(
            min(_once(readers[reply.form].read, reply.text, corpus.at) for _ in range(TIMED_ROUNDS))
            for reply in corpus.replies
        )
        longest, whole = (
            max(
                (min(_once(read.read, text, corpus.at) for _ in range(TIMED_ROUNDS)) for read in readers.values()),
                default=0.0,
            )
            for text in (_LONG[:LONGEST_CLOSED].strip(), _LONG)
        )
    finally:
        gc.enable()
    middle = times[len(times) // 2] if times else 0.0
    slowest = times[-1] if times else 0.0
    found = {
        "median": middle, "slowest": slowest, f"of_{LONGEST_CLOSED}_characters": longest, "of_1600_characters": whole,
    }  # fmt: skip
    return {name: round(microseconds, 1) for name, microseconds in found.items()}


def _once(read: Callable[[str, datetime], object], text: str, at: datetime) -> float:
    start = time.perf_counter_ns()
    read(text, at)
    return (time.perf_counter_ns() - start) / 1000
