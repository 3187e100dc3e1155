"""A random sample of replies to closed questions, which two people read without the reader's value or each other's: what the reader
gets wrong on real data. Drawn once, in strata by rule and certainty, and more of it later; every person gets the same replies in an order
of their own. Refuses to show a value that anybody has read in a reply."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random

from sqlalchemy import Connection

from app.errors import UsageError
from app.exports.definitions import Definitions
from app.exports.numbering import Numbering
from app.people.actors import claimed
from app.review.closed_questions import ClosedQuestion
from app.review.response_rows import response_rows
from app.sheets import hand_sheet
from app.sheets.columns import ColumnNames, Columns
from app.sheets.faults import Fault
from app.sheets.reader import Reader
from app.store import audit, corrections, readings
from app.store.readings import UNCLEAR, Read, Sampled
from app.wording import Sentence

HEADERS = ("response_id", "question", "options", "text", "read", "mark")
_COLUMNS = ColumnNames({name: (name.replace("_", " "),) for name in HEADERS})
_NEEDED = ("response_id", "text", "read", "mark")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_CERTAINTIES = ((1.0, "sure"), (0.9, "high"), (0.75, "fair"), (0.0, "low"))
"""The least certainty of each class."""


def check_reader(name: str) -> str:
    """Raise UsageError unless this can be a reader's name."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            Sentence("--reader {name!r}: a person is named by letters, digits, . - and _, such as A or sara", name=name)
        )
    return name


def stratum(reply: Read) -> str:
    """The stratum of a reply: the rule by which it was understood, and how surely; those not understood are one."""
    if reply.status == "unclear":
        return "unclear"
    certainty = next(name for least, name in _CERTAINTIES if reply.score >= least)
    return f"{reply.rule.partition(':')[0]} {certainty}"


def draw(tx: Connection, count: int, seed: int, now: datetime, actor: str, programme: str | None = None) -> int:
    """Draw so many replies more, as many from each stratum as it has and the others leave; returns the number drawn. The same seed draws the
    same of the same replies."""
    strata: dict[str, list[Read]] = {}
    for reply in readings.candidates(tx, programme):
        strata.setdefault(stratum(reply), []).append(reply)
    sizes = _allocated({name: len(replies) for name, replies in strata.items()}, count)
    chance, rows = Random(seed), []  # noqa: S311 - a sample, no secret
    for name, replies in sorted(strata.items()):
        share = sizes[name] / len(replies)
        drawn = sorted(chance.sample(replies, sizes[name]), key=lambda reply: reply.response)
        rows += [{"response_id": one.response, "stratum": name, "share": share, "at": now} for one in drawn]
    if rows:
        readings.add_sample(tx, rows)
    detail = {
        "programme": programme,
        "drawn": len(rows),
        "seed": seed,
        "strata": {name: sizes[name] for name in sorted(sizes)},
    }
    audit.record(tx, now, actor, "text sample", "sampled_reply", detail)
    return len(rows)


def _allocated(sizes: dict[str, int], count: int) -> dict[str, int]:
    """The replies to draw from each stratum: the same number of all, and what small ones lack from the others."""
    given, left = dict.fromkeys(sizes, 0), count
    while left > 0 and (open_ := sorted(name for name in sizes if given[name] < sizes[name])):
        each = max(1, left // len(open_))
        for name in open_[: left if left < len(open_) else None]:
            more = min(each, sizes[name] - given[name], left)
            given[name] += more
            left -= more
    return given


def sheet_rows(tx: Connection, reader: str, programme: str | None = None) -> list[list[str]]:
    """The rows of a person's sheet below `HEADERS`, in the person's own order; without any value but their own."""
    definitions, own = Definitions(tx), readings.by_reader(tx, reader)
    rows = sorted(readings.sample(tx, programme), key=lambda one: _digest(reader, one.response))
    questions = _Questions(tx, [one.response for one in rows], definitions)
    return [
        [
            str(one.response),
            definitions.wording(one.version, one.flow, one.step),
            questions.of(one.response).as_seen(),
            one.text,
            own.get(one.response, ""),
            mark(one, reader),
        ]
        for one in rows
        if questions.can_be_read(one.response)
    ]


def mark(reply: Sampled, reader: str) -> str:
    """The fingerprint of a reply as it was given to a person."""
    return _digest(reader, reply.response, reply.text)[:12]


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()


class _Questions:
    """The questions of replies."""

    def __init__(self, tx: Connection, responses: Sequence[int], definitions: Definitions) -> None:
        self._answers = corrections.answers(tx, responses)
        self._definitions, self._numbering = definitions, Numbering(tx, definitions)

    def of(self, response: int) -> ClosedQuestion:
        """The question of a reply. Raises ValueError if this release cannot read it."""
        return ClosedQuestion.of(self._definitions, self._numbering, self._answers[response])

    def can_be_read(self, response: int) -> bool:
        """Whether it has that."""
        try:
            self.of(response)
        except ValueError:
            return False
        return True


@dataclass(slots=True)
class ReadingImport:
    """Counts of an import, or of its dry run; only faults if there are any. `open`: replies without a reading."""

    read: int = 0
    unchanged: int = 0
    open: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_table(tx: Connection, table: Sequence[Sequence[str]], reader: str, now: datetime) -> ReadingImport:
    """Store a person's readings from a table whose first row has the headers: all of them or, if there is a fault in one, none. An empty
    cell changes nothing."""
    columns = Columns.of(table[0] if table else [], _COLUMNS)
    faults = [*columns.faults, *(fault for name in _NEEDED for fault in columns.missing(name, _COLUMNS))]
    if faults:
        return ReadingImport(faults=faults)
    walked, result = Reader(columns), ReadingImport()
    rows = list(response_rows(walked, table))
    known = {one.response: one for one in readings.sample(tx, ids=[response for _, response in rows])}
    questions = _Questions(tx, list(known), Definitions(tx))
    own, new = readings.by_reader(tx, reader), []
    for row, response in rows:
        reply = known.get(response)
        if reply is None:
            row.fault("response_id", Sentence("is not in the sample"))
        elif row.text("mark") != mark(reply, reader):
            row.fault(
                "mark", Sentence("is of another person's sheet, or of a reply that has changed: export the sheet again")
            )
        elif not hand_sheet.is_still(row.text("text"), reply.text):
            row.fault("text", Sentence("was edited: leave it, and write under read"))
        elif not row.text("read"):
            result.open += 1
        else:
            value = row.value("read", partial(_read, questions.of(response)), "")
            if value and own.get(response) == value:
                result.unchanged += 1
            elif value:
                new.append(readings.as_row(response, reader, value, now))
    if walked.faults:
        return ReadingImport(faults=sorted(walked.faults))
    readings.save(tx, new)
    result.read = len(new)
    audit.record(tx, now, claimed(reader), "text readings", "reading", {"read": len(new)})
    return result


def _read(question: ClosedQuestion, text: str) -> str:
    """A reading as the data have it. Raises ValueError."""
    if text == UNCLEAR:
        return UNCLEAR
    found = question.read_as_seen(hand_sheet.unguarded(text))
    return question.in_data(found.value, found.missing)
