"""The privacy review of free text. A text is personal data, and no analyst gets it, until a person has reviewed it; then it is
exported as it is, redacted, or withheld. Decisions come from a sheet, all of them or none, or one by one. A decision is about
the text as the reviewer saw it: `mark` is its fingerprint, and a later change is a conflict."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.errors import UsageError
from app.exports.definitions import Definitions
from app.people.actors import claimed
from app.review.response_rows import response_rows
from app.sheets import hand_sheet
from app.sheets.columns import ColumnNames, Columns
from app.sheets.faults import Fault
from app.sheets.marks import visible
from app.sheets.reader import Reader, Row
from app.store import audit, cohorts, free_text
from app.store.free_text import FreeText
from app.wording import Sentence

OK, REDACT, WITHHOLD = "ok", "redact", "withhold"
DECISIONS = (OK, REDACT, WITHHOLD)
HEADERS = ("response_id", "study_id", "variable", "question", "text", "reviewed", "redacted_text", "mark")
COLUMNS = ColumnNames({name: (name.replace("_", " "),) for name in HEADERS})
LONGEST = 10_000
"""Characters of a redacted text."""

_OLD = Sentence("is not of this text as it is now: export the sheet again")
_NEEDED = ("response_id", "text", "reviewed", "redacted_text", "mark")


class Refused(ValueError):
    """A decision that cannot be stored. `column` has the mistake; a `conflict` is none: somebody else was quicker."""

    def __init__(self, column: str, text: str, *, conflict: bool = False) -> None:
        super().__init__(text)
        self.column = column
        self.conflict = conflict


def mark(text: FreeText) -> str:
    """The fingerprint of a text and of the decision about it."""
    return f"{_digest(text.id, text.raw)}-{_digest(text.decision, text.redacted)}"


def _of_text(mark: str) -> str:
    return mark.partition("-")[0]


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def sheet_rows(
    tx: Connection,
    *,
    programme: str | None = None,
    cohort: str | None = None,
    reviewed: bool | None = None,
    closed: bool = False,
    after: int = 0,
    limit: int | None = None,
) -> list[list[str]]:
    """The rows of the sheet below `HEADERS`, in the order of response ids, above `after` and at most `limit`. Raises UsageError
    if there is no such cohort."""
    cohorts.check(tx, cohort)
    definitions = Definitions(tx)
    return [
        [
            str(text.id),
            text.study_id,
            text.variable,
            definitions.wording(text.version, text.flow, text.step),
            text.raw,
            text.decision or "",
            text.redacted or "",
            mark(text),
        ]
        for text in free_text.texts(
            tx, programme=programme, cohort=cohort, reviewed=reviewed, closed=closed, after=after, limit=limit
        )
    ]


def new_decision(
    text: FreeText, seen_mark: str, decision: str, redacted: str, by: str, now: datetime
) -> dict[str, Any] | None:
    """The decision as a row to store, or None if it is stored already. Raises Refused."""
    redacted = visible(redacted)
    if decision not in DECISIONS:
        raise Refused(
            "reviewed", Sentence("must be {names} or {last}", names=", ".join(DECISIONS[:-1]), last=DECISIONS[-1])
        )
    if decision == REDACT and not redacted:
        raise Refused(
            "redacted_text",
            Sentence("is empty: write what may be read, or {withhold} under reviewed", withhold=WITHHOLD),
        )
    if decision != REDACT and redacted:
        raise Refused("redacted_text", Sentence("has a text, which only {redact} needs", redact=REDACT))
    if decision == OK and text.is_voice_note:
        raise Refused(
            "reviewed",
            Sentence(
                "nothing of a voice note can be read: write {redact}, and its words under redacted_text", redact=REDACT
            ),
        )
    if len(redacted) > LONGEST or hand_sheet.cell_of(redacted) != redacted:
        raise Refused(
            "redacted_text", Sentence("must have at most {most:,} characters, and no control characters", most=LONGEST)
        )
    if _of_text(seen_mark) != _of_text(mark(text)):
        raise Refused("mark", _OLD, conflict=True)
    if (text.decision, text.redacted or "") == (decision, redacted):
        return None
    if seen_mark != mark(text):
        raise Refused(
            "reviewed",
            Sentence(
                "{somebody} has decided {decision} meanwhile: export the sheet again",
                somebody=text.by or Sentence("somebody"),
                decision=text.decision,
            ),
            conflict=True,
        )
    return {"response_id": text.id, "decision": decision, "text": redacted or None, "by": by, "at": now}


def check_name(by: str) -> str:
    """The reviewer's name for the audit log. Raises UsageError."""
    name = " ".join(by.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise UsageError(Sentence("--by: give the reviewer's name, of at most 100 characters"))
    return name


def programme_of(tx: Connection, response: int) -> str:
    """The programme of a text. Raises LookupError if there is no such text."""
    found = free_text.texts(tx, ids=[response])
    if not found:
        raise LookupError(response)
    return found[0].programme


def review(tx: Connection, response: int, seen_mark: str, decision: str, redacted: str, by: str, now: datetime) -> bool:
    """Store the decision on one text; False if it was stored already. Raises Refused, or LookupError if there is no such text."""
    found = free_text.texts(tx, ids=[response])
    if not found:
        raise LookupError(response)
    row = new_decision(found[0], seen_mark, decision, redacted, by, now)
    if row is not None:
        _store(tx, [row], by, now)
    return row is not None


def _store(tx: Connection, rows: Sequence[dict[str, Any]], actor: str, now: datetime) -> None:
    free_text.save_reviews(tx, rows)
    counts = {decision: sum(row["decision"] == decision for row in rows) for decision in DECISIONS}
    first, last = min(row["response_id"] for row in rows), max(row["response_id"] for row in rows)
    audit.record(tx, now, actor, "text review", "text_review", {**counts, "first": first, "last": last})


# -- a sheet ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class ReviewImport:
    """Counts of an import, or of its dry run; only faults if there are any. `open`: rows without a decision."""

    counts: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    open: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_table(tx: Connection, table: Sequence[Sequence[str]], by: str, now: datetime) -> ReviewImport:
    """Store the decisions of a table whose first row has the headers: all of them or, if there is a fault in one, none."""
    columns = Columns.of(table[0] if table else [], COLUMNS)
    faults = [*columns.faults, *(fault for name in _NEEDED for fault in columns.missing(name, COLUMNS))]
    if faults:
        return ReviewImport(faults=faults)
    reader = Reader(columns)
    rows = list(response_rows(reader, table))
    texts = {text.id: text for text in free_text.texts(tx, ids={response for _, response in rows})}
    result = ReviewImport(dict.fromkeys(DECISIONS, 0))
    new = []
    for row, response in rows:
        try:
            decision = _decision(row, texts.get(response), by, now)
        except Refused as refused:
            row.fault(refused.column, refused.args[0])
            continue
        if decision is not None:
            new.append(decision)
            result.counts[decision["decision"]] += 1
        elif row.text("reviewed"):
            result.unchanged += 1
        else:
            result.open += 1
    if reader.faults:
        return ReviewImport(faults=sorted(reader.faults))
    if new:
        _store(tx, new, claimed(by), now)
    return result


def _decision(row: Row, text: FreeText | None, by: str, now: datetime) -> dict[str, Any] | None:
    """The new decision of a row; None if it has none. Raises Refused."""
    current = _checked(row, text)
    if not row.text("reviewed"):
        return None
    redacted = hand_sheet.unguarded(row.text("redacted_text"))
    return new_decision(current, row.text("mark"), row.text("reviewed").lower(), redacted, by, now)


def _checked(row: Row, text: FreeText | None) -> FreeText:
    """The text of a row. Raises Refused if there is none, or if the sheet's copy of it was edited."""
    if text is None:
        raise Refused("response_id", Sentence("there is no such text"))
    if not hand_sheet.is_still(row.text("text"), text.raw):
        if _of_text(row.text("mark")) != _of_text(mark(text)):
            raise Refused("mark", _OLD, conflict=True)
        raise Refused("text", Sentence("was edited: leave it, and write what may be read under redacted_text"))
    if row.text("redacted_text") and not row.text("reviewed"):
        raise Refused("reviewed", Sentence("is empty beside a redacted text: write {redact}", redact=REDACT))
    return text
