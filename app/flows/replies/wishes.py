"""A wish to leave the programme in a message: clear or perhaps, by the keyword, the patterns and the model."""

from dataclasses import replace

from app.flows.replies import leaving
from app.flows.replies.keywords import Name, keyword
from app.flows.replies.message import (
    AUTO_REPLIES,
    LONGEST_ACT,
    MODEL,
    Act,
    ActKind,
    Extra,
    Message,
    Purpose,
    compiled,
    first,
    is_whole,
    named,
)
from app.flows.replies.patterns import Line, Patterns

SURE, SEEN, DOUBTED, CONTRADICTED = 0.7, 0.45, 0.2, 0.1
"""From the first share of leaving on the model decides before other acts are looked for, from the second on before an answer; below the
third what a pattern says is asked about, below the last it is contradicted."""
_FEW = 3

_CLEAR, _UNLESS_ASKED = Patterns(leaving.CLEAR), Patterns(leaving.CLEAR_UNLESS_ASKED)
_PERHAPS, _STAYS = Patterns(leaving.PERHAPS), Patterns(leaving.STAYS)
_PUT_OFF = Patterns(
    (
        "(luego|al rato|despues|un dia|otro dia|un dia de estos|otra semana|algun dia) (si|ya)? me (salgo|retiro|doy de baja|borro)",
        "(si|por si) (luego|despues|un dia|algun dia|mas adelante|al rato|otro dia) (ya)? (me|no)",
        "(considerando|pensando|evaluando|contemplando|planteando) (en|si|si ya)? (dejar*|salir*|salgo|darme|doy|retirar*|me salgo|cancelar|abandonar)",
        "^ (maybe|quizas|quiza|tal vez|a lo mejor|chance y) (ya)? (no|me)",
    )
)
"""«mejor luego me salgo de esto», «cómo le hago si un día me quiero salir», «estoy pensando dejarlo»."""
_AGREES = Patterns(("^ (si)? (acepto|1)",))
"""«sí acepto, pero no quiero que me manden mensajes» says both."""
_SUPPOSED = Patterns(("^ (y)? (que (pasa|pasaria|sucede))? si (ya)? (me|no|le)",))
"""«¿y si me quiero salir?»"""
_REPORTED = Patterns(
    (
        "!(yo|les|le|se) _? (decia|decian|gritaba|gritaban|exigia|exigian|repetia) (que)? (ya)? (me|no|dejen*|deje*|borren*|quiten*|saquen*)",
        "!(yo|les|le|se|me|nos|mi) _ (dijo|dijeron|grito|gritaron) (ya)? (dejenme|dejeme|suelt*|no me (molest*|fastidi*|busq*))",
        "(nos|me) (dijo|dijeron|ordenaron|indicaron|pidieron) (por radio)? (que)? (ya)? no (sigan|sigamos|siguieramos|insistan|vayan|paren)",
    )
)
"""Another's words: «la señora decía ya déjenme en paz»."""


def wish_to_leave(message: Message, text: str, extra: Extra) -> Act | None:
    """The wish that the keyword, a pattern or the model surely sees; None if there is none."""
    if (word := keyword(text)) is not None and word.name is Name.BAJA:
        return Act(ActKind.leave, "leave: keyword")
    if message.is_labelled or _is_no(message):
        return None
    if (own := compiled(extra.leave)) is not None and (found := first(own, *_views(message))):
        return named(ActKind.leave if _is_short(message) else ActKind.leave_maybe, found.pattern)
    message = _leaving_only(message)
    asked = message.purpose is not Purpose.fact
    for patterns in (_CLEAR, None if asked else _UNLESS_ASKED):
        if patterns is None or not (found := first(patterns, *_views(message))):
            continue
        shares = message.shares
        if is_whole(found.pattern) or shares.leave + shares.perhaps >= CONTRADICTED:
            is_seen = shares.leave >= (DOUBTED if _is_short(message) else SURE) and not _REPORTED.first_in(message.line)
            clear = is_whole(found.pattern) or is_seen
            clear = clear and not (message.folded.has("?") and _SUPPOSED.first_in(message.line))
            return _wish(message, found.pattern, clear=clear)
    if asked and message.parsed is not None:
        return None
    if found := _PERHAPS.first_in(message.core):
        clear = message.shares.leave >= SURE and len(message.core.words) > _FEW and _is_short(message)
        return _wish(message, found.pattern, clear=clear)
    seen = wish(message, SURE)
    return seen if seen is not None and message.shares.leave >= SURE else None


def wish(message: Message, least: float) -> Act | None:
    """A wish to leave that the model sees, from a share on."""
    message = _leaving_only(message)
    asked = message.purpose is not Purpose.fact
    if message.names(2) or message.is_brief or message.is_labelled or (asked and message.parsed is not None):
        return None
    shares = message.shares
    if shares.leave + shares.perhaps < least or AUTO_REPLIES.first_in(message.line):
        return None
    if message.parsed is not None and _REPORTED.first_in(message.line):
        return None
    return _wish(message, MODEL, clear=shares.leave >= SEEN and _is_short(message))


def _wish(message: Message, pattern: str, *, clear: bool) -> Act:
    """A wish to leave, which is asked about if it is not clear, or not decided."""
    return named(ActKind.leave if clear and not _is_undecided(message) else ActKind.leave_maybe, pattern)


def _is_undecided(message: Message) -> bool:
    """Whether a wish to leave is put off, or stands beside a yes to a request for consent."""
    if _PUT_OFF.first_in(message.line):
        return True
    return message.purpose is Purpose.consent and _AGREES.first_in(message.line) is not None


def _leaving_only(message: Message) -> Message:
    """The message without what says that its writer stays: «no me den de baja, ando sin señal»."""
    line = _STAYS.without(message.line)
    return message if line is message.line else replace(message, line=line, core=line, rest=line)


def _is_no(message: Message) -> bool:
    """«prefiero no participar» declines a request for consent."""
    return message.purpose is Purpose.consent and message.parsed is not None and message.parsed.key == "no"


def _views(message: Message) -> tuple[Line, ...]:
    """The message without courtesy, without what leads in too, and as it is; each once."""
    if message.core.words == message.line.words:
        return (message.line,) if message.rest.words == message.core.words else (message.line, message.rest)
    return (message.core, message.rest, message.line)


def _is_short(message: Message) -> bool:
    """In a long story the words of leaving may be about something else: it is asked about, unless the model is sure too."""
    return len(message.line.words) <= 2 * LONGEST_ACT
