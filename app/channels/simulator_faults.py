"""The failures that the simulated carrier can be made to produce: a code of its own, which is Twilio's for the same failure so
that people know it from there, its cause, and what it means, in Spanish, for those who try a programme."""

from dataclasses import dataclass

from app.channels.causes import Cause


@dataclass(frozen=True, slots=True)
class Failure:
    """One way to fail."""

    code: int
    cause: Cause
    text: str


REFUSALS = (
    Failure(20429, Cause.rate_limited, "Demasiados mensajes por segundo: se intenta de nuevo más tarde."),
    Failure(63016, Cause.outside_window, "Texto libre fuera de las 24 horas: pasa a SMS si se puede."),
    Failure(63024, Cause.other_channel, "Esa persona no tiene WhatsApp: desde entonces se le escribe por SMS."),
    Failure(63049, Cause.throttled, "WhatsApp limita los mensajes de este tipo: pasa a SMS si se puede."),
    Failure(21610, Cause.recipient_stopped, "Esa persona pidió BAJA a la operadora: no se le escribe más."),
    Failure(21211, Cause.recipient_unreachable, "El número no existe: no se le escribe más."),
    Failure(20003, Cause.account_refused, "La cuenta de la operadora no es válida: se detiene el envío y se avisa."),
    Failure(21602, Cause.our_fault, "Mensaje vacío: es un error nuestro y queda registrado."),
)
"""Failures with which a message is refused at once."""

FAILURES = (
    Failure(30003, Cause.passing, "Teléfono apagado o sin señal."),
    Failure(
        30005,
        Cause.recipient_unreachable,
        "Número desconocido o dado de baja por su compañía: no se le escribe más.",
    ),
    Failure(30006, Cause.recipient_unreachable, "Línea fija, que no recibe mensajes: no se le escribe más."),
    Failure(30007, Cause.filtered, "La compañía lo filtró como no deseado."),
    Failure(30008, Cause.unexplained, "Error desconocido de la compañía."),
    Failure(63032, Cause.throttled, "WhatsApp no entrega esta clase de mensaje a esta persona."),
)
"""Failures of a message that was accepted and did not arrive."""

_BY_CODE = {failure.code: failure for failure in (*REFUSALS, *FAILURES)}
NOT_ON_WHATSAPP, NO_SUCH_NUMBER = _BY_CODE[63024], _BY_CODE[30005]


def cause_of(code: int) -> Cause:
    """The cause behind a code."""
    return _BY_CODE[code].cause if code in _BY_CODE else Cause.unknown


def text_of(code: int | None) -> str | None:
    """The meaning of a code, None if it has none."""
    return _BY_CODE[code].text if code in _BY_CODE else None


def concerns(code: int, channel: str) -> bool:
    """Whether messages of a channel can fail with a code: 63xxx are WhatsApp's own."""
    return channel == "whatsapp" or not 63_000 <= code < 64_000


def listed() -> dict[str, list[dict[str, object]]]:
    """All failures, as the page shows them."""
    return {
        name: [{"code": failure.code, "text": failure.text} for failure in failures]
        for name, failures in (("refusals", REFUSALS), ("failures", FAILURES))
    }
