"""The numbers of answers in the data. An option has the number that the programme gives it as its value; one without, or with a word as
its value, has its place in the list. A number stays what it is: versions are gone through in the order in which conversations first
used them, and an option that a later one adds gets a number that is free. An option of a choice that means a missing code has none."""

import re
from collections.abc import Iterator, Mapping
from itertools import count

from sqlalchemy import Connection, func, select

from app.exports.columns import MISSING
from app.exports.definitions import Definitions
from app.flows.engine.compiled import answer_of, expand, options_of
from app.flows.language import definition as d
from app.flows.replies.forms import AnswerKind
from app.store.tables import SESSION
from app.store.tryouts import begun_by_officers

NUMBER = re.compile(r"-?\d+(\.\d+)?")

Number = int | float
Numbers = Mapping[str, Number]
"""Numbers by what the store has as the value of an answer: a value, or an option's key."""


class Numbering:
    """The numbers of the options of all choices, by programme and variable."""

    def __init__(self, tx: Connection, definitions: Definitions) -> None:
        self._found: dict[tuple[str, str], dict[str, Number]] = {}
        for programme in versions_in_use(tx, definitions):
            for flow, step in _questions(programme):
                answer = answer_of(programme, step.answer)
                if answer.kind in {AnswerKind.choice, AnswerKind.multi}:
                    key = programme.programme, d.variable_name(flow, step)
                    options = stored_values(answer.kind, options_of(programme, answer))
                    if answer.kind is AnswerKind.choice:
                        options = {stored: one for stored, one in options.items() if one.value not in MISSING}
                    _add(self._found.setdefault(key, {}), options)

    def of(self, programme: str, variable: str) -> Numbers:
        """The numbers of a variable's stored values; empty if it is no choice."""
        return self._found.get((programme, variable), {})


def in_data(numbers: Numbers, value: str) -> str:
    """A stored value as the data have it: its number, or the missing code that it means."""
    number = numbers.get(value, as_number(value))
    return str(number) if number is not None else f".{value}" if value in MISSING else value


def stored_values(kind: AnswerKind, options: Mapping[str, d.Option]) -> dict[str, d.Option]:
    """Options by what the store has for them: of a choice the value, if it has one; of several choices, and else, the key."""
    if kind is AnswerKind.multi:
        return dict(options)
    return {key if option.value is None else str(option.value): option for key, option in options.items()}


def versions_in_use(tx: Connection, definitions: Definitions) -> Iterator[d.Programme]:
    """The readable versions that conversations were begun with, in the order in which they first were, and the current ones."""
    first = func.min(SESSION.c.id)
    begun = select(SESSION.c.flow_version_id).where(begun_by_officers()).group_by(SESSION.c.flow_version_id)
    used = tx.execute(begun.order_by(first)).scalars()
    for version in dict.fromkeys([*used, *definitions.pointers.values()]):
        if (programme := definitions.version(version)) is not None:
            yield programme


def _questions(programme: d.Programme) -> Iterator[tuple[str, d.Ask]]:
    for code, flow in programme.flows.items():
        yield from ((code, step) for step in expand(flow) if isinstance(step, d.Ask))


def _add(found: dict[str, Number], options: Mapping[str, d.Option]) -> None:
    own = {stored: number for stored, option in options.items() if (number := as_number(option.value)) is not None}
    found.update(own)
    for place, stored in enumerate(options, 1):
        if stored not in found:
            taken = set(found.values())
            found[stored] = next(number for number in count(place) if number not in taken)


def as_number(value: str | float | None) -> Number | None:
    """The number that a value is, whole if it can be; None for a word."""
    if value is None or (isinstance(value, str) and not NUMBER.fullmatch(value)):
        return None
    number = float(value)
    return int(number) if number.is_integer() else number
