"""Twilio's words as ours: the cause behind each error code, and the meaning of each message status. A code that is missing
here is `Cause.unknown`: final and visible. Source: https://www.twilio.com/docs/api/errors."""

from app.channels.base import DeliveryStatus
from app.channels.causes import Cause
from app.wording import Sentence

_CODES: dict[Cause, tuple[int, ...]] = {
    Cause.rate_limited: (20429, 21611, 30001, 30022, 63017, 63018),
    Cause.passing: (30003, 30017, 30410, 63009, 63010, 63012, 63119),
    Cause.unexplained: (30008,),
    Cause.outside_window: (63016,),
    Cause.other_channel: (63003, 63024),
    Cause.template_refused: (21655, 21656),
    Cause.throttled: (63032, 63049),
    Cause.too_late: (30036,),
    Cause.recipient_stopped: (21610, 63014, 63033),
    Cause.recipient_unreachable: (21211, 21614, 30005, 30006),
    Cause.account_refused: (
        20003,
        20404,
        21606,
        21703,
        21704,
        30002,
        63007,
        63013,
        63020,
        63028,
        63040,
        63041,
        63042,
        63051,
    ),
    Cause.destination_refused: (21408, 21612, 30004),
    Cause.filtered: (30007,),
    Cause.template_missing: (63027,),
    Cause.our_fault: (21602, 21603, 21604, 21609, 21617, 21654),
    Cause.content_refused: (63005, 63021),
    Cause.content_unusable: (21658, 63006),
    Cause.sandbox: (63015, 21608),
}
CAUSES = {code: cause for cause, codes in _CODES.items() for code in codes}

NOT_FOUND = 20404
TOO_MANY_REQUESTS = 20429

STATUSES = {
    "accepted": DeliveryStatus.accepted,
    "scheduled": DeliveryStatus.accepted,
    "queued": DeliveryStatus.accepted,
    "sending": DeliveryStatus.accepted,
    "sent": DeliveryStatus.sent,
    "delivered": DeliveryStatus.delivered,
    "read": DeliveryStatus.read,
    "failed": DeliveryStatus.failed,
    "undelivered": DeliveryStatus.undelivered,
    "canceled": DeliveryStatus.cancelled,
}


def cause_of(code: int | None) -> Cause:
    """The cause behind a code."""
    return Cause.unknown if code is None else CAUSES.get(code, Cause.unknown)


def answered(status: int, code: object) -> Sentence:
    """The answer of a refused request, with Twilio's code if there is one."""
    return (
        Sentence("HTTP {status}, code {code}", status=status, code=code)
        if code
        else Sentence("HTTP {status}", status=status)
    )
