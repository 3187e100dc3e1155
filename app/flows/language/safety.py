"""The parts of a programme for the officer in trouble: help lines, the person to call, the hours at which a person reads, the
programme's own wordings of a crisis, and who is alerted."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from app.flows.language.vocabulary import Duration, Model, Short, Text, fault
from app.wording import Sentence

_PLACEHOLDER = re.compile(r"\s*[(\[].*[)\]]\s*|.*[(\[][^\d()\[\]]*[)\]].*|.*[xX]{3}.*", re.DOTALL)
_SHORTEST_WAIT = timedelta(minutes=1)
_DIGITS = 3
"""The fewest digits of a telephone number: 911."""


def is_placeholder(text: str) -> bool:
    """Whether a text still has to be filled in: it stands in parentheses or brackets, a part without digits does, or it has XXX."""
    return _PLACEHOLDER.fullmatch(text) is not None


def _telephone(value: object) -> object:
    """`911` without quotes is a number in YAML."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and sum(map(str.isdigit, text)) < _DIGITS and not is_placeholder(text):
        raise fault("telephone", Sentence("must be a telephone number such as 800 911 2000"))
    return text


Telephone = Annotated[Short, BeforeValidator(_telephone, json_schema_input_type=str | int)]
EMAIL = r"^[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]+$"
"""One address. The server says whether it exists."""
WEBHOOK = r"^(https://|http://(127\.0\.0\.1|localhost)[:/])\S+$"
Email = Annotated[str, StringConstraints(pattern=EMAIL, max_length=200)]
Webhook = Annotated[str, StringConstraints(pattern=WEBHOOK, max_length=2000)]
Wordings = Annotated[list[Short], Field(max_length=200)]
"""Patterns in the notation of `flows/replies/patterns.py`."""


class HelpLine(Model):
    """Una línea de ayuda."""

    name: Text = Field(description="Su nombre.", examples=["Línea de la Vida"])
    telephone: Telephone = Field(description="Su teléfono, y la opción si la hay.", examples=["800 911 2000"])
    hours: Text = Field(description="A qué horas contesta.", examples=["24 horas"])


class Contact(Model):
    """La persona responsable y la oficina, a las que un oficial puede llamar."""

    person: Short | None = Field(
        None, description="La persona responsable, con nombre y apellido.", examples=["Alma Rivera"]
    )
    name: Short = Field(description="La oficina.", examples=["Coordinación del taller, oficina 12"])
    telephone: Telephone = Field(description="Su teléfono.", examples=["55 0000 0000"])
    email: Short | None = Field(None, description="Su correo.", examples=["taller@example.org"])


class Safety(Model):
    """Otras formas de decir lo que un mensaje de auxilio dice, además de las que Trato conoce."""

    crisis: Wordings = Field(
        default_factory=list,
        description="Peligro para la vida o la integridad de quien escribe. Las palabras se buscan sin acentos; "
        "docs/coordinadores.md dice cómo se escriben.",
        examples=[["ya me (canse|harte) de (todo|vivir)"]],
    )
    serious: Wordings = Field(
        default_factory=list,
        description="Abuso, delito, acoso o extorsión contra quien escribe.",
        examples=[["me (piden|cobran) la renta"]],
    )


class CaseWaits(Model):
    """Cuánto puede esperar un caso a que alguien lo tome, antes de que se llame a la siguiente persona de `chain`."""

    crisis: Duration = Field(
        timedelta(hours=1),
        ge=_SHORTEST_WAIT,
        description="Si un mensaje parece hablar de una crisis.",
        examples=["30m"],
    )
    serious: Duration = Field(
        timedelta(hours=4),
        ge=_SHORTEST_WAIT,
        description="Si un mensaje parece hablar de un incidente grave.",
        examples=["2h"],
    )
    other: Duration = Field(
        timedelta(days=3), ge=_SHORTEST_WAIT, description="En todos los demás casos.", examples=["2d"]
    )


class AlertReceivers(Model):
    """A quién se avisa de lo que necesita a una persona. El aviso no lleva nombres, teléfonos ni lo que se escribió."""

    email: list[Email] = Field(
        default_factory=list, max_length=20, description="Correos.", examples=[["guardia@example.org"]]
    )
    webhook: Webhook | None = Field(
        None, description="Dirección https que recibe cada aviso en JSON.", examples=["https://example.org/avisos"]
    )
    chain: list[Email] = Field(
        default_factory=list,
        max_length=10,
        description="Correos de las personas a las que se llama, una tras otra y otra vez desde el principio, mientras nadie toma un "
        "caso. Sin esta lista se llama a todos los de `email`.",
        examples=[["coordinacion@example.org", "direccion@example.org"]],
    )
    waits: CaseWaits = Field(
        default_factory=CaseWaits,
        description="Cuánto puede esperar un caso a que alguien lo tome.",
        examples=[{"crisis": "30m", "other": "2d"}],
    )
