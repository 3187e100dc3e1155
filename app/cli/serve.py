"""`trato serve`: run the service until it is stopped."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

import structlog
import typer
import uvicorn
from starlette.types import ASGIApp

from app import __version__
from app.cli.examining import short
from app.cli.language import tell
from app.cli.logs import configure
from app.doctor.findings import Level
from app.errors import ConfigurationError, reason
from app.from_settings import collector, setup
from app.main import Service, build, create_app
from app.scheduler import first_steps
from app.settings import Settings
from app.store import accounts
from app.web import connections
from app.web.metrics import Measures, serving
from app.web.server import Server
from app.wording import Sentence

log = structlog.get_logger(__name__)

_STALLED_MS = 60_000
"""How long the other side of a connection may take nothing of an answer."""


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default TRATO_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default TRATO_PORT.")] = None,
) -> None:
    """Run the service: webhooks, clock and sender. TRATO_ROLE limits it to one of these parts."""
    settings = Settings.load(**{name: value for name, value in (("host", host), ("port", port)) if value is not None})
    configure()
    with listening(settings.host, settings.port) as listener:
        run(settings, listener)


def run(settings: Settings, listener: socket.socket) -> None:
    """Serve on a bound socket. Returns after an orderly stop."""
    traces = collector(settings)
    service = build(settings)
    _warn(service)
    if sys.stderr.isatty():
        for line in greeting(service):
            tell(line, err=True)
    measures = Measures(service.ledger, service.ticker.silent_for if service.has("clock") else None)
    with serving(measures, settings.metrics_host, settings.metrics_port), ExitStack() as sending:
        if traces is not None:
            sending.enter_context(traces.sending())
        config = configuration(create_app(service), stops_within=10)
        Server(config, service.wind_down, sending.close).run(sockets=[listener])


def _warn(service: Service) -> None:
    """Log what `trato doctor` finds wrong without asking anybody else."""
    for one in short(service.settings, service.database, service.clock()):
        (log.error if one.level is Level.fault else log.warning)(
            "doctor", area=one.area, found=one.text, remedy=one.remedy
        )


def configuration(app: ASGIApp, stops_within: int) -> uvicorn.Config:
    """How an application is served, within the bounds of the edge. `stops_within`: seconds for open requests at the end."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        loop="uvloop",
        http=connections.protocol(),  # type: ignore[arg-type] # called as the class is
        ws="none",
        lifespan="on",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=stops_within,
    )


def greeting(service: Service) -> Iterator[str]:
    """The address of the service, its parts, and the steps that are missing before a first message goes out, in lines for a terminal."""
    settings = service.settings
    address = f"http://{settings.host}:{settings.port}"
    yield Sentence(
        "Trato {version} listens at {address}: {parts}, carrier {carrier}. Ctrl+C stops it.",
        version=__version__,
        address=address,
        parts=Sentence("web, clock and sender") if settings.role == "all" else settings.role,
        carrier=settings.channel,
    )
    if service.has("web"):
        yield (
            Sentence(
                "console at {address}/console, simulated telephones at {address}/phone; others reach it at {public}",
                address=address,
                public=settings.public_url,
            )
            if settings.channel == "simulator"
            else Sentence(
                "console at {address}/console; others reach it at {public}", address=address, public=settings.public_url
            )
        )
    with service.database.reading() as tx:
        if not accounts.exist(tx):
            yield Sentence("no account yet: `trato user add NAME --role administrator` makes the first one")
        for code in sorted(service.library.current):
            missing = [
                f"{step.code} ({', '.join(step.missing)})"
                for step in first_steps.steps(tx, service.library, setup(settings), code)
                if not step.done
            ]
            yield (
                Sentence("programme {code}: missing: {steps}", code=code, steps="; ".join(missing))
                if missing
                else Sentence("programme {code}: nothing is missing", code=code)
            )


def listening(host: str, port: int) -> socket.socket:
    """A bound socket. Raises ConfigurationError if the port is in use or the address does not belong to this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: connections inherit it; one that takes nothing for so long is lost
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MS)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            Sentence(
                "cannot listen on {host}:{port} ({reason}): stop the program that uses it, or choose "
                "another port with --port",
                host=host,
                port=port,
                reason=reason(error),
            )
        ) from None
    listener.set_inheritable(True)
    return listener
