"""Free text and the code book. Each coder gets the texts that have been reviewed, in an order of their own, codes them without
seeing what others coded, and brings the sheet back: all of it, or nothing. What coders disagree on, `final` settles, who
does see what each of them said."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from app.errors import UsageError
from app.exports.definitions import Definitions
from app.exports.settling import FINAL, How, settled
from app.flows.language.definition import Coding
from app.flows.language.nearby import did_you_mean
from app.sheets import hand_sheet
from app.sheets.columns import MORE_CELLS, Fault, Known, Layout
from app.store import audit, cohorts, free_text
from app.store.free_text import Coded, Typed

_CODER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_FIXED = ("response_id", "question", "text", "said", "mark")
_NEEDED = ("response_id", "text", "mark")
_BETWEEN = re.compile(r"[\s,;]+")

CodeBook = Mapping[str, Coding]
Said = Mapping[str, str]
"""What each coder said of one text by one variable."""


def check_coder(coder: str) -> str:
    """Raise UsageError unless this can be a coder's name."""
    if not _CODER.fullmatch(coder):
        raise UsageError(f"--coder {coder!r}: a coder is named by letters, digits, - and _, such as A or sara")
    return coder


def code_book(definitions: Definitions, programme: str | None) -> tuple[str, CodeBook]:
    """A programme, the only one that has a code book if none is named, and its code book. Raises UsageError."""
    found = {one.programme: one.codes for one in definitions.all_current() if one.codes}
    if programme is None and len(found) > 1:
        raise UsageError(f"name one of the programmes with --programme: {', '.join(sorted(found))}")
    if programme is None and not found:
        raise UsageError("no published programme has a code book: see `codes` in docs/coding.md")
    chosen = programme if programme is not None else next(iter(found))
    if chosen not in found:
        raise UsageError(
            f"{chosen!r} is no published programme with a code book. {did_you_mean(chosen, found)}".strip()
        )
    return chosen, found[chosen]


def said(tx: Connection, variables: CodeBook) -> dict[tuple[int, str], dict[str, str]]:
    """What coders said, by response and variable."""
    found: dict[tuple[int, str], dict[str, str]] = {}
    for one in free_text.codes(tx, variables):
        found.setdefault((one.response, one.variable), {})[one.coder] = one.codes
    return found


def applies(coding: Coding, text: Typed) -> bool:
    """Whether a text is to be coded by a variable."""
    return text.variable in coding.of or text.step in coding.of


# -- a sheet that goes out --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """A coder's sheet. `choices` are the codes that may stand in a column."""

    headers: tuple[str, ...]
    rows: list[list[str]]
    choices: dict[str, list[str]]


def sheet(tx: Connection, coder: str, *, programme: str | None = None, cohort: str | None = None) -> Sheet:
    """The reviewed texts of a programme for a coder, with what this coder has coded already; for `final`, those that others
    disagree on, with what they said. Raises UsageError if there is no such cohort or code book."""
    cohorts.check(tx, cohort)
    definitions = Definitions(tx)
    chosen, book = code_book(definitions, programme)
    known = said(tx, book)
    shows = (FINAL,) if coder == FINAL else ()
    headers = ("response_id", "question", "text", *("said" for _ in shows), *book, "mark")
    texts = [
        text
        for text in free_text.texts(tx, programme=chosen, cohort=cohort, reviewed=True)
        if _is_for(text, coder, book, known)
    ]
    rows = [
        [
            str(text.id),
            definitions.wording(text.version, text.flow, text.step),
            text.readable or "",
            *(_told(text, book, known) for _ in shows),
            *(known.get((text.id, name), {}).get(coder, "") for name in book),
            mark(text, coder),
        ]
        for text in sorted(texts, key=lambda text: (order(text, coder), text.id))
    ]
    return Sheet(headers, rows, {name: list(coding.codes) for name, coding in book.items() if not coding.multiple})


def _is_for(text: Typed, coder: str, book: CodeBook, known: Mapping[tuple[int, str], Said]) -> bool:
    if text.readable is None or text.status == "superseded":
        return False
    wanted = [name for name, coding in book.items() if applies(coding, text)]
    if coder != FINAL:
        return bool(wanted)
    return any((one := known.get((text.id, name))) and settled(one)[1] in (How.disputed, How.final) for name in wanted)


def _told(text: Typed, book: CodeBook, known: Mapping[tuple[int, str], Said]) -> str:
    """What the other coders said of a text where they disagree: `barrera_tipo: A=tiempo, B=riesgo`."""
    lines = []
    for name in book:
        others = {coder: codes for coder, codes in known.get((text.id, name), {}).items() if coder != FINAL}
        if others and settled(others)[1] is How.disputed:
            lines.append(f"{name}: {', '.join(f'{coder}={codes}' for coder, codes in others.items())}")
    return "\n".join(lines)


def order(text: Typed, coder: str) -> str:
    """Where a text stands in a coder's sheet: as if shuffled, always the same, and for each coder otherwise."""
    return "" if coder == FINAL else hashlib.sha256(f"{coder}\0{text.id}".encode()).hexdigest()


def mark(text: Typed, coder: str) -> str:
    """The fingerprint of a text as it was given to a coder."""
    return hashlib.sha256(f"{coder}\0{text.id}\0{text.readable}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


# -- a sheet that comes back ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Taken:
    """What an import did, or would do; nothing if there are faults. `open` are texts without any code."""

    coded: int = 0
    unchanged: int = 0
    open: int = 0
    faults: list[Fault] = field(default_factory=list)


def take(
    tx: Connection, rows: Sequence[Sequence[str]], coder: str, now: datetime, programme: str | None = None
) -> Taken:
    """Keep what a coder made of texts, by a sheet whose first row has the headers: all of it or, if there is a fault, nothing.
    An empty cell changes nothing. Raises UsageError if there is no such code book."""
    _, book = code_book(Definitions(tx), programme)
    reader = _Reader.of(tx, rows[0] if rows else [], coder, book)
    if reader.faults:
        return Taken(faults=reader.faults)
    read = [
        (place, cells, id_)
        for place, cells in enumerate(rows[1:], 2)
        if any(map(str.strip, cells)) and (id_ := reader.id(place, cells))
    ]
    texts = {text.id: text for text in free_text.texts(tx, ids={id_ for _, _, id_ in read})}
    taken, kept = Taken(), []
    for place, cells, id_ in read:
        if not reader.fits(place, cells, texts.get(id_)):
            continue
        coded = list(reader.coded(place, cells, texts[id_]))
        new = [one for one in coded if reader.known.get((id_, one.variable), {}).get(coder) != one.codes]
        taken.open += not coded
        taken.unchanged += len(coded) - len(new)
        kept += new
    if reader.faults:
        return Taken(faults=sorted(reader.faults))
    taken.coded = len(kept)
    if kept:
        free_text.keep_codes(tx, kept, now)
        audit.record(tx, now, f"coder {coder}", "text code", "text_code", {"codes": len(kept)})
    return taken


@dataclass(slots=True)
class _Reader:
    """Reads the rows of a coder's sheet, and collects every fault on the way."""

    layout: Layout
    coder: str
    book: CodeBook
    known: Mapping[tuple[int, str], Said]
    faults: list[Fault]
    first: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, tx: Connection, headers: Sequence[str], coder: str, book: CodeBook) -> "_Reader":
        meanings = Known({name: (name.replace("_", " "),) for name in _FIXED}, tuple(book))
        layout = Layout.of(headers, meanings)
        faults = [*layout.faults, *(fault for name in _NEEDED for fault in layout.missing(name, meanings))]
        if not faults and not any(name in layout.places for name in book):
            faults = [Fault(1, "", f"there is no column of the code book: {', '.join(book)}")]
        for header in layout.ignored:
            near = did_you_mean(header, book)
            faults += [Fault(1, header, f"is no variable of the code book. {near}")] if near else []
        return cls(layout, coder, book, said(tx, book), faults)

    def id(self, place: int, cells: Sequence[str]) -> int | None:
        written = self.layout.text(cells, "response_id")
        if self.layout.has_more(cells):
            self.faults.append(Fault(place, "", MORE_CELLS))
        elif not (written.isascii() and written.isdecimal() and len(written) < 19 and int(written)):
            self.fault(place, "response_id", "is no response's number")
        elif (twin := self.first.setdefault(int(written), place)) != place:
            self.fault(place, "response_id", f"is in row {twin} already")
        else:
            return int(written)
        return None

    def fits(self, place: int, cells: Sequence[str], text: Typed | None) -> bool:
        """Whether a row is of a text as it was given to this coder."""
        if text is None:
            self.fault(place, "response_id", "there is no such text")
        elif text.readable is None:
            self.fault(place, "response_id", "this text is not to be read any more: delete the row")
        elif self.layout.text(cells, "mark") != mark(text, self.coder):
            self.fault(
                place,
                "mark",
                f"is not of this text as it is now, or was not made for coder {self.coder}: export the sheet again",
            )
        elif not hand_sheet.is_still(self.layout.text(cells, "text"), text.readable):
            self.fault(place, "text", "was edited: leave it as it was")
        else:
            return True
        return False

    def coded(self, place: int, cells: Sequence[str], text: Typed) -> Iterator[Coded]:
        """The codes of one row."""
        for name, coding in self.book.items():
            words = [word for word in _BETWEEN.split(self.layout.text(cells, name).lower()) if word]
            wrong = next((word for word in words if word not in coding.codes), None)
            if not words:
                continue
            if not applies(coding, text):
                self.fault(place, name, "is not for this question: leave it empty")
            elif wrong is not None:
                near = did_you_mean(wrong, coding.codes, else_list=len(coding.codes))
                self.fault(place, name, f"there is no code {wrong!r}. {near}".strip())
            elif len(set(words)) > 1 and not coding.multiple:
                self.fault(place, name, "has several codes, and this variable takes one")
            else:
                yield Coded(text.id, name, self.coder, " ".join(code for code in coding.codes if code in words))

    def fault(self, place: int, name: str, text: str) -> None:
        self.faults.append(Fault(place, self.layout.named.get(name, ""), text))
