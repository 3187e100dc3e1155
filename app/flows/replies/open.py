"""Open answers: free text as it was written, and media by their content types."""

import unicodedata

from app.flows.replies.fold import LONGEST, Folded
from app.flows.replies.forms import Form, Parsed, Reading, Unparsed
from app.flows.replies.missing import missing_answer, missing_code

_FAMILIES = {"image": "Foto", "audio": "Audio", "video": "Video", "document": "Documento"}
_ANSWERS = frozenset([("paso",), ("sabe",), ("sepa",), ("omitir",), ("no", "contesto")])
AUDIO = "audio"
"""The rule of a voice note in answer to a question for words: its value is empty until a person has listened."""
_NOTHING = ("Cf", "Mn", "Zs", "Zl", "Zp")
_PUZZLED = frozenset("?¿!¡.…")
"""A message of nothing but these asks back or waits: it says nothing."""
_KEPT_CONTROLS = "\n\t"


def said_missing(form: Form, folded: Folded) -> Reading | None:
    """The missing code that a whole message stands for, if the form allows it. «Paso», «no contestó» may be the answer itself."""
    code = None if folded.words in _ANSWERS else missing_code(folded)
    found = None if code is None else missing_answer(form, code)
    return found if isinstance(found, Parsed) else None


def cleaned(text: str) -> str:
    """A text that every database takes: no control characters, no halves of surrogate pairs, no space around it."""
    return "".join(
        char for char in text if char in _KEPT_CONTROLS or unicodedata.category(char) not in ("Cc", "Cs")
    ).strip()


def read_text(form: Form, text: str, folded: Folded) -> Reading:
    """Free text; its length in characters is bounded by the form."""
    value = cleaned(text)
    if all(char.isspace() or char in _PUZZLED or unicodedata.category(char) in _NOTHING for char in value):
        return Unparsed("empty")
    if missing := said_missing(form, folded):
        return missing
    longest = LONGEST if form.maximum is None else form.maximum
    if len(value) > longest:
        return Unparsed("too_long")
    if form.minimum is not None and len(value) < form.minimum:
        return Unparsed("too_few")
    return Parsed(value, None, value, "text", 1.0)


def family(content_type: str) -> str:
    """`image/jpeg` → `image`; a file that is no picture, sound or film is a document."""
    kind = content_type.partition("/")[0].strip().casefold()
    return kind if kind in _FAMILIES else "document"


def read_media(form: Form, folded: Folded, media: tuple[str, ...]) -> Reading:
    """The family of the first attachment that the form accepts."""
    accepted = form.media or tuple(_FAMILIES)
    for content_type in media:
        if (kind := family(content_type)) in accepted:
            return Parsed(kind, None, _FAMILIES[kind], "media", 1.0)
    return said_missing(form, folded) or Unparsed("not_media")


def is_sound(media: tuple[str, ...]) -> bool:
    """Whether a voice note, or another sound, is attached."""
    return any(family(content_type) == AUDIO for content_type in media)


def voice_note() -> Parsed:
    """A voice note as the answer to a question for words."""
    return Parsed(None, None, _FAMILIES[AUDIO], AUDIO, 1.0)
