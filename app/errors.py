"""What an operator can meet.

Three kinds of error are kept apart in Trato. An author's mistake in a flow file is a
`flows.problems.Problem`; an officer's unclear reply is a normal value; what is left, and stops a
command or a request, is an `AppError`. Each class knows the exit code that the command line gives.

    AppError
    ├── UsageError          the command cannot be carried out as given         exit 2
    ├── ConfigurationError  a setting or the installation is wrong              exit 3
    └── ExternalError       a carrier, a database or a disk does not answer     exit 4
"""


class AppError(Exception):
    """Something an operator must know. The text says what, where and how to mend it."""

    exit_code = 1


class UsageError(AppError):
    """The command or its arguments cannot be carried out."""

    exit_code = 2


class ConfigurationError(AppError):
    """A setting, key, file or schema of this installation is wrong or missing."""

    exit_code = 3


class ExternalError(AppError):
    """Something outside this process does not answer: database, carrier, disk, network."""

    exit_code = 4
