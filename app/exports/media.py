"""Files sent with answers: their number, and their names once copied out. A name has the study id of the officer and the number of the
response."""

from typing import Any

from sqlalchemy import ColumnElement, String, Subquery, cast, func, select

from app.channels.files import ending
from app.store.tables import MEDIA, MediaStatus

FOLDER = "media"


def counted() -> Subquery:
    """By inbound message: how many `files` came with it, and those that are `stored`, for `names`."""
    stored: ColumnElement[Any] = cast(MEDIA.c.position, String) + ":" + MEDIA.c.content_type
    return (
        select(
            MEDIA.c.inbound_id,
            func.count().label("files"),
            func.aggregate_strings(stored, "|").filter(MEDIA.c.status == MediaStatus.stored).label("stored"),
        )
        .group_by(MEDIA.c.inbound_id)
        .subquery("attached")
    )


def names(study_id: str, response: int, stored: str | None) -> str | None:
    """The names of a response's stored files, in their order, with spaces between; None if there are none."""
    if not stored:
        return None
    files = sorted((int(place), kind) for place, _, kind in (part.partition(":") for part in stored.split("|")))
    return " ".join(name(study_id, response, place, kind) for place, kind in files)


def name(study_id: str, response: int, place: int, content_type: str) -> str:
    """`0A1B2C3D_17_1.jpg`: officer, response, which of its files."""
    return f"{study_id}_{response}_{place}.{ending(content_type)}"
