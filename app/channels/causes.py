"""Why a carrier did not send or deliver a message, in words that are no carrier's own. Each channel maps its codes to a
`Cause`; all decisions are made on causes. What a cause asks of us in general is its `ErrorClass`."""

from enum import StrEnum


class ErrorClass(StrEnum):
    """The handling that a failure needs."""

    retry = "retry"  # not processed: the same message may be sent again later
    change = "change"  # needs a template or another channel
    stop_contact = "stop_contact"  # never write to this address again
    destination = (
        "destination"  # this address cannot be written to from here: the officer is marked, the number goes on
    )
    operator = "operator"  # a configuration error: pause the number and alert a person
    bug = "bug"  # our request was wrong
    sandbox = "sandbox"  # a limit of a trial account
    unreadable = "unreadable"  # an address or name of ours cannot be opened: the officer's data are damaged
    final = "final"  # anything else: the message fails, visibly


class Cause(StrEnum):
    """Why a message failed."""

    carrier_unreachable = "carrier_unreachable"  # the request never left, or the carrier is down
    rate_limited = "rate_limited"  # our number sends too fast, or its queue is full; not the message's fault
    foreign_answer = "foreign_answer"  # not the carrier's own answer: a redirect, the page of a proxy; nothing was sent
    passing = "passing"  # a temporary failure, or a phone that is off
    unexplained = "unexplained"  # the carrier gives no reason; one more attempt is worth it

    outside_window = "outside_window"  # free text to WhatsApp more than 24 hours after the last inbound message
    other_channel = "other_channel"  # the officer is not on this channel
    no_number = "no_number"  # we have no number on this channel
    template_refused = "template_refused"  # the template does not exist, or has other variables than the message
    throttled = "throttled"  # WhatsApp limits what this officer gets: hours later, if at all
    too_late = "too_late"  # it expired in the carrier's queue

    recipient_stopped = "recipient_stopped"  # the officer blocked us or opted out with the carrier
    recipient_unreachable = "recipient_unreachable"  # the number does not exist or cannot receive messages

    destination_refused = "destination_refused"  # the account may not write to this country or number, or not from ours
    filtered = "filtered"  # a telephone company took the message for unwanted

    account_refused = "account_refused"  # the account, one of our numbers, or what is registered under it
    template_missing = "template_missing"  # the template has no version in this language

    our_fault = "our_fault"  # a wrong request
    content_refused = "content_refused"  # the channel does not accept the content
    sandbox = "sandbox"  # a limit of a trial account or sandbox
    content_unusable = "content_unusable"  # the carrier cannot make a message of the content and its variables
    unknown = "unknown"  # no code, or one that nobody has thought about: never sent again

    @property
    def error_class(self) -> ErrorClass:
        """The handling that the cause needs."""
        return _CLASS[self]


_CAUSES: dict[ErrorClass, tuple[Cause, ...]] = {
    ErrorClass.retry: (
        Cause.carrier_unreachable,
        Cause.rate_limited,
        Cause.foreign_answer,
        Cause.passing,
        Cause.unexplained,
    ),
    ErrorClass.change: (
        Cause.outside_window,
        Cause.other_channel,
        Cause.no_number,
        Cause.template_refused,
        Cause.throttled,
        Cause.too_late,
    ),
    ErrorClass.stop_contact: (Cause.recipient_stopped, Cause.recipient_unreachable),
    ErrorClass.destination: (Cause.destination_refused, Cause.filtered),
    ErrorClass.operator: (Cause.account_refused, Cause.template_missing),
    ErrorClass.bug: (Cause.our_fault, Cause.content_refused),
    ErrorClass.sandbox: (Cause.sandbox,),
    ErrorClass.final: (Cause.content_unusable, Cause.unknown),
}
_CLASS = {cause: error_class for error_class, causes in _CAUSES.items() for cause in causes}

CONTENT = frozenset({Cause.template_refused, Cause.template_missing, Cause.content_refused, Cause.content_unusable})
"""The content is at fault: within the 24 hours the same message can go as text."""
