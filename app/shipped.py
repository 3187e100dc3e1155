"""The files that come with Trato beside its code: the programme of the four principles (`flows`), the JSON Schema of flow files
(`schema`) and the documentation (`docs`, with the pages of `trato check` in `docs/lints`). In the repository they stand at
its top; the wheel carries them in the folder `shipped` of the package, where `pyproject.toml` puts them. Knows where they
are, and reads none."""

from pathlib import Path

_HERE = Path(__file__).parent
_IN_A_WHEEL = _HERE / "shipped"


def shipped(part: str) -> Path:
    """The place of a part, named as in the repository: `flows`, `schema`, `docs`, `docs/lints`."""
    return (_IN_A_WHEEL if _IN_A_WHEEL.is_dir() else _HERE.parent) / part
