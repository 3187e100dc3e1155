"""Measured items: what gives the right answer away, and what practice does to a second measurement. A form is what one officer
gets: the graded items of flows that are crossed over together, in one variant; else those of one flow."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import LocatedQuestion, questions, texts
from app.flows.engine.compiled import options_of, plain
from app.flows.language import definition as d
from app.flows.language.campaign import Campaign, Wave
from app.flows.language.problems import Severity
from app.flows.language.vocabulary import Text
from app.flows.replies.fold import phrase
from app.flows.variables import MEASURING
from app.flows.variants import may_occur
from app.flows.yaml.source import Path
from app.wording import Sentence

FEWEST = 4
"""Items of a form from which it can have a pattern."""
SHARED = 5
"""Words in a row that an officer may recognise."""

_TEACHING = frozenset({d.FlowKind.tip, d.FlowKind.vignette, d.FlowKind.plan, d.FlowKind.story, d.FlowKind.reflection})
"""Kinds that teach. A report asks for what was done, in the words of the behaviour items, and is asked again and again anyway."""

Run = tuple[str, ...]
"""Words in a row, without accents."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A graded item: its options' labels in order, and the place of the right one."""

    question: LocatedQuestion
    labels: tuple[str, ...]
    right: int


def _forms(context: Context) -> dict[tuple[str, str | None], list[_Item]]:
    """The graded items of each form, by its name and variant."""
    called = {step.flow for flow in context.sound.values() for step in flow.steps if isinstance(step, d.Call)}
    found: dict[tuple[str, str | None], dict[Path, _Item]] = {}
    for code, flow in context.sound.items():
        if flow.kind not in MEASURING or code in called:
            continue
        for variant in flow.variants or (None,):
            for question in _asked(context, code, variant, ()):
                if (item := _graded(context, question)) is not None:
                    found.setdefault((flow.crossover or code, variant), {})[question.path] = item
    return {form: list(items.values()) for form, items in found.items()}


def _asked(context: Context, code: str, variant: str | None, within: tuple[str, ...]) -> Iterator[LocatedQuestion]:
    """The questions of a flow, and of those that it calls, in one variant."""
    if code not in context.sound or code in within:
        return
    yield from (one for one in questions(context, code) if may_occur(one.ask.when, variant))
    for step in context.sound[code].steps:
        if isinstance(step, d.Call) and may_occur(step.when, variant):
            yield from _asked(context, step.flow, variant, (*within, code))


def _graded(context: Context, question: LocatedQuestion) -> _Item | None:
    answer = answer_of_or_none(context, question)
    if answer is None or answer.choice is None or question.ask.correct is None:
        return None
    options = options_of(context.programme, answer)
    if question.ask.correct not in options:
        return None
    labels = tuple(plain(option.label, context.programme.language) for option in options.values())
    return _Item(question, labels, list(options).index(question.ask.correct))


@check("key-by-length", Severity.warning)
def key_by_length(context: Context) -> Iterator[Finding]:
    """In most items of a form the right option is the longest, or in most the shortest: who knows nothing can guess it."""
    for form, items in _forms(context).items():
        for word, is_it in ((Sentence("longest"), _is_longest), (Sentence("shortest"), _is_shortest)):
            count = sum(map(is_it, items))
            if len(items) >= FEWEST and 2 * count > len(items):
                text = Sentence(
                    "in {count} of {items} items of {form} the right option is the {word}",
                    count=count,
                    items=len(items),
                    form=_named(form),
                    word=word,
                )
                yield Finding(
                    (*next(filter(is_it, items)).question.path, "correct"),
                    text,
                    Sentence("Write options of about the same length"),
                )


def _is_longest(item: _Item) -> bool:
    return all(len(item.labels[item.right]) > len(label) for label in _others(item))


def _is_shortest(item: _Item) -> bool:
    return all(len(item.labels[item.right]) < len(label) for label in _others(item))


def _others(item: _Item) -> Sequence[str]:
    return [label for place, label in enumerate(item.labels) if place != item.right]


@check("key-position", Severity.warning)
def key_position(context: Context) -> Iterator[Finding]:
    """In most items of a form the right option stands at one position."""
    for form, items in _forms(context).items():
        place, count = Counter(item.right for item in items).most_common(1)[0]
        if len(items) >= FEWEST and 2 * count > len(items):
            text = Sentence(
                "in {count} of {items} items of {form} the right option is number {number}",
                count=count,
                items=len(items),
                form=_named(form),
                number=place + 1,
            )
            first = next(item for item in items if item.right == place)
            yield Finding(
                (*first.question.path, "correct"), text, Sentence("Spread the right options over all positions")
            )


def _named(form: tuple[str, str | None]) -> str:
    return form[0] if form[1] is None else f"{form[0]} {form[1]}"


@check("taught-words", Severity.warning)
def taught_words(context: Context) -> Iterator[Finding]:
    """A measured item of knowledge or attitude has five words in a row that a flow teaches: it would measure whether they are
    remembered."""
    taught = _taught(context)
    said = {
        question.path: (question, _runs(_wordings(context, question)))
        for code, flow in context.sound.items()
        if flow.kind in MEASURING
        for question in questions(context, code)
        if question.ask.level in {d.Level.knowledge, d.Level.internal}
    }
    common = Counter(run for _, runs in said.values() for run in runs)
    for path, (_, runs) in said.items():
        # What most items say, such as how to answer, is no content.
        found = next((run for run in runs if run in taught and 2 * common[run] <= max(len(said), 2)), None)
        if found is not None:
            text = Sentence("«{words}» is taught in {flow}", words=" ".join(found), flow=taught[found])
            yield Finding((*path, "text"), text, Sentence("Ask for the same in other words, or teach it in others"))


def _taught(context: Context) -> dict[Run, str]:
    """The runs of words that are taught, each with a flow that does."""
    found: dict[Run, str] = {}
    for path, text in texts(context):
        code = str(path[1]) if path[0] == "flows" else ""
        if code in context.sound and context.sound[code].kind in _TEACHING:
            found |= dict.fromkeys(_runs([plain(text, context.programme.language)]), code)
    return found


def _wordings(context: Context, question: LocatedQuestion) -> list[str]:
    answer = answer_of_or_none(context, question)
    options = options_of(context.programme, answer) if answer is not None and answer.choice is not None else {}
    item: Text = question.ask.text
    if len(question.path) > 4:  # an item of a repeat, whose own text is not that of the step
        item = context.source.value((*question.path, "text")) or item
    return [plain(one, context.programme.language) for one in (item, *(option.label for option in options.values()))]


def _runs(wordings: list[str]) -> dict[Run, None]:
    """All runs of so many words within one text, in order."""
    words = [phrase(text) for text in wordings]
    return dict.fromkeys(tuple(one[start : start + SHARED]) for one in words for start in range(len(one) - SHARED + 1))


@check("item-again", Severity.warning)
def item_again(context: Context) -> Iterator[Finding]:
    """An officer gets a graded item in two waves of a campaign: the second time it measures that it is known, too."""
    for code, campaign in context.programme.campaigns.items():
        waves = sorted(campaign.waves.items(), key=lambda pair: pair[1].day)
        for (first, before), (name, wave) in combinations(waves, 2):
            for place, flow in enumerate(wave.flows):
                again = _again(context, campaign, before, wave, flow)
                if again is not None:
                    text = Sentence("{name} is asked in the wave {first} already", name=again, first=first)
                    path: Path = ("campaigns", code, "waves", name, "flows", place)
                    yield Finding(path, text, Sentence("Cross two forms over: variants and crossover"))


def _again(context: Context, campaign: Campaign, before: Wave, wave: Wave, flow: str) -> str | None:
    """A graded variable of a flow that the same officer gets in both waves; None if there is none."""
    own = _variables(context, wave, flow, campaign)
    had = [_variables(context, before, other, campaign) for other in before.flows]
    return next((name for name in own if any(name in names for names in had)), None)


def _variables(context: Context, wave: Wave, flow: str, campaign: Campaign) -> list[str]:
    """The graded variables of a flow in a wave, for the officers who begin with its first variant; of a flow without a crossover, all that
    it may ask."""
    definition = context.sound.get(flow)
    if definition is None or definition.kind not in MEASURING:
        return []
    variant = None
    if definition.crossover is not None and definition.variants:
        name = definition.crossover
        crossed = [
            one
            for one in sorted(campaign.waves.values(), key=lambda one: one.day)
            if any((other := context.sound.get(code)) is not None and other.crossover == name for code in one.flows)
        ]
        variant = definition.variants[crossed.index(wave) % len(definition.variants)]
    return [one.variable for one in _asked(context, flow, variant, ()) if _graded(context, one) is not None]


ITEMS: tuple[Check, ...] = (key_by_length, key_position, taught_words, item_again)
