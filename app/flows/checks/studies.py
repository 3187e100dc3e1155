"""Randomisation: of officers to arms, and of choices on occasions."""

from collections.abc import Iterator
from math import fsum

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import all_questions
from app.flows.language.campaign import Slot
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.yaml.source import Path
from app.wording import Sentence

_TOLERANCE = 1e-9


@check("unknown-campaign", Severity.error)
def unknown_campaign(context: Context) -> Iterator[Finding]:
    """An arm of the study names a campaign that the file does not have."""
    known = context.written("campaigns")
    for code, arm in context.programme.study.arms.items() if context.programme.study else ():
        if arm.campaign is not None and arm.campaign not in known:
            yield Finding(
                ("study", "arms", code, "campaign"),
                Sentence("no campaign is called {campaign}", campaign=arm.campaign),
                did_you_mean(arm.campaign, known),
            )


@check("arms-alike", Severity.warning)
def arms_alike(context: Context) -> Iterator[Finding]:
    """Two arms of the study follow the same campaign, or both none, so that there is nothing to compare."""
    first: dict[str | None, str] = {}
    for code, arm in context.programme.study.arms.items() if context.programme.study else ():
        if (other := first.setdefault(arm.campaign, code)) != code:
            what = (
                Sentence("follows {campaign}", campaign=arm.campaign) if arm.campaign else Sentence("is sent nothing")
            )
            yield Finding(
                ("study", "arms", code),
                Sentence("{code} {what} as {other} does", code=code, what=what, other=other),
                Sentence("Give it a campaign of its own"),
                key=True,
            )


@check("consent-after-draw", Severity.warning)
def consent_after_draw(context: Context) -> Iterator[Finding]:
    """Consent is asked for only in the campaigns of the study's arms, after the draw, which leaves out who has not consented."""
    programme = context.programme
    if programme.study is None or any(programme.campaigns[code].consent for code in programme.open_campaigns):
        return
    for code in dict.fromkeys(programme.study.campaigns):
        if code in programme.campaigns and programme.campaigns[code].consent:
            yield Finding(
                ("campaigns", code, "consent"),
                Sentence("consent is asked for after the draw, which leaves out who has not consented"),
                Sentence("Ask for it in a campaign that belongs to no arm, or on paper before the draw"),
                key=True,
            )


def _draws(context: Context) -> Iterator[tuple[Path, Slot]]:
    for code, campaign in context.programme.campaigns.items():
        for index, slot in enumerate(campaign.slots):
            if slot.draw:
                yield ("campaigns", code, "slots", index, "draw"), slot


@check("draw-sum", Severity.error)
def draw_sum(context: Context) -> Iterator[Finding]:
    """The probabilities `p` of a draw do not add up to 1."""
    for path, slot in _draws(context):
        total = fsum(choice.p for choice in slot.draw.values())
        if not any(choice.only for choice in slot.draw.values()) and abs(total - 1) > _TOLERANCE:
            yield Finding(path, Sentence("the probabilities add up to {total:.6g}, not to 1", total=total), key=True)


@check("draw-excess", Severity.warning)
def draw_excess(context: Context) -> Iterator[Finding]:
    """The probabilities of the choices that everybody may get add up to more than 1, beside others with `only`."""
    for path, slot in _draws(context):
        total = fsum(choice.p for choice in slot.draw.values() if not choice.only)
        if any(choice.only for choice in slot.draw.values()) and total > 1 + _TOLERANCE:
            yield Finding(
                path,
                Sentence("the probabilities of what everybody may get add up to {total:.6g}", total=total),
                key=True,
            )


@check("seed-missing", Severity.warning)
def seed_missing(context: Context) -> Iterator[Finding]:
    """A campaign draws, and has no `seed` of its own."""
    for code in dict.fromkeys(str(path[1]) for path, _ in _draws(context)):
        if context.programme.campaigns[code].seed == 0:
            yield Finding(
                ("campaigns", code),
                Sentence("the campaign draws, and has no seed"),
                Sentence("Add seed: and a number"),
                key=True,
            )


@check("outcome-variable", Severity.error)
def outcome_variable(context: Context) -> Iterator[Finding]:
    """The outcome of a draw is a variable that no conversation records."""
    known = {question.variable for question in all_questions(context)}
    for path, slot in _draws(context):
        for place, name in enumerate(slot.outcome.records if slot.outcome else ()):
            if name not in known and context.whole:
                yield Finding(
                    (*path[:-1], "outcome", "records", place),
                    Sentence("no conversation records {name}", name=name),
                    did_you_mean(name, known),
                )


STUDIES: tuple[Check, ...] = (
    unknown_campaign,
    arms_alike,
    consent_after_draw,
    draw_sum,
    draw_excess,
    seed_missing,
    outcome_variable,
)
