"""The flow and step that a message of ours comes from, for the invented officer who is to answer it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.conversations.library import Library
from app.flows.engine.compiled import CompiledProgramme
from app.store.dialect import one_of
from app.store.tables import OUTBOUND, SESSION


@dataclass(frozen=True, slots=True)
class Origin:
    """The programme, flow and step of a message, and its kind, such as `ask` or `reminder`."""

    compiled: CompiledProgramme
    flow: str
    step: str | None
    kind: str


_ORIGINS = (
    select(OUTBOUND.c.uid, SESSION.c.flow_version_id, OUTBOUND.c.flow, OUTBOUND.c.step, OUTBOUND.c.kind)
    .select_from(OUTBOUND.join(SESSION, SESSION.c.id == OUTBOUND.c.session_id))
    .where(one_of(OUTBOUND.c.uid, "uids"), OUTBOUND.c.flow.is_not(None))
)


def origins(tx: Connection, library: Library, uids: Collection[str]) -> dict[str, Origin]:
    """The origins of messages, by uid. A message outside of a session has none."""
    return {
        uid: Origin(library.compiled(tx, version), flow, step, kind)
        for uid, version, flow, step, kind in tx.execute(_ORIGINS, {"uids": list(uids)})
    }
