"""Learning from replies that were not understood: what officers wrote, how often, and which option they probably meant, to be written
under its `also`. A person decides; what is accepted is an edit of the flow file like any other.

The words are the officers' own and may identify somebody: they are shown to whoever may open the database, and go nowhere else.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app.errors import UsageError
from app.flows.checks.buttons import options_path
from app.flows.checks.walk import LocatedQuestion, all_questions
from app.flows.engine.compiled import Ask, bind, plain
from app.flows.replies import lexicon
from app.flows.replies.acts import act_of
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Parsed
from app.flows.replies.lexicon import Words
from app.flows.replies.message import ActKind
from app.flows.yaml.emit import Value
from app.flows.yaml.rewrite import rewrite
from app.flows.yaml.source import Path as Spot
from app.store.unclear_replies import UnclearReply
from app.translation.text_import import FlowFile
from app.wording import Sentence

MOST_WORDS = 6
"""A longer reply is a story, not another wording of an option."""
MOSTLY = 2 / 3
"""An option is proposed if so many of those who wrote a reply chose it in the end."""

_STOCK = lexicon.YES | lexicon.NO | lexicon.NONE | lexicon.ALL
_AROUND = frozenset(words[0] for words in lexicon.POLITE if len(words) == 1)
_NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("America/Mexico_City"))


@dataclass(frozen=True, slots=True)
class Wording:
    """One reply to one question, however it was typed. `option` is the key that it probably means, None if none is likely;
    `chosen` of `decided` officers' replies were followed by it. `code` names it on the command line; "" if it cannot be accepted."""

    words: str
    replies: int
    officers: int
    to_person: int
    option: str | None = None
    label: str = ""
    chosen: int = 0
    decided: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class UnclearQuestion:
    """A question and the replies to it that were not understood, the most frequent first. `options` are its keys with their labels."""

    file: FlowFile
    located: LocatedQuestion
    text: str
    options: Mapping[str, str]
    wordings: tuple[Wording, ...]

    @property
    def replies(self) -> int:
        """The number of replies."""
        return sum(wording.replies for wording in self.wordings)


def unclear(
    files: Sequence[FlowFile], replies: Iterable[UnclearReply], least: int = 1
) -> tuple[list[UnclearQuestion], int]:
    """The questions of the files with what was not understood, and how many replies belong to no question of theirs. `least` leaves out
    what fewer officers wrote."""
    by_question: defaultdict[tuple[str, str, str], list[UnclearReply]] = defaultdict(list)
    for reply in replies:
        by_question[reply.programme, reply.flow, reply.step].append(reply)
    found: list[UnclearQuestion] = []
    for file in files:
        for located, ask in _questions(file):
            own = by_question.pop((file.programme.programme, located.flow, ask.name), None)
            if own and (wordings := tuple(_wordings(file, located.flow, ask, own, least))):
                labels = {option.key: option.label for option in ask.form.options}
                text = plain(located.ask.text, file.programme.language)
                found.append(UnclearQuestion(file, located, text, labels, wordings))
    found.sort(key=lambda question: -question.replies)
    return found, sum(map(len, by_question.values()))


def _questions(file: FlowFile) -> Iterator[tuple[LocatedQuestion, Ask]]:
    """The questions of a file, each with its place and compiled."""
    context, compiled = file.loaded.context, bind(file.programme, "")
    for located in all_questions(context) if context else ():
        step = compiled.step(located.flow, located.ask.ask)
        if isinstance(step, Ask):
            yield located, step


def _wordings(file: FlowFile, flow: str, ask: Ask, replies: Sequence[UnclearReply], least: int) -> Iterator[Wording]:
    groups: defaultdict[Words, list[UnclearReply]] = defaultdict(list)
    for reply in replies:
        if words := _core(phrase(reply.body)):
            groups[words].append(reply)
    for words, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        officers = len({reply.contact_id for reply in group})
        if officers < least or isinstance(ask.reader.read(" ".join(words), _NOON), Parsed):
            continue  # what is understood by now needs no words
        option, chosen, decided = _probable(ask, words, group)
        label = next((one.label for one in ask.form.options if one.key == option), "")
        yield Wording(
            " ".join(words),
            len(group),
            officers,
            sum(reply.to_person for reply in group),
            option,
            label,
            chosen,
            decided,
            _code(file, flow, ask.name, words) if _is_wording(ask, words) else "",
        )


def _core(words: Words) -> Words:
    """The words without courtesy around them."""
    start, end = 0, len(words)
    while start < end and words[start] in _AROUND:
        start += 1
    while end > start and words[end - 1] in _AROUND:
        end -= 1
    return words[start:end]


def _probable(ask: Ask, words: Words, group: Sequence[UnclearReply]) -> tuple[str | None, int, int]:
    """The option that was meant, by what the officers answered in the end, else by the reader's own guess."""
    keys = {option.key for option in ask.form.options}
    ends = Counter(reply.answered for reply in group if reply.answered in keys)
    if ends:
        key, count = ends.most_common(1)[0]
        return (key if count >= MOSTLY * ends.total() else None), count, ends.total()
    guess = ask.reader.probable(" ".join(words))
    return (guess.key if guess else None), 0, 0


def _is_wording(ask: Ask, words: Words) -> bool:
    """Whether a reply can be another wording of an option: short, and no talk."""
    if words in _STOCK:
        return False  # «no» and «todo» mean what they mean in every list
    listed = ask.form.kind in (AnswerKind.choice, AnswerKind.multi)
    return (
        listed
        and len(words) <= MOST_WORDS
        and not words[0].isdecimal()
        and act_of(" ".join(words)).kind is ActKind.other
    )


def _code(file: FlowFile, flow: str, step: str, words: Words) -> str:
    said = "\0".join((file.programme.programme, flow, step, *words))
    return hashlib.sha256(said.encode()).hexdigest()[:6]


# -- what a person accepts ----------------------------------------------------------------------------------------------


def accepted(
    questions: Sequence[UnclearQuestion], wanted: Sequence[str]
) -> list[tuple[FlowFile, dict[Spot, list[str]]]]:
    """The words to add to each option, by its place in its file. `wanted` are codes, or code=option. Raises UsageError."""
    known = {wording.code: (question, wording) for question in questions for wording in question.wordings}
    found: dict[Path, tuple[FlowFile, dict[Spot, list[str]]]] = {}
    for one in wanted:
        code, _, named = one.partition("=")
        if not code or code not in known:
            raise UsageError(Sentence("no reply has the code {code}: see `trato replies unclear`", code=code or one))
        question, wording = known[code]
        key = named or wording.option
        if key is None or key not in question.options:
            raise UsageError(
                Sentence(
                    "name the option that {code} means, as {code}={options}",
                    code=code,
                    options="|".join(question.options),
                )
            )
        file = question.file
        place = (*_options_of(question), key)
        found.setdefault(file.path, (file, {}))[1].setdefault(place, []).append(wording.words)
    return list(found.values())


def _options_of(question: UnclearQuestion) -> Spot:
    context = question.file.loaded.context
    if context is None:
        raise TypeError("a file without errors has a context")
    return options_path(context, question.located.ask, question.located.answer)


def edited(file: FlowFile, words: Mapping[Spot, Sequence[str]]) -> str:
    """The text of a file with these words under `also` of its options. Raises Unwritable."""
    values: dict[Spot, Value] = {}
    for place, new in words.items():
        written = file.loaded.source.value(place)
        if isinstance(written, str):
            values[place] = {"label": written, "also": tuple(new)}
        else:
            values[*place, "also"] = (*(written.get("also") or ()), *new)
    return rewrite(file.text, values)
