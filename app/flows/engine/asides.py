"""The reply to a message that is no attempt to answer: one notice for each act, and whether a person should look. Used by the
engine, and by the service and rehearsals where no question is open. Owns no text."""

from datetime import timedelta

from app.flows.replies.acts import NOT_PLAIN
from app.flows.replies.message import Act, ActKind
from app.flows.replies.remarks import PUZZLED
from app.flows.replies.topics import Topic, topic_of
from app.flows.replies.understanding import BOUND, UNHEARD

TOLD_AGAIN = timedelta(hours=12)
"""The same notice is not given again in this time: nobody wants to be greeted five times, and two machines must not talk in a
loop."""

DANGER_TOLD_AGAIN = timedelta(hours=1)
"""The text of support, and the acknowledgement of a serious incident, each go to an officer once in this time, however many
messages there are."""

NOT_FREE = "not_free"
"""The notice for a consent with an order, coercion or a condition."""
HOW_TO_LEAVE, STILL_OPEN, NOTED, GO_BACK = "how_to_leave", "still_open", "noted", "go_back"
"""Notices that stand beside another text."""
UNCLEAR_END = "unclear_end"
"""The notice for a conversation that would end without a word on a reply that was not understood."""
OFFER_OPTION, OFFER_NUMBER, OFFER_TIME = "offer_option", "offer_number", "offer_time"
"""Notices that ask whether one reading was meant."""

_TOPICS = {
    Topic.who: "question_who",
    Topic.number: "question_number",
    Topic.voluntary: "question_voluntary",
    Topic.privacy: "question_privacy",
    Topic.purpose: "question_purpose",
}
REPEATING = frozenset(("greeting", "acknowledged", "question", "refused", "unread", "unheard", *_TOPICS.values()))
"""Notices after which the officer is reminded of the open question."""


LEAVE_MAYBE = "leave_maybe"
"""Asks whether the officer wants to leave."""
YES_TO_LEAVING = Act(ActKind.leave_maybe, "leave_maybe: yes")
"""A bare yes to `LEAVE_MAYBE`, which is no answer to the question above it."""


def is_reminded(name: str, act: Act) -> bool:
    """Whether the open question stands below a notice: after talk, for an officer who has not understood it, and after a yes that may
    have been meant for another question of ours."""
    return name in REPEATING or act == YES_TO_LEAVING or (act.kind is ActKind.about_message and act.rule in _PUZZLED)


_PUZZLED = frozenset([f"{ActKind.about_message}: {pattern}" for pattern in PUZZLED])

_NOTICES: dict[ActKind, str | None] = {
    ActKind.answer: None,
    ActKind.greeting: "greeting",
    ActKind.ack: "acknowledged",
    ActKind.deferral: "deferred",
    ActKind.question: "question",
    ActKind.leave: None,
    ActKind.leave_maybe: LEAVE_MAYBE,
    ActKind.refusal: "refused",
    ActKind.about_message: "about_message",
    ActKind.complaint: "complaint",
    ActKind.correction: "correction",
    ActKind.auto_reply: None,
    ActKind.serious: None,
    ActKind.crisis: None,
    ActKind.other: "unread",
}


def notice_of(act: Act, text: str) -> str | None:
    """The notice that answers a message; None where nothing is said, or what is said is not for the engine to decide: a crisis, a
    serious incident, a clear wish to leave."""
    if act.kind is ActKind.question:
        return _about(text) or _NOTICES[act.kind]
    if act in (BOUND, NOT_PLAIN):
        return _about(text) or NOT_FREE
    if act == UNHEARD:
        return "unheard"
    if act == YES_TO_LEAVING:
        return HOW_TO_LEAVE
    return _NOTICES[act.kind]


def unasked(act: Act | None, text: str) -> tuple[str | None, bool]:
    """The notice that answers a message while no question is open, and whether a person should look. Thanks, an «ok» and an automatic
    reply need neither."""
    match act.kind if act else None:
        case ActKind.ack | ActKind.auto_reply:
            return None, False
        case ActKind.greeting | ActKind.deferral:
            return "nothing_open", False
        case ActKind.question | ActKind.leave_maybe | ActKind.complaint | ActKind.about_message if act:
            name = notice_of(act, text)
            return name, needs_person(act) or name == _NOTICES[ActKind.question]
        case _:
            return "nothing_open", True


def _about(text: str) -> str | None:
    topic = topic_of(text)
    return None if topic is None else _TOPICS[topic]


def needs_person(act: Act) -> bool:
    """Whether a person should read a message of this act."""
    match act.kind:
        case ActKind.leave_maybe | ActKind.about_message | ActKind.complaint | ActKind.serious | ActKind.crisis:
            return True
        case ActKind.other:
            return act in (BOUND, NOT_PLAIN)
        case (
            ActKind.answer
            | ActKind.greeting
            | ActKind.ack
            | ActKind.deferral
            | ActKind.question
            | ActKind.leave
            | ActKind.refusal
            | ActKind.correction
            | ActKind.auto_reply
        ):
            return False
