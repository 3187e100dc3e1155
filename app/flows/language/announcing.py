"""One-off messages that a person writes to many officers: the key `announcements`."""

from pydantic import Field

from app.flows.language.vocabulary import Model


class Announcements(Model):
    """Avisos que una persona manda a muchos oficiales a la vez (`trato notice`)."""

    second_person_above: int | None = Field(
        None,
        ge=0,
        le=1_000_000,
        description="A más oficiales que estos, un aviso no sale sin el sí de una segunda persona; sin este número basta una.",
        examples=[50],
    )
