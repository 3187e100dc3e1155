"""One spelling for each address, from the carrier, a roster or a person. Mexico's mobile numbers come as +52, +521, 044, 045, 01
or ten digits and are the same number; a WhatsApp user id is not a number and stays as it is. `canonical` never fails, because
it reads messages of strangers; `parse_number` is strict, because it reads a roster."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from app.wording import Sentence

WHATSAPP = "whatsapp:"
CHANNELS = ("whatsapp", "sms")
"""A telephone number is an address on each."""
HOME = "MX"
"""The country of numbers without a country code."""

_PREFIXES = (WHATSAPP, "sms:", "tel:")
_USER_ID = re.compile(r"[A-Za-z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_SEPARATORS = re.compile(r"[\s().\-/\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2069\ufeff]+")
_DIALLED = re.compile(r"\+?[0-9]+")

# How Mexicans wrote a number before August 2019, when ten digits became enough everywhere: 044 and 045 before a mobile
# number, 01 before a long-distance one, +521 before a mobile number called from abroad. WhatsApp still says +521.
_MEXICAN = re.compile(r"(?:(?:\+|00)?52(?:1|044|045|01)?|044|045|01)?([2-9][0-9]{9})")


class BadNumber(ValueError):
    """Not a valid telephone number. Its text is the reason and never repeats the number."""


def channel_of(raw: str) -> str:
    """`whatsapp` or `sms`, by the address's prefix."""
    return "whatsapp" if raw.startswith(WHATSAPP) else "sms"


@lru_cache(maxsize=64)
def canonical(channel: str, raw: str) -> str:
    """The one spelling of an address: `+525555550101`, or a WhatsApp user id as it is. A number is spelled the same on every
    channel. Never raises: any other text, such as a short code, comes back without its spaces, so that its author is still
    recognised by it. The last ones are kept: every message asks for its author's and our own more than once."""
    text = _without_prefix(unicodedata.normalize("NFKC", raw).strip())
    if channel == "whatsapp" and _USER_ID.fullmatch(text):
        return text
    dialled = _SEPARATORS.sub("", text)
    if not _DIALLED.fullmatch(dialled):
        return dialled
    if mexican := _MEXICAN.fullmatch(dialled):
        return f"+52{mexican[1]}"
    return f"+{dialled[2:]}" if dialled.startswith("00") and len(dialled) > 9 else dialled


def is_user_id(canonical: str) -> bool:
    """Whether a canonical address is a WhatsApp user id (`MX.…`; of a group of businesses, `MX.ENT.…`). The id belongs to a
    number: a person with a new number has another id."""
    return _USER_ID.fullmatch(canonical) is not None


def parse_number(raw: str, region: str = HOME) -> str:
    """A roster's number in canonical form. `region` (ISO 3166) is the country of a number without one.

    Raises BadNumber with the reason alone: a roster's list of errors is read, printed and mailed.
    """
    text = canonical("sms", raw) if region == HOME else _SEPARATORS.sub("", _without_prefix(raw.strip()))
    if not text:
        raise BadNumber(Sentence("the number is missing"))
    if not _DIALLED.fullmatch(text):
        raise BadNumber(Sentence("a telephone number has digits only"))
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise BadNumber(_UNREADABLE.get(error.error_type, _NO_SUCH)) from None
    if not phonenumbers.is_valid_number(number):
        raise BadNumber(_IMPOSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), _NO_SUCH))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def address(channel: str, number: str) -> str:
    """A canonical address with its channel's prefix, as carriers write it."""
    return f"{WHATSAPP}{number}" if channel == "whatsapp" else number


def spellings(channel: str, number: str) -> tuple[str, ...]:
    """Every spelling of a canonical address in a carrier's lists: WhatsApp has Mexican phones as +521 too."""
    mexican = _MEXICAN.fullmatch(number) if channel == "whatsapp" else None
    return (number, f"+521{mexican[1]}") if mexican else (number,)


def _without_prefix(text: str) -> str:
    for prefix in _PREFIXES:
        if text[: len(prefix)].lower() == prefix:
            return text[len(prefix) :].strip()
    return text


_NO_SUCH = Sentence("there is no such number")
_SHORT = Sentence("the number is too short")
_LONG = Sentence("the number is too long")
_UNREADABLE = {
    NumberParseException.INVALID_COUNTRY_CODE: Sentence("there is no such country code"),
    NumberParseException.TOO_SHORT_AFTER_IDD: _SHORT,
    NumberParseException.TOO_SHORT_NSN: _SHORT,
    NumberParseException.TOO_LONG: _LONG,
}
_IMPOSSIBLE = {
    ValidationResult.TOO_SHORT: _SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: _SHORT,
    ValidationResult.TOO_LONG: _LONG,
    ValidationResult.INVALID_LENGTH: Sentence("the number has a wrong length"),
}
