"""The words of the command that is called, such as `cases show`: the root of the command line sets them, and the permission of the
command is looked up by them."""

from contextvars import ContextVar

WORDS: ContextVar[str | None] = ContextVar("words", default=None)
