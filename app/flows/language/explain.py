"""Explains a pydantic error to the author of the file: a stable code, a plain sentence, a hint. None of pydantic's
own phrases is shown."""

import json
import re
from collections.abc import Callable, Iterable

from pydantic_core import ErrorDetails

from app.flows.language import mend
from app.flows.language.definition import STEP_KINDS, Scale
from app.flows.language.nearby import did_you_mean
from app.flows.language.safety import EMAIL, WEBHOOK
from app.flows.language.shape import Spot, fields
from app.flows.yaml.spaces import STRANGE
from app.wording import Sentence, all_of, one_of

Explanation = tuple[str, str, str]
"""Code, text and hint."""

_SHORT = 40
_KINDS = {
    "string": Sentence("a text"),
    "int": Sentence("a whole number"),
    "float": Sentence("a number"),
    "bool": Sentence("true or false"),
    "dict": Sentence("keys with values"),
    "model": Sentence("keys with values"),
    "list": Sentence("a list"),
    "timedelta": Sentence("a duration such as 24h"),
    "time": Sentence("an hour such as 09:30"),
}
_BOUNDS = {"greater_than_equal": ("ge", "≥"), "less_than_equal": ("le", "≤")}
_NAME = Sentence("must be a name: a small letter first, then small letters, digits and _, at most 32 in all")
_PATTERNS: dict[str, tuple[str, Callable[[object], str]]] = {
    "^[a-z][a-z0-9_]{0,31}$": (_NAME, mend.name),
    "^[a-z]{2,3}(-[A-Z]{2})?$": (Sentence("must be a language such as es-MX"), mend.language),
    EMAIL: (Sentence("must be an e-mail address such as guardia@example.org"), lambda _: ""),
    WEBHOOK: (Sentence("must be an address that begins with https://"), lambda _: ""),
    "^https://": (Sentence("must be an address that begins with https://"), lambda _: ""),
}


def explain(error: ErrorDetails, spot: Spot, beside: object) -> Explanation:
    """The explanation of an error. `beside` is the mapping that holds the wrong key or lacks one."""
    kind, value, limits = error["type"], error["input"], error.get("ctx", {})
    match kind:
        case "extra_forbidden":
            return _unknown_key(str(spot.path[-1]), spot, beside)
        case "string_pattern_mismatch" | "string_type" if spot.path[-1] == "anchor" and _has_digits(value):
            return (
                "wrong-name",
                Sentence("must be the name of a column with dates, not a date, got {value}", value=show(value)),
                Sentence("Write workshop_date; the dates themselves are in the roster, or set by trato cohorts date"),
            )
        case "missing":
            return (
                "missing-key",
                Sentence("the key {key} is missing", key=spot.path[-1]),
                _example(str(spot.path[-1]), spot),
            )
        case "step-kind":
            return _step_kind(value)
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']*)'", str(limits.get("expected", "")))
            return (
                "wrong-value",
                Sentence("must be one of {names}, got {value}", names=", ".join(choices), value=show(value)),
                _guess(value, choices),
            )
        case _ if kind in _BOUNDS:
            name, sign = _BOUNDS[kind]
            code = "scale-range" if spot.model is Scale else "out-of-range"
            return (
                code,
                Sentence(
                    "must be {sign} {bound}, got {value}", sign=sign, bound=_bound(limits[name]), value=show(value)
                ),
                "",
            )
        case _:
            return _of_size_or_form(error, spot)


def _has_digits(value: object) -> bool:
    return any(char.isdecimal() for char in str(value))


def _bound(limit: float | str) -> str:
    """A bound as a file writes it. Of a duration pydantic gives the text of Python: `datetime.timedelta(days=8)`."""
    if isinstance(limit, int | float):
        return f"{limit:g}"
    parts = dict(re.findall(r"(days|seconds)=([0-9]+)", limit))
    return f"{parts['days']}d" if "days" in parts else f"{int(parts['seconds']) // 60}m"


def _of_size_or_form(error: ErrorDetails, spot: Spot) -> Explanation:
    kind, value, limits = error["type"], error["input"], error.get("ctx", {})
    match kind:
        case "string_pattern_mismatch":
            rule, right = _PATTERNS[limits["pattern"]]
            hint = _strange_space(str(value)) or _write(right(value))
            return "wrong-name", Sentence("{fault}, got {value}", fault=rule, value=show(value)), hint
        case "string_too_short" | "too_short":
            return "empty", Sentence("must not be empty"), Sentence("Write it, or remove the key")
        case "string_too_long" | "too_long":
            return (
                "too-long",
                Sentence("is longer than {limit}", limit=limits["max_length"]),
                Sentence("Shorten it") if isinstance(value, str) else Sentence("Divide it"),
            )
        case "invalid_key":
            return (
                "wrong-name",
                Sentence("the key {value} must be a name", value=show(value)),
                Sentence("Put it in quotes, or choose another"),
            )
        case _:
            return _of_type(error, spot)


def _of_type(error: ErrorDetails, spot: Spot) -> Explanation:
    kind, value = error["type"], error["input"]
    if word := type_word(error):
        return wrong_type([word], value, _key(spot))
    # What is left are the models' own errors, whose type is the code; anything else of pydantic's has no hyphen.
    own = "-" in kind or "_" not in kind
    if not own:
        return "wrong-value", Sentence("cannot be {value}", value=show(value)), ""
    notation = mend.NOTATIONS.get(kind)
    return (
        kind,
        _with_value(error.get("ctx", {}).get("text", error["msg"]), value),
        _write(notation(value)) if notation else "",
    )


def _key(spot: Spot) -> str:
    """The key of a place; of a place within a list, that of the list."""
    return next((part for part in reversed(spot.path) if isinstance(part, str)), "")


def _write(right: str) -> str:
    return Sentence("Write {right}", right=right) if right else ""


def wrong_type(words: Iterable[str], value: object, key: str = "") -> Explanation:
    """The explanation of a value of the wrong type. `key` is the key that it is for."""
    wanted = one_of(dict.fromkeys(words))
    hint = ""
    if value is None:
        hint = Sentence("Write it, or remove the key")
    elif "a text" in wanted and isinstance(value, int | float):
        hint = Sentence('Put it in quotes: "{value}"', value=show(value))
    elif "number" in wanted and isinstance(value, str):
        hint = _write(mend.number(value, whole="whole" in wanted, in_days=key in ("day", "days")))
    elif wanted == "a list" and isinstance(value, str | int | float):
        hint = Sentence("Write [{item}]", item=brief(str(value)))
    elif "keys with values" in wanted and isinstance(value, list):
        hint = Sentence("Write a key and a colon instead of each dash, such as si: Sí")
    return "wrong-type", Sentence("must be {wanted}, got {value}", wanted=wanted, value=show(value)), hint


def type_word(error: ErrorDetails) -> str | None:
    """The expected type in words, if the error is a wrong type; else None."""
    stem, _, rest = error["type"].partition("_")
    return _KINDS.get(stem) if rest in ("type", "parsing", "from_float", "attributes_type") else None


def show(value: object) -> str:
    """A value as the author wrote it, shortened."""
    match value:
        case None:
            return Sentence("nothing")
        case dict():
            return Sentence("keys with values")
        case list():
            return Sentence("a list")
        case str():
            text = json.dumps(value, ensure_ascii=False)
        case bool():
            text = str(value).lower()
        case _:
            text = str(value)
    return brief(text)


def brief(text: str) -> str:
    """A text, shortened."""
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def only_comment(comment: str) -> tuple[Sentence, Sentence]:
    """The fault and the hint of a value that is nothing but a comment: `text: #hola`."""
    text = Sentence("there is nothing but a comment here: {comment}", comment=brief(comment))
    if comment[1:2].isspace():
        return text, Sentence("Write the value before the #")
    return text, Sentence('YAML reads nothing from a # on: write it without #, or all of it in "quotes"')


def _with_value(fault: str, value: object) -> str:
    """The fault with the value that has it, if that is short enough to be shown."""
    if isinstance(value, str | int | float) or value is None:
        return Sentence("{fault}, got {value}", fault=fault, value=show(value))
    return fault


def _guess(value: object, choices: list[str]) -> str:
    return did_you_mean(value, choices, else_list=0) if isinstance(value, str) else ""


def _unknown_key(name: str, spot: Spot, beside: object) -> Explanation:
    if hint := _strange_space(name):
        return "unknown-key", Sentence("there is no key {key} here", key=brief(name)), hint
    if ":" in name:
        return (
            "unknown-key",
            Sentence("there is no key {key} here", key=brief(name)),
            Sentence("Write a space behind its colon"),
        )
    present = beside if isinstance(beside, dict) else {}
    allowed = [key for key in fields(spot.model) if key not in present]
    return (
        "unknown-key",
        Sentence("there is no key {key} here", key=brief(name)),
        did_you_mean(name, allowed, else_list=30),
    )


def _strange_space(name: str) -> str:
    """The hint for a name with a space that only looks like one."""
    if (found := STRANGE.search(name)) is None:
        return ""
    return Sentence(
        "One of its spaces is not a plain one, U+{code:04X}: delete it, and type a space", code=ord(found[0])
    )


def _example(key: str, spot: Spot) -> str:
    """The missing key with an example, if that is short."""
    examples = next(
        (field.examples for name, field in spot.model.model_fields.items() if key in (field.alias, name)), None
    )
    written = f"{key}: {as_yaml(examples[0])}" if examples else ""
    return (
        Sentence("Add it, such as {written}", written=written)
        if written and len(written) <= 80
        else Sentence("Add {key}:", key=key)
    )


def as_yaml(value: object) -> str:
    """An example in YAML, on one line."""
    match value:
        case str():
            return f'"{value}"' if set(value) & set(":#{}[],") else value
        case dict():
            return "{" + ", ".join(f"{key}: {as_yaml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_yaml, value)) + "]"
        case _:
            return json.dumps(value)


def _step_kind(value: object) -> Explanation:
    if not isinstance(value, dict):
        return (
            "step-kind",
            Sentence("a step begins with one of {names}, got {value}", names=", ".join(STEP_KINDS), value=show(value)),
            "",
        )
    found = [kind for kind in STEP_KINDS if kind in value]
    if found:
        return (
            "step-kind",
            Sentence("a step is one thing, and this is {kinds}", kinds=all_of(found)),
            Sentence("Make two steps of it"),
        )
    guesses = (did_you_mean(key, STEP_KINDS, else_list=0) for key in value if isinstance(key, str))
    hint = next((guess for guess in guesses if guess), "")
    return "step-kind", Sentence("a step needs one of {names}", names=", ".join(STEP_KINDS)), hint
