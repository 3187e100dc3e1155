"""A message after the end of a conversation, as an answer to the question that was asked last and never answered. Pure; used by the
service and by rehearsals. Consent is never given so: its question is put again."""

from datetime import datetime, timedelta
from enum import StrEnum

from app.flows.engine.asides import NOTED
from app.flows.engine.compiled import Ask, CompiledProgramme
from app.flows.engine.engine import Reply
from app.flows.replies.acts import only_agrees
from app.flows.replies.bubbles import correction
from app.flows.replies.forms import Parsed, is_open
from app.flows.replies.message import Purpose
from app.flows.replies.understanding import understand

LATE_ANSWER = "late_answer"
"""The notice that thanks for an answer without telling it back."""


class Standing(StrEnum):
    """How an answer counts: as one given while its question was open, or as a late one."""

    in_time = "in_time"
    late = "late"


def standing(
    compiled: CompiledProgramme,
    flow: str,
    ask: Ask,
    given: Reply,
    at: datetime,
    since_end: timedelta,
    *,
    is_unclear: bool,
) -> tuple[Standing, Parsed] | None:
    """The answer of a message that comes so long after the end of a conversation, which ended on replies that were not understood
    (`is_unclear`) or expired; None if it is none. As long as the question could have been open, an answer after an unclear end is in
    time, also one that says that it corrects («perdón, comercio»); after that it is late, up to the programme's limit. `at` is local.
    «ok» answers nothing: the last word was ours."""
    is_in_time = is_unclear and since_end <= compiled.flows[flow].expires
    if ask.consent is not None or not (is_in_time or since_end <= compiled.definition.late_answers):
        return None
    if ask.purpose is Purpose.invitation and only_agrees(given.text):
        return None
    found = understand(ask.reader, given.text, at, given.media, ask.purpose)
    if found.is_answer and isinstance(found.outcome, Parsed):
        return (Standing.in_time if is_in_time else Standing.late), found.outcome
    said = correction(ask.reader, given.text, at, ask.purpose) if is_in_time else None
    return None if said is None else (Standing.in_time, said)


def thanks(ask: Ask, how: Standing) -> str:
    """The notice for such an answer: in time, it is told back, but for an officer's own words."""
    return NOTED if how is Standing.in_time and not is_open(ask.form.kind) else LATE_ANSWER
