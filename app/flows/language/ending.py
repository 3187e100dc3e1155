"""The end of a programme: its last day, until when answers are taken, and who hears of a crisis from then on. A programme without an end
goes on for ever."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from app.flows.language.safety import Email
from app.flows.language.vocabulary import Model, fault
from app.wording import Sentence


class Ending(Model):
    """El fin del programa."""

    last_day: date = Field(
        description="El último día en que empieza una conversación. Al día siguiente sale el último mensaje (`farewell`) a quien aceptó.",
        examples=["2027-03-31"],
    )
    answers_until: date = Field(
        description="El último día en que se toman respuestas. Después se contesta con el aviso `ended`, y nada cuenta.",
        examples=["2027-04-14"],
    )
    afterwards: Annotated[list[Email], Field(min_length=1, max_length=10)] = Field(
        description="A quién se avisa de una crisis después de esa fecha. Alguien la lee mientras se guarden los números.",
        examples=[["guardia@example.org"]],
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Ending":
        if self.answers_until < self.last_day:
            raise fault("ending", Sentence("answers_until must not be before last_day"))
        return self


def after(day: date, timezone: str) -> datetime:
    """The end of a local day."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))
