"""The "did you mean" of messages to authors. The keys of flow files are English and their authors Spanish speakers,
so a Spanish word for a key counts as close to it."""

import unicodedata
from collections.abc import Collection
from functools import lru_cache

from rapidfuzz import fuzz, process

from app.wording import Sentence

_CLOSE = 62
"""Similarity, of 100, from which a guess helps more than it misleads: `texto` for `text`, `sin_contato`."""

_SPANISH = {
    # steps and what belongs to them
    "say": "di decir dice mensaje manda envia aviso", "ask": "pregunta preguntar pide", "branch": "bifurcacion rama condicion si",
    "set": "guarda guardar asigna poner", "call": "llama llamar llamada", "end": "fin final termina terminar despedida",
    "repeat": "repite repetir repeticion", "text": "texto mensaje pregunta", "answer": "respuesta responde contesta",
    "records": "registra variable guarda", "level": "nivel", "principle": "principio", "correct": "correcta correcto",
    "reverse": "inversa inverso al_reves", "feedback": "retroalimentacion comentario comentarios", "unclear": "no_entendido aclaracion",
    "tries": "intentos", "consent": "consentimiento", "template": "plantilla", "variables": "valores", "timeout": "espera plazo limite",
    "go": "ir ir_a va siguiente sigue salta", "when": "cuando si condicion", "cases": "casos caminos", "else": "otro otros sino si_no",
    "values": "valores", "flow": "flujo conversacion", "with": "con", "items": "reactivos elementos", "media": "archivo imagen foto",
    # answers
    "choice": "opcion opciones eleccion", "multi": "varias multiple opcion_multiple", "yes_no": "si_no si_o_no",
    "number": "numero", "scale": "escala", "date": "fecha", "time": "hora", "missing": "faltante faltantes perdidos",
    "label": "etiqueta texto nombre", "value": "valor codigo", "also": "tambien sinonimos alias otras", "labels": "etiquetas",
    "min": "minimo desde", "max": "maximo hasta", "at_least": "al_menos minimo", "at_most": "a_lo_mas maximo", "types": "tipos",
    # conditions
    "step": "paso", "field": "campo dato", "var": "variable", "is": "es igual", "in": "en", "answered": "contestada contesto",
    "all": "todas todos", "any": "alguna alguno cualquiera", "not": "no",
    # the programme
    "programme": "programa program", "title": "titulo nombre", "language": "idioma lengua", "languages": "idiomas lenguas",
    "timezone": "zona_horaria huso zona", "authority": "autoridad responsable", "fields": "campos datos", "identity": "identidad identificacion",
    "notices": "avisos textos mensajes", "principles": "principios", "answers": "respuestas", "flows": "flujos conversaciones",
    "campaigns": "campanias campanas", "kind": "tipo clase", "expires": "vence expira caduca vencimiento", "reminder": "recordatorio",
    "takes": "recibe toma", "steps": "pasos", "after": "despues", "meaning": "significado", "help": "ayuda", "opted_out": "baja",
    "opted_in": "alta", "paused": "pausa", "nothing_open": "nada_abierto sin_pregunta", "support": "apoyo crisis",
    # campaigns
    "anchor": "ancla inicio", "window": "ventana horario", "spread": "reparto", "cap": "limite tope", "gap": "pausa separacion",
    "pause_after": "pausa_tras", "late": "retraso atraso", "slots": "tramos", "waves": "olas mediciones", "weeks": "semanas",
    "per_week": "por_semana", "every": "cada", "from": "desde de", "to": "hasta a", "per": "por", "suffix": "sufijo", "day": "dia",
    "closes": "cierra cierre", "budget": "presupuesto gasto", "month": "mes", "segments": "segmentos", "price": "precio dinero",
    "currency": "moneda",
    # values of level, kind and the like
    "knowledge": "conocimiento conocimientos", "internal": "interno actitud actitudes cambio_interno",
    "behaviour": "conducta comportamiento behavior", "tip": "consejo", "vignette": "caso vinieta vineta", "report": "reporte informe",
    "reflection": "reflexion", "story": "historia relato", "quiz": "cuestionario examen prueba", "survey": "encuesta",
    "image": "imagen foto", "document": "documento",
}  # fmt: skip
_MEANT: dict[str, list[str]] = {}
for _english, _words in _SPANISH.items():
    for _word in _words.split():
        _MEANT.setdefault(_word, []).append(_english)


def did_you_mean(word: object, known: Collection[str], *, else_list: int = 8, close: int = _CLOSE) -> str:
    """The closest name as a question; without one, the list of names if it is short. May be empty."""
    guess = closest(word, known, close)
    if guess is not None:
        return Sentence("Did you mean {name}?", name=guess)
    if 0 < len(set(known)) <= else_list:
        return Sentence("There is: {names}", names=", ".join(sorted(set(known))))
    return ""


def unknown(
    fault: Sentence, word: object, known: Collection[str], *, else_list: int = 8, stop: bool = False
) -> Sentence:
    """The error of a name that is not known, with the one that may be meant. `stop`: without such a one, it ends with a full stop, too."""
    if hint := did_you_mean(word, known, else_list=else_list):
        return Sentence("{fault}. {hint}", fault=fault, hint=hint)
    return Sentence("{fault}.", fault=fault) if stop else fault


def closest(word: object, known: Collection[str], close: int = _CLOSE) -> str | None:
    """The intended name: the same but for accents, capitals and signs, else one of that meaning, else a similar one."""
    names, plainly = _sorted(frozenset(known))
    plain = slug(str(word))
    if same := plainly.get(plain):
        return same
    if meant := next((name for name in _MEANT.get(plain, ()) if name in known), None):
        return meant
    found = process.extractOne(str(word), names, scorer=fuzz.ratio, score_cutoff=close)
    return found[0] if found else None


@lru_cache(maxsize=64)
def _sorted(known: frozenset[str]) -> tuple[list[str], dict[str, str]]:
    """The names in order, so that a guess is deterministic; and by their plainest spelling."""
    names = sorted(known)
    return names, {slug(name): name for name in reversed(names)}


@lru_cache(maxsize=10_000)
def slug(word: str) -> str:
    """A word in the notation of a name: `Año 1` as `anio_1`. Empty if nothing of it is allowed in a name."""
    word = word.casefold().replace("ñ", "ni")
    letters = [char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char)]
    return "_".join("".join(char if char.isascii() and char.isalnum() else " " for char in letters).split())
