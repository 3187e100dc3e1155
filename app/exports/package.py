"""A complete export: a folder with tables in some formats, the codebook, a descriptor, loaders, and the manifest that lists them. The
same data gives the same bytes."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, select

from app import __version__
from app.errors import UsageError
from app.exports import columns, flow_results, media
from app.exports.attributes import Combinations, combinations
from app.exports.columns import RESPONSE_ROW, Column
from app.exports.disclosure import described, disclosed
from app.exports.formats import PACKAGES, Sheet, Write, check, writer
from app.exports.formats.as_csv import write_lines
from app.exports.loaders import write_loaders
from app.exports.metadata import WrittenTable, write_codebook, write_descriptor
from app.exports.questions import Question
from app.exports.selection import Selection, as_stored, response_conditions
from app.exports.source import Batch, Source
from app.exports.tables import Table, choose
from app.exports.writers import WrittenFile, digest, remove, replacing, sweep, write_bytes, write_json
from app.store import cohorts, versions
from app.store.damaged_rows import unreadable
from app.store.files import sealed_for
from app.store.recipients import Pseudonyms, pseudonyms
from app.store.tables import CONTACT, MEDIA, RESPONSE, MediaStatus, with_officer
from app.store.vault import Vault
from app.wording import Sentence

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Recipient:
    """The one to whom an export is given, and what officers are called in it."""

    name: str
    pseudonyms: Pseudonyms


@dataclass(frozen=True, slots=True)
class Package:
    """A written export: its files but the manifest, the combinations of attributes, the study ids of damaged officers, who are
    not in it, its tables, and the questions behind them."""

    files: list[WrittenFile]
    combinations: Combinations
    left_out: list[str]
    tables: list[WrittenTable]
    questions: list[Question]


_LONGEST_NAME = 100


def recipient_named(tx: Connection, name: str) -> Recipient:
    """The recipient of a name; a new recipient gets pseudonyms now. Raises UsageError if the text is no name."""
    if not 1 <= len(name := name.strip()) <= _LONGEST_NAME or not name.isprintable():
        raise UsageError(
            Sentence("a recipient has a name of 1 to {most} characters", most=_LONGEST_NAME), "bad_recipient"
        )
    return Recipient(name, pseudonyms(tx, name))


CAUTION = "Self-report is not observed behaviour. Knowledge, internal change and behaviour are never one index."

OnProgress = Callable[[str, int], None]
"""Called with the name of a file and the number of rows just written to it."""


def write(
    tx: Connection,
    folder: Path,
    selection: Selection,
    *,
    formats: Sequence[str] = ("csv",),
    tables: Sequence[str] | None = None,
    bom: bool = False,
    vault: Vault | None = None,
    recipient: Recipient | None = None,
    on_progress: OnProgress = lambda _name, _rows: None,
    with_companion_files: bool = True,
) -> Package:
    """Write tables (None: all) in these formats, and what belongs to them; with a `vault` to open them, the files that came with
    the responses too; for a `recipient`, with pseudonyms instead of study ids and of the numbers of rows. A folder without a manifest is
    not whole; files of an earlier export that this one does not write are removed. Raises UsageError if there is no such cohort,
    programme, table or format, or if `k` cannot be reached, ConfigurationError if a format's library is missing or the vault is
    another's, ExternalError if the disk will not take it."""
    cohorts.check(tx, selection.cohort)
    versions.check(tx, selection.programme)
    chosen = choose(tables)
    writers = {name: writer(name) for name in formats if name not in PACKAGES}
    selection = as_stored(tx, selection)
    source = Source(tx, selection, None if recipient is None else recipient.pseudonyms)
    found = combinations(source)
    source = replace(source, suppressed=found.suppressed or {})
    sheets = [_sheet(source, table, writers, bom=bom) for table in chosen if writers]
    earlier = sweep(folder, MANIFEST)
    written_tables = [
        _written_table(source, folder, table, sheet, writers, on_progress)
        for table, sheet in zip(chosen, sheets, strict=False)
    ]
    written = [file for table in written_tables for file in table.files]
    if "floip" in formats:
        written += flow_results.write(source, folder)
    if with_companion_files:
        written += write_codebook(folder, source, written_tables, found, bom=bom)
        written += (
            [write_descriptor(folder, written_tables, f"{CAUTION} {found}."), *write_loaders(folder, written_tables)]
            if written_tables
            else []
        )
    if vault is not None:
        written += _files(source, folder, vault)
    remove(folder, sorted(set(earlier) - {item.name for item in written}))
    left_out = list(unreadable(tx, selection.programme, selection.cohort).values())
    left_out_names = sorted(source.name_of(study_id) for study_id in left_out)
    package = Package(written, found, left_out_names, written_tables, source.questions)
    write_json(folder, MANIFEST, _manifest(selection, package, recipient))
    return package


def _manifest(selection: Selection, package: Package, recipient: Recipient | None) -> dict[str, Any]:
    return {
        "trato": __version__,
        "columns": columns.VERSION,
        "caution": CAUTION,
        "filters": {
            "programme": selection.programme,
            "cohort": selection.cohort,
            "level": selection.level,
            "since": selection.since and selection.since.isoformat(),
            "until": selection.until and selection.until.isoformat(),
            "with_text": selection.with_text,
            "exact_times": selection.exact_times,
            "k": selection.k,
        },
        **({"recipient": recipient.name} if recipient else {}),
        "combinations": package.combinations.as_json,
        **({"left_out": package.left_out} if package.left_out else {}),
        "files": {item.name: {"rows": item.rows, "sha256": item.sha256} for item in package.files},
    }


def _sheet(source: Source, table: Table, formats: Iterable[str], *, bom: bool) -> Sheet:
    """A table without its rows, as long as all formats can hold it: nothing is written before that is known."""
    found = described(source, _without_duplicates(table, table.columns(source)))
    sheet = Sheet(table.name, table.about, table.key, found, (), bom)
    for name in formats:
        check(name, sheet)
    return sheet


def _written_table(
    source: Source, folder: Path, table: Table, sheet: Sheet, writers: Mapping[str, Write], on_progress: OnProgress
) -> WrittenTable:
    """Write a table in each format, and say what it is."""
    files = [
        _file(folder / f"{table.name}.{ending}", source, table, sheet, write_, on_progress)
        for ending, write_ in writers.items()
    ]
    return WrittenTable(table.name, table.about, table.key, sheet.columns, tuple(files))


def _file(
    path: Path, source: Source, table: Table, sheet: Sheet, write_: Write, on_progress: OnProgress
) -> WrittenFile:
    counter = _RowCounter(lambda rows: on_progress(path.name, rows))
    with replacing(path) as partial, _without_garbage_collection():
        if path.suffix == ".csv" and table.lines is not None and source.is_told_as_stored:
            write_lines(partial, sheet, counter.through(table.lines(source)))
        else:
            checked = _with_checked_keys(table, sheet.columns, table.rows(source))
            write_(
                partial,
                replace(sheet, batches=counter.through(disclosed(source, sheet.columns, table.key, checked))),
            )
    return WrittenFile(path.name, counter.rows, digest(path))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Without the collector of cycles: rows have none, and it would look through every batch of them, for a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(slots=True)
class _RowCounter:
    """Counts rows on their way into a file."""

    on_progress: Callable[[int], None]
    rows: int = 0

    def through(self, batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            self.rows += len(batch)
            yield batch
            self.on_progress(len(batch))


def _without_duplicates(table: Table, found: tuple[Column, ...]) -> tuple[Column, ...]:
    names = [column.name for column in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(
            Sentence(
                "{table} would have two columns {twice}: rename the variable, or choose a programme",
                table=table.name,
                twice=twice,
            ),
            "two_columns",
            table=table.name,
            column=twice,
        )
    return found


def _with_checked_keys(table: Table, found: Sequence[Column], batches: Iterator[Batch]) -> Iterator[Batch]:
    """Rows on their way into a file, as long as the table's key is unique, and they come in its order."""
    names = [column.name for column in found]
    key = itemgetter(*(names.index(name) for name in table.key))
    last: Any = None
    for batch in batches:
        keys = list(map(key, batch))
        if keys != sorted(set(keys)) or (last is not None and keys and keys[0] <= last):
            raise ValueError(f"the key of {table.name} is not unique and in order")
        last = keys[-1] if keys else last
        yield batch


def _files(source: Source, folder: Path, vault: Vault) -> Iterator[WrittenFile]:
    """The stored files of the wanted responses, one after the other: no more than one is in memory."""
    for row in source.tx.execute(_stored(source.selection)).all():
        sealed = source.tx.execute(select(MEDIA.c.sealed).where(MEDIA.c.id == row.id)).scalar_one()
        (response,) = source.numbers_of(RESPONSE_ROW, [row.response])
        name = media.name(source.name_of(row.study_id), response, row.position, row.content_type)
        yield write_bytes(folder, f"{media.FOLDER}/{name}", vault.open_bytes(sealed, sealed_for(row.id)))


def _stored(selection: Selection) -> Select[Any]:
    return (
        select(CONTACT.c.study_id, RESPONSE.c.id.label("response"), MEDIA.c.id, MEDIA.c.position, MEDIA.c.content_type)
        .select_from(with_officer(MEDIA.join(RESPONSE, RESPONSE.c.inbound_id == MEDIA.c.inbound_id), RESPONSE))
        .where(MEDIA.c.status == MediaStatus.stored, *response_conditions(selection))
        .order_by(RESPONSE.c.id, MEDIA.c.position)
    )
