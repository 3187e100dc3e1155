"""A tryout: a programme on a few telephones of its own team, its weeks pressed into an hour or a day. Pure. To all the rest a tryout is a
programme of its own, whose code no file can have: what is done or counted by programme leaves it apart."""

from collections.abc import Mapping
from datetime import time, timedelta
from enum import StrEnum
from typing import Any

from app.flows.language.campaign import Campaign, Cap, Followup, Window
from app.flows.language.definition import Ask, Flow, Programme, Repeat, Step

MARK = "~prueba"
"""The end of the code of every tryout."""

_DAY = timedelta(days=1)
_SHORTEST_WAIT = timedelta(minutes=1)
"""Of a reminder, a timeout or a gap: a person has to read and type."""


class Press(StrEnum):
    """The time that a whole campaign is pressed into."""

    hour = "hour"
    day = "day"


LENGTHS: Mapping[Press, timedelta] = {Press.hour: timedelta(hours=1), Press.day: timedelta(hours=12)}
"""The time between the first flow and the last, without the quiet hours."""


def code_of(programme: str) -> str:
    """The code of a programme's tryout; a programme has one at a time."""
    return programme.removesuffix(MARK) + MARK


def programme_of(code: str) -> str:
    """The programme that a tryout tries; any other code as it is."""
    return code.removesuffix(MARK)


def is_tryout(code: str | None) -> bool:
    """Whether this is the code of a tryout."""
    return code is not None and code.endswith(MARK)


class PressedCampaign(Campaign):
    """A campaign of a tryout: the flows of the `original`, in its order, one after another, `pace` apart. A day of any other wait is one
    `pace`. Of the limits that spare an officer only the quiet hours are left."""

    original: Campaign
    pace: timedelta


def pressed(programme: Programme, pace: timedelta) -> Programme:
    """The programme with every wait pressed, so that a day is one `pace`, and as a tryout by its code."""
    return programme.model_copy(
        update={
            "programme": code_of(programme.programme),
            "campaigns": {code: _campaign(one, pace) for code, one in programme.campaigns.items()},
            "flows": {code: _flow(one, pace) for code, one in programme.flows.items()},
        }
    )


def pace_of(press: Press, flows: int) -> timedelta:
    """The time from one flow to the next if so many are to be sent."""
    return max(LENGTHS[press] / max(flows - 1, 1), _SHORTEST_WAIT)


def _campaign(campaign: Campaign, pace: timedelta) -> PressedCampaign:
    own: dict[str, Any] = {name: getattr(campaign, name) for name in Campaign.model_fields}
    free = {"window": None, "cap": None}
    own |= {
        "window": Window.model_construct(start=time.min, end=time.max),
        "spread": timedelta(),
        "cap": Cap(flows=1_000_000),
        "gap": max(campaign.gap * (pace / _DAY), _SHORTEST_WAIT),
        "pause_after": 1_000_000,
        "on_duty": "write",
        "rest": None,
        "holidays": "write",
        "slots": [one.model_copy(update=free) for one in campaign.slots],
        "waves": {code: one.model_copy(update=free) for code, one in campaign.waves.items()},
        "followups": {code: _followup(one, pace) for code, one in campaign.followups.items()},
    }
    return PressedCampaign.model_construct(**own, original=campaign, pace=pace)


def _followup(one: Followup, pace: timedelta) -> Followup:
    by = pace / _DAY
    most = one.most.model_copy(update={"per": max(one.most.per * by, _SHORTEST_WAIT)})
    return one.model_copy(update={"after": max(one.after * by, _SHORTEST_WAIT), "at": None, "most": most})


def _flow(flow: Flow, pace: timedelta) -> Flow:
    """The flow with all its waits pressed alike, as far as a person still has time for the shortest."""
    asking = [step for step in flow.steps if isinstance(step, Ask | Repeat)]
    waits = [flow.expires, *(step.timeout for step in asking if step.timeout is not None)]
    waits += [] if flow.reminder is None else [flow.reminder.after]
    by = max(pace / _DAY, min(1.0, _SHORTEST_WAIT / min(waits)))
    reminder = flow.reminder and flow.reminder.model_copy(update={"after": flow.reminder.after * by})
    steps = [_timed(step, by) for step in flow.steps]
    return flow.model_copy(update={"expires": flow.expires * by, "reminder": reminder, "steps": steps})


def _timed(step: Step, by: float) -> Step:
    if isinstance(step, Ask | Repeat) and step.timeout is not None:
        return step.model_copy(update={"timeout": step.timeout * by})
    return step
