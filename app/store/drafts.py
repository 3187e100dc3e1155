"""Drafts of flow files: one a programme, from the first change in the console until it is published or given up. To change a
draft takes the hash of the text that is there: nobody overwrites a text unseen. All functions take a transaction and commit nothing."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from app.store.dialect import insert_ignore
from app.store.tables import FLOW_DRAFT

_ROW = FLOW_DRAFT.c


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft. `base` is the version that it began from; `transcripts` are those accepted with it, as JSON."""

    base: int
    hash: str
    source: str
    saved_at: datetime
    saved_by: str
    transcripts: str = "{}"


def read(tx: Connection, programme: str) -> SavedDraft | None:
    """The draft of a programme, if there is one."""
    found = select(_ROW.base_id, _ROW.hash, _ROW.source, _ROW.saved_at, _ROW.saved_by, _ROW.transcripts)
    row = tx.execute(found.where(_ROW.programme == programme)).one_or_none()
    return None if row is None else SavedDraft(*row)


def begin(tx: Connection, programme: str, draft: SavedDraft) -> bool:
    """Store the first text of a draft; False if somebody has begun another one."""
    insert_ignore(tx, FLOW_DRAFT, [{"programme": programme, **_columns(draft)}])
    return read(tx, programme) == draft


def change(tx: Connection, programme: str, was: str, draft: SavedDraft) -> bool:
    """Put another text in the place of the one with the hash `was`; False if that is not the text any more."""
    changed = update(FLOW_DRAFT).where(_ROW.programme == programme, _ROW.hash == was).values(_columns(draft))
    return tx.execute(changed).rowcount == 1


def remove(tx: Connection, programme: str, was: str) -> bool:
    """Remove the draft whose text has the hash `was`; False if that is not the text any more."""
    removed = delete(FLOW_DRAFT).where(_ROW.programme == programme, _ROW.hash == was)
    return tx.execute(removed).rowcount == 1


def _columns(draft: SavedDraft) -> dict[str, object]:
    return {"base_id": draft.base, **{name: value for name, value in asdict(draft).items() if name != "base"}}
