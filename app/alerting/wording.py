"""The wording of an alert: its kind in words, programme, study id, since when, and the command to run. Never a name, a number or the text
of a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.store.alert_deliveries import OVER, Delivery, KnownAlert

_STATUS = "trato status"
_STRANGER = "number"
"""The prefix of a subject that is an unknown number."""
_KINDS: dict[str, tuple[str, str]] = {
    "crisis": ("Un mensaje parece hablar de una crisis: peligro para quien escribe", "trato cases"),
    "serious": ("Un mensaje parece hablar de un incidente grave", "trato cases"),
    "danger_waits": (
        "Nadie ha tomado un caso de crisis o de incidente grave: le toca a usted, o a quien siga",
        "trato cases take",
    ),
    "case_waits": ("Nadie ha tomado un caso que espera desde hace tiempo", "trato cases take"),
    "loop": ("Un oficial recibía el mismo mensaje una y otra vez y quedó detenido", "trato resume --officer"),
    "damaged": ("Un dato guardado no se puede leer", "trato officers check"),
    "officer_unreadable": ("El nombre o el número de un oficial no se puede abrir", "trato officers check"),
    "address_disputed": ("Dos personas escriben desde un mismo número", "trato cases"),
    "number_doubted": (
        "Hay números que quizá ya son de otra persona y que no lo han aclarado: no se les escribe",
        "trato status",
    ),
    "announcement_grew": (
        "Un aviso a muchos llegaría a más oficiales de los que alguien aprobó: espera el sí de otra persona",
        "trato notice approve",
    ),
    "not_ready": ("No empieza ninguna campaña: faltan datos del programa", "trato check --for-launch"),
    "budget_nearly_spent": ("Se gastó más del 80 % del presupuesto", _STATUS),
    "budget_spent": ("Se acabó el presupuesto: los mensajes nuevos esperan", _STATUS),
    "sender_refused": (
        "La operadora rechaza los mensajes de un número nuestro, que quedó en pausa",
        "trato resume --sender",
    ),
    "destination_refused": ("La operadora no entrega mensajes al número de un oficial", "trato resume --officer"),
    "sender_foreign_answer": ("Otro servidor contesta en lugar de la operadora", _STATUS),
    "sender_slowed": ("La operadora pide esperar mucho a un número nuestro", "trato resume --sender"),
    "key_wrong": ("La clave TRATO_SECRET_KEY no abre los datos: no se envía nada", _STATUS),
    "template": ("WhatsApp rechaza una plantilla", "trato templates"),
    "content": ("WhatsApp rechaza un contenido con botones", "trato templates"),
    "carrier_differs": ("La lista de la operadora y la nuestra no coinciden", _STATUS),
    "locked": ("Un mensaje espera porque otro proceso ocupa los datos de su oficial", _STATUS),
    "sweep": ("No se pueden recoger los mensajes que la operadora no entregó", "trato sweep"),
    "clock": ("El reloj de la máquina saltó", _STATUS),
    "clock_stopped": ("El reloj del servicio está parado: no sale ningún recordatorio", _STATUS),
    "file_not_published": ("Un archivo cambió y no se publicó: sigue la versión anterior", "trato publish"),
    "webhooks_forged": (
        "Se rechazan todos los mensajes de la operadora: quizá TRATO_PUBLIC_URL o TRATO_TWILIO_AUTH_TOKEN no son los suyos",
        _STATUS,
    ),
    "sign_in_slowed": (
        "Hubo muchos intentos fallidos de entrar con una cuenta o con una clave de programa: los siguientes tienen que esperar",
        "trato user list",
    ),
    "job": ("Una tarea del servicio falla una y otra vez", _STATUS),
}
_ENGLISH: dict[str, str] = {
    "crisis": "A message seems to be about a crisis: danger for its author",
    "serious": "A message seems to be about a serious incident",
    "danger_waits": "Nobody has taken a case of a crisis or a serious incident: it is up to you, or to the next person",
    "case_waits": "Nobody has taken a case that has waited for long",
    "loop": "An officer got the same message again and again, and was stopped",
    "damaged": "Something stored cannot be read",
    "officer_unreadable": "The name or the number of an officer cannot be opened",
    "address_disputed": "Two people write from one number",
    "number_doubted": "Some numbers may be somebody else's by now, and nobody has answered our question: nothing is sent there",
    "announcement_grew": "A notice would reach more officers than anybody has said yes to: it waits for another person",
    "not_ready": "No campaign begins: the programme lacks something",
    "budget_nearly_spent": "More than 80 % of the budget is spent",
    "budget_spent": "The budget is spent: new messages wait",
    "sender_refused": "The carrier refuses the messages of one of our numbers, which is paused",
    "destination_refused": "The carrier does not deliver to an officer's number",
    "sender_foreign_answer": "Another server answers instead of the carrier",
    "sender_slowed": "The carrier asks us to pause one of our numbers for a long time",
    "key_wrong": "TRATO_SECRET_KEY does not open the data: nothing is sent",
    "template": "WhatsApp refuses a template",
    "content": "WhatsApp refuses a content with buttons",
    "carrier_differs": "The carrier's list and ours differ",
    "locked": "A message waits because another process holds its officer's row",
    "sweep": "Messages that the carrier did not deliver to us cannot be fetched",
    "clock": "The clock of the machine has jumped",
    "clock_stopped": "The clock of the service has stopped: no reminder goes out",
    "file_not_published": "A file has changed and was not published: the version before stays",
    "webhooks_forged": "All messages of the carrier are refused: TRATO_PUBLIC_URL or TRATO_TWILIO_AUTH_TOKEN may not be theirs",
    "sign_in_slowed": "Many sign-ins or tokens have failed: the next ones have to wait",
    "job": "A job of the service fails again and again",
}
"""The same for the console in English; e-mails are in Spanish."""


def sentence(kind: str, language: str) -> str:
    """The sentence of an alert of a kind, in a language."""
    return _ENGLISH.get(kind, f"Alert “{kind}”") if language == "en" else _words(kind)[0]


def command(kind: str) -> str:
    """The command that helps with an alert of a kind."""
    return _words(kind)[1]


@dataclass(frozen=True, slots=True)
class Notice:
    """An e-mail."""

    subject: str
    body: str


def notice(deliveries: Sequence[Delivery], timezone: str | None, *, simulated: bool) -> Notice:
    """One e-mail about one alert or several, in Spanish. `timezone` is the receiver's programme's, or UTC."""
    first = deliveries[0]
    about = _about(first) if len(deliveries) == 1 else f"{len(deliveries)} avisos"
    mark = "[simulación] " if simulated else ""
    parts = [_paragraph(one, ZoneInfo(timezone or "UTC")) for one in deliveries]
    end = "Este aviso no lleva nombres, teléfonos ni lo que se escribió. No lo reenvíe a mandos."
    return Notice(f"{mark}Trato: {about}", "\n\n".join([*parts, end]) + "\n")


def test_notice(programme: str) -> Notice:
    """The e-mail of `trato alerts test`."""
    body = "Esta es una prueba: no pasó nada. Si la recibe, avise a quien la envió.\n"
    return Notice(f"Trato: prueba de avisos ({programme})", body)


def as_json(delivery: Delivery, *, simulated: bool) -> dict[str, object]:
    """One alert for a webhook. `id` is the same at every attempt."""
    alert = delivery.alert
    return {
        "id": f"{alert.id}-{delivery.key.event}",
        "event": delivery.key.event,
        "kind": alert.kind,
        "subject": _subject(alert),
        "officer": alert.study_id,
        "programme": alert.programme,
        "since": alert.first_at.isoformat(),
        "until": None if alert.closed_at is None else alert.closed_at.isoformat(),
        "command": _words(alert.kind)[1],
        "simulated": simulated,
    }


def _subject(alert: KnownAlert) -> str | None:
    """The subject of an alert, unless it is the officer. An unknown number is left out, even as a hash."""
    if alert.study_id is not None and not alert.subject.startswith("case:"):
        return None
    return _STRANGER if alert.subject.startswith(f"{_STRANGER}:") else alert.subject


def _words(kind: str) -> tuple[str, str]:
    return _KINDS.get(kind, (f"Aviso «{kind}»", _STATUS))


def _about(delivery: Delivery) -> str:
    alert = delivery.alert
    title = _words(alert.kind)[0].partition(":")[0]
    who = ", ".join(filter(None, (alert.programme, alert.study_id)))
    over = "Ya pasó: " if delivery.key.event == OVER else ""
    return f"{over}{title}{f' ({who})' if who else ''}"


def _paragraph(delivery: Delivery, zone: ZoneInfo) -> str:
    alert = delivery.alert
    sentence, command = _words(alert.kind)
    subject = _subject(alert)
    lines = [
        f"{'Ya pasó: ' if delivery.key.event == OVER else ''}{sentence}.",
        f"Programa: {alert.programme}" if alert.programme else "",
        f"Oficial: {alert.study_id} (clave de estudio)" if alert.study_id else "",
        f"Asunto: {subject}" if subject else "",
        f"Desde: {_moment(alert.first_at, zone)}",
        f"Hasta: {_moment(alert.closed_at, zone)}" if alert.closed_at else f"Qué hacer: {command}",
    ]
    return "\n".join(filter(None, lines))


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
