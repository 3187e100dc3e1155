"""Plays sequences of quick messages through the code that handles an officer's conversation, and says what was recorded: for the
table of `test_bubbles.py` and for the blind set, in whose format they are written."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import Connection, select, update

from app.conversations.inbound import receive
from app.conversations.sessions import Turn, begin
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.tables import OUTBOUND, RESPONSE, Contact, Response
from app.store.vault import Vault
from tests.world import PROGRAMME, enrol, message, officer, published, stored

SECRET = "a secret that only tests have"
ALMA = "+525555550101"
STEPS = ("uno", "dos", "tres")
ARRIVES_AFTER = timedelta(seconds=8)
"""How long what is no question (a clarification, say) takes to the phone."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Played:
    """The values that count after a sequence, one for each question, None where there is none; the outcome of each message; whether
    consent stands; and at which try the questions after the first were answered."""

    values: tuple[object, ...]
    outcomes: tuple[str, ...]
    consented: bool
    tries: tuple[int, ...]


def _answer(question: Row) -> Row:
    kind = question["kind"]
    options = {f"o{number}": label for number, label in enumerate(question.get("options") or (), 1)}
    bounds = {name: int(question[name]) for name in ("min", "max") if question.get(name) is not None}
    match kind:
        case "choice" | "multi":
            content: Any = options
        case "scale":
            lowest = bounds.get("min", 1)
            labels = {lowest + place: label for place, label in enumerate(options.values())}
            content = {"min": lowest, "max": bounds.get("max", 5), "labels": labels}
        case "number" | "text":
            content = bounds
        case _:
            content = {}
    return {kind: content, "missing": list(question.get("missing") or ())}


def programme(questions: Sequence[Row]) -> str:
    """A programme that asks these questions, three at most, one after the other."""
    source = YAML(typ="safe").load(PROGRAMME)
    steps: list[Row] = [
        {"ask": name, "text": one["question"], "answer": _answer(one), "records": f"v_{name}"}
        | ({"consent": "aviso_2"} if one.get("purpose") == "consent" else {})
        | ({"invitation": True} if one.get("purpose") == "invitation" else {})
        for name, one in zip(STEPS, questions, strict=False)
    ]
    kind = "consent" if questions[0].get("purpose") == "consent" else "report"
    source["flows"]["quick"] = {"title": "Quick", "kind": kind, "steps": [*steps, {"say": "adios", "text": "Gracias."}]}
    return json.dumps(source, ensure_ascii=False)


def play(tx: Connection, vault: Vault, row: Row, *, together: bool = False, swept: bool = False) -> Played:
    """Play one sequence. `together`: messages that came before the second question are one batch; `swept`: their webhooks were lost."""
    start = datetime.fromisoformat(row["at"] + "-06:00")
    library = published(tx, start, programme(row["questions"]))
    contact = enrol(tx, vault, start, ALMA, consented=False)
    changes = Changes()
    begin(Turn(tx, library, changes, start), officer(tx, contact), "quick")
    write(tx, changes)
    _arrive(tx, start)
    outcomes: list[str] = []
    groups = [[one] for one in row["messages"]] if not together else _grouped(row["messages"])
    for group in groups:
        at = start + timedelta(seconds=60 + group[-1]["seconds"])
        _arrive(tx, at, group[-1]["question_delivered_before"])
        arrivals = [
            message(
                vault,
                ALMA,
                one["text"],
                **({"sent_at": start + timedelta(seconds=60 + one["seconds"])} if swept else {}),
            )
            for one in group
        ]
        outcomes += [found.outcome for found in receive(tx, library, arrivals, at + timedelta(minutes=5 * swept))]
    return Played(
        tuple([_value(tx, name, one) for name, one in zip(STEPS, row["questions"], strict=False)]),
        tuple(outcomes),
        tx.execute(select(Contact.consented_at)).scalar_one() is not None,
        tuple(tx.execute(select(Response.attempt).where(Response.step.in_(STEPS[1:]))).scalars()),
    )


def _grouped(messages: Sequence[Row]) -> list[list[Row]]:
    groups: list[list[Row]] = []
    for one in messages:
        if groups and groups[-1][-1]["question_delivered_before"] == one["question_delivered_before"]:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _arrive(tx: Connection, at: datetime, seen: int = len(STEPS)) -> None:
    """What was queued went out at once. The questions up to the place `seen` have arrived a second before `at`, later ones have not;
    what is no question arrives some seconds after it was queued, and surely before a later question."""
    tx.execute(update(OUTBOUND).where(OUTBOUND.c.sent_at.is_(None)).values(sent_at=OUTBOUND.c.created_at))
    has_come = OUTBOUND.c.delivered_at.is_(None)
    if seen:
        has_come &= (OUTBOUND.c.kind != "ask") | OUTBOUND.c.step.not_in(STEPS[seen + 1 :])
    else:
        has_come &= (OUTBOUND.c.kind != "ask") & (OUTBOUND.c.created_at <= at - ARRIVES_AFTER)
    tx.execute(update(OUTBOUND).where(has_come).values(delivered_at=at - timedelta(seconds=1)))


def _value(tx: Connection, step: str, question: Row) -> object:
    """The value that counts, in the words of the set: labels for options."""
    columns = ("value", "number", "missing", "label", "key")
    found = stored(tx, Response, *columns, where=[RESPONSE.c.step == step, RESPONSE.c.status == "ok"])
    if not found:
        return None
    if len(found) > 1:
        raise AssertionError("two answers count")
    value, number, missing, label, key = found[0]
    match question["kind"]:
        case _ if missing:
            return missing
        case "multi":
            places = [int(one.removeprefix("o")) - 1 for one in key.split()]
            return [question["options"][place] for place in places]
        case "choice":
            return label
        case "yes_no" | "number" | "scale":
            return number
        case _:
            return value


def play_all(database: Database, rows: Sequence[Row], **how: bool) -> list[Played]:
    """Play sequences one after the other, and leave the database as it was."""
    found = []
    with database.transaction() as tx:
        for row in rows:
            savepoint = tx.begin_nested()
            found.append(play(tx, Vault(SECRET), row, **how))
            savepoint.rollback()
    return found


def played(rows: Sequence[Row], **how: bool) -> list[Played]:
    """Play sequences in a database that is thrown away."""
    with TemporaryDirectory() as folder, closing(Database(f"sqlite:///{folder}/played.db")) as database:
        database.upgrade()
        database.unlock(Vault(SECRET))
        return play_all(database, rows, **how)


def is_unseen(row: Row) -> bool:
    """Whether every message came before the second question had arrived."""
    return all(one["question_delivered_before"] == 0 for one in row["messages"])


def verdict(row: Row, found: Played) -> str:
    """`right`, `missed` if a value is not there that should be, or `wrong` if there is one that should not be."""
    pairs = list(zip(found.values, row["want"], strict=True))
    if any(got is not None and (want is None or not same_value(got, want)) for got, want in pairs):
        return "wrong"
    return "missed" if any(got is None and want is not None for got, want in pairs) else "right"


def same_value(one: object, other: object) -> bool:
    """Whether two values are the same, in the words of the set. Bubbles of one text may be joined by spaces or by ends of lines."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return float(one) == float(other)
    return str(one).casefold().split() == str(other).casefold().split()
