"""Completes an excerpt to a whole flow file, so that the blocks of `docs/lints` and the tests can be short."""

import re

_REST = {
    "programme": "programme: ejemplo",
    "title": "title: Ejemplo",
    "timezone": "timezone: America/Mexico_City",
    "notices": """\
notices:
  help: Escríbanos.
  opted_out: Ya no le escribiremos.
  opted_in: Le escribiremos de nuevo.
  paused: "Hacemos una pausa de {{ dias }} días."
  nothing_open: Gracias por su mensaje.
  unclear: Responda con el número, por favor.""",
    "flows": """\
flows:
  ejemplo:
    title: Ejemplo
    kind: tip
    steps:
      - say: hola
        text: Buen día.
        template: ejemplo_hola""",
}


def whole(excerpt: str) -> str:
    """The excerpt with what a file needs besides, after it, so that its lines keep their numbers."""
    given = set(re.findall(r"^(\w+):", excerpt, re.MULTILINE))
    return "\n".join([excerpt.rstrip("\n"), *(text for key, text in _REST.items() if key not in given)]) + "\n"
