"""Published programmes: whole files, immutable, found by the hash of their content; a pointer says which one new
sessions use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.store.dialect import insert_ignore, upsert
from app.store.tables import CampaignVersion, FlowVersion, Programme

_version = FlowVersion.__table__  # type: ignore[attr-defined]
_programme = Programme.__table__  # type: ignore[attr-defined]
_campaign = CampaignVersion.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Published:
    """A version as it is stored. `source` is the YAML text."""

    id: int
    programme: str
    hash: str
    source: str


def keep(tx: Connection, programme: str, digest: str, source: str, now: datetime) -> int:
    """Store a version, once, and give its id."""
    insert_ignore(tx, _version, [{"programme": programme, "hash": digest, "source": source, "published_at": now}])
    found = select(_version.c.id).where(_version.c.programme == programme, _version.c.hash == digest)
    return int(tx.execute(found).scalar_one())


def keep_campaigns(tx: Connection, version: int, campaigns: Sequence[tuple[str, str, str]]) -> None:
    """Store the campaigns of a version: (code, hash, definition as JSON)."""
    rows = [
        {"flow_version_id": version, "code": code, "hash": digest, "definition": definition}
        for code, digest, definition in campaigns
    ]
    if rows:
        insert_ignore(tx, _campaign, rows)


def point(tx: Connection, programme: str, version: int, now: datetime) -> None:
    """Let new sessions of a programme use this version."""
    row = {"code": programme, "flow_version_id": version, "updated_at": now}
    upsert(tx, _programme, [row], key=["code"])


def current(tx: Connection) -> dict[str, int]:
    """The version each programme uses now."""
    return dict(tx.execute(select(_programme.c.code, _programme.c.flow_version_id)).all())


def read(tx: Connection, version: int) -> Published:
    """One version. sqlalchemy's NoResultFound if there is none: ids come from foreign keys."""
    row = tx.execute(
        select(_version.c.id, _version.c.programme, _version.c.hash, _version.c.source).where(_version.c.id == version)
    ).one()
    return Published(*row)


def campaign_ids(tx: Connection, version: int) -> dict[str, int]:
    """The ids of a version's campaigns by their code."""
    rows = tx.execute(select(_campaign.c.code, _campaign.c.id).where(_campaign.c.flow_version_id == version))
    return dict(rows.all())
