"""Whether an officer can have seen a message of ours when they wrote. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from app.store.questions import Said

LONGEST_UNSEEN = timedelta(minutes=3)
"""A phone that writes also receives: this long after it was sent, a message has been seen, whatever the carrier reports."""


class Sight(Enum):
    """Whether a message can have been seen. Perhaps: no delivery is reported of it, though deliveries to this phone are."""

    no = 0
    perhaps = 1
    yes = 2


def sight(put: Sequence[Said], said: Sequence[Said], moment: datetime, seen_after: timedelta, now: datetime) -> Sight:
    """Whether one of the messages `put` can have been seen at a moment. `said` are all messages of the conversation. What was stored as
    sent or delivered after `now` was stored by a clock that has been set back since: it is past, for longer than anybody knows."""
    reported = any(one.delivered_at is not None and one.delivered_at <= moment for one in said)
    return max(
        (_of(one, moment, seen_after, reported, now) for one in put), key=lambda found: found.value, default=Sight.no
    )


def _of(one: Said, moment: datetime, seen_after: timedelta, reported: bool, now: datetime) -> Sight:
    if any(at is not None and is_after(at, now) for at in (one.sent_at, one.delivered_at)):
        return Sight.yes
    if one.sent_at is None or is_after(one.sent_at, moment):
        return Sight.no
    if not is_after(one.sent_at + LONGEST_UNSEEN, moment):
        return Sight.yes
    if one.delivered_at is not None:
        return Sight.no if is_after(one.delivered_at, moment) else Sight.yes
    if is_after(one.sent_at + seen_after, moment):
        return Sight.no
    return Sight.perhaps if reported else Sight.yes


def is_after(at: datetime, moment: datetime) -> bool:
    """Whether what is stored as of `at` comes after a moment, to the second: the carrier's moments are whole seconds."""
    return at > moment and at.replace(microsecond=0) > moment
