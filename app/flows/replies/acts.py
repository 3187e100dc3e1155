"""The act of an officer's message, named before any of it may be taken as an answer.

Safety comes first, whatever is asked; then a wish to leave; then everything else. A message is an answer only if the reader
explains the whole of it. The same text always gives the same act, with the rule that found it. Linear in the length of the
text; no text raises.
"""

from functools import lru_cache

from app.flows.replies import remarks, talk, wishes
from app.flows.replies.consent import is_plain_yes
from app.flows.replies.danger import PERHAPS_DANGER, PERHAPS_SEEN, danger_of
from app.flows.replies.fold import LONGEST, fold
from app.flows.replies.forms import AnswerKind, Reading
from app.flows.replies.lexicon import AGREEMENT, AGREEMENTS, NO, NODS, POLITE, YES
from app.flows.replies.message import (
    AUTO_REPLIES,
    LEADING,
    LONGEST_ACT,
    LONGEST_TALK,
    NO_EXTRA,
    Act,
    ActKind,
    Extra,
    Message,
    Purpose,
    label_words,
    message_of,
    named,
)
from app.flows.replies.missing import missing_code
from app.flows.replies.patterns import Line, Match, Patterns, heard, line_of

NOT_PLAIN = Act(ActKind.other, "consent: not plain")
"""A yes to a request for consent with more words than a plain one has."""
ONLY_AGREES = Act(ActKind.ack, "ack: agrees")
"""An «ok» where it is no answer."""
ONLY_THANKS = Act(ActKind.ack, "ack: thanks")
"""An «ok» with thanks to a request for consent: it may be no more than that it was received."""
_IN_OTHER_WORDS = ("synonym", "paraphrase")
_GREETINGS, _ACKS = Patterns(talk.GREETINGS), Patterns(talk.ACKS)
_DEFERRALS, _BARE = Patterns(talk.DEFERRALS), Patterns(talk.BARE_DEFERRALS)
_FOR_NOW = frozenset(
    map(heard, ("por", "ahora", "ahorita", "orita", "no", "de", "el", "momento", "este", "pronto", "hoy"))
)
_WEARY, _PROMISES = Patterns(talk.WEARY), Patterns(talk.PROMISES)
_UNDECIDED = Patterns(talk.UNDECIDED)
_COURTESIES, _SENDS_FOR = Patterns(talk.COURTESIES), Patterns(talk.SENDS_FOR)
_QUESTIONS, _ASKED_BACK = Patterns(remarks.QUESTIONS), Patterns(remarks.ASKED_BACK)
_REMARKS = (
    (ActKind.auto_reply, AUTO_REPLIES),
    (ActKind.about_message, Patterns(remarks.NUMBER_DENIED)),
    (ActKind.about_message, Patterns(remarks.ABOUT_MESSAGE)),
    (ActKind.refusal, Patterns(remarks.REFUSALS)),
    (ActKind.complaint, Patterns(remarks.COMPLAINTS)),
)
_RETURNED = Patterns(talk.RETURNED)
_SUPPOSES, _WHICH = Patterns(("^ y si no",)), Patterns(remarks.WHICH)
_CORRECTIONS, _CORRECT_ME = Patterns(remarks.CORRECTIONS), Patterns(remarks.CORRECT_ME)


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
    message = message_of(text, outcome, kind, purpose)
    return (
        danger_of(message, extra)
        or wishes.wish_to_leave(message, text, extra)
        or _talk(message)
        or wishes.wish(message, wishes.SURE if message.is_open else wishes.SEEN)
        or _answer(message)
    )


_short_act = lru_cache(maxsize=2048)(_act)
"""Most replies are the same few words: «sí», «2», an option's label."""
_OFTEN_SENT = 60


# -- everything that is no answer ---------------------------------------------------------------------------------------


def _talk(message: Message) -> Act | None:
    """Talk, questions and remarks; None if the message may be an answer."""
    if not message.line.words:
        return Act(ActKind.question, "question: sign") if message.folded.has("?") and not message.is_open else None
    if message.is_labelled:
        return None
    if len(message.line.words) > (LONGEST_ACT if message.is_open else LONGEST_TALK):
        found = AUTO_REPLIES.first_in(message.line)
        return named(ActKind.auto_reply, found.pattern) if found and found.start < LONGEST_ACT else None
    return (
        _greeting(message)
        or _correction(message)
        or _remark(message)
        or _question(message)
        or _deferral(message)
        or _acknowledgement(message)
    )


def _correction(message: Message) -> Act | None:
    if not message.is_open and (asked := _CORRECT_ME.first_in(message.line)):
        return named(ActKind.correction, asked.pattern)
    found = _CORRECTIONS.first_in(message.core) or _CORRECTIONS.first_in(message.line)
    if found is None or (message.is_open and found.start):
        return None
    if message.parsed is not None and (message.parsed.rule in _IN_OTHER_WORDS or _is_not_applicable(message)):
        return None  # «era peligroso», «no era el caso»
    return named(ActKind.correction, found.pattern)


def _is_not_applicable(message: Message) -> bool:
    """«no era necesario, nomás di una dirección»: the option, or the code, of what did not apply."""
    found = message.parsed
    polar = found is not None and (found.key in ("si", "no") or found.rule != "lexicon")
    return missing_code(message.folded) is not None or not polar


def _remark(message: Message) -> Act | None:
    for kind, patterns in _REMARKS:
        line = message.line if kind is ActKind.auto_reply or not patterns.first_in(message.core) else message.core
        found = patterns.first_in(line)
        if found is None:
            continue
        if kind is ActKind.refusal and (_is_missing(message) or _is_declined(message)):
            return None
        if kind is ActKind.about_message and (_is_missing(message) or _enters(message)):
            return None  # «no vi la hora», «entro a las dos y media de la tarde»
        if kind is not ActKind.auto_reply and not _says_it(message, line, found):
            continue
        return named(kind, found.pattern)
    return None


def _enters(message: Message) -> bool:
    """Whether an hour is that of a turn («entro a las dos»), and not that at which a message came in."""
    return message.kind is AnswerKind.time and message.parsed is not None and message.line.words[:1] == ("entro",)


def _is_declined(message: Message) -> bool:
    """«paso, gracias» to an invitation is its no, as «prefiero no participar» is to a request for consent."""
    found = message.parsed
    if found is None or found.key != "no":
        return False
    return message.purpose is Purpose.consent or (message.purpose is Purpose.invitation and found.rule == "paraphrase")


def _is_no_for_now(message: Message) -> bool:
    """«por ahora no», and nothing of later."""
    return message.parsed is not None and message.parsed.key == "no" and _FOR_NOW.issuperset(message.core.words)


def _says_it(message: Message, line: Line, found: Match) -> bool:
    """Whether a pattern says what a message does, and is no detail of an answer."""
    if message.is_open:
        return _covers(line, found)
    return message.parsed is None or _leads_to(line, found.start)


def _covers(line: Line, found: Match) -> bool:
    """Whether a pattern is most of a message: what answers an open question says more."""
    return 2 * (found.end - found.start) >= len(line.words)


def _is_missing(message: Message) -> bool:
    """Whether the question allows what was said as a missing code: then it is an answer."""
    return message.parsed is not None and message.parsed.missing is not None


def _leads_to(line: Line, start: int) -> bool:
    """Whether only words that lead in come before a place."""
    return all(word in LEADING for word in line.words[:start])


def _question(message: Message) -> Act | None:
    if _is_missing(message) and not _SUPPOSES.first_in(message.line):
        return None
    if message.kind is not None and (found := _WHICH.first_in(message.line)):
        return named(ActKind.question, found.pattern)
    found = _QUESTIONS.first_in(message.core) or _QUESTIONS.first_in(_asking(message))
    sure = found is not None and (not message.is_open or message.folded.has("?") or _covers(message.core, found))
    if found and sure and (message.parsed is None or message.is_open or found.start == 0):
        return named(ActKind.question, found.pattern)
    if found := _ASKED_BACK.first_in(message.core):
        return named(ActKind.question, found.pattern) if message.parsed is None or message.is_open else None
    if message.folded.has("?") and message.parsed is None:
        return Act(ActKind.question, "question: sign")
    return None


def _asking(message: Message) -> Line:
    """The words after a «no» or «sí»; «no por que …» is a reason."""
    return _NOTHING if message.rest.words[:1] == ("por",) else message.rest


def _deferral(message: Message) -> Act | None:
    if message.kind in (AnswerKind.date, AnswerKind.time) and message.parsed is not None:
        promised = _PROMISES.first_in(message.line)  # «hoy en la noche le contesto» tells no date of a turn
        return named(ActKind.deferral, promised.pattern) if promised and promised.start <= 1 else None
    if message.purpose is not Purpose.fact and (found := _UNDECIDED.first_in(message.line)):
        return named(ActKind.deferral, found.pattern)
    if _is_declined(message) or (message.purpose is Purpose.invitation and _is_no_for_now(message)):
        return None
    if found := _WEARY.first_in(message.line) or (None if message.is_open else _PROMISES.first_in(message.line)):
        return named(ActKind.deferral, found.pattern)
    for line in (message.core, message.rest):
        if any_found := _DEFERRALS.all_in(line):
            found = next((one for one in any_found if _says_it(message, line, one) or _is_half_read(message)), None)
            if found is None:
                continue
            return named(ActKind.deferral, found.pattern)
        if message.parsed is None and message.kind is not AnswerKind.time and (found := _BARE.first_in(line)):
            return named(ActKind.deferral, found.pattern)
    return None


def _is_half_read(message: Message) -> bool:
    """«mejor al rato»: an option's word with something behind it, beside the words of a deferral."""
    found = message.parsed
    return found is not None and found.rule == "label" and found.score < _HALF_READ


_HALF_READ = 0.85


def _greeting(message: Message) -> Act | None:
    if _bids(message):
        return None
    found = _GREETINGS.first_in(message.line) or _GREETINGS.first_in(_unjoined(message))
    return named(ActKind.greeting, found.pattern) if found else None


def _acknowledgement(message: Message) -> Act | None:
    """Whole messages that say no more than «ok» or «gracias»."""
    line, core = message.line, message.core
    if found := _RETURNED.first_in(line):
        return named(ActKind.ack, found.pattern)
    courtesies = (_COURTESIES, _SENDS_FOR) if message.purpose is Purpose.fact else (_COURTESIES,)
    found = next((found for patterns in courtesies if (found := patterns.first_in(line))), None)
    if found is not None and not _answers_first(message):
        return named(ActKind.ack, found.pattern)
    if message.purpose is Purpose.consent and _only_thanks(message):
        return ONLY_THANKS
    if not _is_accepted(message) and (found := _ACKS.first_in(line) or _ACKS.first_in(core)):
        return named(ActKind.ack, found.pattern)
    if not core.words and (message.parsed is None or message.is_open):
        return Act(ActKind.greeting if _GREETS.first_in(line) else ActKind.ack, "courtesy")
    return None


def _only_thanks(message: Message) -> bool:
    """«ok gracias», «va, muchas gracias jefe»: a nod, thanks and courtesy."""
    found, words = message.parsed, message.folded.words
    if found is None or found.rule != "lexicon" or _THANKS.isdisjoint(words) or NODS.isdisjoint(words):
        return False
    return all(word in NODS or word in _THANKS or (word,) in POLITE for word in words)


_THANKS = frozenset(("gracias", "muchas", "mil"))


def _answers_first(message: Message) -> bool:
    """«igual, gracias» answers with an option's own word and thanks; «gracias, igual» and «igual gracias» return a wish."""
    found, line = message.parsed, message.line
    return found is not None and 0 in line.breaks and message.folded.words[:1] == label_words(found.label)


def _is_accepted(message: Message) -> bool:
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


def _bids(message: Message) -> bool:
    """«sí, dígame» to an invitation: the yes to it."""
    found = message.parsed
    return message.purpose is Purpose.invitation and found is not None and found.key == "si"


def _unjoined(message: Message) -> Line:
    """«sí buenas tardes» picks up a telephone; «sí, buenas tardes» answers and greets."""
    if message.purpose is Purpose.fact and 0 not in message.line.breaks and _PICKS_UP.first_in(message.line):
        return _PICKED_UP
    return _NOTHING


_NOTHING = line_of(fold(""))
_PICKED_UP = line_of(fold("hola"))


# -- answers ------------------------------------------------------------------------------------------------------------


def _answer(message: Message) -> Act:
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


_ANYWHERE = frozenset(("con", "mucho", "todo", "de", "esta", "y", "que", "me"))
"""Words of an agreement that say nothing of it alone: «todo eso» is no «con todo gusto»."""
_AGREES = frozenset(map(heard, AGREEMENT | {word for words in AGREEMENTS for word in words} - _ANYWHERE))
_AFFIRMS = frozenset([heard(words[0]) for words in YES | NO if len(words) == 1]) - _AGREES | {heard("asi")}


def only_agrees(text: str) -> bool:
    """Whether a message is an agreement («ok», «sale»), with no word that affirms or denies."""
    return _agrees_only(fold(text[:LONGEST]).words)


def _agrees_only(words: tuple[str, ...]) -> bool:
    """«ok, más al rato», «sale, buen turno»: an agreement, and no word that affirms or denies."""
    said = {heard(word) for word in words}
    return not said.isdisjoint(_AGREES) and said.isdisjoint(_AFFIRMS)
