"""Whether a number is still the officer's: messages that deny it, and the reply to our question about it."""

from datetime import datetime

from app.flows.replies import remarks
from app.flows.replies.consent import is_express
from app.flows.replies.fold import LONGEST, fold
from app.flows.replies.forms import AnswerKind, Form, Option, Parsed
from app.flows.replies.message import Act, ActKind
from app.flows.replies.reader import reader
from app.flows.replies.understanding import understand

_DENIALS = frozenset(f"{ActKind.about_message}: {pattern}" for pattern in remarks.NUMBER_DENIED)
_YES = (
    *(
        "soy yo",
        "yo soy",
        "soy el mismo",
        "soy la misma",
        "la misma persona",
        "el mismo",
        "la misma",
        "es mi numero",
        "aqui sigo",
    ),
    *(f"sigo siendo {who}" for who in ("yo", "el mismo", "la misma", "la misma persona")),
    *(f"sigue siendo {who}" for who in ("mio", "el mismo", "la misma", "la misma persona", "mi numero")),
)
_NO = (
    "ya no",
    "otra persona",
    "es de otra persona",
    "ya no es la misma persona",
    "no es la misma persona",
    "es otra persona",
)
_READER = reader(Form(AnswerKind.yes_no, (Option("si", "Sí", 1, _YES), Option("no", "No", 0, _NO))))


def denies(act: Act) -> bool:
    """Whether a message says that the number is not the officer's, or that its author is somebody else."""
    return act.rule in _DENIALS


def is_theirs(text: str, at: datetime) -> bool | None:
    """The answer in a reply to «¿Lo sigue usando la misma persona?»; None if it is not clear. `at` is the moment it came, aware."""
    heard = understand(_READER, text, at)
    if is_express(fold(text[:LONGEST])):  # «acepto» answers something else
        return None
    if heard.is_answer and isinstance(heard.outcome, Parsed):
        return heard.outcome.key == "si"
    return False if denies(heard.act) else None
