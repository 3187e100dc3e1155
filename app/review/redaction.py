"""The review of free text. Until a person has looked at it, it is personal data, and no analyst gets it; afterwards it is
exported as it is, with something taken out, or never. Decisions come from a sheet, all of them or none, or one by one. A
decision is of the text as the reviewer saw it: `mark` is its fingerprint, and what has changed since is a conflict."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.errors import UsageError
from app.exports.definitions import Definitions
from app.sheets import hand_sheet
from app.sheets.columns import MORE_CELLS, Fault, Known, Layout
from app.sheets.text_marks import seen
from app.store import audit, cohorts, free_text
from app.store.free_text import Typed

OK, REDACT, WITHHOLD = "ok", "redact", "withhold"
DECISIONS = (OK, REDACT, WITHHOLD)
HEADERS = ("response_id", "study_id", "variable", "question", "text", "reviewed", "redacted_text", "mark")
KNOWN = Known({name: (name.replace("_", " "),) for name in HEADERS})
LONGEST = 10_000
"""Characters of a redacted text."""

_OLD = "is not of this text as it is now: export the sheet again"
_NEEDED = ("response_id", "text", "reviewed", "redacted_text", "mark")


class Refused(ValueError):
    """A decision that cannot be kept. `column` is where the mistake is; a `conflict` is no mistake: somebody was quicker."""

    def __init__(self, column: str, text: str, *, conflict: bool = False) -> None:
        super().__init__(text)
        self.column = column
        self.conflict = conflict


def mark(text: Typed) -> str:
    """The fingerprint of a text and of what has been decided of it."""
    return f"{_digest(text.id, text.raw)}-{_digest(text.decision, text.redacted)}"


def _of_text(mark: str) -> str:
    return mark.partition("-")[0]


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def listed(
    tx: Connection,
    *,
    programme: str | None = None,
    cohort: str | None = None,
    reviewed: bool | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[list[str]]:
    """The rows of the sheet below `HEADERS`, in the order of their responses; `after` one of them, and no more than a `limit`.
    Raises UsageError if there is no such cohort."""
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
        for text in free_text.texts(tx, programme=programme, cohort=cohort, reviewed=reviewed, after=after, limit=limit)
    ]


def decided(text: Typed, seen_mark: str, decision: str, redacted: str, by: str, now: datetime) -> dict[str, Any] | None:
    """The decision as it is kept, or None if it is kept already. Raises Refused."""
    redacted = seen(redacted)
    if decision not in DECISIONS:
        raise Refused("reviewed", f"must be {', '.join(DECISIONS[:-1])} or {DECISIONS[-1]}")
    if decision == REDACT and not redacted:
        raise Refused("redacted_text", f"is empty: write what may be read, or {WITHHOLD} under reviewed")
    if decision != REDACT and redacted:
        raise Refused("redacted_text", f"has a text, which only {REDACT} needs")
    if len(redacted) > LONGEST or hand_sheet.cell_of(redacted) != redacted:
        raise Refused("redacted_text", f"must have at most {LONGEST:,} characters, and no control characters")
    if _of_text(seen_mark) != _of_text(mark(text)):
        raise Refused("mark", _OLD, conflict=True)
    if (text.decision, text.redacted or "") == (decision, redacted):
        return None
    if seen_mark != mark(text):
        raise Refused(
            "reviewed",
            f"{text.by or 'somebody'} has decided {text.decision} meanwhile: export the sheet again",
            conflict=True,
        )
    return {"response_id": text.id, "decision": decision, "text": redacted or None, "by": by, "at": now}


def check_name(by: str) -> str:
    """Who reviews, as the audit names them. Raises UsageError."""
    name = " ".join(by.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise UsageError("--by: say who has reviewed, in at most 100 letters")
    return name


def review(tx: Connection, response: int, seen_mark: str, decision: str, redacted: str, by: str, now: datetime) -> bool:
    """Keep the decision on one text; False if it was kept already. Raises Refused, LookupError if there is no such text."""
    found = free_text.texts(tx, ids=[response])
    if not found:
        raise LookupError(response)
    row = decided(found[0], seen_mark, decision, redacted, by, now)
    if row is not None:
        _keep(tx, [row], by, now)
    return row is not None


def _keep(tx: Connection, rows: Sequence[dict[str, Any]], by: str, now: datetime) -> None:
    free_text.keep_reviews(tx, rows)
    counts = {decision: sum(row["decision"] == decision for row in rows) for decision in DECISIONS}
    first, last = min(row["response_id"] for row in rows), max(row["response_id"] for row in rows)
    audit.record(tx, now, by, "text review", "text_review", {**counts, "first": first, "last": last})


# -- a sheet ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Taken:
    """What an import did, or would do; nothing if there are faults. `open` are rows without a decision."""

    counts: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    open: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    place: int
    id: int
    cells: Mapping[str, str]


def take(tx: Connection, rows: Sequence[Sequence[str]], by: str, now: datetime) -> Taken:
    """Keep the decisions of a sheet whose first row has the headers: all of them or, if there is a fault in one, none."""
    layout = Layout.of(rows[0] if rows else [], KNOWN)
    faults = [*layout.faults, *(fault for name in _NEEDED for fault in layout.missing(name, KNOWN))]
    if faults:
        return Taken(faults=faults)
    read = list(_read(layout, rows, faults))
    known = {text.id: text for text in free_text.texts(tx, ids={row.id for row in read})}
    taken = Taken(dict.fromkeys(DECISIONS, 0))
    kept = []
    for row in read:
        try:
            text, decision = _checked(row, known.get(row.id)), row.cells["reviewed"].lower()
            new = (
                decided(text, row.cells["mark"], decision, hand_sheet.unguarded(row.cells["redacted_text"]), by, now)
                if decision
                else None
            )
        except Refused as refused:
            faults.append(Fault(row.place, layout.named[refused.column], str(refused)))
            continue
        taken.open += not decision
        taken.unchanged += bool(decision) and new is None
        if new is not None:
            kept.append(new)
            taken.counts[decision] += 1
    if faults:
        return Taken(faults=sorted(faults))
    if kept:
        _keep(tx, kept, by, now)
    return taken


def _read(layout: Layout, rows: Sequence[Sequence[str]], faults: list[Fault]) -> Iterator[_Row]:
    first: dict[int, int] = {}
    for place, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        written = {name: layout.text(cells, name) for name in _NEEDED}
        id_ = written["response_id"]
        if layout.has_more(cells):
            faults.append(Fault(place, "", MORE_CELLS))
        elif not (id_.isascii() and id_.isdecimal() and len(id_) < 19):
            faults.append(Fault(place, layout.named["response_id"], "is no response's number"))
        elif (twin := first.setdefault(int(id_), place)) != place:
            faults.append(Fault(place, layout.named["response_id"], f"is in row {twin} already"))
        else:
            yield _Row(place, int(id_), written)


def _checked(row: _Row, text: Typed | None) -> Typed:
    """The text that a row is of. Raises Refused if there is none, or if what was shown was edited."""
    if text is None:
        raise Refused("response_id", "there is no such text")
    if not hand_sheet.is_still(row.cells["text"], text.raw):
        if _of_text(row.cells["mark"]) != _of_text(mark(text)):
            raise Refused("mark", _OLD, conflict=True)
        raise Refused("text", "was edited: leave it, and write what may be read under redacted_text")
    if row.cells["redacted_text"] and not row.cells["reviewed"]:
        raise Refused("reviewed", f"is empty beside a redacted text: write {REDACT}")
    return text
