"""Cells that a spreadsheet could not work out: the result of an error, as text, and a formula without a result. Both look like data
and are none, so that every reader of cells refuses them."""

import re

from app.wording import Sentence

_ENGLISH = (
    "N/A REF VALUE NAME DIV/0 NULL NUM SPILL CALC FIELD UNKNOWN BLOCKED CONNECT BUSY GETTING_DATA EXTERNAL PYTHON ERROR"
)
_SPANISH = (
    "N/D REF VALOR NOMBRE DIV/0 NULO NUM DESBORDAMIENTO CALC CAMPO DESCONOCIDO BLOQUEADO CONECTAR OCUPADO "
    "OBTENIENDO_DATOS EXTERNO ERROR"
)
_WORDS = "|".join(sorted({*_ENGLISH.split(), *_SPANISH.split()}))
_ERROR = re.compile(rf"#[^\w\s#]{{0,2}}(?:{_WORDS})[^\w\s#]?|Err:[0-9]{{3}}|#{{3,}}", re.IGNORECASE)
"""By Excel, Google Sheets and LibreOffice (`Err:502`); a column that is too narrow shows `###`."""

_FUNCTION = re.compile(r"=\s*([A-Za-zÀ-ÿ][\w.]*)\(")
_CONSTANT = re.compile(r"=(?:\"((?:[^\"]|\"\")*)\"|([+-]?[0-9][0-9.]*))")
_STARTS = ("#", "=", "E", "e")


def is_error(text: str) -> bool:
    """Whether a text is an error of a spreadsheet."""
    return text.startswith(_STARTS) and _ERROR.fullmatch(text) is not None


def mistake(text: str) -> str | None:
    """The mistake of a cell that has an error or a formula without a result; None if it has neither. Of a formula it repeats the
    function alone: what is in it may be a name or a number."""
    if not text.startswith(_STARTS):
        return None
    if is_error(text):
        return Sentence("has the spreadsheet's error {text}: correct the formula, or write the value", text=text)
    if text[0] == "=" and len(text) > 1:
        function = _FUNCTION.match(text)
        shown = f"={function[1]}(…)" if function else "=…"
        return Sentence(
            "has the formula {shown} without a result: open the file in a spreadsheet and save it, or write the value",
            shown=shown,
        )
    return None


def as_typed(text: str) -> str:
    """The text of a cell that was made text by force: `="55"` and `'55` are 55."""
    if constant := _CONSTANT.fullmatch(text):
        return constant[2] or (constant[1] or "").replace('""', '"')
    return text.removeprefix("'")
