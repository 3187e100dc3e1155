"""Trato: follow-up conversations after a workshop, kept as structured self-reports."""

__version__ = "0.2.0"


def with_extra(name: str) -> str:
    """How the wheel of this version is installed with an extra. No package index is ours, so it is named by its file."""
    return f"pip install './trato-{__version__}-py3-none-any.whl[{name}]'"
