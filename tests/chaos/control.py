"""Settings that the conductor changes in a running `trato serve`: how far its clock is off, and whether its connections to SQLite may write.
A mapped file, which costs nothing to read."""

import mmap
import struct
from pathlib import Path

_FORM = struct.Struct("<d?")


class Control:
    """The settings of one process. Both sides open the same file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_FORM.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _FORM.size)

    @property
    def offset(self) -> float:
        """Seconds by which the process's clock is ahead of the machine's."""
        return float(_FORM.unpack_from(self._memory)[0])

    @property
    def read_only(self) -> bool:
        """Whether SQLite refuses to write."""
        return bool(_FORM.unpack_from(self._memory)[1])

    def set(self, *, offset: float | None = None, read_only: bool | None = None) -> None:
        """Change what is given."""
        _FORM.pack_into(
            self._memory,
            0,
            self.offset if offset is None else offset,
            self.read_only if read_only is None else read_only,
        )
