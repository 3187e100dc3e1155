"""Trato: follow-up conversations after a workshop, kept as structured self-reports."""

__version__ = "0.1.0"
