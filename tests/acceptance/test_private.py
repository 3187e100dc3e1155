"""The permissions of whatever the commands write, and what the operator is told of those that are too wide."""

from pathlib import Path
from subprocess import CompletedProcess

from tests.acceptance.processes import clean
from tests.forked import command
from tests.world import flows_folder


def trato(folder: Path, *words: str) -> "CompletedProcess[str]":
    """A command of a user whose files others may read, in a folder."""
    return command(words, {**clean(), "TRATO_FLOWS": str(folder / "flows")}, folder, "", timeout=60)


def modes(folder: Path) -> dict[str, str]:
    """The permissions of everything in a folder."""
    found = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder.parent)): f"{path.stat().st_mode & 0o777:o}" for path in found}


def test_what_commands_write_is_their_users_alone(tmp_path: Path) -> None:
    flows_folder(tmp_path / "flows")
    assert trato(tmp_path, "publish", "--yes").returncode in (0, 2)
    done = trato(tmp_path, "export", "out")
    assert done.returncode == 0, done.stderr
    kept, written = modes(tmp_path / "var"), modes(tmp_path / "out")
    assert {"var", "var/trato.db", "var/secret.key"} <= kept.keys()
    assert "out/responses.csv" in written
    for name, mode in (kept | written).items():
        assert mode == ("700" if (tmp_path / name).is_dir() else "600"), name


def test_status_tells_of_a_file_of_settings_that_others_can_read(tmp_path: Path) -> None:
    flows_folder(tmp_path / "flows")
    file = tmp_path / ".env"
    file.touch(mode=0o600)
    assert "EXPOSED" not in trato(tmp_path, "status").stdout
    file.chmod(0o644)
    shown = trato(tmp_path, "status")
    assert "EXPOSED: other users of this machine can read .env: chmod 600 .env\n" in shown.stdout
    assert file.stat().st_mode & 0o777 == 0o644
