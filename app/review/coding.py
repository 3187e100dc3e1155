"""Coding of free text by a coding scheme. Each coder gets the reviewed texts in an order of their own, without the others' codes,
and returns the sheet: all of it is stored, or nothing. The coder `final` settles disagreements and does see the others' codes."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from app.errors import UsageError
from app.exports.coding_status import FINAL, CodingStatus, settle_codes
from app.exports.definitions import Definitions
from app.flows.language.definition import Coding
from app.flows.language.nearby import did_you_mean
from app.store import cohorts, free_text
from app.store.free_text import FreeText

_CODER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")

CodingScheme = Mapping[str, Coding]
"""The variables by which a programme's texts are coded."""

CodesByCoder = Mapping[str, str]
"""Each coder's codes of one text by one variable."""


def check_coder(coder: str) -> str:
    """Raise UsageError unless this can be a coder's name."""
    if not _CODER.fullmatch(coder):
        raise UsageError(f"--coder {coder!r}: a coder is named by letters, digits, - and _, such as A or sara")
    return coder


def coding_scheme(definitions: Definitions, programme: str | None) -> tuple[str, CodingScheme]:
    """A programme with its coding scheme; if none is named, the only one that has a scheme. Raises UsageError."""
    found = {one.programme: one.codes for one in definitions.all_current() if one.codes}
    if programme is None and len(found) > 1:
        raise UsageError(f"name one of the programmes with --programme: {', '.join(sorted(found))}")
    if programme is None and not found:
        raise UsageError("no published programme has a code book: see `codes` in docs/coding.md")
    chosen = programme if programme is not None else next(iter(found))
    if chosen not in found:
        raise UsageError(f"no published programme {chosen!r} has a code book. {did_you_mean(chosen, found)}".strip())
    return chosen, found[chosen]


def codes_by_coder(tx: Connection, variables: CodingScheme) -> dict[tuple[int, str], dict[str, str]]:
    """Each coder's codes, by response and variable."""
    found: dict[tuple[int, str], dict[str, str]] = {}
    for one in free_text.assigned_codes(tx, variables):
        found.setdefault((one.response, one.variable), {})[one.coder] = one.codes
    return found


def applies(coding: Coding, text: FreeText) -> bool:
    """Whether a variable is for this text."""
    return text.variable in coding.of or text.step in coding.of


# -- a coder's sheet -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """A coder's sheet. `choices`: the codes allowed in a column."""

    headers: tuple[str, ...]
    rows: list[list[str]]
    choices: dict[str, list[str]]


def sheet(tx: Connection, coder: str, *, programme: str | None = None, cohort: str | None = None) -> Sheet:
    """The reviewed texts of a programme with this coder's codes; for `final`, those that others disagree on, with their codes.
    Raises UsageError if there is no such cohort or coding scheme."""
    cohorts.check(tx, cohort)
    definitions = Definitions(tx)
    chosen, scheme = coding_scheme(definitions, programme)
    codes = codes_by_coder(tx, scheme)
    shows = (FINAL,) if coder == FINAL else ()
    headers = ("response_id", "question", "text", *("said" for _ in shows), *scheme, "mark")
    texts = [
        text
        for text in free_text.texts(tx, programme=chosen, cohort=cohort, reviewed=True)
        if _is_for(text, coder, scheme, codes)
    ]
    rows = [
        [
            str(text.id),
            definitions.wording(text.version, text.flow, text.step),
            text.readable or "",
            *(_others(text, scheme, codes) for _ in shows),
            *(codes.get((text.id, name), {}).get(coder, "") for name in scheme),
            mark(text, coder),
        ]
        for text in sorted(texts, key=lambda text: (order(text, coder), text.id))
    ]
    return Sheet(headers, rows, {name: list(coding.codes) for name, coding in scheme.items() if not coding.multiple})


def _is_for(text: FreeText, coder: str, scheme: CodingScheme, codes: Mapping[tuple[int, str], CodesByCoder]) -> bool:
    if text.readable is None or text.status == "superseded":
        return False
    wanted = [name for name, coding in scheme.items() if applies(coding, text)]
    if coder != FINAL:
        return bool(wanted)
    return any(
        (one := codes.get((text.id, name))) and settle_codes(one)[1] in (CodingStatus.disputed, CodingStatus.final)
        for name in wanted
    )


def _others(text: FreeText, scheme: CodingScheme, codes: Mapping[tuple[int, str], CodesByCoder]) -> str:
    """The other coders' codes of a text where they disagree: `barrera_tipo: A=tiempo, B=riesgo`."""
    lines = []
    for name in scheme:
        others = {coder: given for coder, given in codes.get((text.id, name), {}).items() if coder != FINAL}
        if others and settle_codes(others)[1] is CodingStatus.disputed:
            lines.append(f"{name}: {', '.join(f'{coder}={given}' for coder, given in others.items())}")
    return "\n".join(lines)


def order(text: FreeText, coder: str) -> str:
    """A text's sort key in a coder's sheet: a shuffle, always the same for a coder and another for each."""
    return "" if coder == FINAL else hashlib.sha256(f"{coder}\0{text.id}".encode()).hexdigest()


def mark(text: FreeText, coder: str) -> str:
    """The fingerprint of a text as it was given to a coder."""
    return hashlib.sha256(f"{coder}\0{text.id}\0{text.readable}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
