"""A whole export: a folder with tables and the manifest that says what they are. The same data gives the same bytes."""

from pathlib import Path

from sqlalchemy import Connection

from app import __version__
from app.errors import UsageError
from app.exports import codebook, columns, responses
from app.exports.responses import Wanted
from app.exports.writers import Written, remove, write_csv, write_json
from app.flows.nearby import did_you_mean
from app.store import cohorts, versions

MANIFEST = "manifest.json"

CAUTION = "Self-report is not observed behaviour. Knowledge, internal change and behaviour are never one index."


def write(tx: Connection, folder: Path, wanted: Wanted, *, bom: bool = False) -> list[Written]:
    """Write `responses.csv`, `codebook.csv` and `manifest.json`. A folder without a manifest is not whole. Raises
    UsageError if there is no such cohort or programme, ExternalError if the disk will not take it."""
    cohorts.check(tx, wanted.cohort)
    _check_programme(tx, wanted.programme)
    remove(folder, MANIFEST)
    written = [
        write_csv(folder, "responses.csv", columns.RESPONSES, responses.rows(tx, wanted), bom=bom),
        write_csv(folder, "codebook.csv", columns.CODEBOOK, codebook.rows(tx, wanted), bom=bom),
    ]
    manifest = {
        "trato": __version__,
        "columns": columns.VERSION,
        "caution": CAUTION,
        "filters": {
            "programme": wanted.programme, "cohort": wanted.cohort, "level": wanted.level,
            "since": wanted.since and wanted.since.isoformat(), "until": wanted.until and wanted.until.isoformat(),
            "with_text": wanted.with_text,
        },
        "files": {item.name: {"rows": item.rows, "sha256": item.sha256} for item in written},
    }
    write_json(folder, MANIFEST, manifest)
    return written


def _check_programme(tx: Connection, code: str | None) -> None:
    known = versions.current(tx)
    if code is not None and code not in known:
        raise UsageError(f"there is no programme {code!r}. {did_you_mean(code, known)}".strip())
