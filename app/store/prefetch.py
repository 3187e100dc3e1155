"""Prefetching: a thread fetches the next batches from a server while the current one is processed, so that both sides are busy.
At most a few batches wait."""

from collections.abc import Generator, Iterator
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_WAITING = 4
"""Batches that may wait to be processed."""


def prefetch(source: Generator[T] | Iterator[T]) -> Iterator[T]:
    """Yield the items of `source`, fetched ahead. Its errors are raised here; it is closed if the caller stops early."""
    queue: Queue[tuple[T | None, BaseException | None]] = Queue(_WAITING)
    enough = Event()
    thread = Thread(target=_fetch, args=(source, queue, enough), name="reading ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = queue.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        enough.set()
        _empty(queue)
        thread.join()


def _fetch(source: Iterator[T], queue: "Queue[tuple[T | None, BaseException | None]]", enough: Event) -> None:
    try:
        for item in source:
            queue.put((item, None))
            if enough.is_set():
                break
        queue.put((None, None))
    except BaseException as error:  # noqa: BLE001 - it is raised where the batches are taken
        queue.put((None, error))
    finally:
        if isinstance(source, Generator):
            source.close()


def _empty(queue: "Queue[tuple[T | None, BaseException | None]]") -> None:
    """Make room for the last item that the thread may put."""
    while True:
        try:
            queue.get_nowait()
        except Empty:
            return
