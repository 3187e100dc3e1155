"""The hosts of Twilio's APIs: one for each product, named after that of messages."""

from urllib.parse import urlsplit, urlunsplit


def of(product: str, api_url: str) -> str:
    """The address of the API of a product such as `content`: at Twilio content.twilio.com instead of api.twilio.com, with its edges and
    regions; otherwise the same address."""
    parts = urlsplit(api_url.rstrip("/"))
    host = parts.hostname or ""
    if host.startswith("api.") and host.endswith(".twilio.com"):
        parts = parts._replace(netloc=parts.netloc.replace("api.", f"{product}.", 1))
    return urlunsplit(parts)
