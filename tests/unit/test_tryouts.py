"""A tryout's time: every wait of a programme is pressed alike, and a person still has time to read and type."""

from datetime import timedelta

from app.flows.language.definition import Ask, Programme
from app.flows.loader import load
from app.flows.tryouts import Press, PressedCampaign, pace_of, pressed
from tests.world import PROGRAMME

SOURCE = PROGRAMME.replace("        level: behaviour\n", "        level: behaviour\n        timeout: 12h\n").replace(
    "    slots:\n",
    "    gap: 20h\n    followups:\n"
    "      repaso: {when: {flow: reporte}, after: 5d, from: [reporte], most: {flows: 1, per: 7d}}\n    slots:\n",
)
MINUTE = timedelta(minutes=1)


def programme() -> Programme:
    loaded = load(SOURCE, "prueba.yaml")
    assert loaded.programme is not None, [str(problem) for problem in loaded.problems]
    return loaded.programme


def test_a_day_of_every_wait_is_one_pace() -> None:
    found = pressed(programme(), 10 * MINUTE)
    flow = found.flows["reporte"]
    assert found.programme == "prueba~prueba"
    assert flow.reminder is not None
    asked = [step.timeout for step in flow.steps if isinstance(step, Ask)]
    assert (flow.expires, flow.reminder.after, asked) == (20 * MINUTE, 10 * MINUTE, [5 * MINUTE, None])
    campaign = found.campaigns["seguimiento"]
    assert isinstance(campaign, PressedCampaign)
    followup = campaign.followups["repaso"]
    assert (followup.after, followup.most.per) == (50 * MINUTE, 70 * MINUTE)
    assert campaign.gap == 500 / 60 * MINUTE
    assert campaign.original == programme().campaigns["seguimiento"]


def test_no_wait_is_shorter_than_a_person_needs_and_the_others_keep_their_proportion() -> None:
    flow = pressed(programme(), MINUTE).flows["reporte"]
    assert flow.reminder is not None
    assert (flow.expires, flow.reminder.after) == (4 * MINUTE, 2 * MINUTE), "the time-out of 12 hours is a minute"
    assert pressed(programme(), MINUTE).campaigns["seguimiento"].gap == MINUTE


def test_the_flows_of_a_campaign_fill_the_hour_or_the_day() -> None:
    assert pace_of(Press.hour, 9) == 7.5 * MINUTE
    assert pace_of(Press.day, 9) == 90 * MINUTE
    assert pace_of(Press.hour, 500) == MINUTE
    assert pace_of(Press.hour, 1) == 60 * MINUTE
