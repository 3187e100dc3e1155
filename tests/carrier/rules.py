"""Twilio's rules for `POST …/Messages.json`, restated from its API reference: names, types, required combinations.
Twilio itself drops unknown parameters without a word; here they are an error, so that a misspelt name is found."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the API: the HTTP status, Twilio's code and a text."""

    status: int
    code: int
    message: str

    def body(self) -> dict[str, object]:
        """As Twilio writes it."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": more, "status": self.status}


def _matches(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _whole(lowest: int, highest: int) -> Check:
    return lambda value: value.isascii() and value.isdecimal() and lowest <= int(value) <= highest


def _one_of(*values: str) -> Check:
    return lambda value: value in values


def _url(value: str) -> bool:
    host = urlsplit(value).hostname
    return urlsplit(value).scheme in ("http", "https") and bool(host) and "_" not in str(host)


def _variables(value: str) -> bool:
    try:
        content = json.loads(value)
    except ValueError:
        return False
    if not isinstance(content, dict) or not content:
        return False
    return all(re.fullmatch(r"[A-Za-z0-9_]+", key) and isinstance(text, str) for key, text in content.items())


_BOOLEAN = _one_of("true", "false", "True", "False")
_ADDRESS = _matches(r"(whatsapp:)?\+[1-9][0-9]{6,14}|whatsapp:[A-Z]{2}\.[A-Za-z0-9]+")

PARAMETERS: Mapping[str, tuple[Check, int, str]] = {
    # name: (is the value right, Twilio's code if not, what is wrong)
    "To": (_ADDRESS, 21211, "Invalid 'To' Phone Number"),
    "From": (_ADDRESS, 21212, "Invalid From Number"),
    "MessagingServiceSid": (_matches(r"MG[0-9a-fA-F]{32}"), 21701, "The Messaging Service does not exist"),
    "Body": (lambda value: len(value) <= 1600, 21617, "The concatenated message body exceeds the 1600 character limit"),
    "MediaUrl": (_url, 21620, "Invalid media URL(s)"),
    "ContentSid": (_matches(r"HX[0-9a-fA-F]{32}"), 21655, "The ContentSid is Invalid"),
    "ContentVariables": (_variables, 21656, "The ContentVariables Parameter is invalid"),
    "StatusCallback": (_url, 21609, "Invalid 'StatusCallback'"),
    "ValidityPeriod": (_whole(1, 36_000), 21624, "The validity period is out of range"),
    "SmartEncoded": (_BOOLEAN, 20001, "SmartEncoded is no boolean"),
    "ProvideFeedback": (_BOOLEAN, 20001, "ProvideFeedback is no boolean"),
    "ForceDelivery": (_BOOLEAN, 20001, "ForceDelivery is no boolean"),
    "SendAsMms": (_BOOLEAN, 20001, "SendAsMms is no boolean"),
    "ShortenUrls": (_BOOLEAN, 20001, "ShortenUrls is no boolean"),
    "Attempt": (_whole(1, 1000), 20001, "Attempt is no number"),
    "MaxPrice": (_matches(r"[0-9]+(\.[0-9]+)?"), 20001, "MaxPrice is no number"),
    "ApplicationSid": (_matches(r"AP[0-9a-fA-F]{32}"), 20001, "Invalid ApplicationSid"),
    "ContentRetention": (_one_of("retain", "discard"), 20001, "Invalid ContentRetention"),
    "AddressRetention": (_one_of("retain", "obfuscate"), 20001, "Invalid AddressRetention"),
    "TrafficType": (_one_of("free"), 20001, "Invalid TrafficType"),
    "ScheduleType": (_one_of("fixed"), 20001, "Invalid ScheduleType"),
    "SendAt": (_matches(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), 20001, "Invalid SendAt"),
    "RiskCheck": (_one_of("enable", "disable"), 20001, "Invalid RiskCheck"),
    "PersistentAction": (bool, 20001, "Invalid PersistentAction"),
    "FallbackFrom": (_ADDRESS, 20001, "Invalid FallbackFrom"),
    "Tags": (bool, 20001, "Invalid Tags"),
    "MessageIntent": (bool, 20001, "Invalid MessageIntent"),
}
MANY = frozenset({"MediaUrl", "PersistentAction"})
"""Parameters that may come more than once."""


def check(pairs: Sequence[tuple[str, str]]) -> Refusal | None:
    """The fault of a request to create a message, or None."""
    names = [name for name, _ in pairs]
    for name, value in pairs:
        if name not in PARAMETERS:
            return Refusal(400, 20001, f"Unknown parameter {name}")
        if name not in MANY and names.count(name) > 1:
            return Refusal(400, 20001, f"{name} is there more than once")
        right, code, message = PARAMETERS[name]
        if not right(value):
            return Refusal(400, code, message)
    return _combination(dict(pairs))


def _combination(form: Mapping[str, str]) -> Refusal | None:
    if "To" not in form:
        return Refusal(400, 21604, "A 'To' phone number is required")
    if "From" not in form and "MessagingServiceSid" not in form:
        return Refusal(400, 21603, "A 'From' phone number is required")
    if not form.get("Body", "").strip() and not {"MediaUrl", "ContentSid"} & form.keys():
        return Refusal(400, 21602, "Message body is required")
    if "ContentVariables" in form and "ContentSid" not in form:
        return Refusal(400, 21654, "ContentSid Required")
    sender = form.get("From")
    if sender is not None and sender.startswith("whatsapp:") != form["To"].startswith("whatsapp:"):
        return Refusal(400, 21910, "Invalid From and To pair. From and To should be of the same channel")
    return None


LIST_PARAMETERS = frozenset({"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"})


def check_list(pairs: Sequence[tuple[str, str]]) -> Refusal | None:
    """The fault of a request to list messages, or None. Dates are days in GMT."""
    for name, value in pairs:
        if name not in LIST_PARAMETERS:
            return Refusal(400, 20001, f"Unknown parameter {name}")
        if name.startswith("DateSent") and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return Refusal(400, 20001, "Invalid DateSent")
        if name == "PageSize" and not _whole(1, 1000)(value):
            return Refusal(400, 20006, "Page size out of range")
    return None
