"""Our numbers as Twilio's settings and request parameters name them."""

from app.channels.our_numbers import ByProgramme, Number, OurNumbers, Pool

_SETTINGS = {
    "sms": "TRATO_TWILIO_FROM_SMS",
    "whatsapp": "TRATO_TWILIO_FROM_WHATSAPP",
    "": "TRATO_TWILIO_MESSAGING_SERVICE_SID",
}


def numbers(
    sms: ByProgramme | str | None = None,
    whatsapp: ByProgramme | str | None = None,
    service: ByProgramme | str | None = None,
) -> OurNumbers:
    """The numbers and Messaging Services of the settings. Raises ConfigurationError if two programmes have the same."""
    return OurNumbers.of({"sms": sms, "whatsapp": whatsapp}, service, settings=_SETTINGS)


def parameter(origin: Number | Pool) -> tuple[str, str]:
    """The request parameter, with its value, that makes Twilio send from there."""
    match origin:
        case Number(address):
            return "From", address
        case Pool(service):
            return "MessagingServiceSid", service
