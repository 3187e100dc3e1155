"""Patterns for the topics of officers' questions to us. Every programme has an answer to each topic."""

from enum import StrEnum

from app.flows.replies.fold import LONGEST, fold
from app.flows.replies.patterns import Patterns, line_of, lines
from app.flows.replies.remarks import WANTS_PERSON


class Topic(StrEnum):
    """The topic of a question to us."""

    who = "who"
    number = "number"
    voluntary = "voluntary"
    privacy = "privacy"
    purpose = "purpose"


_SEES = "(ve|ven|lee|leen|va a ver|van a ver|va a leer|van a leer|revisa|revisan|tiene acceso|tienen acceso|puede ver|pueden ver|se entera|se enteran|va a saber|van a saber)"
_BOSSES = "(mi comandante|mis jefes|mi jefe|mis mandos|mi mando|los jefes|los mandos|el comandante|mis superiores)"
_TOPICS: tuple[tuple[Topic | None, Patterns], ...] = (
    (None, Patterns(WANTS_PERSON)),
    (
        Topic.number,
        Patterns(
            lines("""
    (como|por que|donde) (sacaron|saco|obtuvieron|obtuvo|tienen|tiene|consiguieron|consiguio|supieron|les dieron) (mi|este|el) (numero|telefono|contacto|cel|celular|nombre)
    (de|desde) donde (sacaron|saco|obtuvieron|obtuvo|tienen|tiene|consiguieron|consiguio|salio)
    (quien) (les|le|te) (dio|paso) (mi|el)? (numero|telefono|contacto|cel|celular)?
""")
        ),
    ),
    (
        Topic.privacy,
        Patterns(
            lines(f"""
    (quien|quienes|kien) {_SEES}
    {_SEES} ~ {_BOSSES}
    {_BOSSES} ~ {_SEES}
    (es|son|seria|sera) (realmente|de verdad)? (anonimo|anonima|anonimas|confidencial|confidenciales|privado|privada)
    ^ (esto|la encuesta|el programa|esta encuesta)? (es)? (anonimo|anonima|confidencial) $
    (que hacen|que van a hacer|que haran) con (mis|las|esas) (respuestas|datos)
""")
        ),
    ),
    (
        Topic.voluntary,
        Patterns(
            lines("""
    (es|son|seria|sera) (obligatorio|obligatoria|obligacion|a fuerza|a fuerzas|forzoso|voluntario|voluntaria)
    ^ (esto|la encuesta|el programa|esta encuesta)? (es)? (obligatorio|obligatoria|voluntario) $
    (tengo|debo|tenemos|es necesario|es forzoso|se tiene) (que)? (contestar|responder|participar|hacerlo|obligacion)
    (pasa|hay|sucede) (algo)? (si no (contesto|respondo|participo|quiero|acepto)|si digo que no)
    (me|nos) (va|van) a (afectar|perjudicar|sancionar|arrestar|castigar)
""")
        ),
    ),
    (
        Topic.purpose,
        Patterns(
            lines("""
    (para que|pa que|con que fin|cual es el (objetivo|fin|motivo|proposito)) (es|son|sirve|sirven|quieren|quiere|se usa|usan|hacen|preguntan|esto|estas|esta)?
    (de|sobre) que (se trata|trata|va|es) (esto|la encuesta|el programa|este mensaje)?
    ^ (y)? por que (me)? (preguntan|pregunta|escriben|escribe|mandan|manda|hacen)
""")
        ),
    ),
    (
        Topic.who,
        Patterns(
            lines("""
    (quien|quienes|kien) (eres|es|son|habla|hablan|me escribe|me habla|escribe|me manda|manda|envia|me esta escribiendo|esta detras|me contacta|hace|son ustedes|es usted|los manda|lo manda)
    (de parte de|por parte de|a nombre de|con) (quien|que institucion|que dependencia|que area|kien)
    (de|desde) donde (son|es|me escriben|escriben|me hablan|vienen)
    (que|cual) (numero es este|es este numero)
    (que|cual) (es|son) (esto|este programa|el programa|este mensaje|ustedes)
    ^ son (de|del) (la|el)? _ $
    (es|son|seria) (un bot|una maquina|un robot|real|spam|estafa|fraude|oficial|broma)
""")
        ),
    ),
)
"""The narrower topics come first: «¿de dónde sacaron mi número?» is not about who we are. None: the question is for a person, whatever
else it asks."""


def topic_of(text: str) -> Topic | None:
    """The topic of a question; None for any other, and for one that asks for a person."""
    line = line_of(fold(text[:LONGEST]))
    return next((topic for topic, patterns in _TOPICS if patterns.first_in(line)), None)
