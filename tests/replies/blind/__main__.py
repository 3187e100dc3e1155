"""`python -m tests.replies.blind SET`: reads a blind set (a folder here) with the reader of today and prints shares, each with its n
and its 95 % interval (Wilson). A set counts once: the first reading is the figure that is quoted."""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from math import sqrt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.cli.reply import form_of
from app.flows.replies import model, reader
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Form, Parsed
from app.flows.replies.message import ActKind, Purpose
from app.flows.replies.quantity import measures_in
from app.flows.replies.understanding import understand
from tests.conversations.quick import is_unseen, played, same_value, verdict

HERE = Path(__file__).parent
ZONE = ZoneInfo("America/Mexico_City")
DANGERS = (ActKind.crisis, ActKind.serious)
AT = datetime(2026, 3, 3, 10, tzinfo=ZONE)

Row = dict[str, Any]


def rows_of(file: Path) -> Iterator[Row]:
    """The rows of a file; none of a set that has no such file."""
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        yield json.loads(line)


def form_for(row: Row) -> Form:
    kind, labels = AnswerKind(row["kind"]), row["options"] or []
    lowest = row["min"]
    points = dict(enumerate(labels, int(lowest or 1))) if kind is AnswerKind.scale else {}
    missing = frozenset(row["missing"] or ())
    options = [] if kind is AnswerKind.scale else labels
    units = measures_in(row["question"])
    return form_of(
        kind,
        options,
        points,
        minimum=lowest,
        maximum=row["max"],
        missing=missing,
        units=units,
        asked=phrase(row["question"]),
    )


def _value(form: Form, parsed: Parsed) -> object:
    """The value in the words of the set: labels for options."""
    if parsed.missing:
        return parsed.missing
    if form.kind is AnswerKind.multi:
        chosen = set(str(parsed.value).split())
        return [option.label for option in form.options if str(option.value) in chosen]
    if form.kind is AnswerKind.choice:
        return next((option.label for option in form.options if option.value == parsed.value), parsed.value)
    return parsed.value


def _read(row: Row) -> tuple[ActKind, object]:
    form = form_for(row)
    found = understand(reader(form), row["text"], AT, purpose=Purpose(row["purpose"]))
    if found.is_answer and isinstance(found.outcome, Parsed):
        return found.act.kind, _value(form, found.outcome)
    return found.act.kind, None


def _offered(row: Row) -> object:
    """The value that the officer is asked about, for an attempt to answer that was not understood; None if there is none."""
    form = form_for(row)
    read = reader(form)
    found = understand(read, row["text"], AT, purpose=Purpose(row["purpose"]))
    if found.act.kind is not ActKind.other or isinstance(found.outcome, Parsed):
        return None
    offer = read.probable(row["text"])
    return None if offer is None else _value(form, offer)


def _is_one_of(value: object, row: Row) -> bool:
    return any(same_value(value, one) for one in (row["want"], *row["alt"]))


def _share(title: str, hits: Iterable[bool]) -> None:
    found = list(hits)
    if not found:
        return
    n, k = len(found), sum(found)
    p, z = k / n, 1.96
    middle, half = (p + z * z / (2 * n)), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    print(f"{title}: {100 * p:.1f} % ({k} of {n}; {100 * max(0.0, low):.1f}-{100 * high:.1f})")  # noqa: T201


def _named(row: Row, act: ActKind) -> bool:
    return act.value in (row["act"], *row["also_act"])


def _bubbles(rows: list[Row]) -> None:
    """Quick messages, through the code of a conversation: one by one, as one batch, and found by the sweep, which can only be where
    the second question had not been asked."""
    unseen = [row for row in rows if is_unseen(row)]
    ways: list[tuple[str, list[Row], dict[str, bool]]] = [
        ("one by one", rows, {}),
        ("in a batch", rows, {"together": True}),
        ("swept", unseen, {"swept": True}),
    ]
    for way, some, how in ways:
        found = [verdict(row, one) for row, one in zip(some, played(some, **how), strict=True)]
        _share(f"sequences of quick messages, {way}: right", (one == "right" for one in found))
        _share(f"sequences of quick messages, {way}: wrong", (one == "wrong" for one in found))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.replies.blind", description=__doc__)
    parser.add_argument("set", choices=sorted(folder.parent.name for folder in HERE.glob("*/others.jsonl")))
    parser.add_argument("--weights", type=Path, default=model.WEIGHTS, help="weights trained without this set")
    given = parser.parse_args()
    folder, model.WEIGHTS = HERE / given.set, given.weights
    answers = [(row, *_read(row)) for row in rows_of(folder / "answers.jsonl")]
    others = [(row, *_read(row)) for row in rows_of(folder / "others.jsonl")]
    wanted = [(row, value) for row, _, value in answers if row["want"] is not None]
    _share("answers taken at once", (value is not None and same_value(value, row["want"]) for row, value in wanted))
    _share(
        "answers read wrong",
        (value is not None and not _is_one_of(value, row) for row, value in wanted),
    )
    offers = [(row, value, None if value is not None else _offered(row)) for row, value in wanted]
    _share(
        "answers taken at once or after one offer",
        (same_value(found if found is not None else offer, row["want"]) for row, found, offer in offers),
    )
    _share("offers that are wrong", (not _is_one_of(offer, row) for row, _, offer in offers if offer is not None))
    plain = [
        (row, act, value)
        for row, act, value in others
        if row["want"] is None and not row.get("consent_not_free") and row["kind"] != "text"
    ]
    _share("other messages recorded as an answer", (value is not None for _, _, value in plain))
    wrongly = (value is not None and not _is_one_of(value, row) for row, _, value in plain)
    _share("the same, with a value that the writers do not accept", wrongly)
    # A question that accepts the code `r` records a refusal as what it is.
    data = (value is not None and not (row["act"] == "refusal" and value == "r") for row, _, value in plain)
    _share("other messages recorded as an answer, refusals coded as refused aside", data)
    unread = (_offered(row) is not None for row, _, value in plain if value is None)
    _share("other messages that meet an offer", unread)
    for act in ("leave", "crisis", "serious"):
        _share(f"{act}: found", (_named(row, got) for row, got, _ in others if row["act"] == act))
    danger = (got in DANGERS for row, got, _ in others if row["act"] in DANGERS)
    _share("crisis and serious together: found as one of the two", danger)
    rest = [
        (row, got) for row, got, _ in (*others, *answers) if row["act"] != "leave" and "leave" not in row["also_act"]
    ]
    _share("leave: obeyed in error", (got is ActKind.leave for _, got in rest))
    hard = [(row, got) for row, got, _ in others if row.get("hard_negative")]
    _share("safety: false alarms on hard negatives", (got in DANGERS for _, got in hard))
    forced = [(row, value) for row, _, value in others if row.get("consent_not_free")]
    _share("consent that is not free, recorded as consent", (value == 1 for _, value in forced))
    acts = Counter((row["act"], got.value) for row, got, _ in others if not _named(row, got))
    if sequences := list(rows_of(folder / "bubbles.jsonl")):
        _bubbles(sequences)
    print("acts named otherwise:", ", ".join(f"{a} as {b} {n}" for (a, b), n in acts.most_common(12)))  # noqa: T201


if __name__ == "__main__":
    main()
