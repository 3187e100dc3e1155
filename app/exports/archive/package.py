"""`trato export --archive`: a study as one folder that a journal's data editor accepts. Tables with their loaders, the intervention in
every version, the protocol as it happened, the report and the scripts that recompute it. The same data gives the same bytes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection, func, select

from app import __version__
from app.errors import UsageError
from app.exports import package
from app.exports.archive import ddi, figures, programme, protocol
from app.exports.columns import EXTENDED
from app.exports.definitions import Definitions
from app.exports.metadata import WrittenTable
from app.exports.package import CAUTION, OnProgress, Package, Recipient
from app.exports.report import sample as report_sample
from app.exports.report.sample import last_moment
from app.exports.selection import Selection
from app.exports.statistics.suppression import K
from app.exports.writers import WrittenFile, digest, write_text
from app.flows.language.definition import Programme
from app.store import versions
from app.store.tables import CONTACT
from app.store.vault import Vault
from app.wording import Sentence

DATA = "data"
CHECKSUMS = "checksums.sha256"
DOCUMENTS = (
    "README.md",
    "LICENSE.txt",
    "CITATION.cff",
    "scripts/recompute.py",
    "scripts/mrt.py",
    "scripts/mrt.R",
    "scripts/master.py",
    "scripts/master.R",
    "scripts/master.do",
)


def write(
    tx: Connection,
    folder: Path,
    selection: Selection,
    *,
    formats: Sequence[str],
    vault: Vault | None = None,
    recipient: Recipient | None = None,
    on_progress: OnProgress = lambda _name, _rows: None,
) -> Package:
    """Write the package of one programme; `formats` beside CSV, which its scripts read. The files of the result have their place in the
    folder. Raises as `exports.package.write`, and UsageError if the programme is not clear or its current version unreadable."""
    sample = report_sample.choose(
        tx, selection.programme, selection.cohort, selection.since, selection.until, alone=True
    )
    sample = replace(sample, with_late=selection.with_late)
    selection = replace(selection, programme=sample.programme)
    definitions = Definitions(tx)
    current = definitions.current(sample.programme)
    if current is None:
        raise UsageError(
            Sentence(
                "this release cannot read the current version of {programme}: publish it again",
                programme=sample.programme,
            ),
            "unreadable",
        )
    made = package.write(
        tx,
        folder / DATA,
        selection,
        formats=list(dict.fromkeys(("csv", *formats))),
        vault=vault,
        recipient=recipient,
        on_progress=on_progress,
    )
    history = versions.history(tx, sample.programme)
    written = [
        *(replace(file, name=f"{DATA}/{file.name}") for file in made.files),
        *programme.write(folder, definitions, history),
        *protocol.write(tx, folder, selection, definitions, history),
        *figures.write(tx, folder, sample, definitions, history, K),
    ]
    period = tx.execute(select(func.min(CONTACT.c.created_at)).where(CONTACT.c.id.in_(sample.officers()))).scalar_one()
    until = last_moment(tx, sample)
    written.append(ddi.write(folder, current, made.tables, made.questions, (period, until), CAUTION))
    written += _documents(folder, current, made, selection, until, written)
    written.append(_checksums(folder, written))
    return replace(made, files=written)


def _documents(
    folder: Path,
    current: Programme,
    made: Package,
    selection: Selection,
    until: datetime | None,
    written: Sequence[WrittenFile],
) -> list[WrittenFile]:
    environment = Environment(  # noqa: S701 - texts and scripts, not HTML
        loader=PackageLoader("app.exports.archive"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    texts = {}
    for name in DOCUMENTS:
        texts[name] = environment.get_template(f"{name.rpartition('/')[2]}.j2").render(
            programme=current,
            tables=made.tables,
            files=written,
            selection=selection,
            combinations=made.combinations,
            left_out=made.left_out,
            until=until,
            version=__version__,
            caution=CAUTION,
            missing=EXTENDED,
            waves=_waves(current),
            scores=_stubs(made.tables, "scores_wide", _waves(current)),
        )
    return [write_text(folder, name, text) for name, text in texts.items()]


def _waves(current: Programme) -> list[str]:
    """The suffixes of waves in the order of their days."""
    waves = [wave for campaign in current.campaigns.values() for wave in campaign.waves.values()]
    return list(dict.fromkeys(wave.suffix for wave in sorted(waves, key=lambda wave: wave.day)))


def _stubs(tables: Sequence[WrittenTable], name: str, waves: Sequence[str]) -> list[str]:
    """The names of a wide table's columns without the suffixes of waves."""
    columns = next((table.columns for table in tables if table.name == name), ())
    stubs = (
        column.name.removesuffix(f"_{wave}") for column in columns for wave in waves if column.name.endswith(f"_{wave}")
    )
    return list(dict.fromkeys(stubs))


def _checksums(folder: Path, written: Sequence[WrittenFile]) -> WrittenFile:
    """The SHA-256 of every file, in the form of `sha256sum --check`; the manifest of the data too, which is written last there."""
    manifest = f"{DATA}/{package.MANIFEST}"
    found = {file.name: file.sha256 for file in written}
    found[manifest] = digest(folder / manifest)
    return write_text(folder, CHECKSUMS, "".join(f"{sum_}  {name}\n" for name, sum_ in sorted(found.items())))
