"""What each of Twilio's error codes asks of us, as one table. A code that is not here is final and visible: a message is
never sent again for a reason that nobody has thought about. Source: https://www.twilio.com/docs/api/errors."""

from app.channels.base import ErrorClass

_CODES: dict[ErrorClass, tuple[int, ...]] = {
    ErrorClass.retry: (
        20429,
        21611,
        30001,
        30003,
        30008,
        30017,
        30022,
        30410,
        63009,
        63010,
        63012,
        63017,
        63018,
        63119,
    ),
    ErrorClass.change: (63016, 63003, 63024, 63032, 63049, 30036, 21655, 21656),
    ErrorClass.stop_contact: (21610, 63014, 63033, 21211, 21614, 30005, 30006),
    ErrorClass.operator: (
        20003,
        20404,
        21408,
        21606,
        21612,
        21703,
        21704,
        30002,
        30007,
        63007,
        63013,
        63020,
        63027,
        63028,
        63040,
        63041,
        63042,
        63051,
    ),
    ErrorClass.bug: (21602, 21603, 21604, 21609, 21617, 21654, 63005, 63021),
    ErrorClass.sandbox: (63015, 21608),
}
_CLASS = {code: error_class for error_class, codes in _CODES.items() for code in codes}

NOT_FOUND = 20404
TOO_MANY_REQUESTS = 20429
OUTSIDE_WINDOW = 63016
"""Free text to WhatsApp more than 24 hours after the officer's last message."""

TEMPLATE = frozenset({21655, 21656})
"""The environment's map names a template that is none, or one with other variables: its messages need another way."""

CONTENT = frozenset({21655, 21656, 21658, 63005, 63006, 63021, 63027})
"""It is the content that is unknown, wrong or not taken: within the 24 hours the same message may go as text."""

ONCE = frozenset({30008})
"""Codes for which one more try is all that makes sense."""

RATE = frozenset({20429, 21611, 30001, 30022, 63017, 63018})
"""Too much at once, or too much waiting already: the fault of our number's pace, and not of the message."""

THROTTLED = frozenset({63032, 63049})
"""WhatsApp does not want this officer to get so much: only hours later, if at all."""

OTHER_CHANNEL = frozenset({63003, 63024})
"""The officer is not on WhatsApp: the same message may go by SMS."""


def classify(code: int | None) -> ErrorClass:
    """What to do about a code."""
    return ErrorClass.final if code is None else _CLASS.get(code, ErrorClass.final)
