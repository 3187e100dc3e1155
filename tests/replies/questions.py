"""Every labelled reply of this folder with the reader of its question."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.flows.replies import Reader, reader
from app.flows.replies.forms import Form
from app.flows.replies.message import Purpose
from tests.replies import blind
from tests.replies.blind.__main__ import AT, form_for, rows_of
from tests.replies.corpus import FILES, load

_SETS = sorted(Path(blind.__file__).parent.glob("*/[ao]*s.jsonl"))
"""Answers and other messages of the blind sets."""


def asked() -> Iterator[tuple[Reader, str, datetime, Purpose]]:
    """The reader, the reply, its moment, and the purpose of its question. Questions of the same form share a reader."""
    readers: dict[Form, Reader] = {}
    for corpus in map(load, FILES):
        for one in corpus.replies:
            read = readers.setdefault(one.form, reader(one.form))
            yield read, one.text, corpus.at, Purpose.fact
    for file in _SETS:
        for row in rows_of(file):
            form = form_for(row)
            yield readers.setdefault(form, reader(form)), row["text"], AT, Purpose(row["purpose"])
