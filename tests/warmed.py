"""Loaded by the server that forks processes (`forked.py`): what each process of Trato or of the carrier would do at first, its modules and
the patterns of replies and of flow files, is done once."""

from datetime import datetime
from zoneinfo import ZoneInfo

import app.main  # noqa: F401 - loaded for the processes
import tests.carrier.__main__  # noqa: F401 - loaded for the processes
from app.cli.main import COMMANDS, load
from app.cli.reply import form_of
from app.flows import loader
from app.flows.replies.forms import AnswerKind
from app.flows.replies.reader import reader
from app.flows.replies.understanding import understand
from app.shipped import shipped

for name in COMMANDS:
    load(name)
for file in shipped("flows").glob("*.yaml"):
    loader.lint(loader.load(file.read_bytes(), file.name))
for kind in AnswerKind:
    form = form_of(kind, ["Uno", "Dos"], {1: "Nada", 2: "Mucho"} if kind is AnswerKind.scale else {})
    understand(
        reader(form), "pues como unos tres, creo", datetime(2026, 3, 3, 10, tzinfo=ZoneInfo("America/Mexico_City"))
    )
