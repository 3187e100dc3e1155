"""Transcript files: conversations as they should go, written beside the flows as YAML. Owns their format, and
reports every mistake at its place. `runner.py` plays them::

    transcripts:
      reporte_voz_aplico:
        flow: reporte_voz
        at: "2026-03-02 10:00"          # local time of the programme; this is also the default
        channel: sms                    # or whatsapp
        variant: historia               # of a flow with variants; the first if none is named
        opening: 2                      # of a flow with openings; the first if none is named
        contact: {nombre: Alma}         # an invented officer; also language, timezone, and the programme's fields
        talk: |
          # a comment
          < a message of the service
            1 continued, two spaces in
          > a message of the officer
          > [button si]
          > [media image/jpeg] with a caption
          > [quick] written before our last message could be seen
          (+24h)
          (whatsapp)                    # from here on
        expect: {rep_voz_contact: 1, rep_voz_applied: .d, rep_voz_reaction: null}
        ends: completed                 # or expired, stopped, failed, open
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from app.flows.engine.compiled import Ask, CompiledProgramme
from app.flows.engine.render import IDENTITY
from app.flows.language.explain import explain
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Problem
from app.flows.language.shape import Spot
from app.flows.language.vocabulary import Code, Language, Model, is_zone
from app.flows.transcripts.player import DEFAULT_START, InventedOfficer, moment
from app.flows.transcripts.talk import Turn, read_turns
from app.flows.yaml.source import Path, YamlSource, read, spell
from app.wording import Sentence

_ENDS = Literal["completed", "expired", "stopped", "failed", "open"]
_OWN_FIELDS = frozenset({"language", "timezone"})


class _Written(Model):
    """One transcript as written."""

    flow: Code
    at: str = DEFAULT_START
    channel: Literal["sms", "whatsapp"] = "sms"
    variant: Code | None = None
    opening: int | None = Field(None, ge=1)
    contact: dict[str, Any] = Field(default_factory=dict)
    talk: str
    expect: dict[Code, Any] = Field(default_factory=dict)
    ends: _ENDS | None = None


class _File(Model):
    """A transcript file as written."""

    programme: Code | None = None
    transcripts: dict[Code, _Written] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation as it should go. `places` are the lines of the keys under `expect`, and of `ends`; `indent` is
    the indentation of the talk."""

    name: str
    file: str
    line: int
    programme: str
    flow: str
    at: datetime
    channel: str
    variant: str | None
    opening: int | None
    person: InventedOfficer
    turns: tuple[Turn, ...]
    expect: Mapping[str, str | int | float | bool | None]
    ends: str | None
    places: Mapping[str, int]
    indent: int


@dataclass(frozen=True, slots=True)
class Script:
    """A transcript file. If there is any problem there are no transcripts. `programme` is the one that the file
    names, if any."""

    file: str
    transcripts: tuple[Transcript, ...]
    problems: tuple[Problem, ...]
    programme: str | None = None


def read_script(text: str | bytes, file: str, programmes: Mapping[str, CompiledProgramme]) -> Script:
    """Read a transcript file for these programmes. Never raises, whatever the text is."""
    source = read(text, file)
    problems = list(source.problems)
    if source.data is None:
        return Script(file, (), tuple(problems))
    if not isinstance(source.data, dict):
        return Script(
            file,
            (),
            (*problems, Problem(file, 1, 1, "wrong-type", "", Sentence("a transcript file begins with transcripts:"))),
        )
    if "flows" in source.data and "transcripts" not in source.data:
        line, column = source.place(("flows",), key=True)
        text, hint = (
            Sentence("this is a file of flows, not of transcripts"),
            Sentence("Name the folder it is in, or a file of its folder transcripts"),
        )
        return Script(file, (), (*problems, Problem(file, line, column, "unknown-key", "flows", text, hint)))
    try:
        written = _File.model_validate(source.data)
    except ValidationError as error:
        return Script(file, (), (*problems, *_structural(source, error)))
    reader = _Reader(source, programmes, problems)
    transcripts = tuple(reader.transcripts(written))
    in_order = tuple(sorted(set(problems)))
    return Script(file, () if in_order else transcripts, in_order, written.programme)


def _structural(source: YamlSource, error: ValidationError) -> list[Problem]:
    """The errors of the models. A misspelt key is one mistake, not also a missing one."""
    told = [(item, *_explained(source, item)) for item in error.errors(include_url=False)]
    meant = {(path[:-1], hint) for item, path, (_, _, hint) in told if item["type"] == "extra_forbidden"}
    problems = []
    for item, path, (code, text, hint) in told:
        missing = item["type"] == "missing"
        if missing and (path[:-1], f"Did you mean {path[-1]}?") in meant:
            continue
        place = path[:-1] if missing else path
        key = missing or item["type"] == "extra_forbidden" or "[key]" in item["loc"]
        line, column = source.place(place, key=key)
        problems.append(Problem(source.file, line, column, code, spell(place), text, hint))
    return problems


def _explained(source: YamlSource, item: ErrorDetails) -> tuple[Path, tuple[str, str, str]]:
    """The place of an error, and its code, text and hint."""
    names = tuple(part for part in item["loc"] if part != "[key]")
    spot = Spot(names, _Written if len(names) > 2 else _File, "[key]" in item["loc"])
    return names, explain(item, spot, source.value(names[:-1]))


class _Reader:
    """Turns the data of a file into transcripts and collects problems."""

    def __init__(
        self, source: YamlSource, programmes: Mapping[str, CompiledProgramme], problems: list[Problem]
    ) -> None:
        self.source = source
        self.programmes = programmes
        self.problems = problems

    def note(self, path: Path, code: str, text: str, hint: str = "", *, key: bool = False) -> None:
        line, column = self.source.place(path, key=key)
        self.problems.append(Problem(self.source.file, line, column, code, spell(path), text, hint))

    def transcripts(self, written: _File) -> Iterator[Transcript]:
        compiled = self.compiled(written.programme)
        if compiled is not None:
            for name, item in written.transcripts.items():
                yield self.transcript(compiled, name, item)

    def compiled(self, named: str | None) -> CompiledProgramme | None:
        if named is None and len(self.programmes) == 1:
            return next(iter(self.programmes.values()))
        if named is None:
            self.note(
                (),
                "missing-key",
                Sentence("the key programme is missing"),
                Sentence("There is: {names}", names=", ".join(sorted(self.programmes))),
            )
        elif named not in self.programmes:
            hint = did_you_mean(named, self.programmes)
            self.note(("programme",), "unknown-programme", Sentence("no programme is called {name}", name=named), hint)
        return self.programmes.get(named or "")

    def transcript(self, compiled: CompiledProgramme, name: str, item: _Written) -> Transcript:
        path: Path = ("transcripts", name)
        if item.flow not in compiled.flows:
            self.note(
                (*path, "flow"),
                "unknown-flow",
                Sentence("no flow is called {name}", name=item.flow),
                did_you_mean(item.flow, compiled.flows),
            )
        self.variant(compiled, path, item)
        line, _ = self.source.place(path, key=True)
        person = self.person(compiled, path, item.contact)
        indent, turns = self.turns(path, item.talk)
        places = {key: self.source.place((*path, "expect", key), key=True)[0] for key in item.expect}
        if item.ends:
            places["ends"] = self.source.place((*path, "ends"), key=True)[0]
        return Transcript(
            name=name,
            file=self.source.file,
            line=line,
            programme=compiled.programme,
            flow=item.flow,
            at=self.moment(path, item.at, person.timezone),
            channel=item.channel,
            variant=item.variant,
            opening=item.opening,
            person=person,
            turns=turns,
            expect=self.expected(compiled, path, item.expect),
            ends=item.ends,
            places=places,
            indent=indent,
        )

    def variant(self, compiled: CompiledProgramme, path: Path, item: _Written) -> None:
        flow = compiled.flows.get(item.flow)
        if flow is not None and item.variant is not None and item.variant not in flow.variants:
            text = Sentence("{flow} has no variant {variant}", flow=item.flow, variant=item.variant)
            self.note((*path, "variant"), "unknown-variant", text, did_you_mean(item.variant, flow.variants))
        if flow is not None and item.opening is not None and item.opening > flow.openings:
            text = Sentence("{flow} has no openings", flow=item.flow)
            if flow.openings:
                text = Sentence("{flow} has {number} openings", flow=item.flow, number=flow.openings)
            self.note(
                (*path, "opening"), "out-of-range", text, Sentence("Leave opening out, or write one of their numbers")
            )

    def moment(self, path: Path, written: str, timezone: str) -> datetime:
        try:
            return moment(written, timezone)
        except ValueError as error:
            self.note((*path, "at"), "bad-moment", error.args[0])
            return moment(DEFAULT_START, timezone)

    def person(self, compiled: CompiledProgramme, path: Path, contact: Mapping[str, Any]) -> InventedOfficer:
        programme = compiled.definition
        known = {*IDENTITY, *programme.fields, *_OWN_FIELDS}
        identity, fields = {}, {}
        language, timezone = programme.language, programme.timezone
        for name, value in contact.items():
            place = (*path, "contact", name)
            if name not in known:
                self.note(
                    place,
                    "unknown-field",
                    Sentence("no field is called {name}", name=name),
                    did_you_mean(name, known),
                    key=True,
                )
            elif not isinstance(value, str | int | float | bool):
                self.note(place, "wrong-type", Sentence("must be a text, a number, true or false"))
            elif name in IDENTITY:
                identity[name] = str(value)
            elif name == "language":
                language = self.language(place, str(value))
            elif name == "timezone":
                timezone = self.timezone(place, str(value), timezone)
            else:
                fields[name] = value
        return InventedOfficer(identity, fields, language, timezone)

    def language(self, place: Path, value: str) -> str:
        try:
            return TypeAdapter(Language).validate_python(value)
        except ValidationError:
            self.note(place, "wrong-name", Sentence("must be a language such as es-MX"))
            return value

    def timezone(self, place: Path, value: str, default: str) -> str:
        if is_zone(value):
            return value
        self.note(
            place,
            "unknown-timezone",
            Sentence("there is no time zone {value}", value=value),
            Sentence("Write one such as America/Tijuana"),
        )
        return default

    def expected(
        self, compiled: CompiledProgramme, path: Path, expect: Mapping[str, Any]
    ) -> dict[str, str | int | float | bool | None]:
        recorded = {step.variable for flow in compiled.flows.values() for step in flow.steps if isinstance(step, Ask)}
        for name, value in expect.items():
            place = (*path, "expect", name)
            if name not in recorded:
                self.note(
                    place,
                    "unknown-variable",
                    Sentence("no question records {name}", name=name),
                    did_you_mean(name, recorded),
                    key=True,
                )
            elif not isinstance(value, str | int | float | bool | None):
                self.note(
                    place,
                    "wrong-type",
                    Sentence("must be a value, a missing code such as .d, unclear, or null for no answer"),
                )
        return dict(expect)

    # -- talk -------------------------------------------------------------------------------------------------------

    def turns(self, path: Path, talk: str) -> tuple[int, tuple[Turn, ...]]:
        """The turns of a talk, with the lines of the file; a block written with `|` keeps its lines as they are."""
        place = (*path, "talk")
        line, column = self.source.place(place)
        head = self.source.lines[line - 1][column - 1 :] if line <= len(self.source.lines) else ""
        if not re.fullmatch(r"\|[-+]?\s*(#.*)?", head):
            self.note(place, "talk-block", Sentence("a talk is written as a block, below talk: |"))
            return 0, ()
        lines = talk.rstrip("\n").split("\n")
        first = next((number for number, text in enumerate(lines) if text.strip()), None)
        if first is None:
            return self.source.place(place, key=True)[1] + 1, (Turn(None, line, line + 1),)
        written = self.source.lines[line + first]
        indent = len(written) - len(written.lstrip(" ")) - (len(lines[first]) - len(lines[first].lstrip(" ")))
        turns, unread = read_turns(lines, line + 1)
        for number in unread:
            self.unread_line(place, number, lines[number - line - 1])
        return indent, turns

    def unread_line(self, path: Path, line: int, text: str) -> None:
        column = 1 + len(self.source.lines[line - 1]) - len(self.source.lines[line - 1].lstrip())
        hint = Sentence("Begin with < for the service, > for the officer, (+24h) for time that passes, # for a comment")
        if text.startswith(" "):
            hint = Sentence("Continue a message two spaces in, directly below it")
        self.problems.append(
            Problem(
                self.source.file, line, column, "talk-line", spell(path), Sentence("this line cannot be read"), hint
            )
        )
