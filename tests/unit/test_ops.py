"""The files for those who run Trato and those who host its repository say what is so: settings that there are, the version of the
code, the rights that the papers promise."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from app import __version__
from app.cli import main
from app.settings import Settings

ROOT = Path(__file__).parents[2]


def _yaml(name: str) -> Any:
    return YAML(typ="safe").load(ROOT / name)


def test_the_citation_has_the_version_and_the_licence_of_the_code() -> None:
    citation = _yaml("CITATION.cff")
    assert (citation["version"], citation["license"]) == (__version__, "Apache-2.0")


@pytest.mark.parametrize(
    "name", ["compose.yaml", "Dockerfile", "docs/one-machine.md", "docs/with-postgresql.md", "docs/production.md"]
)
def test_the_settings_that_it_names_are_there(name: str) -> None:
    ours = {f"TRATO_{field.upper()}" for field in Settings.model_fields} | {"TRATO_RELEASE"}
    named = set(re.findall(r"TRATO_[A-Z_]+[A-Z]", (ROOT / name).read_text(encoding="utf-8")))
    assert named
    assert named - ours == set()


def test_only_the_proxy_is_reached_from_outside_and_the_database_goes_nowhere() -> None:
    compose = _yaml("compose.yaml")
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    assert compose["networks"]["database"] == {"internal": True}
    assert services["postgres"]["networks"] == ["database"]


def test_every_container_is_read_only_and_gains_no_right() -> None:
    for name, service in _yaml("compose.yaml")["services"].items():
        assert service["read_only"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert name == "postgres" or service["cap_drop"] == ["ALL"], name


def test_trato_believes_the_proxy_where_it_is() -> None:
    services = _yaml("compose.yaml")["services"]
    address = services["caddy"]["networks"]["front"]["ipv4_address"]
    assert services["trato"]["environment"]["TRATO_TRUSTED_PROXIES"] == address
    asked = re.findall(r"\{\$(\w+):", (ROOT / "ops" / "Caddyfile").read_text(encoding="utf-8"))
    assert asked == list(services["caddy"]["environment"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_the_unit_is_hardly_exposed() -> None:
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(ROOT / "ops" / "trato.service")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.search(r"Overall exposure level for trato\.service: ([\d.]+)", rated)
    assert found is not None
    assert float(found[1]) <= 2, "the page says 1.4 of 10, by systemd 252; another systemd may count a little otherwise"


def test_a_hook_and_the_action_call_commands_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "app" / "starter" / "flows", tmp_path / "flows")
    monkeypatch.chdir(tmp_path)
    for hook in _yaml(".pre-commit-hooks.yaml"):
        files = sorted(str(file) for file in Path("flows").rglob("*.yaml") if re.search(hook["files"], str(file)))
        given = files if hook.get("pass_filenames", True) else []
        assert files
        done = CliRunner().invoke(main.app, [*hook["entry"].split()[1:], *given])
        assert done.exit_code == 0, done.output
    steps = [step["run"] for step in _yaml("action.yml")["runs"]["steps"]]
    words = re.findall(r'bin/trato" (\w+)', "".join(steps))
    assert words == ["check", "test"]
    for file in re.findall(r"\$TRATO_SOURCE/([\w./-]+)", "".join(steps)):
        assert (ROOT / file).is_file()
