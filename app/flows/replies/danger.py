"""A danger in a message: a crisis of its writer or a serious incident, by the programme's patterns, the default ones and the model."""

from app.flows.replies.message import MODEL, Act, ActKind, Extra, Message, compiled, is_whole, named
from app.flows.replies.model import shares_of
from app.flows.replies.patterns import Line
from app.flows.replies.safety import crisis_in, is_by_civilian, is_over, literal, serious_in, tells_of_work, undenied

CRISIS_SEEN, SERIOUS_SEEN = 0.4, 0.4
"""From these shares of a danger on the model alone names a crisis or a serious incident."""
CONTRADICTED = {ActKind.crisis: 0.3, ActKind.serious: 0.4}
"""Below these shares of a danger the model contradicts the default patterns."""
OVER = 0.9
"""From this share on patterns and model name what seems to be over, or of the screen."""
CRISIS_AT_WORK, SURELY_SEEN, DOUBTED_AT_WORK, PERHAPS_SEEN = 0.6, 0.7, 0.5, 0.35
"""The same for an open answer, which tells of work; the third is for patterns of a serious incident. From the last on a person reads
the answer."""
PERHAPS_DANGER = Act(ActKind.answer, "text: perhaps danger")
"""An open answer in which the model sees a danger, not surely enough to stop the conversation: recorded, and read by a person."""
_SHORT = 2
WHOLLY_READ = 0.95
"""From this score on every word of a message is an answer."""


def danger_of(message: Message, extra: Extra) -> Act | None:
    """Safety is looked for in every message: by the programme's patterns, by the default ones where the model does not
    contradict, and by the model. An open answer that tells of work is a serious incident by no default pattern if a civilian
    did it, and neither a crisis nor a serious incident by the model alone. An option in its own wording is an answer first:
    its author chose the words («Auxilio»)."""
    if message.is_labelled:
        return None
    line = undenied(message.line)
    for kind, own, default in (
        (ActKind.crisis, extra.crisis, crisis_in),
        (ActKind.serious, extra.serious, serious_in),
    ):
        if (patterns := compiled(own)) is not None and (said := patterns.first_in(line)):
            return named(kind, said.pattern)
        is_work = kind is ActKind.serious and message.is_open and is_by_civilian(line)
        found = None if message.names(1) or is_work else default(line)
        if found is None:
            continue
        shares = shares_of(line)
        if is_whole(found) or shares.danger >= _least_beside_pattern(message, line, kind):
            return named(ActKind.crisis if shares.crisis >= SURELY_SEEN else kind, found)
    if message.names(2) or message.is_brief:
        return None
    shares = shares_of(literal(line))
    is_crisis = shares.crisis >= shares.serious
    if shares.danger < _least(message, is_crisis) or (shares.danger < OVER and is_over(line)):
        return None
    if message.is_open and tells_of_work(line):
        return None
    return named(ActKind.crisis if is_crisis else ActKind.serious, MODEL)


def _least_beside_pattern(message: Message, line: Line, kind: ActKind) -> float:
    """Below which share the model contradicts a pattern."""
    if is_over(line):
        return OVER
    return DOUBTED_AT_WORK if message.is_open and kind is ActKind.serious else CONTRADICTED[kind]


def _least(message: Message, is_crisis: bool) -> float:
    """From which share on the model alone names a danger."""
    if message.parsed is not None and message.parsed.rule == "multi" and message.parsed.score >= WHOLLY_READ:
        return SURELY_SEEN  # «mi radio, mi chaleco y la cámara» is a list
    if message.is_open:
        return CRISIS_AT_WORK if is_crisis else SURELY_SEEN
    return CRISIS_SEEN if is_crisis and len(message.line.words) > _SHORT else SERIOUS_SEEN
