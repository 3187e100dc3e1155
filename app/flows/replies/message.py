"""A message at hand, its open question with it, and the act that is named for it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from app.flows.replies import lexicon, remarks, talk
from app.flows.replies.fold import Folded, fold, phrase
from app.flows.replies.forms import AnswerKind, Parsed, Reading, is_open
from app.flows.replies.model import Shares, shares_of
from app.flows.replies.patterns import Line, Match, Patterns, line_of
from app.flows.replies.table import PIECE


class ActKind(StrEnum):
    """The act of a message."""

    answer = "answer"
    greeting = "greeting"
    ack = "ack"
    deferral = "deferral"
    question = "question"
    leave = "leave"
    leave_maybe = "leave_maybe"
    refusal = "refusal"
    about_message = "about_message"
    complaint = "complaint"
    correction = "correction"
    auto_reply = "auto_reply"
    serious = "serious"
    crisis = "crisis"
    other = "other"


class Purpose(StrEnum):
    """The purpose of a question: to learn a fact, to invite, or to ask for consent."""

    fact = "fact"
    invitation = "invitation"
    consent = "consent"


@dataclass(frozen=True, slots=True)
class Act:
    """The act of a message, and the rule that found it: the act's name and the pattern, or the reader's rule."""

    kind: ActKind
    rule: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A programme's own wordings, in the notation of `patterns`. They are looked for beside the default ones."""

    crisis: tuple[str, ...] = ()
    serious: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


NO_EXTRA = Extra()
LONGEST_ACT = 12
"""In a text of more words, an open answer is distinguished from talk only by safety and leaving."""
LONGEST_TALK = 48
"""A message of more words is a story: only safety, leaving and machines are looked for in it."""
_LABELLED = ("label", "alias")
_STOCK = lexicon.YES | lexicon.NO | lexicon.NONE | lexicon.ALL | lexicon.OTHER
"""Answers in a word or two: the model alone makes nothing else of them («quiero participar», «pienso que sí»)."""
MODEL = "model"
LEADING = frozenset(
    ("si", "no", "io", "ia", "ok", "oka", "okei", "ba", "sale", "bale", "pero", "pues", "i", "bueno", "tambien", "oiga")
)
"""Words that lead in: what follows says what the message does."""


_COURTESY = Patterns(talk.COURTESY)
AUTO_REPLIES = Patterns(remarks.AUTO_REPLIES)


@dataclass(frozen=True, slots=True)
class Message:
    """A message at hand: its words, and these without the courtesy around them and without what leads in."""

    folded: Folded
    line: Line
    core: Line
    rest: Line
    outcome: Reading | None
    kind: AnswerKind | None
    purpose: Purpose

    @property
    def shares(self) -> Shares:
        """The model's shares, which most short answers do not need."""
        return shares_of(self.line)

    @property
    def is_open(self) -> bool:
        """Whether the question takes any text or file."""
        return self.kind is not None and is_open(self.kind)

    @property
    def parsed(self) -> Parsed | None:
        """The reading, where there is one."""
        return self.outcome if isinstance(self.outcome, Parsed) else None

    @property
    def is_labelled(self) -> bool:
        """Whether the message is an option's own wording, which the author chose."""
        found = self.parsed
        if found is None or found.rule not in _LABELLED or found.score < PIECE:
            return False
        words = self.folded.words
        if found.score < 1.0:  # «después» for «Sí, después»
            return found.rule == "label" and bool(words) and set(words) < set(label_words(found.label))
        return found.rule == "alias" or words == label_words(found.label)

    @property
    def is_brief(self) -> bool:
        """Whether the message is one word or a stock answer: too little for the model alone («más», «arma»)."""
        return len(self.core.words) <= 1 or self.folded.words in _STOCK

    def names(self, words: int) -> bool:
        """Whether the message names an option in so few words: «auxilio» for «Auxilio o queja»."""
        return self.parsed is not None and len(self.line.words) <= words


@lru_cache(maxsize=2000)
def label_words(label: str) -> tuple[str, ...]:
    """The words of an option's label, folded."""
    return phrase(label)


def message_of(text: str, outcome: Reading | None, kind: AnswerKind | None, purpose: Purpose) -> Message:
    """A text with what is known of the open question."""
    folded = fold(text)
    line = line_of(folded)
    core = _without_courtesy(line) if len(line.words) <= LONGEST_TALK else line
    return Message(folded, line, core, _without_lead(core), outcome, kind, purpose)


@lru_cache(maxsize=256)
def compiled(patterns: tuple[str, ...]) -> Patterns | None:
    """A programme's own patterns; None if it has none."""
    return Patterns(patterns) if patterns else None


def first(patterns: Patterns, *lines: Line) -> Match | None:
    """The first match in the first of some lines that has one."""
    return next((found for line in lines if (found := patterns.first_in(line))), None)


def is_whole(pattern: str) -> bool:
    """Whether a pattern is a whole message: nothing else in it can mean another thing."""
    return pattern.startswith("^") and pattern.endswith("$")


def named(kind: ActKind, pattern: str) -> Act:
    """An act with the pattern that found it, or `MODEL`."""
    return Act(kind, f"{kind}: {pattern}")


# -- the words around ---------------------------------------------------------------------------------------------------


def _without_courtesy(line: Line) -> Line:
    """The words between the courtesy at the beginning and at the end."""
    start, end = 0, len(line.words)
    spans = _COURTESY.spans(line)
    while start < end and (length := spans.get(start)):
        start = min(end, start + length)
    ends = {at + length: at for at, length in spans.items()}
    while end > start and (begin := ends.get(end)) is not None and begin >= start:
        end = begin
    return line.part(start, end)


def _without_lead(line: Line) -> Line:
    """The words after a «no», «sí», «ok» that leads in («no, al rato»)."""
    start = 0
    while start < len(line.words) - 1 and line.words[start] in LEADING and start < 3:
        start += 1
    return line.part(start, len(line.words))
