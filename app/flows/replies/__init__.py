"""Understanding replies: what may be answered (`forms.py`), and what an officer's words mean to a question.

Pure and deterministic: the moment of a reply is an argument. A reply that is not clear is a value, never an error,
and is never guessed at.
"""

from app.flows.replies.reader import Reader, reader

__all__ = ["Reader", "reader"]
