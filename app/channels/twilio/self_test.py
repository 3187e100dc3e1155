"""A test at start-up: for this installation's addresses, our signatures are those of the SDK's `RequestValidator`. If they
differ, because of an unusual public URL or a new release of the SDK, every webhook of the carrier would be refused as forged."""

from collections.abc import Sequence
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from app.channels.base import Forged
from app.channels.twilio import signature
from app.errors import ConfigurationError
from app.wording import Sentence

_FORM = [
    ("AccountSid", "AC0"),
    ("Body", "Sí, a las 8 + 30 & más ✅"),
    ("From", "whatsapp:+525500000000"),
    ("MediaUrl0", ""),
]


def compare(token: str, public_url: str, paths: Sequence[str]) -> None:
    """Sign a form for each address with both, and verify the SDK's signature with ours. Raises ConfigurationError."""
    validator, body = RequestValidator(token), urlencode(_FORM).encode()
    for path in paths:
        url = public_url + path
        try:
            headers = {signature.HEADER: validator.compute_signature(url, dict(_FORM))}
            signature.verify([token], url, body, headers)
            agreed = validator.validate(url, dict(_FORM), signature.sign(url, _FORM, token))
        except (Forged, ValueError):
            agreed = False
        if not agreed:
            raise ConfigurationError(
                Sentence("TRATO_PUBLIC_URL: our signatures of this address are not Twilio's; use https://host[:port]")
            )
