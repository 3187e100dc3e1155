"""Corrections of answers: a cleaning log. An answer stays as the officer gave it; exports have the new value, the log has both, with
the reason and the person, and an undone correction counts no more. Corrections come from a sheet, all of them or none, or one by one from
whoever reads an officer's answers. Refuses texts, which reviewers redact, and answers that do not count."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.errors import ConflictError, UsageError
from app.exports.definitions import Definitions
from app.exports.numbering import Numbering
from app.flows.replies.forms import AnswerKind, is_open
from app.people.actors import claimed
from app.review.closed_questions import ClosedQuestion
from app.review.response_rows import response_rows
from app.sheets import hand_sheet
from app.sheets.columns import ColumnNames, Columns
from app.sheets.faults import Fault
from app.sheets.reader import Reader, Row
from app.store import addresses, audit, corrections
from app.store.corrections import Answer
from app.wording import Sentence

HEADERS = ("response_id", "variable", "old", "new", "why", "who")
COLUMNS = ColumnNames({name: (name.replace("_", " "),) for name in HEADERS} | {"response_id": ("response id", "id")})
_NEEDED = ("response_id", "old", "new", "why")
LONGEST_REASON, LONGEST_NAME = 500, 100


@dataclass(slots=True)
class CorrectionImport:
    """Counts of an import, or of its dry run; only faults if there are any."""

    corrected: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_table(tx: Connection, table: Sequence[Sequence[str]], who: str, now: datetime) -> CorrectionImport:
    """Store the corrections of a table whose first row has the headers: all of them or, if there is a fault in one, none. `who` is the
    person of the rows that name nobody."""
    columns = Columns.of(table[0] if table else [], COLUMNS)
    faults = [*columns.faults, *(fault for name in _NEEDED for fault in columns.missing(name, COLUMNS))]
    if faults:
        return CorrectionImport(faults=faults)
    reader, result = Reader(columns), CorrectionImport()
    rows = list(response_rows(reader, table))
    desk = _Log.of(tx, [response for _, response in rows])
    new: list[dict[str, Any]] = []
    for row, response in rows:
        if (made := _corrected(row, desk, response, who, now)) is None:
            continue
        if made["old"] == made["new"]:
            result.unchanged += 1
        else:
            new.append(made)
    if reader.faults:
        return CorrectionImport(faults=sorted(reader.faults))
    result.corrected = len(new)
    if new:
        corrections.add(tx, new)
        detail = {"corrections": len(new), "first": new[0]["response_id"], "last": new[-1]["response_id"]}
        audit.record(tx, now, claimed(who), "corrections import", "correction", detail)
    return result


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer for the person who may correct it. `own` is the officer's value, `value` that of the data; `question` is as it was asked, and
    None if the answer cannot be corrected here, for the reason `refused`."""

    answer: Answer
    own: str
    value: str
    question: ClosedQuestion | None
    wording: str = ""
    refused: str = ""
    log: Sequence[corrections.StoredCorrection] = ()


def of_officer(tx: Connection, study_id: str) -> list[Shown]:
    """The answers of an officer that can be corrected, in the order in which they came. Without wording and log. Raises UsageError for an
    unknown study id."""
    responses = corrections.of_officer(tx, addresses.known(tx, study_id))
    desk = _Log.of(tx, responses)
    return [one for one in map(desk.shown, (desk.answers[one] for one in responses)) if one.question is not None]


def look(tx: Connection, study_id: str, response: int) -> Shown:
    """An answer of an officer with its question and all its corrections. Raises UsageError if the officer has no such answer."""
    desk = _Log.of(tx, [response])
    answer = desk.answers.get(response)
    if answer is None or answer.study_id != study_id:
        raise UsageError(Sentence("there is no response {response}", response=response), "no_answer_of")
    wording = desk.definitions.wording(answer.version, answer.flow, answer.step)
    return replace(desk.shown(answer), wording=wording, log=corrections.of(tx, response))


def add(
    tx: Connection,
    response: int,
    new: str,
    why: str,
    who: str,
    now: datetime,
    *,
    actor: str = "",
    old: str | None = None,
) -> tuple[str, str]:
    """Correct one answer, and give its old and its new value. `actor` is the account that does it; without one it is what `who` claims. With
    `old`, only if that is the value now. Raises UsageError, ConflictError if the value is another one, or the new one already."""
    desk = _Log.of(tx, [response])
    try:
        made = desk.made(response, old, new, _reason(why), _name(who), now)
    except _OldError as error:
        raise ConflictError(error.args[0], "other_value", reason=error.args[0]) from None
    except ValueError as error:
        raise UsageError(error.args[0], "no_correction", reason=error.args[0]) from None
    if made["old"] == made["new"]:
        text = Sentence("response {response} is {value} already", response=response, value=made["new"])
        raise ConflictError(text, "same_value", value=made["new"])
    corrections.add(tx, [made])
    audit.record(tx, now, actor or claimed(who), "corrections add", f"response:{response}", {})
    return made["old"], made["new"]


def undo(tx: Connection, number: int, who: str, now: datetime, *, actor: str = "") -> corrections.StoredCorrection:
    """Undo a correction, and give it. `actor` as of `add`. Raises UsageError if there is none of that id, ConflictError if it is undone or a
    later one of the same answer counts."""
    found = corrections.one(tx, number)
    if found is None:
        text = Sentence("there is no correction {number}: `trato corrections list` has all", number=number)
        raise UsageError(text, "undone_already")
    if found.undone_at is not None:
        raise ConflictError(Sentence("correction {number} is undone already", number=number), "undone_already")
    later = [one.id for one in corrections.of(tx, found.response) if one.undone_at is None]
    if later[-1] != number:
        text = Sentence("correction {later} came after it: undo that one first", later=later[-1])
        raise ConflictError(text, "later_correction")
    corrections.undo(tx, number, who, now)
    detail = {"correction": number}
    audit.record(tx, now, actor or claimed(who), "corrections undo", f"response:{found.response}", detail)
    return found


def _corrected(row: Row, desk: "_Log", response: int, who: str, now: datetime) -> dict[str, Any] | None:
    """The correction of a row; None if it has a fault."""
    why = row.value("why", _reason, "", required=True)
    by = row.value("who", _name, who)
    old = row.value("old", str, "", required=True)
    new = row.value("new", str, "", required=True)
    if row.is_faulty:
        return None
    named, answer = row.text("variable"), desk.answers.get(response)
    if named and answer is not None and named != answer.variable:
        text = Sentence("response {response} is of {variable}", response=response, variable=answer.variable)
        row.fault("variable", text)
        return None
    try:
        return desk.made(response, hand_sheet.unguarded(old), hand_sheet.unguarded(new), why, by, now)
    except _OldError as error:
        row.fault("old", error.args[0])
    except ValueError as error:
        row.fault("new" if answer is not None else "response_id", error.args[0])
    return None


def _reason(text: str) -> str:
    found = " ".join(text.split())
    if not found or len(found) > LONGEST_REASON:
        raise ValueError(Sentence("needs a reason of at most {most} characters", most=LONGEST_REASON))
    return found


def _name(text: str) -> str:
    found = " ".join(text.split())
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise ValueError(Sentence("needs a name of at most {most} characters", most=LONGEST_NAME))
    return found


# -- values -----------------------------------------------------------------------------------------------------------


class _OldError(ValueError):
    """The old value is another one."""


@dataclass(frozen=True, slots=True)
class _Log:
    """Answers that are to be corrected, and what is known of their questions."""

    answers: Mapping[int, Answer]
    now_is: Mapping[int, str]
    definitions: Definitions
    numbering: Numbering

    @classmethod
    def of(cls, tx: Connection, responses: Sequence[int]) -> "_Log":
        definitions = Definitions(tx)
        news = corrections.news(tx, responses)
        return cls(corrections.answers(tx, responses), news, definitions, Numbering(tx, definitions))

    def question(self, answer: Answer) -> ClosedQuestion:
        """The question of an answer that can be corrected. Raises ValueError for another one."""
        if is_open(AnswerKind(answer.kind)):
            raise ValueError(Sentence("is a text: `trato text` reviews and redacts it"))
        if answer.status != "ok":
            raise ValueError(Sentence("is no answer that counts: its status is {status}", status=answer.status))
        return ClosedQuestion.of(self.definitions, self.numbering, answer)

    def shown(self, answer: Answer) -> Shown:
        """An answer with its values, and with its question or the reason why it is not corrected here."""
        try:
            question = self.question(answer)
        except ValueError as error:
            return Shown(answer, "", "", None, refused=error.args[0])
        own = question.in_data(answer.value, answer.missing)
        return Shown(answer, own, self.now_is.get(answer.response) or own, question)

    def made(self, response: int, old: str | None, new: str, why: str, by: str, now: datetime) -> dict[str, Any]:
        """A correction as a row to store. Raises ValueError."""
        answer = self.answers.get(response)
        if answer is None:
            raise ValueError(Sentence("there is no response {response}", response=response))
        question = self.question(answer)
        current = self.now_is.get(response) or question.in_data(answer.value, answer.missing)
        if old is not None and question.same(old) != current:
            raise _OldError(Sentence("is {value} now", value=current))
        replaced = question.read(new)
        return {
            "response_id": response,
            "old": current,
            "new": question.in_data(replaced.value, replaced.missing),
            **asdict(replaced),
            "why": why,
            "by": by,
            "at": now,
        }
