"""Labels of options that collide with what officers reply anyway: with a stock phrase, with another label, with talk."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import answers, option_labels, option_lists
from app.flows.language import definition as d
from app.flows.language.problems import Severity
from app.flows.replies.acts import act_of
from app.flows.replies.choices import Choices
from app.flows.replies.fold import fold, phrase
from app.flows.replies.forms import AnswerKind, Form, Option, Parsed
from app.flows.replies.lexicon import POLARITY
from app.flows.replies.message import ActKind
from app.flows.replies.multi import Several
from app.flows.yaml.source import Path
from app.wording import Sentence

_BARE = frozenset(("si", "no", "nada", "nadie", "nunca", "jamas", "ninguno", "ninguna"))
"""Words that many officers reply alone."""
_ALL = frozenset(("todo", "todos", "todas"))
"""These too, where several may be chosen."""
_LONGEST = 3
"""A label of more words is chosen by its number."""
_TALK = {
    ActKind.greeting: Sentence("a greeting"),
    ActKind.ack: Sentence("an acknowledgement"),
    ActKind.deferral: Sentence("a promise to answer later"),
    ActKind.leave: Sentence("a wish to leave"),
    ActKind.leave_maybe: Sentence("a wish to leave"),
}
_LOOKED_FOR = {ActKind.serious: Sentence("a serious incident"), ActKind.crisis: Sentence("a crisis")}

_Labels = Sequence[tuple[Path, str, str]]


@check("colliding-label", Severity.warning)
def colliding_label(context: Context) -> Iterator[Finding]:
    """The label of an option collides with what officers reply anyway, or with another label of its list."""
    for path, options in option_lists(context):
        for labels in _by_language(context, path, options):
            for kind in sorted(_kinds(context, path)):
                yield from _bare_openings(_choices(kind, options, labels), labels)
            yield from _parts(_choices(AnswerKind.choice, options, labels), labels)
            yield from _talk(labels)


def _by_language(context: Context, path: Path, options: dict[str, d.Option]) -> Iterator[_Labels]:
    """The labels of a list: those in one language, then those in the next."""
    found: dict[str, list[tuple[Path, str, str]]] = {}
    for place, key, text in option_labels(context, path, options):
        language = "" if isinstance(options[key].label, str) else str(place[-1])
        found.setdefault(language, []).append((place, key, text))
    yield from found.values()


def _kinds(context: Context, path: Path) -> set[AnswerKind]:
    """Whether one or several of a list are chosen; both where a shared list serves both."""
    if path[-1] in ("choice", "multi"):
        return {AnswerKind(path[-1])}
    named = [
        pair
        for _, answer in answers(context)
        for pair in ((AnswerKind.choice, answer.choice), (AnswerKind.multi, answer.multi))
    ]
    return {kind for kind, name in named if name == path[-1]} or {AnswerKind.choice}


def _choices(kind: AnswerKind, options: dict[str, d.Option], labels: _Labels) -> Choices:
    read = tuple([Option(key, text, key, tuple(options[key].also)) for _, key, text in labels])
    return Choices(Form(kind, read), read, {number: number - 1 for number in range(1, len(read) + 1)})


def _bare_openings(choices: Choices, labels: _Labels) -> Iterator[Finding]:
    """«No hubo tiempo» where no option is a plain no; «Todo el turno» where «todo» chooses every option."""
    several = choices.form.kind is AnswerKind.multi
    read = Several(choices).read if several else choices.read
    for place, _, text in labels:
        words = phrase(text)
        if not 1 < len(words) <= _LONGEST or words[0] not in (_BARE | _ALL if several else _BARE):
            continue
        found = read(fold(words[0]))
        if isinstance(found, Parsed) and " " not in (found.key or ""):
            continue
        so = Sentence("chooses every option") if isinstance(found, Parsed) else Sentence("is asked again")
        yield Finding(
            place,
            Sentence(
                '"{text}" begins with "{word}", which many reply alone: that {so}', text=text, word=words[0], so=so
            ),
            Sentence(
                'Begin with another word, or write "{word}" under "also" of the option that it means', word=words[0]
            ),
        )


def _parts(choices: Choices, labels: _Labels) -> Iterator[Finding]:
    """«Riesgo» beside «Riesgo para terceros»: a reply of the shared words always chooses the first."""
    roles = choices.table.polar | choices.table.others | choices.table.nones
    whole = {phrase(text): (place, text) for index, (place, _, text) in enumerate(labels) if index not in roles}
    for index, (_, _, longer) in enumerate(labels):
        words = phrase(longer)
        for start, end in combinations(range(len(words) + 1), 2):
            part = words[start:end]
            if index in roles or part == words or part not in whole or set(part) <= POLARITY:
                continue
            place, text = whole[part]
            yield Finding(
                place,
                Sentence(
                    '"{text}" is a part of "{longer}", and a reply of these words always chooses "{text}"',
                    text=text,
                    longer=longer,
                ),
                Sentence("Give each label a word of its own"),
            )


def _talk(labels: _Labels) -> Iterator[Finding]:
    """«Después» reads like an officer who answers later."""
    for place, _, text in labels:
        kind = act_of(text).kind
        if kind in _LOOKED_FOR:
            yield Finding(
                place,
                Sentence('"{text}" is taken for {what} whatever is asked', text=text, what=_LOOKED_FOR[kind]),
                Sentence("Use other words"),
            )
        elif kind in _TALK:
            yield Finding(
                place,
                Sentence('"{text}" reads like {what} and no answer', text=text, what=_TALK[kind]),
                Sentence("Use more words, or others"),
            )


COLLISIONS: tuple[Check, ...] = (colliding_label,)
