"""Changes between two versions of a programme in Spanish words, for the coordinator who approves them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.flows.diff import KIND, Change, ChangeKind
from app.flows.diff import Path as Place

_SECTIONS = {
    "flows": "conversación",
    "campaigns": "campaña",
    "answers": "respuesta compartida",
    "notices": "texto fijo",
    "principles": "principio",
    "reports": "reporte",
    "scores": "puntaje",
    "openings": "aperturas",
    "misconceptions": "idea equivocada",
    "facts": "dato del programa",
}
_KEYS = {
    "programme": "clave del programa",
    "title": "título",
    "language": "idioma",
    "languages": "idiomas",
    "timezone": "zona horaria",
    "authority": "autoridad responsable",
    "fields": "datos del oficial",
    "identity": "datos que identifican",
    "sms": "redacción de los SMS",
    "plain": "sin acentos",
    "budget": "presupuesto",
    "segments": "segmentos",
    "price": "dinero",
    "currency": "moneda",
    "text": "texto",
    "template": "plantilla de WhatsApp",
    "variables": "valores de la plantilla",
    "media": "archivo adjunto",
    "when": "condición",
    "go": "paso que sigue",
    "records": "variable que registra",
    "level": "nivel de evaluación",
    "principle": "principio",
    "correct": "opción correcta",
    "reverse": "calificación al revés",
    "misconception": "idea equivocada",
    "opening": "aperturas",
    "variants": "versiones",
    "crossover": "cruce",
    "reply_time": "plazo de respuesta",
    "contact": "contacto",
    "person": "persona responsable",
    "answer": "respuesta esperada",
    "choice": "opción",
    "multi": "opción",
    "label": "texto",
    "labels": "texto del punto",
    "value": "valor en los datos",
    "also": "otras formas de escribirla",
    "missing": "lo que se acepta en lugar de una respuesta",
    "scale": "escala",
    "number": "número",
    "min": "mínimo",
    "max": "máximo",
    "unclear": "aclaración",
    "tries": "intentos",
    "feedback": "comentario a la opción",
    "consent": "aviso que se acepta",
    "timeout": "espera",
    "expires": "vencimiento",
    "announcements": "avisos a muchos oficiales",
    "retention": "plazos de conservación",
    "late_answers": "plazo de respuestas tardías",
    "reminder": "recordatorio",
    "after": "cuánto después",
    "kind": "tipo",
    "cases": "camino",
    "else": "si ninguno se cumple",
    "values": "variable",
    "flow": "conversación a la que pasa",
    "with": "valor que entrega",
    "items": "reactivo",
    "meaning": "significado",
    "takes": "valores que recibe",
    "options_in_text": "opciones en el texto",
    "slots": "tramo",
    "weeks": "semanas",
    "per_week": "veces por semana",
    "every": "cada cuánto",
    "from": "desde",
    "to": "hasta",
    "window": "horario",
    "cap": "límite",
    "flows": "conversaciones",
    "per": "en cuánto tiempo",
    "anchor": "fecha de inicio",
    "spread": "reparto",
    "gap": "pausa mínima",
    "waves": "medición",
    "suffix": "sufijo",
    "day": "día",
    "closes": "cierre",
    "days": "días",
    "on": "días del calendario",
    "month": "meses",
    "week": "semanas del año",
    "day_of_week": "días de la semana",
    "draw": "opción del sorteo",
    "p": "probabilidad",
    "only": "sólo si",
    "pick": "cuál sigue",
    "at": "hora según el turno",
    "after_shift": "después de salir",
    "before_shift": "antes de entrar",
    "followups": "seguimiento",
    "step": "pregunta",
    "is": "se contestó",
    "in": "se contestó uno de",
    "wrong": "se contestó mal",
    "most": "máximo",
    "rest": "descanso",
    "between": "entre",
    "on_duty": "de servicio",
    "holidays": "días de descanso obligatorio",
    "enrolled_late": "quien entra tarde",
    "late": "atraso permitido",
    "seed": "número del sorteo",
    "study": "estudio",
    "arms": "grupo",
    "share": "partes",
    "campaign": "campaña",
    "strata": "estratos",
    "cluster": "grupo que se sortea entero",
    "balance": "datos de la tabla de balance",
    "columns": "datos del reporte",
    "minimum": "parte que debe tener respuesta",
}
_MARK = "  << cambia los datos"
_READING = "  << cambia cómo se leen las respuestas"


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """One change in words. `said` names it; `before` and `after` are the old and the new wording, if it has them."""

    said: str
    before: str = ""
    after: str = ""


def by_place(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """The changes by the conversation, or other part of the programme, that each belongs to, which is named in words."""
    return [(place, list(group)) for place, group in groupby(changes, key=lambda change: _heading(change.path))]


def change_lines(changes: Sequence[Change]) -> list[str]:
    """The changes line by line, grouped by place."""
    if not changes:
        return ["Sin cambios."]
    lines: list[str] = []
    for place, group in by_place(changes):
        lines += [place, *(f"  {line}" for change in group for line in _lines(change)), ""]
    marked = sum(change.data for change in changes)
    count = "1 cambio" if len(changes) == 1 else f"{len(changes)} cambios"
    said = f"; {marked} puede{'n' if marked > 1 else ''} cambiar los datos" if marked else ""
    if read := sum(change.reading for change in changes):
        said += f"; {read} cambia{'n' if read > 1 else ''} cómo se leen las respuestas"
    return [*lines, f"{count}{said}."]


def _heading(path: Place) -> str:
    word = _SECTIONS.get(path[0])
    return f"{word} {path[1]}" if word and len(path) > 1 else "programa"


def _lines(change: Change) -> Iterator[str]:
    words = in_words(change)
    yield f"{words.said}{_MARK if change.data else _READING if change.reading else ''}"
    yield from _quoted("-", words.before)
    yield from _quoted("+", words.after)


def in_words(change: Change) -> ChangeWords:
    """A change in words."""
    step, part = _subject(change.path)
    where = f"{step}, " if step else ""
    before, after = change.before or "", change.after or ""
    match change.kind:
        case ChangeKind.moved:
            return ChangeWords(f"{step}: ahora va {_after(change.after)} (antes {_after(change.before)})")
        case ChangeKind.renamed:
            return ChangeWords(f"{step}: se llamaba {change.before}")
        case ChangeKind.reordered:
            return ChangeWords(f"{where}las opciones van en otro orden", before, after)
        case ChangeKind.added | ChangeKind.removed:
            verb = "se agrega" if change.kind is ChangeKind.added else "se quita"
            return ChangeWords(
                f"{where}{verb}: {part}" if part else f"{verb}{f': {step}' if step else ''}", before, after
            )
        case ChangeKind.changed:
            return ChangeWords(f"{where}cambia: {part or 'texto'}", before, after)


def _after(step: str | None) -> str:
    return "al principio" if step is None else f"después de {step}"


def _quoted(sign: str, text: str) -> Iterator[str]:
    if text:
        yield f"  {sign} {text}"


def _subject(path: Place) -> tuple[str, str]:
    """The step of a change, if any, and the part of it (or of its section) that changed."""
    if path[0] not in _SECTIONS:
        return "", _words(path)
    if path[0] == "flows" and path[2:3] == ("steps",):
        return f"paso {path[3]}", _words(path[4:])
    return "", _words(path[2:])


def _words(path: Place) -> str:
    """A path in words: `respuesta esperada, opción si, texto`."""
    parts: list[str] = []
    for key in path:
        if key in _KEYS and not (parts and parts[-1] in _NAMING):
            parts.append(_KEYS[key] if key != KIND else "tipo")
        elif parts and parts[-1] in _NAMING:
            parts[-1] += f" «{key}»"
        else:
            parts.append(key)
    return ", ".join(parts)


_NAMING = frozenset(
    {
        _KEYS[key]
        for key in (
            "choice",
            "multi",
            "labels",
            "feedback",
            "cases",
            "values",
            "with",
            "items",
            "slots",
            "waves",
            "go",
            "missing",
            "draw",
            "followups",
            "arms",
        )
    }
)
"""Words that the name of one thing follows."""
