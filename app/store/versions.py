"""Published programmes: whole files, immutable, identified by the hash of their content. A pointer names the version that new
sessions use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from app.errors import UsageError
from app.flows.language.nearby import unknown
from app.store.dialect import insert_ignore, upsert
from app.store.tables import (
    CAMPAIGN_VERSION,
    FLOW_VERSION,
    PROGRAMME,
    SESSION,
)
from app.store.tryouts import is_real
from app.wording import Sentence

_OF = FLOW_VERSION.c.programme


@dataclass(frozen=True, slots=True)
class Published:
    """A stored version. `source` is the YAML text. `filed`: it has been a file on disk. `transcripts` are those accepted with it, as
    JSON."""

    id: int
    programme: str
    hash: str
    source: str
    filed: bool
    transcripts: str

    @property
    def name(self) -> str:
        """Its name in problems and errors."""
        return f"{self.programme}@{self.hash[:12]}"


@dataclass(frozen=True, slots=True)
class Version:
    """A version in a programme's history. `sessions` counts its open ones; `current` tells whether new ones start on it."""

    id: int
    programme: str
    hash: str
    published_at: datetime
    current: bool
    sessions: int


def save(tx: Connection, programme: str, digest: str, source: str, now: datetime, *, filed: bool = True) -> int:
    """Store a version unless it is stored already. `filed`: it comes from a file on disk. Returns its id."""
    row = {"programme": programme, "hash": digest, "source": source, "published_at": now, "filed": filed}
    insert_ignore(tx, FLOW_VERSION, [row])
    found = select(FLOW_VERSION.c.id).where(FLOW_VERSION.c.programme == programme, FLOW_VERSION.c.hash == digest)
    version = int(tx.execute(found).scalar_one())
    if filed:
        file(tx, version)
    return version


def file(tx: Connection, version: int) -> None:
    """Note that a version has been a file on disk."""
    tx.execute(update(FLOW_VERSION).where(FLOW_VERSION.c.id == version, ~FLOW_VERSION.c.filed).values(filed=True))


def save_campaigns(tx: Connection, version: int, campaigns: Sequence[tuple[str, str, str]]) -> None:
    """Store the campaigns of a version: (code, hash, definition as JSON)."""
    rows = [
        {"flow_version_id": version, "code": code, "hash": digest, "definition": definition}
        for code, digest, definition in campaigns
    ]
    if rows:
        insert_ignore(tx, CAMPAIGN_VERSION, rows)


def set_current(tx: Connection, programme: str, version: int, now: datetime) -> None:
    """Make this version the one that new sessions of a programme use."""
    row = {"code": programme, "flow_version_id": version, "updated_at": now}
    upsert(tx, PROGRAMME, [row], key=["code"])


def accept(tx: Connection, version: int, transcripts: str) -> None:
    """Keep the transcripts that were accepted with a version, as JSON."""
    tx.execute(update(FLOW_VERSION).where(FLOW_VERSION.c.id == version).values(transcripts=transcripts))


def lock(tx: Connection, programme: str) -> int | None:
    """The version that a programme uses now, which nobody else changes before this transaction ends; None if none is published."""
    found = select(PROGRAMME.c.flow_version_id).where(PROGRAMME.c.code == programme)
    return tx.execute(found.with_for_update()).scalar_one_or_none()


def current(tx: Connection) -> dict[str, int]:
    """The version each programme uses now."""
    return dict(tx.execute(select(PROGRAMME.c.code, PROGRAMME.c.flow_version_id)).all())


def check(tx: Connection, programme: str | None) -> None:
    """Raise UsageError unless this programme has been published; None stands for all programmes."""
    if programme is None:
        return
    known = sorted(current(tx))
    if programme not in known:
        raise UsageError(
            unknown(Sentence("there is no programme {name!r}", name=programme), programme, known, stop=True),
            "no_programme",
        )


def read(tx: Connection, version: int) -> Published:
    """One version. Raises NoResultFound if there is none: ids come from foreign keys."""
    row = tx.execute(
        select(
            FLOW_VERSION.c.id,
            FLOW_VERSION.c.programme,
            FLOW_VERSION.c.hash,
            FLOW_VERSION.c.source,
            FLOW_VERSION.c.filed,
            FLOW_VERSION.c.transcripts,
        ).where(FLOW_VERSION.c.id == version)
    ).one()
    return Published(*row)


def campaign_ids(tx: Connection, version: int) -> dict[str, int]:
    """The ids of a version's campaigns, by code."""
    rows = tx.execute(
        select(CAMPAIGN_VERSION.c.code, CAMPAIGN_VERSION.c.id).where(CAMPAIGN_VERSION.c.flow_version_id == version)
    )
    return dict(rows.all())


def history(tx: Connection, programme: str | None = None) -> list[Version]:
    """The versions of a programme, or of all programmes, latest first. A text that was only tried out is none."""
    open_ = (
        select(SESSION.c.flow_version_id, func.count().label("count"))
        .where(SESSION.c.ended_at.is_(None))
        .group_by(SESSION.c.flow_version_id)
        .subquery()
    )
    found = (
        select(
            FLOW_VERSION.c.id,
            FLOW_VERSION.c.programme,
            FLOW_VERSION.c.hash,
            FLOW_VERSION.c.published_at,
            PROGRAMME.c.code.is_not(None),
            func.coalesce(open_.c.count, 0),
        )
        .outerjoin(PROGRAMME, PROGRAMME.c.flow_version_id == FLOW_VERSION.c.id)
        .outerjoin(open_, open_.c.flow_version_id == FLOW_VERSION.c.id)
        .order_by(FLOW_VERSION.c.programme, FLOW_VERSION.c.published_at.desc(), FLOW_VERSION.c.id.desc())
    )
    rows = tx.execute(found.where(is_real(_OF) if programme is None else _OF.in_([programme])))
    return [Version(id_, code, digest, at, bool(current), count) for id_, code, digest, at, current, count in rows]


def under_way(tx: Connection, programme: str) -> dict[str, int]:
    """The number of open sessions of a programme, in any version, by flow."""
    joined = SESSION.join(FLOW_VERSION, FLOW_VERSION.c.id == SESSION.c.flow_version_id)
    counted = select(SESSION.c.flow, func.count()).select_from(joined)
    theirs = counted.where(SESSION.c.ended_at.is_(None), FLOW_VERSION.c.programme == programme)
    return dict(tx.execute(theirs.group_by(SESSION.c.flow).order_by(SESSION.c.flow)).all())


def hashes(tx: Connection) -> set[str]:
    """The hashes of all published versions. A text that was only tried out is none."""
    return set(tx.execute(select(FLOW_VERSION.c.hash).where(is_real(FLOW_VERSION.c.programme))).scalars())
