"""Files that appear under their names only when complete. An error or an interruption leaves no partial file; a killed process leaves
at most a `….partial`, which the next export removes."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import ExternalError, reason
from app.wording import Sentence

PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written, with its rows (1 if it is no table) and the SHA-256 of its bytes."""

    name: str
    rows: int
    sha256: str


def write_json(folder: Path, name: str, data: object) -> WrittenFile:
    """Write JSON with its keys in order. Raises ExternalError."""
    return write_text(folder, name, json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def write_text(folder: Path, name: str, text: str) -> WrittenFile:
    """Write a text as UTF-8. Raises ExternalError."""
    return write_bytes(folder, name, text.encode())


def write_bytes(folder: Path, name: str, content: bytes) -> WrittenFile:
    """Write a file as it is. Raises ExternalError."""
    with replacing(folder / name) as partial:
        partial.write_bytes(content)
    return WrittenFile(name, 1, digest(folder / name))


def sweep(folder: Path, manifest: str) -> list[str]:
    """Take the manifest away, and what a killed process left; give the names of the files that the manifest spoke of."""
    try:
        for left in list(folder.rglob(f"*{PARTIAL}")):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        text = (folder / manifest).read_text(encoding="utf-8")
        (folder / manifest).unlink()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ExternalError(
            Sentence("{path} cannot be replaced: {reason}", path=folder / manifest, reason=reason(error))
        ) from None
    with suppress(ValueError, KeyError, TypeError):
        return [str(name) for name in json.loads(text)["files"]]
    return []


def remove(folder: Path, names: list[str]) -> None:
    """Remove files that an earlier export wrote, and whatever folder of it is empty then. Nothing outside the folder."""
    for name in names:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            continue
        with suppress(OSError):
            path.unlink(missing_ok=True)
            if path.parent != folder:
                path.parent.rmdir()


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` at the end. Raises ExternalError if the disk will not take it."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise ExternalError(Sentence("{file} cannot be written: {reason}", file=path, reason=_reason(error))) from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _reason(error: OSError) -> Any:  # noqa: ANN401 - libraries put anything there
    return error.strerror or (error.args[0] if error.args else type(error).__name__)
