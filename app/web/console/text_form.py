"""The texts of a programme as fields of a form: those of one flow, or those outside all flows. A field knows the text that the person saw,
so that people who change different texts at the same time are not in each other's way, and nobody's words are overwritten unseen."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from app.flows.checks.base import Context
from app.flows.checks.buttons import limits
from app.flows.checks.messages import frames
from app.flows.language.definition import Programme
from app.flows.language.problems import Problem
from app.flows.texts import FlowText, entries, languages, owner, write
from app.flows.yaml.rewrite import Unwritable
from app.flows.yaml.source import Path, spell
from app.web.console.texts import Texts

SEEN = "seen."
"""Before the name of a field: that of the digest of the text that the person saw."""


@dataclass(frozen=True, slots=True)
class TextField:
    """One text in one language. `name` is that of its field; `before` and `after` stand around it in its message, None if it goes out in
    none; `limit` is what WhatsApp shows of it, in characters. `theirs` is what somebody else has written meanwhile."""

    name: str
    entry: FlowText
    language: str
    text: str
    seen: str
    is_needed: bool
    around: tuple[str, str] | None = None
    limit: int | None = None
    template: str | None = None
    theirs: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class TextGroup:
    """Fields that belong together: a step, a shared answer, the notices. `code` is its name in the file, "" for none."""

    part: str
    code: str
    fields: tuple[TextField, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """A form that came back. `source` is the new text of the file, None if it cannot be written; `fields` have what was typed, with the
    conflicts and errors; `lost` are texts that were changed and are there no longer."""

    source: str | None
    fields: tuple[TextField, ...]
    lost: tuple[str, ...] = ()

    @property
    def is_contested(self) -> bool:
        """Whether somebody else has changed one of these texts meanwhile."""
        return bool(self.lost) or any(field.theirs is not None for field in self.fields)


def fields(context: Context, flow: str | None) -> tuple[TextField, ...]:
    """The fields of a flow, or of everything outside flows, in the order of the file."""
    listed = _entries(context)
    known = languages(context.programme, listed)
    around, most = _frames(context), _limits(context)
    wanted = (entry for entry in listed if (entry.path[1] if entry.path[0] == "flows" else None) == flow)
    return tuple(field for entry in wanted for field in _of_entry(context.programme, entry, known, around, most))


# One context is asked for again and again, by everybody who has the page of its text open.
_entries = lru_cache(maxsize=8)(entries)
_frames = lru_cache(maxsize=8)(frames)
_limits = lru_cache(maxsize=8)(limits)


def _of_entry(
    programme: Programme,
    entry: FlowText,
    known: Iterable[str],
    around: Mapping[Path, tuple[str, str]],
    most: Mapping[Path, int],
) -> Iterator[TextField]:
    own = owner(entry, programme.language) or programme.language
    named = [own] if entry.fixed else [own, *(one for one in known if one not in (own, programme.language))]
    for language in dict.fromkeys([*named, *entry.texts]):
        text = _plain(entry.texts.get(language, ""))
        places = [(*path, language) for path in _label(entry)] + _label(entry)
        yield TextField(
            f"{entry.place}|{language}",
            entry,
            language,
            text,
            digest(text),
            is_needed=language == own,
            around=next((around[place] for place in places if place in around), None),
            limit=next((most[place] for place in places if place in most), None),
            template=_template(programme, entry.path),
        )


def _label(entry: FlowText) -> list[Path]:
    return [entry.path, (*entry.path, "label")]


def _template(programme: Programme, path: Path) -> str | None:
    """The template of WhatsApp that has this text, if it is one."""
    if path[0] != "flows" or path[-1] != "text":
        return None
    flow = programme.flows[str(path[1])]
    if path[2:] == ("reminder", "text"):
        return flow.reminder.template if flow.reminder is not None else None
    return getattr(flow.steps[int(str(path[3]))], "template", None) if len(path) == 5 else None


def digest(text: str) -> str:
    """A short fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def grouped(found: Iterable[TextField]) -> list[TextGroup]:
    """Fields by the step, or the part of the programme, that they belong to."""
    groups: dict[tuple[str, str], list[TextField]] = {}
    for field in found:
        groups.setdefault(_group(field.entry), []).append(field)
    return [TextGroup(part, code, tuple(own)) for (part, code), own in groups.items()]


def _group(entry: FlowText) -> tuple[str, str]:
    place = entry.place.split(".")
    match entry.path[:3]:
        case ("flows", _, "steps"):
            return "step", place[3]
        case ("flows", *_):
            return "flow", ""
        case ("notices" | "help_lines" | "facts" | "misconceptions" | "principles" as part, *_):
            return str(part), ""
        case ("answers" | "openings" | "scores" | "reports" | "codes" | "campaigns" as part, _, *_):
            return str(part), place[1]
        case _:
            return "programme", ""


# -- what came back -------------------------------------------------------------------------------------------------------


def edited(t: Texts, source: str, found: tuple[TextField, ...], typed: Mapping[str, str]) -> Edited:
    """The new text of a file from what was typed into these fields of it."""
    shown = tuple(_typed(t, field, typed) for field in found)
    changes: dict[Path, tuple[FlowText, dict[str, str]]] = {}
    for field, now in zip(found, shown, strict=True):
        if now.text != field.text:
            changes.setdefault(field.entry.path, (field.entry, {}))[1][field.language] = now.text
    lost = changed(typed, {field.name for field in found})
    if lost or any(one.theirs is not None or one.error for one in shown):
        return Edited(None, shown, lost)
    try:
        return Edited(write(source, changes.values()), shown)
    except Unwritable as error:
        said = t("texts.unwritable")
        wrong = (
            replace(one, error=said if error.path[: len(one.entry.path)] == one.entry.path else "") for one in shown
        )
        return Edited(None, tuple(wrong))


def _typed(t: Texts, field: TextField, typed: Mapping[str, str]) -> TextField:
    """A field with what was typed into it. A text that the person did not change is the current one."""
    text = _plain(typed.get(field.name, field.text))
    seen = typed.get(f"{SEEN}{field.name}", field.seen)
    if digest(text) == seen or text == field.text:
        return field
    if not text and field.is_needed:
        return replace(field, text=text, error=t("texts.empty"))
    return replace(field, text=text, theirs=field.text if seen != field.seen else None)


def changed(typed: Mapping[str, str], known: Collection[str] = ()) -> tuple[str, ...]:
    """The texts that a person has changed, but for those of known fields."""
    return tuple(
        text
        for name, text in typed.items()
        if f"{SEEN}{name}" in typed and name not in known and digest(_plain(text)) != typed[f"{SEEN}{name}"]
    )


def _plain(text: str) -> str:
    """A text without the space around it, and with one kind of line break."""
    return text.strip().replace("\r\n", "\n")


def with_problems(shown: tuple[TextField, ...], problems: Iterable[Problem], language: str) -> tuple[TextField, ...]:
    """The fields with the errors that their texts have caused."""
    found = list(problems)

    def error(field: TextField) -> str:
        place = spell(field.entry.path)
        own = [one for one in found if one.path == place or one.path.startswith(f"{place} → ")]
        return " ".join(f"{one.text}. {one.hint}".strip() for one in (each.into(language) for each in own))

    return tuple(replace(field, error=error(field)) for field in shown)
