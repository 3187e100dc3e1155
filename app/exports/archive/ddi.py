"""The tables of the archive as DDI-Codebook 2.5, an XML that data archives read: https://ddialliance.org/Specification/DDI-Codebook/2.5/"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from app import __version__
from app.exports.columns import Column
from app.exports.metadata import WrittenTable
from app.exports.questions import Question
from app.exports.writers import WrittenFile, write_bytes
from app.flows.language.definition import Programme

NAME = "ddi-codebook.xml"
NAMESPACE = "ddi:codebook:2_5"
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold."""


def write(
    folder: Path,
    programme: Programme,
    tables: Sequence[WrittenTable],
    questions: Sequence[Question],
    period: tuple[datetime | None, datetime | None],
    caution: str,
) -> WrittenFile:
    """Write the description. `period` is the time of the data. Raises ExternalError."""
    ET.register_namespace("", NAMESPACE)
    book = ET.Element(f"{{{NAMESPACE}}}codeBook", {"version": "2.5"})
    _document(book, programme)
    _study(book, programme, period, caution)
    for table in tables:
        _file(book, table)
    wordings = {question.variable: question.wording for question in questions if question.wording}
    described = _add(book, "dataDscr")
    for table in tables:
        for column in table.columns:
            _variable(described, table, column, wordings)
    ET.indent(book)
    return write_bytes(folder, NAME, ET.tostring(book, encoding="utf-8", xml_declaration=True) + b"\n")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    found = ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    found.text = None if text is None else _UNSPEAKABLE.sub("␀", text)
    return found


def _citation(parent: ET.Element, programme: Programme) -> None:
    citation = _add(parent, "citation")
    _add(_add(citation, "titlStmt"), "titl", programme.title)
    if programme.authority:
        _add(_add(citation, "rspStmt"), "AuthEnty", programme.authority)
    _add(_add(citation, "prodStmt"), "software", "Trato", version=__version__)


def _document(book: ET.Element, programme: Programme) -> None:
    _citation(_add(book, "docDscr"), programme)


def _study(
    book: ET.Element, programme: Programme, period: tuple[datetime | None, datetime | None], caution: str
) -> None:
    study = _add(book, "stdyDscr")
    _citation(study, programme)
    info = _add(study, "stdyInfo")
    _add(info, "abstract", f"{programme.title}: follow-up messages to police officers after a training. {caution}")
    summary = _add(info, "sumDscr")
    for event, moment in zip(("start", "end"), period, strict=True):
        if moment is not None:
            _add(summary, "timePrd", f"{moment:%Y-%m-%d}", event=event, date=f"{moment:%Y-%m-%d}")
    _add(summary, "anlyUnit", "Police officer; message; answer")
    _add(summary, "universe", "Officers of the roster of the programme")
    _add(summary, "dataKind", "Self-administered questionnaire data and paradata")
    collected = _add(_add(study, "method"), "dataColl")
    _add(collected, "timeMeth", "Longitudinal: measurement waves and repeated follow-up")
    _add(collected, "collMode", "WhatsApp and SMS conversations")
    use = _add(_add(study, "dataAccs"), "useStmt")
    _add(use, "conditions", "See LICENSE.txt.")


def _file(book: ET.Element, table: WrittenTable) -> None:
    text = _add(_add(book, "fileDscr", ID=f"F_{table.name}"), "fileTxt")
    _add(text, "fileName", f"data/{table.files[0].name}")
    _add(text, "fileCont", f"One row is {table.about}. Key: {', '.join(table.key)}.")
    size = _add(text, "dimensns")
    _add(size, "caseQnty", str(table.files[0].rows))
    _add(size, "varQnty", str(len(table.columns)))


def _variable(parent: ET.Element, table: WrittenTable, column: Column, wordings: Mapping[str, str]) -> None:
    found = _add(parent, "var", ID=f"V_{table.name}.{column.name}", name=column.name, files=f"F_{table.name}")
    _add(found, "labl", column.label)
    if (wording := _wording(column, wordings)) is not None:
        _add(_add(found, "qstn"), "qstnLit", wording)
    for value, label in (*sorted(column.values.items()), *column.codes.items()):
        category = _add(found, "catgry")
        _add(category, "catValu", str(value))
        _add(category, "labl", label)
    for missing, label in column.missing.items():
        category = _add(found, "catgry", missing="Y")
        _add(category, "catValu", missing)
        _add(category, "labl", label)
    _add(found, "varFormat", type="numeric" if column.is_number else "character", schema="other")


def _wording(column: Column, wordings: Mapping[str, str]) -> str | None:
    """The question behind a column of a wide table."""
    return wordings.get(column.variable)
