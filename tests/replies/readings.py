"""`python -m tests.replies.readings`: prints the reading of every labelled message of this folder, one a line: its act, its answer, and
what the officer would be asked about. A change that must leave every reading as it was is checked with it: `diff` of what it prints
before and after finds nothing. The messages that name no question are read to several."""

import sys
from collections.abc import Iterator
from datetime import datetime

from app.cli.reply import form_of
from app.flows.replies import Reader, reader
from app.flows.replies.acts import act_of
from app.flows.replies.forms import AnswerKind, Parsed
from app.flows.replies.message import Purpose
from app.flows.replies.understanding import understand
from tests.replies.blind.__main__ import AT
from tests.replies.questions import asked
from tests.replies.train import corpus

_QUESTIONS = (
    (reader(form_of(AnswerKind.text, [], {})), Purpose.fact),
    (reader(form_of(AnswerKind.yes_no, [], {}, missing=frozenset("dr"))), Purpose.fact),
    (reader(form_of(AnswerKind.yes_no, [], {})), Purpose.invitation),
    (reader(form_of(AnswerKind.yes_no, [], {})), Purpose.consent),
)


def readings() -> Iterator[str]:
    """The lines, without their ends."""
    for read, text, at, purpose in asked():
        yield _reading(read, text, at, purpose)
    for text, *_ in corpus():
        yield f"{text!r} | no question | {act_of(text)}"
        for read, purpose in _QUESTIONS:
            yield _reading(read, text, AT, purpose)


def _reading(read: Reader, text: str, at: datetime, purpose: Purpose) -> str:
    found = understand(read, text, at, purpose=purpose)
    offer = None if isinstance(found.outcome, Parsed) else read.probable(text)
    return f"{text!r} | {read.form.kind} {purpose} | {found.act} | {found.outcome} | {offer}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in readings())
