"""The pages of the site that are made from the code: commands with their options, keys of a flow file, columns of exports, tables of the
database, HTTP. Makes Markdown; reads no document."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer
from sqlmodel import SQLModel

from app.cli.main import COMMANDS, load
from app.exports import columns
from app.exports.columns import CONTRACT, Column
from app.exports.tables import TABLES
from app.flows.language.schema import schema
from app.people.roles import ROUTES
from app.store import tables
from app.web.api import PREFIX, api


def pages() -> Iterator[tuple[str, str]]:
    """Each page: its name, and its text."""
    yield "commands", "\n".join(_commands())
    yield "flow-file", "\n".join(_flow_file())
    yield "exports", "\n".join(_exports())
    yield "database", "\n".join(_database())
    yield "http", "\n".join(_http())


def _commands() -> Iterator[str]:
    yield "# Every command and its options\n\nMade from the command line; the [list](../docs/commands.md) has one line for each.\n"
    for name in COMMANDS:
        command = load(name)
        yield f"## trato {name}\n\n{_help(command, f'trato {name}')}"
        for word, one in getattr(command, "commands", {}).items():
            yield f"### trato {name} {word}\n\n{_help(one, f'trato {name} {word}')}"


def _help(command: Any, words: str) -> str:  # noqa: ANN401 - typer's own command class is private
    shown = command.get_help(typer.Context(command, info_name=words))
    return f"```text\n{shown.replace('[OPTIONS] [OPTIONS]', '[OPTIONS]')}\n```\n"


def _flow_file() -> Iterator[str]:
    made = schema()
    yield "# El archivo de flujos: cada clave\n\nHecho a partir del JSON Schema, el mismo que usan los editores (`trato schema`).\n"
    for name, one in [("El archivo", made), *made["$defs"].items()]:
        yield f"## {name}\n\n{one.get('description', '')}\n"
        if "enum" in one:
            yield (
                "\n".join(
                    f"- `{value}`: {about}" for value, about in zip(one["enum"], one["enumDescriptions"], strict=True)
                )
                + "\n"
            )
        if one.get("properties"):
            yield "| clave | | qué es | ejemplo |\n|---|---|---|---|"
            for key, value in one["properties"].items():
                needed = "obligatoria" if key in one.get("required", ()) else ""
                yield f"| `{key}` | {needed} | {_cell(value.get('description', ''))}{_kinds(value)} | {_example(value)} |"
            yield ""


def _kinds(value: object) -> str:
    """Links to the parts of the file that may stand at a key."""
    names = dict.fromkeys(re.findall(r"#/\$defs/(\w+)", str(value)))
    return "".join(f" [{name}](#{name.lower()})" for name in names)


def _example(value: dict[str, Any]) -> str:
    first = next(iter(value.get("examples", ())), None)
    return "" if first is None or isinstance(first, dict | list) else f"`{_cell(str(first))}`"


def _exports() -> Iterator[str]:
    yield f"# Tables and columns of exports\n\nVersion {columns.VERSION} of the columns. [For analysts](../docs/analysts.md) explains them.\n"
    about = {table.name: f"A row is {table.about}. Its key is {', '.join(table.key)}." for table in TABLES}
    about["codebook"] = "It comes with every export: a row is one question of one version."
    for name, listed in CONTRACT.items():
        yield f"## {name}\n\n{about[name]}\n\n| column | kind | |\n|---|---|---|"
        yield from map(_column, listed)
        yield ""


def _column(column: Column) -> str:
    values = "; ".join(f"{value} {label}" for value, label in column.values.items())
    return f"| `{column.name}` | {column.kind} | {_cell(column.label)}{f' ({_cell(values)})' if values else ''} |"


def _database() -> Iterator[str]:
    yield "# Tables of the database\n\nFor whoever works on Trato. No other program should write to them, and analysts read exports.\n"
    for table in SQLModel.metadata.sorted_tables:
        model = next(one for one in vars(tables).values() if getattr(one, "__tablename__", None) == table.name)
        yield f"## {table.name}\n\n{_cell(inspect.getdoc(model) or '')}\n\n| column | type | |\n|---|---|---|"
        for column in table.columns:
            notes = ["key"] * column.primary_key + ["may be empty"] * bool(column.nullable)
            notes += [f"→ {key.target_fullname}" for key in column.foreign_keys]
            yield f"| `{column.name}` | {column.type.__class__.__name__} | {', '.join(notes)} |"
        yield ""


def _http() -> Iterator[str]:
    yield "# HTTP\n\nEvery route, and the permission that it needs ([roles](../docs/people.md)); `anyone` needs no sign-in.\n"
    yield "| route | permission |\n|---|---|"
    yield from (f"| `{route}` | {permission} |" for route, permission in ROUTES.items())
    yield f"\n## The API\n\nBelow `{PREFIX}`, with a token; its schema is at `{PREFIX}/openapi.json`.\n"
    described = api(None, None, None, None).openapi()  # type: ignore[arg-type]  # only its form is asked for
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            yield f"### {method.upper()} {PREFIX}{path}\n\n{one.get('description', '')}\n"
            yield "| parameter | in | |\n|---|---|---|"
            for given in one.get("parameters", ()):
                yield f"| `{given['name']}` | {given['in']} | {_cell(given.get('description', ''))} |"
            answers = ", ".join(f"{code} {_cell(answer['description'])}" for code, answer in one["responses"].items())
            yield f"\nAnswers: {answers}.\n"


def _cell(text: str) -> str:
    """A text as a cell of a table can hold it."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
