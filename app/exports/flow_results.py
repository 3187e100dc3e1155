"""FLOIP Flow Results 1.1.0: a descriptor and the answers that count as rows of JSON, streamed. A question's id names its version, so
that within one package's id questions are only ever added. https://github.com/FLOIP/flow-results"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from app.exports.columns import RESPONSES
from app.exports.disclosure import disclosed
from app.exports.questions import Question
from app.exports.source import Source
from app.exports.tables import responses
from app.exports.writers import WrittenFile, digest, replacing, write_json
from app.flows.replies.forms import AnswerKind

FOLDER = "flow_results"
SPECIFICATION = "1.1.0"
_FIELDS = (
    ("timestamp", "datetime"),
    ("row_id", "string"),
    ("contact_id", "string"),
    ("session_id", "string"),
    ("question_id", "string"),
    ("response", "any"),
    ("response_metadata", "object"),
)
_NAMES = [column.name for column in RESPONSES]
_ISO_639_3 = {"es": "spa", "en": "eng", "pt": "por", "fr": "fra", "nah": "nah", "yua": "yua"}


def write(source: Source, folder: Path) -> list[WrittenFile]:
    """Write the package below the folder. Free text only if it is wanted."""
    rows, moments = 0, ["", ""]
    name = f"{FOLDER}/data.json"
    with replacing(folder / name) as partial, partial.open("wb") as file:
        file.write(b"[")
        for row in _rows(source):
            file.write(b",\n" if rows else b"\n")
            file.write(orjson.dumps(row))
            rows += 1
            moments = [min(moments[0] or row[0], row[0]), max(moments[1], row[0])]
        file.write(b"\n]\n")
    written = WrittenFile(name, rows, digest(folder / name))
    return [written, write_json(folder, f"{FOLDER}/datapackage.json", _descriptor(source, *moments))]


def _rows(source: Source) -> Iterator[list[Any]]:
    for batch in disclosed(source, RESPONSES, ("response_id",), responses.rows(source)):
        for cells in batch:
            row = dict(zip(_NAMES, cells, strict=True))
            if row["status"] == "ok":
                yield _row(row)


def _row(row: dict[str, Any]) -> list[Any]:
    metadata = {
        name: row[name]
        for name in ("variable", "wave", "missing", "rule", "score", "attempt", "late", "withheld", "channel")
    }
    return [
        _offset(row["answered_at"]),
        str(row["response_id"]),
        row["study_id"],
        str(row["session_id"]),
        _id(row["flow"], row["step"], row["flow_version"]),
        _response(row),
        {name: value for name, value in metadata.items() if value is not None},
    ]


def _response(row: dict[str, Any]) -> Any:  # noqa: ANN401 - by the kind of question
    if row["missing"] is not None or row["value"] is None:
        return None
    match AnswerKind(row["kind"]):
        case AnswerKind.multi:
            return row["value"].split()
        case AnswerKind.number | AnswerKind.scale:
            return row["number"]
        case (
            AnswerKind.yes_no
            | AnswerKind.choice
            | AnswerKind.text
            | AnswerKind.date
            | AnswerKind.time
            | AnswerKind.media
        ):
            return row["value"]


def _id(flow: str, step: str, version: str) -> str:
    return f"{flow}.{step}.{version}"


def _offset(moment: str) -> str:
    return moment.removesuffix("Z") + "+00:00"


def _descriptor(source: Source, first: str, last: str) -> dict[str, Any]:
    selection, questions = source.selection, source.questions
    never = "1970-01-01T00:00:00+00:00"
    title = questions[-1].title if questions else selection.programme or "Trato"
    language = questions[-1].language.partition("-")[0] if questions else "es"
    return {
        "profile": "flow-results-package",
        "flow_results_specification_version": SPECIFICATION,
        "name": "trato-responses",
        "title": title,
        "created": first or never,
        "modified": last or never,
        "id": _uuid(f"{selection.programme}/{selection.cohort}/{selection.level}"),
        "resources": [
            {
                "name": "trato-responses-data",
                "path": "data.json",
                "access_method": "file",
                "mediatype": "application/json",
                "encoding": "utf-8",
                "schema": {
                    "language": _ISO_639_3.get(language, language),
                    "fields": [{"name": name, "title": name.replace("_", " "), "type": kind} for name, kind in _FIELDS],
                    "questions": {_id(asked.flow, asked.step, asked.hash): _question(asked) for asked in questions},
                },
            }
        ],
    }


def _question(question: Question) -> dict[str, Any]:
    kind: str
    options: dict[str, Any] = {}
    match question.kind:
        case AnswerKind.choice | AnswerKind.yes_no:
            kind, options = "select_one", {"choices": sorted({*question.values, *_given(question)})}
        case AnswerKind.multi:
            given = {value for values in _given(question) for value in values.split()}
            kind, options = "select_many", {"choices": sorted({*question.values, *given})}
        case AnswerKind.scale | AnswerKind.number:
            kind, options = "numeric", _range(question)
        case AnswerKind.date | AnswerKind.time:
            kind = question.kind
        case AnswerKind.text | AnswerKind.media:
            kind = "open"
    return {"type": kind, "label": question.wording or question.variable, "type_options": options}


def _given(question: Question) -> list[str]:
    return [value for value in question.counts if value is not None]


def _range(question: Question) -> dict[str, Any]:
    if question.kind is AnswerKind.scale and question.values:
        points = list(map(int, question.values))
        return {"range": [min(points), max(points)]}
    low, _, high = question.bounds.partition("..")
    return {"range": [float(low), float(high)]} if low and high else {}


def _uuid(content: str) -> str:
    """A UUID of version 4's form that is the same for the same content."""
    return str(UUID(bytes=hashlib.sha256(content.encode()).digest()[:16], version=4))
