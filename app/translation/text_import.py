"""Writes edited texts back to their flow files: a whole spreadsheet, or nothing. Edits in the sheet are separated from edits in the
file since the export; the new files pass the loader and every check before one byte is written."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from app.errors import ConfigurationError, ExternalError, reason
from app.flows.language.definition import Programme
from app.flows.language.problems import Problem
from app.flows.loader import LoadedFile, apart, flow_files, lint, load, no_flow_file
from app.flows.texts import FlowText, entries, languages, owner, write
from app.flows.yaml.rewrite import Unwritable
from app.flows.yaml.source import spell
from app.sheets.faults import Fault
from app.sheets.marks import digest, visible
from app.translation.text_rows import Row, shown
from app.translation.text_sheet import PLACE, Listed
from app.wording import Sentence

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow file without errors, and its texts by their places."""

    path: Path
    raw: bytes
    loaded: LoadedFile
    programme: Programme
    entries: Mapping[str, FlowText]
    languages: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.raw.decode("utf-8-sig")

    @property
    def listed(self) -> Listed:
        """Its texts, for a spreadsheet."""
        return Listed(self.path.name, self.programme, tuple(self.entries.values()), self.languages)


def flow_texts(paths: Sequence[Path]) -> tuple[tuple[FlowFile, ...], tuple[Problem, ...]]:
    """The flow files among these files and folders, and the errors of those that have any. Raises ConfigurationError."""
    try:
        found = dict.fromkeys(file for path in paths for file in (flow_files(path) if path.is_dir() else [path]))
        contents = [(file, file.read_bytes()) for file in found]
    except OSError as error:
        raise ConfigurationError(
            Sentence("the flow files in {file} cannot be read: {reason}", file=error.filename, reason=reason(error))
        ) from None
    if not contents:
        raise ConfigurationError(no_flow_file(*paths))
    loaded = apart(load(raw, str(file)) for file, raw in contents)
    files = [
        _file(path, raw, item, item.programme, entries(item.context))
        for (path, raw), item in zip(contents, loaded, strict=True)
        if item.programme is not None and item.context is not None
    ]
    return tuple(files), tuple(problem for item in loaded for problem in item.problems)


def _file(path: Path, raw: bytes, loaded: LoadedFile, programme: Programme, found: tuple[FlowText, ...]) -> FlowFile:
    return FlowFile(path, raw, loaded, programme, {entry.place: entry for entry in found}, languages(programme, found))


# -- what was edited ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one text in one language, "" for no text. `exported` is the digest of the text in the exported sheet."""

    row: int
    file: FlowFile
    entry: FlowText
    language: str
    before: str
    after: str
    exported: str


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits of a sheet. `conflicts` were edited in the sheet and in the file."""

    edits: tuple[Edit, ...] = ()
    faults: tuple[Fault, ...] = ()
    conflicts: tuple[Fault, ...] = ()


def compare(rows: Sequence[Row], files: Sequence[FlowFile], *, force: bool = False) -> Edits:
    """The edits of a sheet's rows to the files. With `force`, the sheet wins where both were edited."""
    by_code = {file.programme.programme: file for file in files}
    edits: list[Edit] = []
    faults: list[Fault] = []
    for row in rows:
        edited = [
            language for language, text in row.texts.items() if digest(text) != row.mark.digests.get(language, "")
        ]
        file = by_code.get(row.mark.programme)
        entry = file.entries.get(row.place) if file else None
        if not edited:
            continue
        if file is None:
            faults.append(
                Fault(row.number, "", f"es del programa {row.mark.programme}, que no está en los archivos indicados")
            )
        elif entry is None:
            gone = f"{shown(row.place)} ya no está en {file.path.name}, y la fila tiene cambios; borre la fila"
            faults.append(Fault(row.number, PLACE, gone))
        else:
            faults += _faults(row, file, entry, edited)
            edits += _edits(row, file, entry, edited)
    edits.sort(key=lambda edit: (str(edit.file.path), edit.file.loaded.source.place(edit.entry.path)))
    conflicts = [] if force else [_conflict(edit) for edit in edits if digest(edit.before) != edit.exported]
    return Edits(tuple(edits), tuple(faults), tuple(conflicts))


def _edits(row: Row, file: FlowFile, entry: FlowText, edited: Iterable[str]) -> Iterator[Edit]:
    """The edits of one row, without texts that the file has already."""
    for language in edited:
        before, after = entry.texts.get(language, ""), row.texts[language]
        if visible(before) != after:
            yield Edit(row.number, file, entry, language, before, after, row.mark.digests.get(language, ""))


def _faults(row: Row, file: FlowFile, entry: FlowText, edited: Iterable[str]) -> Iterator[Fault]:
    """Edits that are impossible, whatever the text."""
    own = file.programme.language
    for language in edited:
        text = row.texts[language]
        if text and language not in file.languages:
            known = ", ".join(file.languages)
            missing = f"{shown(text)} está en un idioma que el programa no tiene ({known}); agréguelo a languages"
            yield Fault(row.number, language, missing)
        elif text and entry.fixed and language != own:
            yield Fault(
                row.number, language, f"{shown(text)} no se usa: este texto ({entry.kind}) es uno para todos, en {own}"
            )
        elif not text and language == owner(entry, own):
            yield Fault(
                row.number,
                language,
                f"está vacía, y el texto en {own} no puede faltar; era {shown(entry.texts[language])}",
            )


def _conflict(edit: Edit) -> Fault:
    here, there = shown(edit.after) if edit.after else "vacía", shown(edit.before) if edit.before else "vacío"
    return Fault(
        edit.row,
        edit.language,
        f"{edit.entry.place} cambió en los dos lados: la hoja dice {here}; el archivo dice {there}",
    )


# -- new files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A flow file with its edits, checked but not written. `warnings` are new ones."""

    file: FlowFile
    raw: bytes
    loaded: LoadedFile
    edits: tuple[Edit, ...]
    warnings: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The errors of the new file, which is not written then."""
        return self.loaded.problems

    def where(self, problem: Problem) -> str:
        """The cell that a problem comes from, if it is known; else its place in the new file."""
        for edit in self.edits:
            spelled = spell(edit.entry.path)
            if problem.path == spelled or problem.path.startswith(f"{spelled} → "):
                tail = problem.path.rpartition(" → ")[2]
                if tail == edit.language or tail not in self.file.languages:
                    return f"fila {edit.row}, columna {edit.language}: {edit.entry.place}"
        return f"{self.file.path}, {problem.path or 'el archivo'}"


def drafts(edits: Sequence[Edit]) -> tuple[tuple[Draft, ...], tuple[Fault, ...]]:
    """The new files, and a fault for each edit that cannot be written without touching other lines."""
    made: list[Draft] = []
    faults: list[Fault] = []
    for file, group in groupby(edits, key=lambda edit: edit.file):
        of_file = tuple(group)
        try:
            text = write(file.text, _by_text(of_file))
        except Unwritable as error:
            edit = next(edit for edit in of_file if edit.entry.path == error.path[: len(edit.entry.path)])
            faults.append(
                Fault(
                    edit.row,
                    edit.language,
                    f"{edit.entry.place} está escrito de un modo que sólo se puede cambiar a mano en {file.path}",
                )
            )
            continue
        raw = _BOM * file.raw.startswith(_BOM) + text.encode()
        loaded = load(raw, str(file.path))
        known = {_gist(problem) for problem in lint(file.loaded)}
        warnings = tuple(problem for problem in lint(loaded) if _gist(problem) not in known)
        made.append(Draft(file, raw, loaded, of_file, warnings))
    return tuple(made), tuple(faults)


def _gist(problem: Problem) -> tuple[str, str, str]:
    """The identity of a warning: a missing translation stays the same warning when other languages are added."""
    said = "" if problem.code == "missing-translation" else problem.text
    return problem.code, problem.path.removesuffix(" → label"), said


def _by_text(edits: Sequence[Edit]) -> Iterator[tuple[FlowText, dict[str, str]]]:
    for _, group in groupby(edits, key=lambda edit: edit.entry.place):
        of_text = tuple(group)
        yield of_text[0].entry, {edit.language: edit.after for edit in of_text}


# -- writing --------------------------------------------------------------------------------------------------------------


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Replace files, each at once and with the mode that it had. All are on the disk before the first is replaced.

    Raises ExternalError.
    """
    ready: list[tuple[str, Path]] = []
    try:
        for path, content in contents.items():
            target = path.resolve()  # a link stays a link
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
                ready.append((file.name, target))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o644)
        for name, target in ready:
            Path(name).replace(target)
    except OSError as error:
        raise ExternalError(
            Sentence("{file} cannot be written: {reason}", file=error.filename, reason=reason(error))
        ) from None
    finally:
        for name, _ in ready:
            Path(name).unlink(missing_ok=True)
