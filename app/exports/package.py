"""A whole export: a folder with tables and the manifest that says what they are. The same data gives the same bytes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, select

from app import __version__
from app.errors import UsageError
from app.exports import codebook, columns, media, responses
from app.exports.responses import Wanted
from app.exports.tables import scores, self_reports
from app.exports.writers import Written, remove, write_bytes, write_csv, write_json
from app.flows.nearby import did_you_mean
from app.store import cohorts, versions
from app.store.files import sealed_for
from app.store.tables import Cohort, Contact, Media, MediaStatus, Response
from app.store.vault import Vault

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_media = Media.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]

MANIFEST = "manifest.json"

CAUTION = "Self-report is not observed behaviour. Knowledge, internal change and behaviour are never one index."


def write(tx: Connection, folder: Path, wanted: Wanted, *, bom: bool = False, vault: Vault | None = None) -> list[Written]:
    """Write the tables, `codebook.csv` and `manifest.json`; with a `vault` to open them, the files that came with the
    responses too. A folder without a manifest is not whole. Raises UsageError if there is no such cohort or programme,
    ExternalError if the disk will not take it, ConfigurationError if the vault is another's."""
    cohorts.check(tx, wanted.cohort)
    _check_programme(tx, wanted.programme)
    remove(folder, MANIFEST)
    written = [
        write_csv(folder, "responses.csv", columns.RESPONSES, responses.rows(tx, wanted), bom=bom),
        write_csv(folder, "self_reports.csv", columns.SELF_REPORTS, self_reports.rows(tx, wanted), bom=bom),
        write_csv(folder, "scores.csv", columns.SCORES, scores.rows(tx, wanted), bom=bom),
        write_csv(folder, "scores_wide.csv", scores.wide_columns(tx, wanted), scores.wide_rows(tx, wanted), bom=bom),
        write_csv(folder, "codebook.csv", columns.CODEBOOK, codebook.rows(tx, wanted), bom=bom),
        *(() if vault is None else _files(tx, folder, wanted, vault)),
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


def _files(tx: Connection, folder: Path, wanted: Wanted, vault: Vault) -> Iterator[Written]:
    """The stored files of the wanted responses, one after the other: no more than one is in memory."""
    for row in tx.execute(_stored(wanted)).all():
        sealed = tx.execute(select(_media.c.sealed).where(_media.c.id == row.id)).scalar_one()
        name = media.name(row.study_id, row.response, row.position, row.content_type)
        yield write_bytes(folder, f"{media.FOLDER}/{name}", vault.open_bytes(sealed, sealed_for(row.id)))


def _stored(wanted: Wanted) -> Select[Any]:
    return (
        select(_contact.c.study_id, _response.c.id.label("response"), _media.c.id, _media.c.position, _media.c.content_type)
        .select_from(
            _media.join(_response, _response.c.inbound_id == _media.c.inbound_id)
            .join(_contact, _contact.c.id == _response.c.contact_id)
            .join(_cohort, _cohort.c.id == _contact.c.cohort_id)
        )
        .where(_media.c.status == MediaStatus.stored, *responses.conditions(wanted))
        .order_by(_response.c.id, _media.c.position)
    )


def _check_programme(tx: Connection, code: str | None) -> None:
    known = versions.current(tx)
    if code is not None and code not in known:
        raise UsageError(f"there is no programme {code!r}. {did_you_mean(code, known)}".strip())
