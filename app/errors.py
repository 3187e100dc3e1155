"""Errors shown to an operator.

Trato keeps three kinds of error apart. A mistake in a flow file is a `flows.language.problems.Problem`.
An officer's unclear reply is a normal value. Everything else that stops a command or a request is an
`AppError`. Each class has the exit code of the command line.

    AppError
    ├── UsageError          invalid command or arguments                     exit 2
    │   └── ConflictError   valid, but somebody or something was faster      exit 2
    ├── ConfigurationError  an invalid setting, key, file or schema          exit 3
    └── ExternalError       a carrier, database or disk does not answer      exit 4
"""

import errno

from app.wording import Sentence

_REASONS = {
    errno.ENOENT: Sentence("No such file or directory"),
    errno.EACCES: Sentence("Permission denied"),
    errno.EISDIR: Sentence("Is a directory"),
    errno.ENOTDIR: Sentence("Not a directory"),
    errno.ENOSPC: Sentence("No space left on device"),
}


def reason(error: OSError) -> str:
    """The reason of the machine, as a sentence where it is one that coordinators meet."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


class AppError(Exception):
    """An error for an operator. The text is one line: what is wrong, where, and how to fix it; one that
    coordinators meet is a `Sentence` (app.wording), which the command line says in their language. `code` names the error for pages, which
    have texts of their own for it, and `facts` are what these texts need; without a code it is one that no page meets."""

    exit_code = 1

    def __init__(self, text: str = "", code: str = "", **facts: object) -> None:
        super().__init__(text)
        self.text, self.code, self.facts = text, code, facts


class UsageError(AppError):
    """The command or its arguments are invalid."""

    exit_code = 2


def unreadable(file: object, error: OSError) -> UsageError:
    """The error of a file or a folder that a command is given and the machine does not read."""
    return UsageError(Sentence("cannot read {file}: {reason}", file=file, reason=reason(error)))


class ConflictError(UsageError):
    """The command was right, but things have changed meanwhile: another person was faster, an officer has left, a time is over."""


class ConfigurationError(AppError):
    """A setting, key, file or schema of this installation is invalid or missing."""

    exit_code = 3


class ExternalError(AppError):
    """A system outside this process does not answer: database, carrier, disk, network."""

    exit_code = 4
