"""The correction of a problem, where its hint has the exact text: a name that was meant, a value in its right notation, quotes, a space.
A correction is within one line. Where more than one would do, there is none."""

import re
from dataclasses import dataclass

from app.flows.language.problems import Problem
from app.wording import Sentence

_VALUE = re.compile(r"(\s*(?:- +)*[^\s\"'\[{#:][^\"'\[{#:]*:[ \t]+)(?=\S)")
"""A line up to its value."""

_INDENT = 2


@dataclass(frozen=True, slots=True)
class Correction:
    """Other characters in a line: `length` of them from `column` on, both counted as in a `Problem`, become `text`."""

    line: int
    column: int
    length: int
    text: str


_Found = tuple[int, int, str]
"""The place from 0, the number of characters, and the new text."""


def correction(problem: Problem, lines: tuple[str, ...]) -> Correction | None:
    """The correction of a problem of a file with these lines; None if its hint is not one."""
    if not isinstance(problem.hint, Sentence) or not 0 < problem.line <= len(lines):
        return None
    found = _correct(problem, problem.hint, lines[problem.line - 1])
    return None if found is None else Correction(problem.line, found[0] + 1, found[1], found[2])


def _correct(problem: Problem, hint: Sentence, line: str) -> _Found | None:  # noqa: C901, PLR0912 - a table of hints
    """By the hint, in the words of the modules that find the problem."""
    at, wrong = problem.column - 1, _wrong(problem, line)
    match hint.template:
        case "Did you mean {name}?":
            return wrong and _instead(line, wrong, str(hint.facts["name"]))
        case "Write {right}":
            return wrong and _instead(line, wrong, str(hint.facts["right"]))
        case "Write {{{{ {name} }}}}":
            return wrong and (wrong[0], len(wrong[1]), f"{{{{ {hint.facts['name']} }}}}")
        case 'Write "{value}"' | 'Put it in quotes: "{value}"':
            return wrong and (wrong[0], len(wrong[1]), f'"{wrong[1]}"')
        case "Write [{item}]":
            return wrong and (wrong[0], len(wrong[1]), f"[{wrong[1]}]")
        case 'Write the whole text in "quotes"':
            return _whole(line)
        case 'Type a plain "':
            return _plain_quotes(line, at)
        case "Use spaces":
            indent = line[: len(line) - len(line.lstrip())]
            return 0, len(indent), indent.replace("\t", " " * _INDENT)
        case "Use a space" | "Delete it, and type a space":
            return at, 1, " "
        case "Delete it":
            return at, 1, ""
        case "Write - and a space":
            return at, 1, "-"
        case "Write - {key}:" | "Write {key}: {rest}…":
            return at + 1, 0, " "
        case "Write {key}:":
            return at, 0, ":"
        case "Write {close} at the end":
            return len(line.rstrip()), 0, str(hint.facts["close"])
        case "Write {sign} at its end":
            return len(line.rstrip()), 0, str(hint.facts["sign"])
        case _:
            return None


def _wrong(problem: Problem, line: str) -> tuple[int, str] | None:
    """Where the wrong word stands in the line, and the word, as the problem quotes it."""
    at = problem.column - 1
    facts = problem.text.facts.values() if isinstance(problem.text, Sentence) else ()
    words = [word for word in (str(fact).strip('"') for fact in facts) if word and not word.endswith("…")]
    found = ((start, word) for word in words for start in (at, at + 1) if line.startswith(word, start))
    return next(found, None)  # `at + 1`: behind a quotation mark


def _instead(line: str, wrong: tuple[int, str], right: str) -> _Found | None:
    """Another word in the place of the wrong one; none if the hint offers a choice."""
    start, word = wrong
    quoted = line[start - 1 : start] in ("'", '"')
    return None if " " in right else (start, len(word), right if quoted or ":" not in right else f'"{right}"')


def _whole(line: str) -> _Found | None:
    """The whole text of a line in quotes."""
    key = _VALUE.match(line)
    text = "" if key is None else line[key.end() :].rstrip()
    if key is None or "\\" in text or ('"' in text and "'" in text):
        return None
    sign = "'" if '"' in text else '"'
    return key.end(), len(text), f"{sign}{text}{sign}"


def _plain_quotes(line: str, at: int) -> _Found | None:
    """Plain quotes in the place of those of a word processor, around one text."""
    end = max(line.rfind(sign) for sign in "”“„")
    text = line[at + 1 : end]
    return None if end <= at or re.search(r'["“”„\\]', text) else (at, end + 1 - at, f'"{text}"')
