"""The review of each text: what `reviews` of a programme says of its place, and of the places around it."""

from app.flows.language.definition import Programme
from app.flows.language.reviews import Review


def review_of(programme: Programme, place: str) -> Review:
    """The review of a text at a place as in `flows/texts.py`: `flows.reporte_voz.steps.contacto.text`. The keys of a longer place
    replace those of a shorter one."""
    about = sorted((other for other in programme.reviews if place == other or place.startswith(f"{other}.")), key=len)
    said: dict[str, str] = {}
    for other in about:
        said |= programme.reviews[other].model_dump(exclude_none=True)
    return Review.model_validate(said)
