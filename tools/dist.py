"""A release, in dist/: the source, the wheel, the hashed requirements that it was tested with, a bill of materials (CycloneDX), and
the checksums of all these. The same commit gives the same bytes. Publishes nothing.

* `python -m tools.dist`, by `make dist`
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from app import __version__

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
UV = str(Path(sys.executable).with_name("uv"))
NAME = f"trato-{__version__}"


def main() -> None:
    """Make the folder anew."""
    shutil.rmtree(DIST, ignore_errors=True)
    built = _committed()
    _build(built)
    wheel = DIST / f"{NAME}-py3-none-any.whl"
    shutil.copy(ROOT / "ops" / "requirements.txt", DIST / f"{NAME}-requirements.txt")
    materials = json.dumps(bill(wheel, built), ensure_ascii=False, indent=2)
    (DIST / f"{NAME}.cdx.json").write_text(materials + "\n", encoding="utf-8")
    (DIST / "SHA256SUMS").write_text("".join(_sums()), encoding="utf-8")
    print(*sorted(file.name for file in DIST.iterdir()), sep="\n")


def _committed() -> datetime:
    """The time of the last commit; the present one outside of a clone."""
    command = ["git", "log", "-1", "--format=%ct"]
    seconds = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout.strip()
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now(UTC)  # noqa: TID251 - a composition root


def _build(at: datetime) -> None:
    """The source, and the wheel of that source, by build tools whose hashes are known."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(at.timestamp()))}
    tools = ["--build-constraints", "ops/build-requirements.txt", "--require-hashes"]
    subprocess.run([UV, "build", "--quiet", *tools, "--out-dir", str(DIST)], cwd=ROOT, check=True, env=environment)
    (DIST / ".gitignore").unlink(missing_ok=True)


def bill(wheel: Path, at: datetime) -> dict[str, Any]:
    """The bill of materials: the locked Python packages as uv lists them, and the packages of the editor's file. Trato itself has no
    address in an index (purl), for it is in none."""
    command = [UV, "export", "--frozen", "--quiet", "--no-dev", "--all-extras", "--format", "cyclonedx1.5"]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    found["serialNumber"] = uuid5(NAMESPACE_OID, digest).urn
    found["metadata"]["timestamp"] = at.isoformat()
    found["metadata"]["component"] |= {
        "type": "application",
        "version": __version__,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
    found["components"] += _editor()
    return found


def _editor() -> Iterator[dict[str, Any]]:
    """The packages that are in app/web/static/vendor/codemirror.js."""
    lock = json.loads((ROOT / "tools" / "codemirror" / "package-lock.json").read_text(encoding="utf-8"))
    for place, package in lock["packages"].items():
        if place and not package.get("dev"):
            name = place.removeprefix("node_modules/")
            purl = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
            algorithm, _, code = package["integrity"].partition("-")
            yield {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": package["version"],
                "purl": purl,
                "licenses": [{"license": {"id": package["license"]}}],
                "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": b64decode(code).hex()}],
            }


def _sums() -> Iterator[str]:
    """One line a file, as `sha256sum --check` reads it."""
    for file in sorted(DIST.iterdir()):
        yield f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"


if __name__ == "__main__":
    main()
