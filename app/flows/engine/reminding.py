"""The text of a reminder: what its author wrote, and then the open question again, short. Pure."""

import re

LONGEST_QUESTION = 160
"""Characters of a repeated question on one line. Of a longer one, what asks is kept, and as much of what is around it as fits."""

_SENTENCES = re.compile(r"(?<=[.!?…])\s+")
_GREETING = re.compile(
    r"(?:hola|buen día|buenos días|buenas tardes|buenas noches|buenas)\b[^.!?¿]{0,40}[.!]\s+(?=\S)", re.IGNORECASE
)
_CUT = "…"


def with_question(reminder: str, question: str) -> str:
    """A reminder that repeats the question."""
    return f"{reminder.strip()}\n{shortened(question)}"


def shortened(question: str) -> str:
    """A question without its greeting, in at most `LONGEST_QUESTION` characters; whole if its author laid it out in lines."""
    whole = _GREETING.sub("", question.strip(), count=1) if _GREETING.match(question.strip()) else question.strip()
    if "\n" in whole or len(whole) <= LONGEST_QUESTION:
        return whole
    sentences = _SENTENCES.split(whole)
    start = max((place for place, sentence in enumerate(sentences) if "?" in sentence), default=0)
    kept, room = " ".join(sentences[start:]), LONGEST_QUESTION - len(f"{_CUT} ")
    if len(kept) > room:
        return f"{_words(kept, room)}{_CUT}"
    while start and len(longer := f"{sentences[start - 1]} {kept}") <= room:
        start, kept = start - 1, longer
    return f"{_CUT} {kept}" if start else kept


def _words(text: str, room: int) -> str:
    """The words from the beginning that fit."""
    cut = text[: room + 1]
    return (cut.rpartition(" ")[0] or cut[:room]).rstrip(" ,;:")
