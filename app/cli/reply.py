"""`trato reply`: how a reply is understood. One reply in the arguments, or a line each on standard input.

With `--corpus` it measures a file of labelled replies instead: accuracy, wrong acceptances, time.
"""

import json
import re
import sys
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from app.cli.corpus import form_of, load, measured
from app.clock import system_clock
from app.errors import UsageError
from app.flows.replies import Reader, reader
from app.flows.replies.fold import phrase
from app.flows.replies.forms import Form, Kind, Unparsed

ZONE = ZoneInfo("America/Mexico_City")
FINDINGS = 1
ENOUGH_RIGHT, TOO_MANY_WRONG = 0.98, 0.005
_MISSING_CODES = frozenset("dnr")
_REASONS = {
    "empty": "está vacía",
    "no_match": "no se entendió",
    "ambiguous": "puede significar más de una cosa",
    "out_of_range": "queda fuera de lo que se acepta",
    "too_many": "son demasiadas opciones",
    "too_few": "falta algo",
    "too_long": "es demasiado larga",
    "not_media": "no trae el archivo que se pide",
    "future": "es una fecha futura",
}


def reply(
    text: Annotated[list[str] | None, typer.Argument(help="The reply; - reads one a line from standard input.")] = None,
    as_: Annotated[Kind, typer.Option("--as", help="The kind of answer that is expected.")] = Kind.yes_no,
    options: Annotated[str, typer.Option(help="The options, with commas between them.")] = "",
    minimum: Annotated[float | None, typer.Option("--min", help="The least that is accepted.")] = None,
    maximum: Annotated[float | None, typer.Option("--max", help="The most that is accepted.")] = None,
    missing: Annotated[str, typer.Option(help="What is taken instead of an answer: d,n,r.")] = "",
    decimals: Annotated[bool, typer.Option("--decimals", help="A number may have decimals.")] = False,
    past: Annotated[bool, typer.Option("--past", help="A date may not lie in the future.")] = False,
    at: Annotated[str, typer.Option(help="When it arrives, ISO; without a zone, Mexico City's time.")] = "",
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    corpus: Annotated[Path | None, typer.Option(help="Measure a file of labelled replies instead.")] = None,
) -> None:
    """Show how a reply is understood."""
    if corpus is not None:
        _report(corpus, as_json=json_)
        return
    read = reader(_form(as_, options, minimum, maximum, missing, past=past, decimals=decimals))
    moment = _moment(at)
    words = text or ["-"]
    if words == ["-"]:
        # Whatever bytes come are read: a reply is never a reason to stop.
        for line in sys.stdin.buffer:
            _line(_told(read, line.decode("utf-8", errors="replace").rstrip("\r\n"), moment))
        return
    told = _told(read, " ".join(words), moment)
    if json_:
        _line(told)
    else:
        typer.echo(_sentence(told))


def _form(
    kind: Kind, options: str, minimum: float | None, maximum: float | None, missing: str, *, past: bool, decimals: bool
) -> Form:
    """The form that the flags describe. Raises UsageError where they make none."""
    labels = [label.strip() for label in options.split(",") if label.strip()]
    codes = frozenset(re.findall(r"\w+", missing))
    if kind in (Kind.choice, Kind.multi) and not labels:
        raise UsageError(f"--as {kind} needs --options, such as --options Tiempo,Riesgo,Otro")
    if len({phrase(label) for label in labels} - {()}) < len(labels):
        raise UsageError("--options needs labels that differ in their letters or digits, whatever their accents")
    if codes - _MISSING_CODES:
        raise UsageError(f"--missing takes d, n and r, not {', '.join(sorted(codes - _MISSING_CODES))}")
    if any(bound is not None and not isfinite(bound) for bound in (minimum, maximum)):
        raise UsageError("--min and --max take numbers")
    lowest = 1 if minimum is None and kind == Kind.scale else minimum
    if lowest is not None and maximum is not None and lowest > maximum:
        raise UsageError("--min is above --max")
    points = dict(enumerate(labels, int(lowest or 1))) if kind == Kind.scale else {}
    if points and maximum is None:
        maximum = max(points)
    if (
        kind == Kind.scale
        and maximum is not None
        and (maximum - (lowest or 0) > 100 or max(points, default=0) > maximum)
    ):
        raise UsageError("a scale has at most 100 points, and no more labels than points")
    return form_of(kind, labels, points, minimum=minimum, maximum=maximum, missing=codes, past=past, whole=not decimals)


def _moment(at: str) -> datetime:
    if not at:
        return system_clock().astimezone(ZONE)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise UsageError(f"--at takes an ISO date and time such as 2026-03-11T10:00, not {at}") from None
    if not 1900 <= moment.year <= 2200:
        raise UsageError(f"--at takes a moment between the years 1900 and 2200, not {at}")
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _told(read: Reader, text: str, at: datetime) -> dict[str, Any]:
    """One reply as an object of the public surface: text, matched, value, label, rule, score; reason or missing."""
    found = read.read(text, at)
    if isinstance(found, Unparsed):
        return {
            "text": text,
            "matched": False,
            "value": None,
            "label": None,
            "rule": None,
            "score": 0.0,
            "reason": found.reason,
        }
    told = {
        "text": text, "matched": True, "value": found.value, "label": found.label, "rule": found.rule, "score": found.score,
    }  # fmt: skip
    return told if found.missing is None else told | {"missing": f".{found.missing}"}


def _line(told: dict[str, Any]) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False))


def _sentence(told: dict[str, Any]) -> str:
    if not told["matched"]:
        return f"No se acepta: {_REASONS[told['reason']]} ({told['reason']})."
    value = told.get("missing", told["value"])
    return f"Se entendió: {told['label']} = {value} (regla {told['rule']}, certeza {told['score']:.2f})."


def _report(path: Path, *, as_json: bool) -> None:
    """Accuracy, wrong acceptances and time; exit code 1 if the corpus is read worse than it must be."""
    found = measured(load(path))
    if as_json:
        _line(found)
    else:
        _print(found)
    if found["right"] < ENOUGH_RIGHT or found["wrongly_accepted"] > TOO_MANY_WRONG:
        raise typer.Exit(FINDINGS)


def _print(found: dict[str, Any]) -> None:
    for wrong in found["wrong"]:
        typer.echo(
            f"{wrong['section']}: «{wrong['text']}» → {wrong['got']}, se esperaba {wrong['expected'] or 'preguntar'}"
        )
    typer.echo(f"{'':12}{'respuestas':>11}{'bien':>9}{'aceptadas de más':>18}")
    for name, shares in [*found["kinds"].items(), ("total", found)]:
        typer.echo(f"{name:12}{shares['replies']:11}{shares['right']:9.1%}{shares['wrongly_accepted']:18.2%}")
    times = found["microseconds"]
    typer.echo(
        f"mediana {times['median']} µs · la más lenta {times['slowest']} µs · 300 caracteres "
        f"{times['of_300_characters']} µs · 1,600 caracteres {times['of_1600_characters']} µs"
    )
