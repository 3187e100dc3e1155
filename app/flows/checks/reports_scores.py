"""Self-reports and scores: whether they match the questions behind them."""

from collections.abc import Iterator
from functools import cache

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import LocatedQuestion, all_questions
from app.flows.engine.compiled import options_of
from app.flows.language import definition as d
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.language.reports_and_scores import Columns, Report, Score, ScoreKind
from app.flows.variables import MEASURING, variables_of
from app.flows.yaml.source import Path
from app.wording import Sentence

_APPLIED = frozenset({"0", "1", "n", "u"})
"""The values of a question whether something was done: no, yes, it did not apply, it was not needed."""


_SCALED = (ScoreKind.mean, ScoreKind.acquiescence, ScoreKind.straight_line)
"""Kinds that take items of one scale."""


def _questions(context: Context) -> dict[str, list[LocatedQuestion]]:
    """The questions that record each variable."""
    found: dict[str, list[LocatedQuestion]] = {}
    for question in all_questions(context):
        found.setdefault(question.variable, []).append(question)
    return found


@check("report-variable", Severity.error)
def report_variable(context: Context) -> Iterator[Finding]:
    """A report takes something from a variable that none of its conversations records."""
    recorded = cache(lambda flow: variables_of(context.programme, flow))
    for code, report in context.programme.reports.items():
        if any(context.is_damaged(("flows", flow)) or flow not in context.programme.flows for flow in report.from_):
            continue
        known = {name for flow in report.from_ for name in recorded(flow)}
        for path, name, _ in _columns(context, code, report):
            if name not in known:
                yield Finding(
                    path,
                    Sentence("no conversation of this report records {name}", name=name),
                    did_you_mean(name, known),
                )


def _columns(context: Context, code: str, report: Report) -> Iterator[tuple[Path, str, str]]:
    """The variables of a report, each with its place and its column."""
    for column in Columns.model_fields:
        path: Path = ("reports", code, "columns", column)
        short = isinstance(context.source.value(path), str)
        for place, name in enumerate(getattr(report.columns, column) or ()):
            yield (path if short else (*path, place)), name, column


@check("report-values", Severity.error)
def report_values(context: Context) -> Iterator[Finding]:
    """A report takes `contact_any` or `applied` from a question whose answers are not 1, 0, n or u, or `times` from one that is
    no number."""
    questions = _questions(context)
    for code, report in context.programme.reports.items():
        for path, name, column in _columns(context, code, report):
            for question in questions.get(name, ()):
                answer = answer_of_or_none(context, question)
                if answer is None:
                    continue
                if column == "times" and answer.number is None:
                    yield Finding(path, Sentence("{name} is no number, in {flow}", name=name, flow=question.flow))
                elif column in {"contact_any", "applied"} and not _tells_applied(context, answer):
                    yield Finding(
                        path,
                        Sentence(
                            "{name} has other values than 1, 0, n and u, in {flow}", name=name, flow=question.flow
                        ),
                        Sentence("Give its options these values"),
                    )


def _tells_applied(context: Context, answer: d.Answer) -> bool:
    if answer.yes_no is not None:
        return True
    options = options_of(context.programme, answer) if answer.choice is not None else {}
    return {str(option.value) for option in options.values()} <= _APPLIED if options else False


@check("report-twice", Severity.error)
def report_twice(context: Context) -> Iterator[Finding]:
    """A conversation belongs to two reports, or a variable to two columns of one: what an officer told once would count twice."""
    owner: dict[str, str] = {}
    for code, report in context.programme.reports.items():
        for place, flow in enumerate(report.from_):
            if flow in owner:
                yield Finding(
                    ("reports", code, "from", place),
                    Sentence("{flow} belongs to {report} already", flow=flow, report=owner[flow]),
                    Sentence("Put it into one of them"),
                )
            owner.setdefault(flow, code)
        columns: dict[str, str] = {}
        for path, name, column in _columns(context, code, report):
            if name in columns:
                yield Finding(path, Sentence("{name} is {column} already", name=name, column=columns[name]))
            columns.setdefault(name, column)


def _items(context: Context) -> Iterator[tuple[Path, Score, str]]:
    for code, score in context.programme.scores.items():
        yield from ((("scores", code, "items", place), score, name) for place, name in enumerate(score.items))


@check("score-item", Severity.error)
def score_item(context: Context) -> Iterator[Finding]:
    """A score counts a variable that no question records, or counts one twice."""
    known = set(_questions(context))
    seen: set[tuple[str, str]] = set()
    for path, _, name in _items(context):
        if name not in known and context.whole:
            yield Finding(path, Sentence("no question records {name}", name=name), did_you_mean(name, known))
        elif (str(path[1]), name) in seen:
            yield Finding(path, Sentence("{name} is counted twice", name=name))
        seen.add((str(path[1]), name))


@check("score-level", Severity.error)
def score_level(context: Context) -> Iterator[Finding]:
    """A score of one level of evaluation counts an item of another."""
    questions = _questions(context)
    for path, score, name in _items(context):
        for question in questions.get(name, ()):
            level = question.ask.level
            if level is None or level.value != score.level:
                told = Sentence("no level") if level is None else Sentence("the level {level}", level=level)
                yield Finding(
                    path,
                    Sentence(
                        "{name} has {told}, in {flow}; this score has {level}",
                        name=name,
                        told=told,
                        flow=question.flow,
                        level=score.level,
                    ),
                    Sentence("Make a score for each level"),
                )


@check("score-kind", Severity.error)
def score_kind(context: Context) -> Iterator[Finding]:
    """A score cannot be made of an item of this kind."""
    questions = _questions(context)
    ends: dict[str, tuple[float, float]] = {}
    for path, score, name in _items(context):
        for question in questions.get(name, ()):
            answer = answer_of_or_none(context, question)
            fault = None if answer is None else _unfit(context, score.kind, question, answer)
            if fault is None and answer is not None and score.kind in _SCALED:
                own = _ends(answer)
                if own is not None and ends.setdefault(str(path[1]), own) != own:
                    fault = Sentence("has other ends than the items before it")
            if fault is not None:
                yield Finding(path, Sentence("{name} {fault}, in {flow}", name=name, fault=fault, flow=question.flow))


def _unfit(context: Context, kind: ScoreKind, question: LocatedQuestion, answer: d.Answer) -> str | None:
    match kind:
        case ScoreKind.share_right:
            return None if question.ask.correct is not None else Sentence("has no correct answer")
        case ScoreKind.mean | ScoreKind.acquiescence | ScoreKind.straight_line:
            return None if _ends(answer) is not None else Sentence("is neither a scale nor a number with min and max")
        case ScoreKind.share_applied:
            fits = bool(answer.number.max) if answer.number is not None else _tells_applied(context, answer)
            return None if fits else Sentence("has other values than 1, 0, n and u, and is no number with max")


def _ends(answer: d.Answer) -> tuple[float, float] | None:
    scale = answer.scale or answer.number
    return None if scale is None or scale.min is None or scale.max is None else (scale.min, scale.max)


@check("score-not-measured", Severity.warning)
def score_not_measured(context: Context) -> Iterator[Finding]:
    """A score counts an item that no conversation of the kinds `quiz` and `survey` asks, so that it will always be missing."""
    questions = _questions(context)
    for path, _, name in _items(context):
        asking = {question.flow for question in questions.get(name, ())}
        if asking and not any(context.programme.flows[flow].kind in MEASURING for flow in asking):
            yield Finding(path, Sentence("{name} is asked in no quiz and no survey", name=name))


@check("score-balance", Severity.warning)
def score_balance(context: Context) -> Iterator[Finding]:
    """A score of acquiescence has more reversed items than others, or fewer: it would measure the attitude, too."""
    questions = _questions(context)
    for code, rule in context.programme.scores.items():
        known = [questions[name][0].ask.reverse for name in rule.items if name in questions]
        if rule.kind is ScoreKind.acquiescence and len(known) == len(rule.items) and 2 * sum(known) != len(known):
            text = Sentence("{reversed} of {items} items are reversed", reversed=sum(known), items=len(known))
            yield Finding(("scores", code, "items"), text, Sentence("Count as many reversed items as others"), key=True)


MEASURES: tuple[Check, ...] = (
    report_variable,
    report_values,
    report_twice,
    score_item,
    score_level,
    score_kind,
    score_not_measured,
    score_balance,
)
