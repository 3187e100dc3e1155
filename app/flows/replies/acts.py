"""The act of an officer's message, named before any of it may be taken as an answer.

Safety comes first, whatever is asked; then a wish to leave; then everything else. A message is an answer only if the reader
explains the whole of it. The same text always gives the same act, with the rule that found it. Linear in the length of the
text; no text raises.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from app.flows.replies import leaving, lexicon, remarks, talk
from app.flows.replies.consent import is_plain_yes
from app.flows.replies.fold import LONGEST, Folded, fold, phrase
from app.flows.replies.forms import AnswerKind, Parsed, Reading, is_open
from app.flows.replies.keywords import Name, keyword
from app.flows.replies.lexicon import AGREEMENT, AGREEMENTS, NO, YES
from app.flows.replies.missing import missing_code
from app.flows.replies.model import Shares, shares_of
from app.flows.replies.patterns import Line, Match, Patterns, heard, line_of
from app.flows.replies.safety import crisis_in, is_by_civilian, serious_in, tells_of_work, undenied


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
NOT_PLAIN = Act(ActKind.other, "consent: not plain")
"""A yes to a request for consent with more words than a plain one has."""
ONLY_AGREES = Act(ActKind.ack, "ack: agrees")
"""An «ok» where it is no answer."""
CRISIS_SEEN, SERIOUS_SEEN, CONTRADICTED = 0.4, 0.5, 0.25
"""From these shares of a crisis or a serious incident on, the model alone names one; below the last it contradicts the default
patterns."""
CRISIS_AT_WORK, SURELY_SEEN, DOUBTED_AT_WORK, PERHAPS_SEEN = 0.75, 0.85, 0.5, 0.35
"""The same for an open answer, which tells of work; the third is for patterns of a serious incident. From the last on a person reads
the answer."""
PERHAPS_DANGER = Act(ActKind.answer, "text: perhaps danger")
"""An open answer in which the model sees a danger, not surely enough to stop the conversation: recorded, and read by a person."""
LEAVE_SURE, LEAVE_SEEN, LEAVE_DOUBTED, LEAVE_CONTRADICTED = 0.7, 0.45, 0.3, 0.1
"""The same for leaving: from the first on the model decides before other acts are looked for, from the second on before an answer;
below the third what a pattern says is asked about, below the last it is contradicted."""
_STOCK = lexicon.YES | lexicon.NO | lexicon.NONE | lexicon.ALL | lexicon.OTHER
"""Answers in a word or two: the model alone makes nothing else of them («quiero participar», «pienso que sí»)."""
MODEL = "model"
LONGEST_ACT = 12
"""In a text of more words, an open answer is distinguished from talk only by safety and leaving."""
LONGEST_TALK = 48
"""A message of more words is a story: only safety, leaving and machines are looked for in it."""
_LABELLED = ("label", "alias")
_IN_OTHER_WORDS = ("synonym", "paraphrase")
_SHORT, _FEW = 2, 3
_HARDLY = frozenset(
    ("si", "no", "io", "ia", "ok", "oka", "okei", "ba", "sale", "bale", "pero", "pues", "i", "bueno", "tambien", "oiga")
)
"""Words that lead in: what follows says what the message does."""


@dataclass(frozen=True, slots=True)
class _Message:
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
        return self.kind is not None and is_open(self.kind)

    @property
    def parsed(self) -> Parsed | None:
        return self.outcome if isinstance(self.outcome, Parsed) else None

    @property
    def is_labelled(self) -> bool:
        """Whether the message is an option's own wording, which the author chose."""
        found = self.parsed
        if found is None or found.rule not in _LABELLED or found.score < 1.0:
            return False
        return found.rule == "alias" or self.folded.words == _label(found.label)

    @property
    def is_brief(self) -> bool:
        """Whether the message is one word or a stock answer: too little for the model alone («más», «arma»)."""
        return len(self.core.words) <= 1 or self.folded.words in _STOCK

    def names(self, words: int) -> bool:
        """Whether the message names an option in so few words: «auxilio» for «Auxilio o queja»."""
        return self.parsed is not None and len(self.line.words) <= words


@lru_cache(maxsize=2000)
def _label(label: str) -> tuple[str, ...]:
    return phrase(label)


_CLEAR, _UNLESS_ASKED = Patterns(leaving.CLEAR), Patterns(leaving.CLEAR_UNLESS_ASKED)
_PERHAPS = Patterns(leaving.PERHAPS)
_COURTESY = Patterns(talk.COURTESY)
_GREETINGS, _ACKS = Patterns(talk.GREETINGS), Patterns(talk.ACKS)
_DEFERRALS, _BARE = Patterns(talk.DEFERRALS), Patterns(talk.BARE_DEFERRALS)
_COURTESIES, _SENDS_FOR = Patterns(talk.COURTESIES), Patterns(talk.SENDS_FOR)
_QUESTIONS, _ASKED_BACK = Patterns(remarks.QUESTIONS), Patterns(remarks.ASKED_BACK)
_AUTO_REPLIES = Patterns(remarks.AUTO_REPLIES)
_REMARKS = (
    (ActKind.auto_reply, _AUTO_REPLIES),
    (ActKind.about_message, Patterns(remarks.NUMBER_DENIED)),
    (ActKind.about_message, Patterns(remarks.ABOUT_MESSAGE)),
    (ActKind.refusal, Patterns(remarks.REFUSALS)),
    (ActKind.complaint, Patterns(remarks.COMPLAINTS)),
)
_CORRECTIONS = Patterns(remarks.CORRECTIONS)


def act_of(
    text: str,
    outcome: Reading | None = None,
    *,
    kind: AnswerKind | None = None,
    purpose: Purpose = Purpose.fact,
    extra: Extra = NO_EXTRA,
) -> Act:
    """The act of a message. `outcome` is the reading of the open question, of which `kind` is the kind of answer and `purpose`
    what it is for; without them no question is open."""
    return (_short_act if len(text) <= _OFTEN_SENT else _act)(text[:LONGEST], outcome, kind, purpose, extra)


def _act(text: str, outcome: Reading | None, kind: AnswerKind | None, purpose: Purpose, extra: Extra) -> Act:
    folded = fold(text)
    line = line_of(folded)
    core = _without_courtesy(line) if len(line.words) <= LONGEST_TALK else line
    message = _Message(folded, line, core, _without_lead(core), outcome, kind, purpose)
    return (
        _danger(message, extra)
        or _leaving(message, text, extra)
        or _talk(message)
        or _wish(message, LEAVE_SURE if message.is_open else LEAVE_SEEN)
        or _answer(message)
    )


_short_act = lru_cache(maxsize=2048)(_act)
"""Most replies are the same few words: «sí», «2», an option's label."""
_OFTEN_SENT = 60


def _danger(message: _Message, extra: Extra) -> Act | None:
    """Safety is looked for in every message: by the programme's patterns, by the default ones where the model does not
    contradict, and by the model. An open answer that tells of work is a serious incident by no default pattern if a civilian
    did it, and neither a crisis nor a serious incident by the model alone."""
    line = undenied(message.line)
    for kind, own, default in (
        (ActKind.crisis, extra.crisis, crisis_in),
        (ActKind.serious, extra.serious, serious_in),
    ):
        if (patterns := _compiled(own)) is not None and (said := patterns.first_in(line)):
            return _named(kind, said.pattern)
        is_work = kind is ActKind.serious and message.is_open and is_by_civilian(line)
        found = None if message.names(1) or is_work else default(line)
        least = DOUBTED_AT_WORK if message.is_open and kind is ActKind.serious else CONTRADICTED
        if found is not None and ((shares := shares_of(line)).danger >= least or _is_whole(found)):
            return _named(ActKind.crisis if shares.crisis >= SURELY_SEEN else kind, found)
    if message.names(2) or message.is_brief:
        return None
    shares = shares_of(line)
    is_crisis = shares.crisis >= shares.serious
    if shares.danger < _least(message, is_crisis):
        return None
    if message.is_open and tells_of_work(line):
        return None
    return _named(ActKind.crisis if is_crisis else ActKind.serious, MODEL)


def _least(message: _Message, is_crisis: bool) -> float:
    """From which share on the model alone names a danger."""
    if message.is_open:
        return CRISIS_AT_WORK if is_crisis else SURELY_SEEN
    return CRISIS_SEEN if is_crisis and len(message.line.words) > _SHORT else SERIOUS_SEEN


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> Patterns | None:
    return Patterns(patterns) if patterns else None


# -- leaving ------------------------------------------------------------------------------------------------------------


def _leaving(message: _Message, text: str, extra: Extra) -> Act | None:
    if (word := keyword(text)) is not None and word.name is Name.BAJA:
        return Act(ActKind.leave, "leave: keyword")
    if message.is_labelled:
        return None
    if (own := _compiled(extra.leave)) is not None and (found := _first(own, *_views(message))):
        return _named(ActKind.leave if _is_short(message) else ActKind.leave_maybe, found.pattern)
    asked = message.purpose is not Purpose.fact
    for patterns in (_CLEAR, None if asked else _UNLESS_ASKED):
        if patterns is None or not (found := _first(patterns, *_views(message))):
            continue
        shares = message.shares
        if shares.leave + shares.perhaps >= LEAVE_CONTRADICTED:
            clear = _is_whole(found.pattern) or (shares.leave >= LEAVE_DOUBTED and _is_short(message))
            return _named(ActKind.leave if clear else ActKind.leave_maybe, found.pattern)
    if asked and message.parsed is not None:
        return None
    if found := _PERHAPS.first_in(message.core):
        clear = message.shares.leave >= LEAVE_SURE and len(message.core.words) > _FEW and _is_short(message)
        return _named(ActKind.leave if clear else ActKind.leave_maybe, found.pattern)
    wish = _wish(message, LEAVE_SURE)
    return wish if wish is not None and message.shares.leave >= LEAVE_SURE else None


def _is_whole(pattern: str) -> bool:
    """Whether a pattern is a whole message: nothing else in it can mean another thing."""
    return pattern.startswith("^") and pattern.endswith("$")


def _wish(message: _Message, least: float) -> Act | None:
    """A wish to leave that the model sees, from a share on."""
    asked = message.purpose is not Purpose.fact
    if message.names(2) or message.is_brief or message.is_labelled or (asked and message.parsed is not None):
        return None
    shares = message.shares
    if shares.leave + shares.perhaps < least or _AUTO_REPLIES.first_in(message.line):
        return None
    return _named(ActKind.leave if shares.leave >= LEAVE_SEEN and _is_short(message) else ActKind.leave_maybe, MODEL)


def _views(message: _Message) -> tuple[Line, ...]:
    """The message without courtesy, without what leads in too, and as it is; each once."""
    if message.core.words == message.line.words:
        return (message.line,) if message.rest.words == message.core.words else (message.line, message.rest)
    return (message.core, message.rest, message.line)


def _first(patterns: Patterns, *lines: Line) -> Match | None:
    return next((found for line in lines if (found := patterns.first_in(line))), None)


def _is_short(message: _Message) -> bool:
    """In a long story the words of leaving may be about something else: it is asked about."""
    return len(message.line.words) <= 2 * LONGEST_ACT


# -- everything that is no answer ---------------------------------------------------------------------------------------


def _talk(message: _Message) -> Act | None:
    """Talk, questions and remarks; None if the message may be an answer."""
    if not message.line.words:
        return Act(ActKind.question, "question: sign") if message.folded.has("?") and not message.is_open else None
    if message.is_labelled:
        return None
    if len(message.line.words) > (LONGEST_ACT if message.is_open else LONGEST_TALK):
        found = _AUTO_REPLIES.first_in(message.line)
        return _named(ActKind.auto_reply, found.pattern) if found and found.start < LONGEST_ACT else None
    return (
        _greeting(message)
        or _correction(message)
        or _remark(message)
        or _question(message)
        or _deferral(message)
        or _acknowledgement(message)
    )


def _correction(message: _Message) -> Act | None:
    found = _CORRECTIONS.first_in(message.core) or _CORRECTIONS.first_in(message.line)
    if found is None or (message.is_open and found.start):
        return None
    if message.parsed is not None and (message.parsed.rule in _IN_OTHER_WORDS or missing_code(message.folded)):
        return None  # «era peligroso», «no era el caso»
    return _named(ActKind.correction, found.pattern)


def _remark(message: _Message) -> Act | None:
    for kind, patterns in _REMARKS:
        found = patterns.first_in(message.line if kind is ActKind.auto_reply else message.core)
        if found is None:
            continue
        if kind is ActKind.refusal and _is_missing(message):
            return None
        if kind is not ActKind.auto_reply and not _says_it(message, message.core, found):
            continue
        return _named(kind, found.pattern)
    return None


def _says_it(message: _Message, line: Line, found: Match) -> bool:
    """Whether a pattern says what a message does, and is no detail of an answer."""
    if message.is_open:
        return _covers(line, found)
    return message.parsed is None or _leads_to(line, found.start)


def _covers(line: Line, found: Match) -> bool:
    """Whether a pattern is most of a message: what answers an open question says more."""
    return 2 * (found.end - found.start) >= len(line.words)


def _is_missing(message: _Message) -> bool:
    """Whether the question allows what was said as a missing code: then it is an answer."""
    return message.parsed is not None and message.parsed.missing is not None


def _leads_to(line: Line, start: int) -> bool:
    """Whether only words that lead in come before a place."""
    return all(word in _HARDLY for word in line.words[:start])


def _question(message: _Message) -> Act | None:
    if _is_missing(message):
        return None
    found = _QUESTIONS.first_in(message.core) or _QUESTIONS.first_in(_asking(message))
    sure = found is not None and (not message.is_open or message.folded.has("?") or _covers(message.core, found))
    if found and sure and (message.parsed is None or message.is_open or found.start == 0):
        return _named(ActKind.question, found.pattern)
    if found := _ASKED_BACK.first_in(message.core):
        return _named(ActKind.question, found.pattern) if message.parsed is None or message.is_open else None
    if message.folded.has("?") and message.parsed is None:
        return Act(ActKind.question, "question: sign")
    return None


def _asking(message: _Message) -> Line:
    """What follows a «no» or «sí»; «no por que …» is a reason."""
    return _NOTHING if message.rest.words[:1] == ("por",) else message.rest


def _deferral(message: _Message) -> Act | None:
    if message.kind in (AnswerKind.date, AnswerKind.time) and message.parsed is not None:
        return None
    for line in (message.core, message.rest):
        if found := _DEFERRALS.first_in(line):
            if not _says_it(message, line, found):
                continue
            return _named(ActKind.deferral, found.pattern)
        if message.parsed is None and message.kind is not AnswerKind.time and (found := _BARE.first_in(line)):
            return _named(ActKind.deferral, found.pattern)
    return None


def _greeting(message: _Message) -> Act | None:
    found = _GREETINGS.first_in(message.line) or _GREETINGS.first_in(_unjoined(message))
    return _named(ActKind.greeting, found.pattern) if found else None


def _acknowledgement(message: _Message) -> Act | None:
    """Whole messages that say no more than «ok» or «gracias»."""
    line, core = message.line, message.core
    courtesies = (_COURTESIES, _SENDS_FOR) if message.purpose is Purpose.fact else (_COURTESIES,)
    found = next((found for patterns in courtesies if (found := patterns.first_in(line))), None)
    if found is not None and not _answers_first(message):
        return _named(ActKind.ack, found.pattern)
    if not _is_accepted(message) and (found := _ACKS.first_in(line) or _ACKS.first_in(core)):
        return _named(ActKind.ack, found.pattern)
    if not core.words and (message.parsed is None or message.is_open):
        return Act(ActKind.greeting if _GREETS.first_in(line) else ActKind.ack, "courtesy")
    return None


def _answers_first(message: _Message) -> bool:
    """«igual, gracias» answers with an option's own word and thanks; «gracias, igual» and «igual gracias» return a wish."""
    found, line = message.parsed, message.line
    return found is not None and 0 in line.breaks and message.folded.words[:1] == _label(found.label)


def _is_accepted(message: _Message) -> bool:
    """Whether an «ok» answers: an invitation, a request for consent, or by an option that is worded like it."""
    found = message.parsed
    if found is None or message.is_open:
        return False
    return message.purpose is not Purpose.fact or found.rule != "lexicon"


_GREETS = Patterns(
    (
        "(hola|ola|saludos|buen dia|buenos dias|buenas|buenas tardes|buenas noches|que tal|buena tarde|buena noche|buenos)",
    )
)
_PICKS_UP = Patterns(
    (
        "^ si (hola|bueno|alo|diga|digame|mande|buenas tardes|buenas noches|buenos dias|buen dia|buena tarde|buena noche|buenas) (digame|diga|a sus ordenes|quien habla|que tal|mande)? $",
    )
)


def _unjoined(message: _Message) -> Line:
    """«sí buenas tardes» picks up a telephone; «sí, buenas tardes» answers and greets."""
    if message.purpose is Purpose.fact and 0 not in message.line.breaks and _PICKS_UP.first_in(message.line):
        return _PICKED_UP
    return _NOTHING


_NOTHING = line_of(fold(""))
_PICKED_UP = line_of(fold("hola"))


# -- answers ------------------------------------------------------------------------------------------------------------


def _answer(message: _Message) -> Act:
    found = message.parsed
    if found is None:
        code = missing_code(message.folded)
        return Act(ActKind.refusal, "refusal: missing") if code == "r" else Act(ActKind.other, "unread")
    if (
        message.purpose is Purpose.consent
        and found.key != "no"
        and not message.is_labelled
        and not is_plain_yes(message.folded)
    ):
        return NOT_PLAIN
    if message.purpose is Purpose.fact and found.rule == "lexicon" and _agrees_only(message.folded.words):
        return ONLY_AGREES
    if message.is_open and message.shares.danger >= PERHAPS_SEEN:
        return PERHAPS_DANGER
    return Act(ActKind.answer, found.rule)


_AGREES = frozenset(map(heard, AGREEMENT | {word for words in AGREEMENTS for word in words}))
_AFFIRMS = frozenset([heard(words[0]) for words in YES | NO if len(words) == 1]) - _AGREES | {heard("asi")}


def only_agrees(text: str) -> bool:
    """Whether a message is an agreement («ok», «sale»), with no word that affirms or denies."""
    return _agrees_only(fold(text[:LONGEST]).words)


def _agrees_only(words: tuple[str, ...]) -> bool:
    """«ok, más al rato», «sale, buen turno»: an agreement, and no word that affirms or denies."""
    said = {heard(word) for word in words}
    return not said.isdisjoint(_AGREES) and said.isdisjoint(_AFFIRMS)


def _named(kind: ActKind, pattern: str) -> Act:
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
    """What follows a «no», «sí», «ok» that leads in («no, al rato»)."""
    start = 0
    while start < len(line.words) - 1 and line.words[start] in _HARDLY and start < 3:
        start += 1
    return line.part(start, len(line.words))
