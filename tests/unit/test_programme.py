"""The programme itself, `flows/principles.yaml`: sound, whole, and walked by its transcripts to the last branch."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, pairwise
from pathlib import Path

import pytest

from app.cli.test import Run, rehearse
from app.flows.engine.buttons import Shape, title
from app.flows.engine.compiled import Ask as Asked
from app.flows.engine.compiled import bind, expand
from app.flows.language.definition import Ask, FlowKind, Level, Programme
from app.flows.loader import lint, load
from app.flows.segments import measure
from app.flows.whatsapp_templates import presented
from app.scheduler import nudge_policy, planning
from app.scheduler.recurring import ALMANAC

FLOWS = Path(__file__).parents[2] / "flows"
MEASURING = (FlowKind.quiz, FlowKind.survey)


@pytest.fixture(scope="module")
def programme() -> Programme:
    loaded = load((FLOWS / "principles.yaml").read_bytes(), "principles.yaml")
    assert [str(problem) for problem in (*loaded.problems, *lint(loaded))] == []
    assert loaded.programme is not None
    return loaded.programme


@pytest.fixture(scope="module")
def run() -> Run:
    return rehearse(sorted((FLOWS / "transcripts").glob("*.yaml")))


def test_every_transcript_goes_as_written(run: Run) -> None:
    assert len(run.played) > 100
    assert {item.transcript.name: item.differences for item in run.failed} == {}


def test_the_transcripts_walk_every_step_and_every_branch(run: Run) -> None:
    assert {item.flow: item.missing for item in run.covered() if not item.whole} == {}


def test_each_principle_has_every_kind_of_content(programme: Programme) -> None:
    kinds = {
        principle: {flow.kind for flow in programme.flows.values() if flow.principle == principle}
        for principle in programme.principles
    }
    treatment = set(FlowKind) - {*MEASURING, FlowKind.consent}
    assert kinds == dict.fromkeys(("voz", "neutralidad", "respeto", "confianza"), treatment)


def test_the_campaign_sends_every_content_once_and_never_a_principle_twice_running(programme: Programme) -> None:
    campaign = programme.campaigns["seguimiento"]
    sent = list(chain.from_iterable(slot.flows for slot in campaign.slots))
    treatment = [code for code, flow in programme.flows.items() if flow.kind not in (*MEASURING, FlowKind.consent)]
    assert sorted(sent) == sorted(treatment)
    principles = [programme.flows[code].principle for code in sent]
    assert all(one != next_one for one, next_one in pairwise(principles))


def test_the_pace_tapers_off_as_the_evidence_asks(programme: Programme) -> None:
    campaign = programme.campaigns["seguimiento"]
    assert [(slot.weeks, slot.per_week, slot.every and slot.every.days) for slot in campaign.slots] == [
        ((1, 4), 2, None),
        ((5, 12), 1, None),
        ((13, 36), None, 14),
    ]
    # Every slot is just long enough for what it lists.
    places = [
        (last - first + 1) * (per_week or 0.5)
        for (first, last), per_week, _ in ((slot.weeks, slot.per_week, slot.every) for slot in campaign.slots)
    ]
    assert places == [len(slot.flows) for slot in campaign.slots]
    assert (campaign.cap.flows, campaign.cap.per.days, campaign.pause_after) == (3, 7, 3)


def test_who_errs_in_a_case_gets_the_tip_of_its_principle_again(programme: Programme) -> None:
    followups = programme.campaigns["seguimiento"].followups.values()
    assert {followup.when.flow for followup in followups} == {
        code for code, flow in programme.flows.items() if flow.kind is FlowKind.vignette
    }
    for followup in followups:
        (tip,) = followup.flows
        assert (programme.flows[tip].kind, programme.flows[tip].principle) == (
            FlowKind.tip,
            programme.flows[followup.when.flow].principle,
        )
        assert (followup.when.wrong, followup.most.flows, followup.most.per.days) == (True, 1, 7)
        assert followup.after > timedelta(days=2), "feedback is given at once; this is to remember it"


def test_each_wave_measures_the_three_levels_and_fits_under_the_cap(programme: Programme) -> None:
    campaign = programme.campaigns["seguimiento"]
    assert {wave.suffix for wave in campaign.waves.values()} == {"bl", "md", "el"}
    for wave in campaign.waves.values():
        steps = [step for code in wave.flows for step in expand(programme.flows[code])]
        assert {step.level for step in steps if isinstance(step, Ask)} == set(Level)
        assert len(wave.flows) <= campaign.cap.flows * (wave.closes.days // campaign.cap.per.days)


def test_an_officer_who_answers_gets_all_of_it_under_the_cap_and_every_wave_whole(programme: Programme) -> None:
    campaign, quiet = programme.campaigns["seguimiento"], (time(21), time(9))
    now = datetime(2026, 5, 14, 16, tzinfo=UTC)
    officer = planning.Profile(planning.bucket_of("K7"), "America/Mexico_City", date(2026, 6, 1), now)
    pending = planning.plan(campaign, officer, quiet, ALMANAC)
    assert {nudge.flow for nudge in pending} == set(programme.flows)
    begun: list[tuple[datetime, planning.Planned]] = []
    skipped: list[planning.Planned] = []
    while pending:
        now += timedelta(minutes=30)
        for nudge in [nudge for nudge in pending if nudge.due_at <= now]:
            lately = tuple(moment for moment, _ in begun if moment > now - campaign.cap.per)
            measuring = any(other.wave is not None and other.due_at <= now for other in pending)
            situation = nudge_policy.Situation(
                "active", officer.timezone, bool(begun), None, False, False, measuring, lately, 0
            )
            match nudge_policy.decide_nudge(campaign, nudge, situation, quiet, ALMANAC, now):
                case nudge_policy.Begin():
                    begun.append((now, nudge))
                    pending.remove(nudge)
                case nudge_policy.Skip():
                    skipped.append(nudge)
                    pending.remove(nudge)
                case nudge_policy.Postpone(until):
                    pending[pending.index(nudge)] = replace(nudge, due_at=until)
    assert Counter(nudge.wave for _, nudge in begun if nudge.wave) == {"bl": 6, "md": 6, "el": 6}
    # Under the cap, the middle wave takes the place of one message.
    assert [nudge.wave for nudge in skipped] in ([], [None])
    moments = [moment for moment, _ in begun]
    assert all(last - first >= campaign.cap.per for first, last in zip(moments, moments[3:], strict=False))


def test_a_tip_a_story_or_a_question_opens_in_two_sms_but_for_the_texts_that_may_not_be_shorter(
    programme: Programme,
) -> None:
    longer = {
        code: measure(step.text).segments
        for code, flow in programme.flows.items()
        if (step := flow.steps[0]) and isinstance(getattr(step, "text", None), str) and measure(step.text).segments > 2
    }
    # The privacy notice, and an item whose wording is fixed.
    assert longer.keys() == {"consentimiento", "conocimiento"}
    assert max(longer.values()) <= 4


def test_names_and_places_are_asked_for_nowhere(programme: Programme) -> None:
    asked = [step for flow in programme.flows.values() for step in expand(flow) if isinstance(step, Ask)]
    for step in asked:
        text = str(step.text).lower()
        assert "su nombre" not in text or "sin su nombre" in text
        assert not any(word in text for word in ("cómo se llama", "dónde", "en qué calle", "colonia"))


def test_every_title_of_a_button_or_list_is_understood_as_text(programme: Programme) -> None:
    """A message that a sweep finds has the title, and not what the button carried."""
    at = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    for flow in bind(programme, "x").flows.values():
        for step in flow.steps:
            for choice in step.choices[""] if isinstance(step, Asked) and step.pressable else ():
                read = step.reader.read(title(choice.label), at)
                assert (flow.code, step.name, getattr(read, "key", read)) == (flow.code, step.name, choice.key)


def test_every_question_with_options_fits_buttons_or_a_list(programme: Programme) -> None:
    assert {shape for shape, _ in presented(programme)} == {Shape.buttons, Shape.list}
