"""A crisis from a phone to somebody's mail box, with `trato serve` and the carrier as processes of their own: the service is killed
and the mail server is down for a while, and one e-mail arrives."""

import signal
from pathlib import Path

import pytest

from tests.acceptance.processes import Installation, free_port, until
from tests.acceptance.test_serve import ALMA, PROGRAMME, enrol
from tests.alerting.servers import Post, Web, in_a_thread
from tests.conftest import postgresql_by_night

GUARD = "guardia@example.org"
SAFE = f"""contact: {{person: Alma Rivera, name: Oficina, telephone: 55 0000 0000}}
reading_hours: de 9 a 18 horas
reply_time: dos días hábiles
help_lines: [{{name: Emergencias, telephone: "911", hours: 24 horas}}]
safety: {{crisis: [ando en el hoyo]}}
alerts: {{email: [{GUARD}]}}
""" + PROGRAMME.replace(
    "notices:\n", 'notices:\n  support: "Llame: {{ lineas_ayuda }}. Se lee {{ horario_lectura }}."\n', 1
)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    mail = {
        "TRATO_SMTP_HOST": "127.0.0.1",
        "TRATO_SMTP_PORT": str(free_port()),
        "TRATO_SMTP_SECURITY": "none",
        "TRATO_SMTP_FROM": "trato@example.org",
    }
    return Installation(tmp_path, database_url, SAFE, mail)


@postgresql_by_night
def test_a_crisis_reaches_a_mail_box(place: Installation) -> None:
    enrol(place)
    post, port = Post(), int(place.more["TRATO_SMTP_PORT"])
    with place.carrier():
        with place.serving() as process:
            place.types(ALMA, "la verdad ando en el hoyo, soy Alma", channel="sms")
            place.gets(ALMA, "Llame: Emergencias: 911 (24 horas). Se lee de 9 a 18 horas.")
            until(lambda: "no connection to the mail server" in place.trato("status").stdout, "status says so", 40)
            process.send_signal(signal.SIGKILL)
            process.wait()
        with in_a_thread(post, Web(), port), place.serving():
            until(lambda: post.received, "the e-mail", 90)
            until(lambda: "NOT DELIVERED" not in place.trato("status").stdout, "status has nothing more to say", 40)
    (message,) = post.received
    assert message["To"] == GUARD
    assert "[simulación] Trato: Un mensaje parece hablar de una crisis" in str(message["Subject"])
    assert not [word for word in ("hoyo", "Alma", ALMA[3:]) if word in message.get_content()]
