"""Reviews: that each is of a place of the programme, and, for a launch, that somebody has confirmed every text."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.language import definition as d
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.reviews import review_of
from app.wording import Sentence


@check("review-place", Severity.error)
def review_place(context: Context) -> Iterator[Finding]:
    """A key of `reviews` is no place of the programme."""
    for place in context.programme.reviews:
        if wrong := _wrong(context, place):
            part, known = wrong
            text = Sentence("{place}: there is no {part} there", place=place, part=part)
            yield Finding(("reviews", place), text, did_you_mean(part, known), key=True)


def _wrong(context: Context, place: str) -> tuple[str, list[str]] | None:
    """The first part of a place that leads nowhere, and those that there are; None if there is such a place."""
    node: object = context.source.data
    for part in place.split("."):
        inner = _inner(node)
        if part not in inner:
            return part, list(inner)
        node = inner[part]
    return None


def _inner(node: object) -> dict[str, object]:
    """The parts within a part of the file: steps by their names, other lists counted from 1."""
    if isinstance(node, dict):
        return {str(key): value for key, value in node.items()}
    if not isinstance(node, list):
        return {}
    return {_name(item) or str(number): item for number, item in enumerate(node, 1)}


def _name(item: object) -> str | None:
    return next((str(item[kind]) for kind in d.STEP_KINDS if kind in item), None) if isinstance(item, dict) else None


@check("launch-unconfirmed", Severity.warning)
def unconfirmed(context: Context) -> Iterator[Finding]:
    """A programme with `reviews` has a text, or several, that nobody has confirmed."""
    programme = context.programme
    if not programme.reviews:
        return
    for place in programme.reviews:
        if review_of(programme, place).confirmed_by is None:
            text = Sentence("nobody has confirmed {place}", place=place)
            yield Finding(
                ("reviews", place), text, Sentence("Add confirmed_by and confirmed_on once somebody has"), key=True
            )
    for code in programme.flows:
        if not any(f"{place}.".startswith(f"flows.{code}.") for place in programme.reviews):
            yield Finding(
                ("flows", code),
                Sentence("nobody has confirmed the texts of {code}", code=code),
                Sentence("Add them to reviews"),
                key=True,
            )


REVIEWS: tuple[Check, ...] = (review_place,)
