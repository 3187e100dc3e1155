"""The table `messages`: one row for each message, from or to an officer, without its text. What came from unknown numbers is
nobody's, and in no export."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Select, case, cast, literal, null, or_, select

from app.exports.columns import MESSAGES
from app.exports.selection import Selection, officer_conditions, time_conditions
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.flows.replies.message import ActKind
from app.store.dialect import seconds_between
from app.store.tables import INBOUND, OUTBOUND, with_officer

_COUNTED = (ActKind.crisis, ActKind.serious, ActKind.complaint, ActKind.leave, ActKind.leave_maybe)
"""Acts that leave the installation as counts of the report only. A wish to leave reads as a keyword, of which there are several."""

_HELD = "held"
_UNTOLD = (*_COUNTED, _HELD)
"""Outcomes that would tell of one; an officer's messages are `held` amid a crisis."""


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key: first `in`, then `out`. `since` and `until` are of `at`."""
    return chain.from_iterable(
        source.table(query, MESSAGES) for query in (_in(source.selection), _out(source.selection))
    )


def told_act() -> ColumnElement[Any]:
    """What an officer's message does, as it leaves the installation; what is only counted is `other`."""
    message = INBOUND.c
    return case(
        (message.act == ActKind.leave, null()),
        (or_(message.act.in_(_COUNTED), message.outcome == _HELD), ActKind.other),
        else_=message.act,
    )


def _in(selection: Selection) -> Select[Any]:
    message = INBOUND.c
    known: dict[str, ColumnElement[Any]] = {
        "direction": literal("in"),
        "number": message.id,
        "session_id": message.session_id,
        "step": message.step,
        "kind": message.kind,
        "channel": message.channel,
        "status": case((message.outcome.in_(_UNTOLD), "set_aside"), else_=message.outcome),
        "act": told_act(),
        "characters": message.characters,
        # A person looks at what is only counted: it would be told by this flag.
        "needs_person": case(
            (message.outcome.in_(("set_aside", "keyword", *_UNTOLD)), null()), else_=cast(message.needs_person, Integer)
        ),
        "at": utc(message.received_at),
        "at_local": utc(message.received_at),
    }
    return _query(INBOUND, known, message.received_at, selection)


def _out(selection: Selection) -> Select[Any]:
    message = OUTBOUND.c
    same = (
        "session_id",
        "flow",
        "step",
        "kind",
        "channel",
        "status",
        "template",
        "segments",
        "price_unit",
        "error_code",
        "error_class",
        "attempts",
        "resend",
    )
    moments = ("due_at", "sent_at", "delivered_at", "read_at")
    known: dict[str, ColumnElement[Any]] = {
        **{name: message[name] for name in same},
        # Which notice it was would tell of an act that is only counted.
        "step": case((message.kind == "notice", null()), else_=message.step),
        **{name: utc(message[name]) for name in moments},
        "direction": literal("out"),
        "number": message.id,
        "characters": message.characters,
        "price": cast(message.price, Float),
        "delivery_seconds": seconds_between(message.sent_at, message.delivered_at),
        "at": utc(message.created_at),
        "at_local": utc(message.created_at),
    }
    return _query(OUTBOUND, known, message.created_at, selection)


def _query(table: Any, known: dict[str, ColumnElement[Any]], moment: Any, selection: Selection) -> Select[Any]:  # noqa: ANN401
    who = dict(zip(("study_id", "cohort", "programme"), WHO, strict=True))
    cells = [{**who, **known}.get(column.name, null()) for column in MESSAGES]
    return (
        select(*(cell.label(f"c{place}") for place, cell in enumerate(cells)), ZONE)
        .select_from(with_officer(table))
        .where(*officer_conditions(selection), *time_conditions(selection, moment))
        .order_by(table.c.id)
    )
