"""Spaced repetition and follow-ups: flows to review, and follow-ups that never come or never stop."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import happenings, questions, sent_flows, steps
from app.flows.engine.graph import components
from app.flows.language import definition as d
from app.flows.language.campaign import Happening
from app.flows.language.problems import Severity
from app.wording import Sentence


@check("review-nothing", Severity.warning)
def review_nothing(context: Context) -> Iterator[Finding]:
    """A flow in a slot with `pick: due` has no `principle`, or no question with `correct`."""
    for code, campaign in context.programme.campaigns.items():
        for index, slot in enumerate(campaign.slots):
            for at, name in enumerate(slot.flows if slot.pick == "due" else ()):
                flow = context.sound.get(name)
                if flow is None:
                    continue
                path = ("campaigns", code, "slots", index, "from", at)
                if flow.principle is None:
                    yield Finding(
                        path,
                        Sentence("{name} has no principle to review", name=name),
                        Sentence("Add principle to the flow"),
                    )
                elif not any(question.ask.correct is not None for question in questions(context, name)):
                    yield Finding(
                        path,
                        Sentence("{name} has no question with a right answer", name=name),
                        Sentence("Add correct, or take the flow out"),
                    )


@check("never-follows", Severity.warning)
def never_follows(context: Context) -> Iterator[Finding]:
    """The event that a follow-up waits for never happens in its campaign."""
    for code, path, when in happenings(context):
        if when.flow not in context.sound or context.is_damaged(("campaigns", code)):
            continue  # what was taken out may have sent it
        if why := _impossible(context, code, when):
            yield Finding((*path, "flow"), *why)


def _impossible(context: Context, code: str, when: Happening) -> tuple[str, str] | None:
    """Why something never happens in a campaign, and what to do about it; None if it may."""
    taught = {sent.flow for sent in sent_flows(context) if sent.campaign == code and sent.part != "waves"}
    sent = taught if when.wrong else {one.flow for one in sent_flows(context) if one.campaign == code}
    if when.wrong or when.step is not None:  # of a flow that another one calls, answers count too
        sent = _with_called(context, sent)
    if when.flow not in sent:
        where = Sentence("slot or follow-up") if when.wrong else Sentence("slot, wave or follow-up")
        return Sentence("no {where} of the campaign sends {flow}", where=where, flow=when.flow), Sentence(
            "Send it, or take the follow-up out"
        )
    asked = [question.ask for question in questions(context, when.flow) if when.step in (None, question.ask.ask)]
    if when.wrong and asked and not any(ask.correct is not None for ask in asked):
        return Sentence("{name} has no right answer, so there is no wrong one", name=when.step or when.flow), Sentence(
            "Add correct to the question"
        )
    if when.wrong and not asked and when.step is None:
        return Sentence("{flow} asks nothing", flow=when.flow), Sentence(
            "Wait for the end of the flow: leave wrong out"
        )
    return None


def _with_called(context: Context, flows: set[str]) -> set[str]:
    """Flows, with those that they call."""
    calls: dict[str, set[str]] = {}
    for flow, _, step in steps(context):
        if isinstance(step, d.Call):
            calls.setdefault(flow, set()).add(step.flow)
    found, pending = set(flows), list(flows)
    while pending:
        new = calls.get(pending.pop(), set()) - found
        found |= new
        pending.extend(new)
    return found


@check("followup-loop", Severity.warning)
def followup_loop(context: Context) -> Iterator[Finding]:
    """Follow-ups set each other off in a circle: a flow that follows leads, perhaps by others, to itself."""
    for code, campaign in context.programme.campaigns.items():
        ways: dict[str, tuple[str, ...]] = {}
        for followup in campaign.followups.values():
            ways[followup.when.flow] = (*ways.get(followup.when.flow, ()), *followup.flows)
            for flow in followup.flows:
                ways.setdefault(flow, ())
        rounds = [set(loop) for loop in components(ways) if len(loop) > 1 or next(iter(loop)) in ways[next(iter(loop))]]
        for name, followup in campaign.followups.items():
            for at, flow in enumerate(followup.flows):
                if any(followup.when.flow in loop and flow in loop for loop in rounds):
                    text = Sentence(
                        "{flow} leads back to {event}, which it follows", flow=flow, event=followup.when.flow
                    )
                    yield Finding(
                        ("campaigns", code, "followups", name, "from", at), text, Sentence("Let another flow follow")
                    )


FOLLOWUPS: tuple[Check, ...] = (review_nothing, never_follows, followup_loop)
