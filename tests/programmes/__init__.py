"""Programmes for tests that need one and not its wording. What ships is in `flows/` and has its own tests."""

from pathlib import Path

FIRST = Path(__file__).parent / "first.yaml"
"""The first programme of the four principles, large and with nearly every key of the language."""
