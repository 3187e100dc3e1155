"""Rows in another order than that in which they are read, of tables that need not fit into memory: sorted runs in temporary files, merged
as they are read. The files have no name, and so end with the process."""

import heapq
import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from app.exports.source import Row

RUN = 50_000
"""Rows that are in memory while they are sorted."""

_PIECE = 500
"""Rows of each run that are in memory while runs are merged."""

Key = Callable[[Row], Any]


def in_order(rows: Iterable[Row], key: Key) -> Iterator[Row]:
    """The rows in the order of a key that no two have."""
    left = iter(rows)
    with ExitStack() as files:
        runs: list[Iterator[Row]] = []
        run = sorted(islice(left, RUN), key=key)
        for following in left:
            runs.append(_stored(files.enter_context(TemporaryFile(prefix="trato-")), run))
            run = sorted(chain([following], islice(left, RUN - 1)), key=key)
        yield from heapq.merge(*runs, run, key=key)


def _stored(file: BinaryIO, run: list[Row]) -> Iterator[Row]:
    """A run, written to a file, as it is read from there."""
    for start in range(0, len(run), _PIECE):
        pickle.dump(run[start : start + _PIECE], file, pickle.HIGHEST_PROTOCOL)
    file.seek(0)
    return _read(file)


def _read(file: BinaryIO) -> Iterator[Row]:
    while True:
        try:
            yield from pickle.load(file)  # noqa: S301 - our own, which nobody else can open
        except EOFError:
            return
