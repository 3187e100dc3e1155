"""Logging: one line per event on standard error, JSON unless it is a terminal. Names, phone numbers and message texts are
removed from every event, whatever the caller passed."""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import partial
from threading import Lock
from typing import Any, TextIO

import structlog

_PERSONAL = frozenset(
    {"body", "text", "raw", "name", "nombre", "number", "phone", "sender", "receiver", "to", "from_", "form"}
)
_NUMBER = re.compile(r"\+?\d[\d\s-]{8,}\d")


def configure(*, json: bool | None = None) -> None:
    """Configure logging for this process. With `json` None: JSON unless standard error is a terminal."""
    as_json = not sys.stderr.isatty() if json is None else json
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            _where_only,
            structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer(),
        ],
        logger_factory=partial(_always, Lines(sys.stderr)),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True
    )
    for noisy in (
        "httpx",
        "httpcore",
        "apscheduler",
        "alembic",
        "uvicorn.error",
    ):  # uvicorn: a line for each stranger's mistake
        logging.getLogger(noisy).setLevel(logging.ERROR)


class Lines:
    """Writes lines to a file. A line that cannot be written, because the disk is full, is lost, and the next one that can be says so:
    the work that is logged goes on, and so does a loop that logs the fault that the full disk has caused."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._lost, self._lock = file, 0, Lock()

    def msg(self, line: str) -> None:
        """Write a line."""
        with self._lock:
            try:
                print(line, file=self._file, flush=True)
            except (OSError, ValueError):
                self._lost += 1
                return
            lost, self._lost = self._lost, 0
        if lost:
            structlog.get_logger(__name__).warning(
                "the log could not be written for a while: lines may be missing", lines=lost
            )

    debug = info = warning = error = critical = msg


def _always(lines: Lines, *_: object) -> Lines:
    return lines


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Remove values that identify a person or quote a message."""
    for key, value in event.items():
        if key in _PERSONAL:
            event[key] = "•"
        elif isinstance(value, str) and key not in ("timestamp", "owner"):
            event[key] = _NUMBER.sub("•", value)
    return event


def _where_only(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Log an exception by its type and place only: its text and local values may hold personal data."""
    if event.pop("exc_info", None):
        kind, error, trace = sys.exc_info()
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rpartition('/app/')[2]}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["error"] = kind.__name__ if kind else str(type(error))
        event["at"] = " < ".join(reversed(places[-4:]))
    return event
