"""The JSON Schema of flow files: up to date, explained in every key, and of one mind with the models."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from app.cli.schema import schema as command
from app.flows.language.schema import schema, to_json
from app.flows.yaml.source import read
from tests.excerpts import whole
from tests.lint_pages import WITH_BLOCKS, Page

ROOT = Path(__file__).parent.parent.parent
COMMITTED = ROOT / "schema" / "flows.schema.json"
_VALIDATOR = Draft202012Validator(schema())
_SEEN_BY_THE_SCHEMA = {
    "unknown-key", "missing-key", "wrong-type", "wrong-value", "wrong-name", "empty", "out-of-range", "scale-range", "step-kind",
    "answer-kind", "duration", "hour",
}  # fmt: skip


def _as_json(value: Any) -> Any:
    """As an editor sees a YAML file: keys are texts."""
    if isinstance(value, dict):
        return {str(key): _as_json(item) for key, item in value.items()}
    return [_as_json(item) for item in value] if isinstance(value, list) else value


def _properties(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, definition in [("Programme", made), *made["$defs"].items()]:
        for key, value in definition.get("properties", {}).items():
            yield f"{name}.{key}", value


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_committed_schema_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == to_json(), "run: trato schema > schema/flows.schema.json"


def test_every_key_is_described_and_has_examples() -> None:
    made = schema()
    for name, value in _properties(made):
        assert value.get("description"), name
        assert value.get("examples") or value.get("type") == "boolean" or "enum" in value, name
    assert all(definition.get("description") for definition in made["$defs"].values())


@pytest.mark.parametrize(
    ("name", "value"), list(_properties(schema())), ids=lambda item: item if isinstance(item, str) else ""
)
def test_examples_of_scalars_are_valid(name: str, value: dict[str, Any]) -> None:
    validator = Draft202012Validator({**value, "$defs": _VALIDATOR.schema["$defs"]})
    for example in value.get("examples", ()):
        if not isinstance(example, dict | list):
            assert validator.is_valid(example), (name, example)


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: page.code)
def test_it_accepts_what_the_models_accept(page: Page) -> None:
    data = _as_json(read(whole(page.passes), "f").data)
    assert [error.message for error in _VALIDATOR.iter_errors(data)] == []


@pytest.mark.parametrize(
    "page", [page for page in WITH_BLOCKS if page.code in _SEEN_BY_THE_SCHEMA], ids=lambda page: page.code
)
def test_it_refuses_what_the_models_refuse(page: Page) -> None:
    assert not _VALIDATOR.is_valid(_as_json(read(whole(page.fails), "f").data))


@pytest.mark.parametrize(
    "answer",
    ["yes_no", "{yes_no: }", "{choice: lista}", "{choice: {a: A, b: {label: B, value: 2, also: [be]}}}", "{multi: {a: A}, at_least: 1}",
     "{scale: {max: 3, labels: {1: Poco, 3: Mucho}}, missing: [d]}", "{text: {max: 9}}", "{media: {types: [image]}}"],
)  # fmt: skip
def test_it_accepts_short_forms(answer: str) -> None:
    flow = f"flows:\n  f:\n    title: F\n    kind: tip\n    steps:\n      - {{ask: a, text: {{es-MX: A, en: B}}, answer: {answer}}}\n"
    assert [error.message for error in _VALIDATOR.iter_errors(_as_json(read(whole(flow), "f").data))] == []


@pytest.mark.parametrize("file", sorted((ROOT / "flows").glob("*.yaml")), ids=lambda file: file.name)
def test_it_accepts_the_programme_itself(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schema/flows.schema.json")
    assert [error.message for error in _VALIDATOR.iter_errors(_as_json(read(text, file.name).data))] == []


def _run(*arguments: str) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_and_compares(tmp_path: Path) -> None:
    assert _run()[:2] == (0, to_json())
    assert _run("--check", "--file", str(COMMITTED))[0] == 0
    (tmp_path / "old.json").write_text("{}")
    assert _run("--check", "--file", str(tmp_path / "old.json"))[0] == 1
    assert _run("--check", "--file", str(tmp_path / "none.json"))[0] == 2
