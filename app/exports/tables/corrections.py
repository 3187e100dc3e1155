"""The table `corrections`, the cleaning log: one row for each correction of an answer, with both values."""

from collections.abc import Iterator

from sqlalchemy import Integer, cast, select

from app.exports.columns import CORRECTIONS
from app.exports.selection import response_conditions
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.store.tables import CORRECTION, RESPONSE, with_officer


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the answer."""
    made, response = CORRECTION.c, RESPONSE.c
    query = (
        select(
            made.id,
            *WHO,
            response.id,
            response.variable,
            response.wave,
            made.old,
            made.new,
            made.why,
            made.by,
            utc(made.at),
            cast(made.undone_at.is_not(None), Integer),
            utc(made.undone_at),
            source.waves.in_sql(WHO[2], response.wave),
            ZONE,
        )
        .select_from(with_officer(CORRECTION.join(RESPONSE, response.id == made.response_id), RESPONSE))
        .where(*response_conditions(source.selection))
        .order_by(made.id)
    )
    return source.table(query, CORRECTIONS)
