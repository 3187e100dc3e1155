"""Labels of groups in tables and charts, and the text of a test."""

from collections.abc import Mapping

from app.exports.report.figures import p_value
from app.exports.report.programme import ProgrammeSummary
from app.exports.report.words import Words
from app.exports.statistics.effects import alike
from app.exports.statistics.proportions import independence


def label(name: str, key: str, programme: ProgrammeSummary, words: Words) -> str:
    """The name of a group of a dimension; an empty key is the rest."""
    match name:
        case "wave":
            return wave_name(key, programme) if key else words("no_wave")
        case "principle":
            return programme.principles.get(key, key) if key else words("no_principle")
        case "arm":
            return key or words("no_arm")
        case "hour":
            return f"{key}:00"
        case _:
            return key


def wave_name(suffix: str, programme: ProgrammeSummary) -> str:
    """A wave by the programme's name for it, with its suffix."""
    return f"{programme.waves[suffix]} ({suffix})" if suffix in programme.waves else suffix


def independence_remark(table: list[list[int]], words: Words, *, hide: bool) -> tuple[str, ...]:
    """The remark with the test of a table; none if part of the table is hidden, for the test would tell of it."""
    test = None if hide else independence(table)
    return () if test is None else (f"{words('test')}: {p_value(test, words)}",)


def flow_name(code: str, programme: ProgrammeSummary) -> str:
    """A flow by its latest title."""
    return programme.latest[code].title if code in programme.latest else code


def alike_remark(groups: Mapping[str, Mapping[str, tuple[int, int]]], words: Words, *, hide: bool) -> tuple[str, ...]:
    """The same of shares whose cases are clustered: `groups` have (yes, all) of each cluster."""
    test = None if hide else alike(groups)
    return () if test is None else (f"{words('test')}: {p_value(test, words)}",)
