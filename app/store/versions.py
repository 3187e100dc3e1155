"""Published programmes: whole files, immutable, found by the hash of their content; a pointer says which one new
sessions use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.store.dialect import insert_ignore, upsert
from app.store.tables import CampaignVersion, FlowVersion, Programme, Session

_version = FlowVersion.__table__  # type: ignore[attr-defined]
_programme = Programme.__table__  # type: ignore[attr-defined]
_campaign = CampaignVersion.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Published:
    """A version as it is stored. `source` is the YAML text."""

    id: int
    programme: str
    hash: str
    source: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version in a programme's history. `sessions` are those in flight on it, `current` if new ones begin on it."""

    id: int
    programme: str
    hash: str
    published_at: datetime
    current: bool
    sessions: int


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


def history(tx: Connection, programme: str | None = None) -> list[Version]:
    """The versions of a programme, or of all, the latest first."""
    open_ = (
        select(_session.c.flow_version_id, func.count().label("count"))
        .where(_session.c.ended_at.is_(None))
        .group_by(_session.c.flow_version_id)
        .subquery()
    )
    found = (
        select(
            _version.c.id,
            _version.c.programme,
            _version.c.hash,
            _version.c.published_at,
            _programme.c.code.is_not(None),
            func.coalesce(open_.c.count, 0),
        )
        .outerjoin(_programme, _programme.c.flow_version_id == _version.c.id)
        .outerjoin(open_, open_.c.flow_version_id == _version.c.id)
        .order_by(_version.c.programme, _version.c.published_at.desc(), _version.c.id.desc())
    )
    rows = tx.execute(found if programme is None else found.where(_version.c.programme == programme))
    return [Version(id_, code, digest, at, bool(current), count) for id_, code, digest, at, current, count in rows]


def hashes(tx: Connection) -> set[str]:
    """The hashes of all that was ever published."""
    return set(tx.execute(select(_version.c.hash)).scalars())
