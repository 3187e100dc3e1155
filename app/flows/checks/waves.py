"""Evaluation: every question has its level, measurements teach nothing, no officer is asked too much, consent is
asked for once."""

from collections.abc import Iterator

from app.flows.burden import most_questions
from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import WAYS, answer_of_or_none
from app.flows.checks.walk import LocatedQuestion, all_questions, conditions, questions, sound_questions
from app.flows.engine.graph import SKIPPED, Graph
from app.flows.language import definition as d
from app.flows.language.problems import Severity
from app.flows.privacy import PrivacyNotice, differs, notices
from app.wording import Sentence

MEASURES = (d.FlowKind.quiz, d.FlowKind.survey)

QUESTIONS, QUESTIONS_OF_A_REPORT, QUESTIONS_OF_A_WAVE = 3, 4, 5

_TEACHES = Sentence("Remove it, or make the flow a vignette")


@check("question-unplaced", Severity.warning)
def question_unplaced(context: Context) -> Iterator[Finding]:
    """A question says neither on which level of the evaluation it is nor, by itself or its flow, to which principle it belongs."""
    for question in sound_questions(context):
        flow, ask = context.programme.flows[question.flow], question.ask
        if flow.kind is d.FlowKind.consent or ask.consent is not None:
            continue
        if ask.level is None:
            hint = Sentence("Add level: knowledge, internal or behaviour")
            yield Finding(question.path, Sentence("the question {name} has no level", name=ask.ask), hint)
        if ask.principle is None and flow.principle is None and _needs_principle(context, flow, ask):
            hint = Sentence("Add principle: {names}", names=", ".join(context.programme.principles))
            yield Finding(question.path, Sentence("the question {name} has no principle", name=ask.ask), hint)


def _needs_principle(context: Context, flow: d.Flow, ask: d.Ask) -> bool:
    return bool(context.programme.principles) and (ask.correct is not None or flow.kind is d.FlowKind.vignette)


@check("measured-feedback", Severity.error)
def measured_feedback(context: Context) -> Iterator[Finding]:
    """A question of a quiz or a survey tells the officer whether the answer was right."""
    for question in all_questions(context):
        if context.programme.flows[question.flow].kind in MEASURES and question.ask.feedback:
            yield Finding(
                (*question.path, "feedback"), Sentence("a measured question gives feedback"), _TEACHES, key=True
            )
    for code, graph in context.graphs.items():
        if context.programme.flows[code].kind in MEASURES:
            graded = {
                question.ask.ask: question for question in questions(context, code) if question.ask.correct is not None
            }
            for name, question in graded.items():
                yield from _told_by_go(graph, name, question)
            yield from _told_by_condition(context, code, graph, graded)


def _told_by_go(graph: Graph, name: str, question: LocatedQuestion) -> Iterator[Finding]:
    """Messages to which some options lead, and others do not."""
    options = {edge.target: set(edge.ways) - (WAYS | {SKIPPED}) for edge in graph.edges if edge.source == name}
    every = set().union(*options.values())
    for target, ways in options.items():
        if ways and ways != every and _speaks(graph, target):
            path = (*question.path, "go") if question.ask.go is not None else question.path
            yield Finding(
                path,
                Sentence(
                    "the message {target} depends on the answer to {name}, which is measured", target=target, name=name
                ),
                _TEACHES,
                key=True,
            )


def _told_by_condition(
    context: Context, code: str, graph: Graph, graded: dict[str, LocatedQuestion]
) -> Iterator[Finding]:
    """Messages whose `when`, or the case that leads to them, looks at a graded answer."""
    variables = {question.variable: name for name, question in graded.items()}
    for flow, path, condition in conditions(context):
        asked = condition.step if condition.step in graded else variables.get(condition.var or "")
        if flow != code or asked is None:
            continue
        inner = path[4:]
        target = context.source.value((*path[:4], *inner[:2], "go")) if inner[:1] == ("cases",) else None
        own = context.programme.flows[code].steps[int(str(path[3]))]
        if _speaks(graph, str(target)) or (isinstance(own, d.Say | d.End) and target is None):
            text = Sentence("a message depends on the answer to {asked}, which is measured", asked=asked)
            yield Finding(path[:4] if target is None else path, text, _TEACHES)


def _speaks(graph: Graph, target: str) -> bool:
    match graph.nodes[target].step if target in graph.nodes else None:
        case d.Say():
            return True
        case d.End(text=text):
            return text is not None
        case d.Ask() | d.Branch() | d.Set() | d.Call() | d.Repeat() | None:
            return False


@check("too-many-questions", Severity.warning)
def too_many_questions(context: Context) -> Iterator[Finding]:
    """One conversation may ask an officer more than 3 questions, more than 4 in a report, or more than 5 in a quiz or a survey."""
    for code in context.graphs:
        kind = context.programme.flows[code].kind
        most = QUESTIONS_OF_A_WAVE if kind in MEASURES else QUESTIONS
        most = QUESTIONS_OF_A_REPORT if kind is d.FlowKind.report else most
        if (count := most_questions(context.graphs, code)) > most:
            text = Sentence(
                "one conversation may ask {count} questions; {most} are the most that people answer",
                count=count,
                most=most,
            )
            yield Finding(("flows", code), text, Sentence("Divide it into two flows"), key=True)


@check("consent-question", Severity.error)
def consent_question(context: Context) -> Iterator[Finding]:
    """A flow of kind `consent` needs exactly one question with `consent`, answered by `yes_no`; no other flow has one."""
    for code, flow in context.sound.items():
        asking = [question for question in questions(context, code) if question.ask.consent is not None]
        if flow.kind is d.FlowKind.consent and len(asking) != 1:
            text = Sentence(
                "a consent flow asks for consent once; {count} questions have the key consent", count=len(asking)
            )
            yield Finding(
                ("flows", code), text, Sentence("Put consent: and the version of the notice on one question"), key=True
            )
        for question in asking:
            if flow.kind is not d.FlowKind.consent:
                text = Sentence("consent belongs in a flow of kind consent")
                yield Finding(
                    (*question.path, "consent"), text, Sentence("Move the question, or change the kind"), key=True
                )
            answer = answer_of_or_none(context, question)
            if answer is not None and answer.yes_no is None:
                yield Finding(question.answer, Sentence("consent is given by yes_no"), Sentence("Write answer: yes_no"))
    yield from _two_texts(context)
    for code, campaign in context.programme.campaigns.items():
        named = context.programme.flows.get(campaign.consent or "")
        if named is not None and named.kind is not d.FlowKind.consent:
            yield Finding(
                ("campaigns", code, "consent"),
                Sentence("{consent} is not a flow of kind consent", consent=campaign.consent),
            )


def _two_texts(context: Context) -> Iterator[Finding]:
    """A version names one text, in whichever flow."""
    first: dict[str, PrivacyNotice] = {}
    for notice in [notice for notice in notices(context.programme) if notice.flow in context.sound]:
        if differs(notice, other := first.setdefault(notice.version, notice)):
            text = Sentence("the notice {version} has another text in {flow}", version=notice.version, flow=other.flow)
            yield Finding(("flows", notice.flow), text, Sentence("Give each text a version of its own"), key=True)


MEASUREMENT: tuple[Check, ...] = (question_unplaced, measured_feedback, too_many_questions, consent_question)
