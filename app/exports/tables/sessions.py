"""The table `sessions`: one row for each run of a flow with an officer, with its paradata: planned, begun, sent, delivered, read,
first reply, ended; and how many messages and answers there were."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select

from app.exports.columns import SESSIONS
from app.exports.selection import officer_conditions, time_conditions
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.store.dialect import seconds_between
from app.store.failures import FAILED
from app.store.funnel import DELIVERED
from app.store.tables import (
    FLOW_VERSION,
    INBOUND,
    NUDGE,
    OUTBOUND,
    RESPONSE,
    SESSION,
    with_officer,
)


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of its beginning."""
    return source.table(_query(source), SESSIONS)


def _query(source: Source) -> Select[Any]:
    session, out, heard, answered = SESSION.c, sent(), received(), answers()
    return (
        select(
            session.id,
            *WHO,
            session.flow,
            func.substr(FLOW_VERSION.c.hash, 1, 12),
            session.wave,
            session.variant,
            session.channel,
            func.coalesce(session.outcome, "open"),
            NUDGE.c.campaign,
            NUDGE.c.slot,
            *(
                func.coalesce(count, 0)
                for count in (out.c.messages, heard.c.messages, answered.c.ok, answered.c.unclear)
            ),
            utc(NUDGE.c.planned_for),
            utc(session.started_at),
            utc(out.c.sent_at),
            utc(out.c.delivered_at),
            utc(out.c.read_at),
            utc(heard.c.first_at),
            utc(session.ended_at),
            utc(session.started_at),
            utc(heard.c.first_at),
            session.opening,
            seconds_between(out.c.sent_at, heard.c.first_at),
            source.waves.in_sql(WHO[2], session.wave),
            ZONE,
        )
        .select_from(
            with_officer(SESSION)
            .join(FLOW_VERSION, FLOW_VERSION.c.id == session.flow_version_id)
            .outerjoin(NUDGE, NUDGE.c.session_id == session.id)
            .outerjoin(out, out.c.session_id == session.id)
            .outerjoin(heard, heard.c.session_id == session.id)
            .outerjoin(answered, answered.c.session_id == session.id)
        )
        .where(*officer_conditions(source.selection), *time_conditions(source.selection, session.started_at))
        .order_by(session.id)
    )


def sent() -> Subquery:
    """By session: how many messages went out, when first one was sent, delivered and read, and whether any arrived or failed."""
    message = OUTBOUND.c
    ever = (
        func.max(case((message.status.in_(those), 1), else_=0)).label(name)
        for name, those in (("arrived", DELIVERED), ("failed", FAILED))
    )
    firsts = (func.min(message[name]).label(name) for name in ("sent_at", "delivered_at", "read_at"))
    return (
        select(message.session_id, func.count().label("messages"), *firsts, *ever)
        .where(message.session_id.is_not(None))
        .group_by(message.session_id)
        .subquery("sent")
    )


def received() -> Subquery:
    """By session: how many messages came, and when the first did."""
    message = INBOUND.c
    return (
        select(message.session_id, func.count().label("messages"), func.min(message.received_at).label("first_at"))
        .where(message.session_id.is_not(None))
        .group_by(message.session_id)
        .subquery("received")
    )


def answers() -> Subquery:
    """By session: how many answers count, and how many were not understood."""
    response = RESPONSE.c
    counts = (func.sum(case((response.status == name, 1), else_=0)).label(name) for name in ("ok", "unclear"))
    return select(response.session_id, *counts).group_by(response.session_id).subquery("answered")
