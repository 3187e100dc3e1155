"""How long a programme keeps what officers wrote, by kind: the key `retention`. A daily job obeys it."""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field

from app.flows.language.vocabulary import Duration, Model

SHORTEST = timedelta(days=8)
"""The carrier's list of a day is compared up to a week later, and a case may be of last week."""


class Retention(Model):
    """Cuánto tiempo se guarda lo que escriben los oficiales. Lo que no tiene plazo se guarda hasta que se anonimiza el programa."""

    forms: Duration | None = Field(
        None, ge=SHORTEST, description="Los formularios de la operadora, con el número.", examples=["4w"]
    )
    files: Duration | None = Field(None, ge=SHORTEST, description="Fotos, audios y documentos.", examples=["90d"])
    messages: Duration | None = Field(
        None, ge=SHORTEST, description="El texto de los mensajes, recibidos y enviados.", examples=["180d"]
    )
    words: Duration | None = Field(
        None,
        ge=SHORTEST,
        description="Las respuestas en palabras propias, y lo revisado de ellas; los códigos se quedan.",
        examples=["365d"],
    )
    notes: Duration | None = Field(
        None, ge=SHORTEST, description="Las notas de los casos, desde que se cierran.", examples=["180d"]
    )
    carrier: Duration | None = Field(
        None,
        ge=SHORTEST,
        description="Los mensajes y archivos que guarda la operadora: allá se borran.",
        examples=["30d"],
    )

    def terms(self) -> Iterator[tuple[str, timedelta]]:
        """The kinds that have a term, with it."""
        for name in type(self).model_fields:
            if (term := getattr(self, name)) is not None:
                yield name, term
