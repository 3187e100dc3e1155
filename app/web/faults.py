"""Spanish descriptions of the simulated carrier's error codes for the phone page: meaning, and Trato's reaction. Texts only; the
simulator injects the faults."""

REFUSALS: dict[int, str] = {
    20429: "Demasiados mensajes por segundo: se intenta de nuevo más tarde.",
    63016: "Texto libre fuera de las 24 horas: pasa a SMS si se puede.",
    63024: "Esa persona no tiene WhatsApp: desde entonces se le escribe por SMS.",
    63049: "WhatsApp limita los mensajes de este tipo: pasa a SMS si se puede.",
    21610: "Esa persona pidió BAJA a la operadora: no se le escribe más.",
    21211: "El número no existe: no se le escribe más.",
    20003: "La cuenta de la operadora no es válida: se detiene el envío y se avisa.",
    21602: "Mensaje vacío: es un error nuestro y queda registrado.",
}
"""Codes of messages that the carrier refuses immediately."""

FAILURES: dict[int, str] = {
    30003: "Teléfono apagado o sin señal.",
    30005: "Número desconocido o dado de baja por su compañía: no se le escribe más.",
    30006: "Línea fija, que no recibe mensajes: no se le escribe más.",
    30007: "La compañía lo filtró como no deseado.",
    30008: "Error desconocido de la compañía.",
    63032: "WhatsApp no entrega esta clase de mensaje a esta persona.",
}
"""Codes of messages that the carrier accepted but could not deliver."""


def listed() -> dict[str, list[dict[str, object]]]:
    """Both lists, in the JSON form of the page."""
    return {
        name: [{"code": code, "text": text} for code, text in codes.items()]
        for name, codes in (("refusals", REFUSALS), ("failures", FAILURES))
    }
