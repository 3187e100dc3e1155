"""Coding of free text by a coding scheme. Each coder gets the reviewed texts in an order of their own, without the others' codes, and
returns a sheet, of which all is stored or nothing, or codes one text after the other in the console. The coder `final` settles
disagreements and does see the others' codes."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.errors import ConflictError, UsageError
from app.exports.coding_status import FINAL, CodingStatus, settle_codes
from app.exports.definitions import Definitions
from app.flows.language.definition import Coding
from app.flows.language.nearby import unknown
from app.store import audit, cohorts, free_text
from app.store.free_text import AssignedCodes, FreeText, ReadableText
from app.wording import Sentence

_CODER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""As names of accounts are, and with capitals."""

_SETTLES = "text settle"

CodingScheme = Mapping[str, Coding]
"""The variables by which a programme's texts are coded."""

CodesByCoder = Mapping[str, str]
"""Each coder's codes of one text by one variable."""


def check_coder(coder: str) -> str:
    """Raise UsageError unless this can be a coder's name."""
    if not _CODER.fullmatch(coder):
        raise UsageError(
            Sentence(
                "--coder {coder!r}: a coder is named by letters, digits, . - and _, such as A or sara", coder=coder
            ),
            "bad_coder",
        )
    return coder


def coding_scheme(definitions: Definitions, programme: str | None) -> tuple[str, CodingScheme]:
    """A programme with its coding scheme; if none is named, the only one that has a scheme. Raises UsageError."""
    found = {one.programme: one.codes for one in definitions.all_current() if one.codes}
    if programme is None and len(found) > 1:
        raise UsageError(
            Sentence("name one of the programmes with --programme: {names}", names=", ".join(sorted(found))),
            "name_a_programme",
        )
    if programme is None and not found:
        raise UsageError(Sentence("no published programme has a code book: see `codes` in docs/coding.md"), "no_scheme")
    chosen = programme if programme is not None else next(iter(found))
    if chosen not in found:
        raise UsageError(
            unknown(Sentence("no published programme {name!r} has a code book", name=chosen), chosen, found, stop=True),
            "no_scheme",
        )
    return chosen, found[chosen]


def codes_by_coder(
    tx: Connection,
    variables: CodingScheme,
    response: int | None = None,
    coders: Collection[str] | None = None,
) -> dict[tuple[int, str], dict[str, str]]:
    """Each coder's codes, by response and variable; of all responses, or of one; of all coders, or of some."""
    found: dict[tuple[int, str], dict[str, str]] = {}
    for one in free_text.assigned_codes(tx, variables, response, coders):
        found.setdefault((one.response, one.variable), {})[one.coder] = one.codes
    return found


def applies(coding: Coding, text: FreeText | ReadableText) -> bool:
    """Whether a variable is for this text."""
    return text.variable in coding.of or text.step in coding.of


def is_disputed(codes: CodesByCoder) -> bool:
    """Whether the coders of a text disagree on a variable, whatever `final` says."""
    return len({given for coder, given in codes.items() if coder != FINAL}) > 1


def disputed(codes: Mapping[tuple[int, str], CodesByCoder]) -> set[int]:
    """The texts on which coders disagree, and that nobody has settled."""
    return {response for (response, _), one in codes.items() if FINAL not in one and is_disputed(one)}


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
    rows = [
        [
            str(text.id),
            definitions.wording(text.version, text.flow, text.step),
            text.readable or "",
            *(_others(text, scheme, codes) for _ in shows),
            *(codes.get((text.id, name), {}).get(coder, "") for name in scheme),
            mark(text, coder),
        ]
        for text in texts_for(tx, coder, chosen, scheme, codes, cohort)
    ]
    return Sheet(headers, rows, {name: list(coding.codes) for name, coding in scheme.items() if not coding.multiple})


def texts_for(
    tx: Connection,
    coder: str,
    programme: str,
    scheme: CodingScheme,
    codes: Mapping[tuple[int, str], CodesByCoder],
    cohort: str | None = None,
) -> list[FreeText]:
    """The reviewed texts that a coder codes, in the coder's order; for `final`, those that others disagree on."""
    found = free_text.texts(tx, programme=programme, cohort=cohort, reviewed=True)
    wanted = [one for one in found if _is_for(one, coder, scheme, codes)]
    return sorted(wanted, key=lambda one: (order(one.id, coder), one.id))


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
        given = codes.get((text.id, name), {})
        if is_disputed(given):
            lines.append(f"{name}: {', '.join(f'{one}={codes}' for one, codes in given.items() if one != FINAL)}")
    return "\n".join(lines)


def order(text: int, coder: str) -> str:
    """A text's sort key in a coder's sheet: a shuffle, always the same for a coder and another for each."""
    return "" if coder == FINAL else hashlib.sha256(f"{coder}\0{text}".encode()).hexdigest()


def mark(text: FreeText, coder: str) -> str:
    """The fingerprint of a text as it was given to a coder."""
    return hashlib.sha256(f"{coder}\0{text.id}\0{text.readable}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def mistake(coding: Coding, text: FreeText, codes: Sequence[str]) -> str | None:
    """The mistake in these codes of a text; None if there is none."""
    if not applies(coding, text):
        return Sentence("is not for this question: leave it empty")
    if wrong := next((code for code in codes if code not in coding.codes), None):
        fault = Sentence("there is no code {name!r}", name=wrong)
        return unknown(fault, wrong, coding.codes, else_list=len(coding.codes), stop=True)
    if len(set(codes)) > 1 and not coding.multiple:
        return Sentence("has several codes, and this variable takes one")
    return None


def together(coding: Coding, codes: Sequence[str]) -> str:
    """Codes as they are stored: in the order of the coding scheme, separated by spaces."""
    return " ".join(code for code in coding.codes if code in codes)


# -- settling ---------------------------------------------------------------------------------------------------------


def settles(tx: Connection, programme: str, actor: str) -> bool:
    """Whether this person settles the programme's disagreements without having coded, and so codes none of its texts."""
    return bool(audit.latest(tx, _SETTLES, f"programme:{programme}", actor))


def begin_settling(tx: Connection, programme: str, now: datetime, actor: str) -> None:
    """Let this person see all codes that disagree. For good: a person who has seen others' codes does not code. Raises UsageError if there
    is no such coding scheme."""
    coding_scheme(Definitions(tx), programme)
    audit.record(tx, now, actor, _SETTLES, f"programme:{programme}", {"coder": FINAL})


def may_settle(coder: str, given: Collection[CodesByCoder], *, is_coder: bool, settles: bool) -> bool:
    """Whether a person may see the others' codes of a text, and settle them: a coder of the programme once they have coded it. `given` are
    its codes, by coder, of each variable that applies."""
    return all(coder in one for one in given) if is_coder else settles


def check_settler(tx: Connection, text: FreeText, coder: str, actor: str) -> None:
    """Raise ConflictError if this person may not settle the text."""
    _, scheme = coding_scheme(Definitions(tx), text.programme)
    codes = codes_by_coder(tx, scheme)
    given = [codes.get((text.id, name), {}) for name, variable in scheme.items() if applies(variable, text)]
    is_coder = any(coder in one for one in codes.values())
    if not may_settle(coder, given, is_coder=is_coder, settles=settles(tx, text.programme, actor)):
        raise ConflictError(
            Sentence("the text is settled by those who have coded it, or who code none"), "not_coded_first"
        )


# -- one text ---------------------------------------------------------------------------------------------------------


def assign(
    tx: Connection,
    response: int,
    coder: str,
    given: Mapping[str, Sequence[str]],
    seen_mark: str,
    now: datetime,
    actor: str,
) -> None:
    """Store a coder's codes of one text by variable: of all that apply to it, or nothing. A coder changes codes only until another has
    coded the text too: from then on they are compared, and only `final` decides. Raises UsageError, ConflictError."""
    found = free_text.texts(tx, ids=[response])
    if not found or found[0].readable is None:
        raise UsageError(Sentence("there is no such text to code"), "no_text")
    text = found[0]
    if coder != FINAL and settles(tx, text.programme, actor):
        raise ConflictError(Sentence("who settles disagreements codes no text of the programme"), "settles")
    if mark(text, coder) != seen_mark:
        raise ConflictError(Sentence("the text has changed since it was read"), "text_changed")
    _, scheme = coding_scheme(Definitions(tx), text.programme)
    stored = codes_by_coder(tx, scheme, response)
    wanted = {name: coding for name, coding in scheme.items() if applies(coding, text)}
    new = []
    for name, coding in wanted.items():
        others = stored.get((response, name), {})
        codes = given.get(name, ())
        settled = FINAL in others if coder != FINAL else not is_disputed(others)
        if settled or (coder in others and not codes):
            continue
        if not codes or mistake(coding, text, codes):
            raise UsageError(Sentence("{name} needs one of its codes", name=name), "no_code")
        if others.get(coder) == together(coding, codes):
            continue
        if coder != FINAL and coder in others and len(others) > 1:
            raise ConflictError(Sentence("another coder has coded this text too"), "coded_by_two")
        new.append(AssignedCodes(response, name, coder, together(coding, codes)))
    if new:
        free_text.save_codes(tx, new, now)
        detail = {"codes": len(new), "coder": coder}
        audit.record(tx, now, actor, "text code", "text_code", detail)
