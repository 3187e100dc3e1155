"""The consequences of a new version for officers who are under way: campaigns that end for them, campaigns whose occasions are counted
otherwise, and consent that is asked for again. Only reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.flows.language.definition import Programme
from app.flows.privacy import notices
from app.scheduler.occasions import renames
from app.scheduler.recurring import ALMANAC
from app.store import consents, nudges


@dataclass(frozen=True, slots=True)
class Consequences:
    """`ending` has the officers of each followed campaign that the new version lacks; a renamed one counts as missing. `recounted` are
    followed campaigns whose occasions have other names, so that a flow may come twice or not at all. `asked_again` is the number of
    officers who agreed to another notice."""

    ending: Mapping[str, int] = field(default_factory=dict)
    recounted: tuple[str, ...] = ()
    asked_again: int = 0


def consequences(tx: Connection, code: str, before: Programme | None, wanted: Programme) -> Consequences:
    """The consequences of a new version of the programme `code`. `before` is the current one, None if it cannot be read any more."""
    followed = nudges.followers(tx, code)
    asked = {notice.version for notice in notices(wanted)}
    return Consequences(
        {campaign: count for campaign, count in followed.items() if campaign not in wanted.campaigns},
        tuple(campaign for campaign in followed if before is not None and _is_recounted(campaign, before, wanted)),
        consents.count_agreed_otherwise(tx, wanted.programme, asked) if asked else 0,
    )


def _is_recounted(campaign: str, before: Programme, wanted: Programme) -> bool:
    was, now = before.campaigns.get(campaign), wanted.campaigns.get(campaign)
    return was is not None and now is not None and renames(was.slots, now.slots, ALMANAC.days)
