"""The intervention in the archive: the programme's file in every version, every text of it as a table, its flows, and the notices that
officers agreed to."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.exports.archive.tables import code, text, write_table
from app.exports.definitions import Definitions
from app.exports.source import Row
from app.exports.writers import WrittenFile, write_text
from app.flows import privacy
from app.flows.checks.base import Context
from app.flows.checks.walk import texts
from app.flows.labels import one_line
from app.flows.language import definition as d
from app.flows.variables import asked
from app.flows.yaml.source import read
from app.store.versions import Version

FOLDER = "programme"
TEXTS = (code("flow_version"), code("place"), code("language"), text("text"))
FLOWS = (code("flow_version"), code("flow"), text("title"), code("kind"), code("principle"), code("asks"))
NOTICES = (
    code("flow_version"),
    code("flow"),
    code("step"),
    code("notice"),
    code("language"),
    code("sha256"),
    text("text"),
)


def write(folder: Path, definitions: Definitions, history: list[Version]) -> list[WrittenFile]:
    """Write the files of all versions, the oldest first in every table. Raises ExternalError."""
    known = {one.hash[:12]: definitions.version(one.id) for one in reversed(history)}
    readable = {name: programme for name, programme in known.items() if programme is not None}
    sources = {one.hash[:12]: definitions.published(one.id).source for one in reversed(history)}
    files = [write_text(folder, f"{FOLDER}/{name}.yaml", source) for name, source in sources.items()]
    return [
        *files,
        write_table(folder, f"{FOLDER}/texts.csv", TEXTS, _texts(readable, sources)),
        write_table(folder, f"{FOLDER}/flows.csv", FLOWS, _flows(readable)),
        write_table(folder, f"{FOLDER}/notices.csv", NOTICES, _notices(readable)),
    ]


def _texts(readable: Mapping[str, d.Programme], sources: Mapping[str, str]) -> Iterator[Row]:
    """Every text, as written, with its place in the file; one row for each of its languages."""
    for name, programme in readable.items():
        context = Context(read(sources[name], name), programme)
        for path, said in texts(context):
            by_language = said if isinstance(said, Mapping) else {programme.language: said}
            for language, words in by_language.items():
                yield name, ".".join(map(str, path)), language, words


def _flows(readable: Mapping[str, d.Programme]) -> Iterator[Row]:
    for name, programme in readable.items():
        for flow, found in programme.flows.items():
            asks = any(True for _ in asked(programme, flow))
            yield name, flow, found.title, found.kind.value, found.principle, int(asks)


def _notices(readable: Mapping[str, d.Programme]) -> Iterator[Row]:
    for name, programme in readable.items():
        for notice in privacy.notices(programme):
            for language, words in sorted(notice.texts.items()):
                digest = hashlib.sha256(words.encode()).hexdigest()
                yield name, notice.flow, notice.step, notice.version, language, digest, words


def labels(readable: d.Programme) -> Iterator[tuple[str, str, str]]:
    """The names of a version's principles, scores and flows: (what, code, name)."""
    for name, principle in readable.principles.items():
        yield "principle", name, one_line(principle.label, readable.language)
    for name, score in readable.scores.items():
        yield "score", name, score.title
    for name, flow in readable.flows.items():
        yield "flow", name, flow.title
