"""Loads a flow file as a `Programme`, or reports every problem in it at once: YAML, models, and names that refer to
nothing. A file with an error gives no programme; a damaged part is removed so that the rest can still be checked.
Reads the files of a folder; compiles and stores nothing."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path as FilePath

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.errors import ConfigurationError, reason
from app.flows.checks import ERRORS, LINTS
from app.flows.checks.base import Check, Context, Finding
from app.flows.checks.launch import FOR_LAUNCH, LAUNCH
from app.flows.language.definition import STEP_KINDS, Programme
from app.flows.language.explain import Explanation, explain, only_comment, type_word, wrong_type
from app.flows.language.problems import Problem, Severity, in_order
from app.flows.language.shape import Spot, follow
from app.flows.yaml.source import Path, YamlSource, at, read, spell
from app.flows.yaml.unreadable import MISNAMED
from app.wording import Sentence

_ROUNDS = 6
_MOST = 1000
"""Limit of findings of one check in a file."""

_FILLING = {
    "programme": "x",
    "title": "·",
    "timezone": "Etc/UTC",
    "kind": "tip",
    "text": "·",
    "label": "·",
    "answer": "text",
    "help": "·",
    "opted_out": "·",
    "opted_in": "·",
    "paused": "·",
    "nothing_open": "·",
    "unclear": "·",
    "notices": {},
    "anchor": "x",
    "window": {"from": "09:00", "to": "21:00"},
    "weeks": 1,
}
"""Values for missing keys while the rest of the file is checked."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A flow file. `programme` is None if there is any error; `problems` are the errors, in the order of the file."""

    file: str
    programme: Programme | None
    problems: tuple[Problem, ...]
    source: YamlSource
    context: Context | None = None


def under(loaded: LoadedFile, code: str) -> LoadedFile:
    """A published file under the code that its programme has now: it may have been renamed since."""
    programme = loaded.programme
    if programme is None or programme.programme == code:
        return loaded
    return replace(loaded, programme=programme.model_copy(update={"programme": code}))


@lru_cache(maxsize=8)
def load_published(source: str, name: str, code: str) -> LoadedFile:
    """A published file, under the code that its programme has now. The last ones are kept: reading one takes a third of a second."""
    return under(load(source, name), code)


def load(text: str | bytes, file: str) -> LoadedFile:
    """Read a programme and run every check for errors. Never raises."""
    source = read(text, file)
    if source.data is None:
        return LoadedFile(file, None, source.problems, source)
    if not isinstance(source.data, dict):
        problem = Problem(
            file, 1, 1, "wrong-type", "", Sentence("a flow file has keys with values, from programme: on")
        )
        return LoadedFile(file, None, (*source.problems, problem), source)
    if "transcripts" in source.data and "flows" not in source.data:
        return LoadedFile(file, None, (*source.problems, _transcripts(source)), source)
    programme, errors = _validated(source.data)
    draft, damage = (programme, frozenset[Path]()) if programme else _without_damage(source.data, errors)
    problems = [*source.problems, *_structural(source, errors)]
    context = Context(source, draft, damage) if draft else None
    if context:
        problems += _found(ERRORS, context)
    found = in_order(set(problems))
    return LoadedFile(file, None if found else programme, found, source, context)


def _transcripts(source: YamlSource) -> Problem:
    line, column = source.place(("transcripts",), key=True)
    text = Sentence("this is a file of transcripts, not of flows")
    return Problem(source.file, line, column, "unknown-key", "transcripts", text, Sentence("Play it with trato test"))


def lint(loaded: LoadedFile) -> tuple[Problem, ...]:
    """The warnings of a loaded file, in the order of the file."""
    return tuple(sorted(set(_found(LINTS, loaded.context)))) if loaded.context else ()


def launch(loaded: LoadedFile) -> tuple[Problem, ...]:
    """List everything that a file lacks for a real launch, in the order of the file."""
    return tuple(sorted(set(_found(FOR_LAUNCH, loaded.context)))) if loaded.context else ()


def launch_blockers(loaded: LoadedFile) -> tuple[str, ...]:
    """The codes of what a programme lacks without which no campaign may begin with a real carrier."""
    found = _found(LAUNCH, loaded.context) if loaded.context else ()
    return tuple(dict.fromkeys(problem.code for problem in found))


def load_folder(folder: FilePath) -> tuple[LoadedFile, ...]:
    """Load every flow file of a folder. Raises ConfigurationError if there is none or the folder cannot be read."""
    try:
        files = flow_files(folder)
        loaded = [load(file.read_bytes(), str(file)) for file in files]
    except OSError as error:
        raise ConfigurationError(
            Sentence("the flow files in {folder} cannot be read: {reason}", folder=folder, reason=reason(error))
        ) from None
    if not loaded:
        raise ConfigurationError(no_flow_file(folder))
    return apart(loaded)


def flow_files(folder: FilePath) -> list[FilePath]:
    """The YAML files of a folder, in order, without hidden files and subfolders; with those that have an ending too much, which is a
    problem of theirs. Raises OSError."""
    named = (file for file in folder.iterdir() if file.name[0] != "." and _is_flow_file(file))
    return sorted(file for file in named if file.is_file())


def _is_flow_file(file: FilePath) -> bool:
    return file.suffix.lower() in (".yaml", ".yml") or MISNAMED.search(file.name) is not None


def no_flow_file(*folders: FilePath) -> Sentence:
    """The error of folders without a flow file; with the name of a text file that may be one."""
    where = ", ".join(map(str, folders))
    texts = sorted(file for folder in folders if folder.is_dir() for file in folder.glob("*.txt"))
    if not texts:
        return Sentence("there is no flow file (*.yaml) in {folder}", folder=where)
    return Sentence(
        "there is no flow file (*.yaml) in {folder}; if {file} is one, rename it to {name}",
        folder=where,
        file=texts[0].name,
        name=f"{texts[0].stem}.yaml",
    )


def apart(loaded: Iterable[LoadedFile]) -> tuple[LoadedFile, ...]:
    """The same files, with a problem in each whose programme code another file already has: in the one with the longer name, as
    a copy has it («principles - copia.yaml»), or else in the later one."""
    files = tuple(loaded)
    first: dict[str, str] = {}
    for item in sorted(files, key=lambda item: len(FilePath(item.file).name)):
        if (code := _code(item)) is not None:
            first.setdefault(code, item.file)
    return tuple(
        item if code is None or first[code] == item.file else _same_code(item, code, first[code])
        for item, code in [(item, _code(item)) for item in files]
    )


def _code(item: LoadedFile) -> str | None:
    code = item.source.value(("programme",))
    return code if isinstance(code, str) else None


def _same_code(item: LoadedFile, code: str, other: str) -> LoadedFile:
    line, column = item.source.place(("programme",))
    text = Sentence("the programme {code} is in {other} already", code=code, other=other)
    hint = Sentence("One file is one programme: take a copy out of the folder, or give it a code of its own")
    problem = Problem(item.file, line, column, "duplicate-programme", "programme", text, hint)
    return LoadedFile(item.file, None, (problem, *item.problems), item.source, item.context)


def _found(checks: Iterable[Check], context: Context) -> Iterator[Problem]:
    for check in checks:
        for finding in islice(check.find(context), _MOST):
            line, column = _place(context.source, finding)
            yield Problem(
                context.source.file,
                line,
                column,
                check.code,
                spell(finding.path),
                finding.text,
                finding.hint,
                check.severity,
            )


def _place(source: YamlSource, finding: Finding) -> tuple[int, int]:
    if finding.at is not None:
        return finding.at
    if not finding.word:
        return source.place(finding.path, key=finding.key)
    found = source.word(finding.path, finding.word)
    return (found[0], found[1] + finding.shift) if found else source.place(finding.path)


def _validated(data: object) -> tuple[Programme | None, list[ErrorDetails]]:
    try:
        return Programme.model_validate(data, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, error.errors(include_url=False)
    except RecursionError:  # conditions within conditions; the nesting is bounded, so this is a second lock
        return None, []


# -- what the models say --------------------------------------------------------------------------------------------


def _structural(source: YamlSource, errors: list[ErrorDetails]) -> Iterator[Problem]:
    """One problem for each error; the errors of a union's members at one place give one together."""
    plain: list[tuple[ErrorDetails, Spot]] = []
    unions: dict[Path, list[tuple[ErrorDetails, Spot]]] = {}
    for error in errors:
        spot = follow(error["loc"])
        tried = plain if spot.union is None else unions.setdefault(spot.path[: spot.union], [])
        tried.append((error, spot))
    problems = [_problem(source, error, spot) for error, spot in plain]
    for path, tried in unions.items():
        problems += _of_union(source, path, tried)
    yield from _without_echoes(problems)


def _without_echoes(problems: list[Problem]) -> Iterator[Problem]:
    """A misspelt key is one mistake, not also a missing one."""
    meant = {(problem.path.rpartition(" → ")[0], problem.hint) for problem in problems if problem.code == "unknown-key"}
    for problem in problems:
        name = problem.text.removeprefix("the key ").removesuffix(" is missing")
        if problem.code != "missing-key" or (problem.path, f"Did you mean {name}?") not in meant:
            yield problem


def _of_union(source: YamlSource, path: Path, tried: list[tuple[ErrorDetails, Spot]]) -> Iterator[Problem]:
    deeper = [(error, spot) for error, spot in tried if len(spot.path) > len(path) or spot.key]
    fitting = deeper or [(error, spot) for error, spot in tried if type_word(error) is None]
    if fitting:
        yield from (_problem(source, error, spot) for error, spot in fitting)
        return
    words = [word for error, _ in tried if (word := type_word(error))]
    line, column = source.place(path)
    code, text, hint = _commented(source, path) or wrong_type(words, source.value(path))
    yield Problem(source.file, line, column, code, spell(path), text, hint)


def _problem(source: YamlSource, error: ErrorDetails, spot: Spot) -> Problem:
    missing, extra = error["type"] == "missing", error["type"] == "extra_forbidden"
    place = spot.path[:-1] if missing else spot.path
    line, column = source.place(place, key=extra or spot.key or _is_named(source, place, missing))
    commented = _commented(source, spot.path) if error["input"] is None else None
    code, text, hint = commented or explain(error, spot, source.value(spot.path[:-1]))
    return Problem(source.file, line, column, code, spell(place), text, hint, Severity.error)


def _commented(source: YamlSource, path: Path) -> Explanation | None:
    """`text: #hola` has no text, but a comment."""
    comment = source.comment(path) if source.value(path) is None else ""
    return ("wrong-type", *only_comment(comment)) if comment else None


def _is_named(source: YamlSource, place: Path, missing: bool) -> bool:
    """Whether a missing key is shown at the name of its mapping; a step has no name of its own and is shown itself."""
    return missing and bool(place) and isinstance(place[-1], str) and source.value(place) is not None


# -- taking out what is damaged -------------------------------------------------------------------------------------


def _without_damage(data: object, errors: list[ErrorDetails]) -> tuple[Programme | None, frozenset[Path]]:
    """The programme without its damaged parts, and their places; None if too little is left."""
    draft = copy.deepcopy(data)
    damage: set[Path] = set()
    for _ in range(_ROUNDS):
        for error in errors:
            spot = follow(error["loc"])
            damage.add(spot.path)
            _mend(draft, error["type"] == "missing", spot.path)
        programme, errors = _validated(draft)
        if programme is not None:
            return programme, frozenset(damage - {()})
    return None, frozenset()


def _mend(draft: object, missing: bool, path: Path) -> None:
    """Fill in a missing value, remove a wrong one. A step is replaced, so that the others keep their positions."""
    holder, name = at(draft, path[:-1]), path[-1] if path else None
    if missing and isinstance(holder, dict) and name in _FILLING:
        holder[name] = copy.deepcopy(_FILLING[str(name)])
        return
    if missing:
        path = path[:-1]
    while path and isinstance(path[-1], int) and path[-2:-1] != ("steps",):
        path = path[:-1]
    holder, name = at(draft, path[:-1]), path[-1] if path else None
    if isinstance(holder, dict):
        holder.pop(name, None)
    elif isinstance(holder, list) and isinstance(name, int) and name < len(holder):
        holder[name] = {"say": _name(holder[name], name), "text": "·"}


def _name(step: object, index: int) -> str:
    names = (step.get(kind) for kind in STEP_KINDS) if isinstance(step, dict) else ()
    return next((name for name in names if isinstance(name, str) and name.isidentifier()), f"step_{index}").lower()[:32]
