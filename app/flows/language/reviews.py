"""The model of a review: for a text of the programme, or all below a place, what it is for, where it comes from, what a lawyer should
confirm, and who confirmed it. `flows/reviews.py` says which review a text has."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from app.flows.language.vocabulary import Model, Short, fault
from app.wording import Sentence

Note = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class Review(Model):
    """Lo que necesita saber quien revisa un texto, y quién lo confirmó."""

    purpose: Note | None = Field(None, description="Para qué es el texto.", examples=["Pedir permiso antes que nada."])
    evidence: Note | None = Field(None, description="De dónde sale.", examples=["Redacción propia, sin piloto."])
    lawyer: Note | None = Field(
        None,
        description="Qué debe confirmar un abogado o una abogada.",
        examples=["Quién puede multar, según el reglamento local."],
    )
    confirmed_by: Short | None = Field(
        None, description="El nombre de quien lo confirmó. Sólo cuando de verdad lo hizo.", examples=["Alma Rivera"]
    )
    confirmed_on: Day | None = Field(None, description="La fecha en que lo confirmó.", examples=["2026-12-01"])

    @model_validator(mode="after")
    def _by_and_on(self) -> "Review":
        if (self.confirmed_by is None) != (self.confirmed_on is None):
            raise fault("review", Sentence("confirmed_by and confirmed_on go together"))
        return self
