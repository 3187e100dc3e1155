"""Follow-ups: which of a campaign's follow-ups a conversation triggers, and when each is due. Pure. Decided from all
valid answers of the conversation, never from the latest message alone: a corrected answer triggers nothing. Nor
does a wrong answer in a measurement wave: measurement gives no feedback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.flows.language.campaign import Campaign, Followup, Happening, Moment
from app.flows.micro_randomisation import share
from app.flows.quiet_hours import Quiet, opening
from app.flows.shifts import LONGEST_SHIFT, Duty, worked

NO_KNOWLEDGE = (None, "d")
"""Missing codes of answers that test knowledge: none, and «no sé». A refusal is not a wrong answer."""

_AHEAD = timedelta(days=30)
"""How far to look ahead for a shift: a leave may lie between."""


@dataclass(frozen=True, slots=True)
class CountedAnswer:
    """A valid answer. `flow` is the flow of the question, which the conversation may have called."""

    flow: str
    step: str
    key: str | None
    value: str | None
    number: float | None
    missing: str | None = None
    correct: bool | None = None

    @property
    def wrong(self) -> bool:
        """Whether the question has a correct answer and this is not it."""
        return self.correct is False and self.missing in NO_KNOWLEDGE

    def is_one_of(self, wanted: Sequence[str | int | float]) -> bool:
        """As in the conditions of a flow: by the missing code, the options' keys, or the value."""
        if self.missing is not None:
            return self.missing in wanted
        seen = [*(self.key.split(" ") if self.key else []), self.value, self.number]
        return any(item in wanted for item in seen if item is not None)


@dataclass(frozen=True, slots=True)
class ConversationFacts:
    """A conversation so far: its flow, whether it was completed, whether it belongs to a measurement wave, and its
    answers."""

    flow: str
    completed: bool
    measured: bool
    answers: Sequence[CountedAnswer] = ()


def triggered(followups: Mapping[str, Followup], story: ConversationFacts) -> list[str]:
    """The codes of the follow-ups that a conversation triggers, in the order of the file."""
    return [code for code, followup in followups.items() if _has_happened(followup.when, story)]


def _has_happened(when: Happening, story: ConversationFacts) -> bool:
    if when.wrong:
        return not story.measured and any(answer.wrong for answer in _answers(when, story))
    if when.step is None:
        return story.completed and story.flow == when.flow
    wanted = when.in_ if when.in_ is not None else [] if when.is_ is None else [when.is_]
    return any(answer.is_one_of(wanted) for answer in _answers(when, story))


def _answers(when: Happening, story: ConversationFacts) -> list[CountedAnswer]:
    return [answer for answer in story.answers if answer.flow == when.flow and when.step in (None, answer.step)]


def due_at(
    campaign: Campaign, followup: Followup, zone: str, duty: Duty, quiet: Quiet, now: datetime, *names: str
) -> datetime | None:
    """When a follow-up to an event at `now` is due: at the first open hour after the wait; relative to the officer's
    shift if it is known and the file asks for it, spread by `names`. None if quiet hours leave no hour open."""
    hours = opening(campaign.window, quiet)
    if hours is None:
        return None
    wanted = now + followup.after
    if followup.at is not None and duty.shift is not None:
        wanted = _by_shift(followup.at, duty, wanted, share(*names))
    return hours.next(wanted, ZoneInfo(zone))


def _by_shift(at: Moment, duty: Duty, after: datetime, part: float) -> datetime:
    """The first moment, not before `after`, at the given distance from the end or the start of a shift; `after`
    itself if there is no shift near enough."""
    ahead, behind = (
        timedelta() if span is None else _between(span, part) for span in (at.before_shift, at.after_shift)
    )
    moments = (
        end + behind if at.before_shift is None else start - ahead
        for start, end in worked(duty, after - behind - LONGEST_SHIFT, after + _AHEAD)
    )
    return next((moment for moment in moments if moment >= after), after)


def _between(span: tuple[timedelta, timedelta], part: float) -> timedelta:
    return timedelta(minutes=round((span[0] + (span[1] - span[0]) * part) / timedelta(minutes=1)))
