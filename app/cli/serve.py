"""`trato serve`: run the service until it is stopped."""

import socket
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp

from app.cli.logs import configure
from app.errors import ConfigurationError
from app.main import build, create_app
from app.settings import Settings
from app.web import connections

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
    uvicorn.Server(configuration(create_app(build(settings)), stops_within=10)).run(sockets=[listener])


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
            f"cannot listen on {host}:{port} ({error.strerror}): stop the program that uses it, or choose another port with --port"
        ) from None
    listener.set_inheritable(True)
    return listener
