"""`trato reply`: how a reply is understood. One reply in the arguments, or a line each on standard input."""

import json
import re
import sys
from dataclasses import replace
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from app.cli.language import language
from app.clock import system_clock
from app.errors import UsageError, unreadable
from app.flows.engine.compiled import extra_of
from app.flows.loader import load
from app.flows.replies import Reader, reader
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Form, Option, Parsed
from app.flows.replies.message import NO_EXTRA, ActKind, Extra, Purpose
from app.flows.replies.quantity import measures_in
from app.flows.replies.understanding import Understood, understand
from app.wording import Sentence

ZONE = ZoneInfo("America/Mexico_City")
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
    "not_answer": "no es una respuesta",
}
_ACTS = {
    ActKind.answer: "una respuesta",
    ActKind.greeting: "un saludo",
    ActKind.ack: "un acuse de recibo",
    ActKind.deferral: "un aplazamiento",
    ActKind.question: "una pregunta para nosotros",
    ActKind.leave: "una petición clara de salir",
    ActKind.leave_maybe: "quizá una petición de salir",
    ActKind.refusal: "una negativa a contestar esta pregunta",
    ActKind.about_message: "un comentario sobre el mensaje",
    ActKind.complaint: "una queja",
    ActKind.correction: "una corrección",
    ActKind.auto_reply: "una respuesta automática",
    ActKind.serious: "un incidente grave",
    ActKind.crisis: "una crisis",
    ActKind.other: "otra cosa",
}


def reply(
    text: Annotated[list[str] | None, typer.Argument(help="The reply; - reads one a line from standard input.")] = None,
    as_: Annotated[AnswerKind, typer.Option("--as", help="The expected kind of answer.")] = AnswerKind.yes_no,
    options: Annotated[str, typer.Option(help="The options, separated by commas.")] = "",
    minimum: Annotated[float | None, typer.Option("--min", help="The smallest accepted number.")] = None,
    maximum: Annotated[float | None, typer.Option("--max", help="The largest accepted number.")] = None,
    missing: Annotated[str, typer.Option(help="Accepted missing codes: d,n,r.")] = "",
    decimals: Annotated[bool, typer.Option("--decimals", help="A number may have decimals.")] = False,
    question: Annotated[str, typer.Option(help="The question's text: what it names is read in its light.")] = "",
    unit: Annotated[str, typer.Option(help="The measures that the question names, such as minutos.")] = "",
    purpose: Annotated[
        Purpose, typer.Option(help="What the question is for: an «ok» answers an invitation, never a fact.")
    ] = Purpose.fact,
    past: Annotated[bool, typer.Option("--past", help="A date may not lie in the future.")] = False,
    words: Annotated[
        Path | None, typer.Option(help="A flow file, whose own wordings under safety and leave are looked for too.")
    ] = None,
    at: Annotated[str, typer.Option(help="When it arrives, ISO; without a zone, Mexico City's time.")] = "",
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how a reply is understood."""
    form = _form(as_, options, minimum, maximum, missing, past=past, decimals=decimals)
    read = reader(replace(form, units=measures_in(unit or question), asked=phrase(question)))
    moment, extra = _moment(at), _extra(words)
    if (text or ["-"]) == ["-"]:
        # Whatever bytes come are read: a reply is never a reason to stop.
        for line in sys.stdin.buffer:
            _line(_told(read, line.decode("utf-8", errors="replace").rstrip("\r\n"), moment, purpose, extra))
        return
    told = _told(read, " ".join(text or []), moment, purpose, extra)
    if json_:
        _line(told)
    else:
        typer.echo(_sentence(told))


def _form(
    kind: AnswerKind,
    options: str,
    minimum: float | None,
    maximum: float | None,
    missing: str,
    *,
    past: bool,
    decimals: bool,
) -> Form:
    """The form that the flags describe. Raises UsageError if they are inconsistent."""
    labels = [label.strip() for label in options.split(",") if label.strip()]
    codes = frozenset(re.findall(r"\w+", missing))
    if kind in (AnswerKind.choice, AnswerKind.multi) and not labels:
        raise UsageError(Sentence("--as {kind} needs --options, such as --options Tiempo,Riesgo,Otro", kind=kind))
    if len({phrase(label) for label in labels} - {()}) < len(labels):
        raise UsageError(
            Sentence("--options needs labels that differ in their letters or digits, whatever their accents")
        )
    if codes - _MISSING_CODES:
        raise UsageError(
            Sentence("--missing takes d, n and r, not {codes}", codes=", ".join(sorted(codes - _MISSING_CODES)))
        )
    if any(bound is not None and not isfinite(bound) for bound in (minimum, maximum)):
        raise UsageError(Sentence("--min and --max take numbers"))
    lowest = 1 if minimum is None and kind == AnswerKind.scale else minimum
    if lowest is not None and maximum is not None and lowest > maximum:
        raise UsageError(Sentence("--min is above --max"))
    points = dict(enumerate(labels, int(lowest or 1))) if kind == AnswerKind.scale else {}
    if points and maximum is None:
        maximum = max(points)
    if (
        kind == AnswerKind.scale
        and maximum is not None
        and (maximum - (lowest or 0) > 100 or max(points, default=0) > maximum)
    ):
        raise UsageError(Sentence("a scale has at most 100 points, and no more labels than points"))
    return form_of(kind, labels, points, minimum=minimum, maximum=maximum, missing=codes, past=past, whole=not decimals)


def form_of(
    kind: AnswerKind,
    labels: list[str],
    points: dict[int, str],
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    missing: frozenset[str] = frozenset(),
    past: bool = False,
    whole: bool = True,
    units: tuple[str, ...] = (),
    asked: tuple[str, ...] = (),
) -> Form:
    """A form from plain labels: an option's key and value are its folded label; yes is 1 and no is 0."""
    options: tuple[Option, ...]
    match kind:
        case AnswerKind.yes_no:
            options = (Option("si", "Sí", 1), Option("no", "No", 0))
        case AnswerKind.scale:
            options = tuple(Option(str(point), label, point) for point, label in points.items())
            minimum, maximum = 1 if minimum is None else minimum, 5 if maximum is None else maximum
        case (
            AnswerKind.choice
            | AnswerKind.multi
            | AnswerKind.number
            | AnswerKind.text
            | AnswerKind.date
            | AnswerKind.time
            | AnswerKind.media
        ):
            options = tuple(Option(_key(label), label, _key(label)) for label in labels)
    return Form(kind, options, minimum, maximum, whole, missing, past, units=units, asked=asked)


def _key(label: str) -> str:
    return "_".join(phrase(label))


def _moment(at: str) -> datetime:
    if not at:
        return system_clock().astimezone(ZONE)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise UsageError(
            Sentence("--at takes an ISO date and time such as 2026-03-11T10:00, not {at}", at=at)
        ) from None
    if not 1900 <= moment.year <= 2200:
        raise UsageError(Sentence("--at takes a moment between the years 1900 and 2200, not {at}", at=at))
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _extra(file: Path | None) -> Extra:
    """The own wordings of a flow file. Raises UsageError if it cannot be read or has an error."""
    if file is None:
        return NO_EXTRA
    try:
        loaded = load(file.read_bytes(), str(file))
    except OSError as error:
        raise unreadable(file, error) from None
    if loaded.programme is None:
        raise UsageError(
            Sentence(
                "{problem}; `trato check {file}` lists all problems",
                problem=loaded.problems[0].into(language()),
                file=file,
            )
        )
    return extra_of(loaded.programme)


def _told(read: Reader, text: str, at: datetime, purpose: Purpose, extra: Extra) -> dict[str, Any]:
    """One reply as an object of the public surface: text, act, matched, value, label, rule, score; reason or missing."""
    understood = understand(read, text, at, purpose=purpose, extra=extra)
    found, act = understood.outcome, understood.act.kind
    if understood.is_answer and isinstance(found, Parsed):
        told = {
            "text": text, "act": act, "matched": True, "value": found.value, "label": found.label, "rule": found.rule,
            "score": found.score,
        }  # fmt: skip
        return told if found.missing is None else told | {"missing": f".{found.missing}"}
    return {
        "text": text,
        "act": act,
        "matched": False,
        "value": None,
        "label": None,
        "rule": _rule(understood),
        "score": 0.0,
        "reason": "not_answer" if isinstance(found, Parsed) else found.reason,
    }


def _rule(understood: Understood) -> str | None:
    """The rule that found an act; None for a reply of which nothing was understood."""
    unread = understood.act.kind is ActKind.other and not isinstance(understood.outcome, Parsed)
    return None if unread else understood.act.rule


def _line(told: dict[str, Any]) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False))


def _sentence(told: dict[str, Any]) -> str:
    act = ActKind(told["act"])
    if act is ActKind.answer:
        value = told.get("missing", told["value"])
        return f"Se entendió como respuesta: {told['label']} = {value} (regla {told['rule']}, certeza {told['score']:.2f})."
    if act is ActKind.other:
        return f"No se acepta: {_REASONS[told['reason']]} ({told['reason']})."
    return f"No es una respuesta: es {_ACTS[act]} ({act})."
