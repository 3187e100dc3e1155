"""Reading ahead: what comes from a server is fetched by a thread of its own while what came before is worked on, so that both sides
are busy at the same time. Never more than a few batches wait."""

from collections.abc import Generator, Iterator
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_WAITING = 4
"""Batches that may wait to be taken."""


def prefetch(source: Generator[T] | Iterator[T]) -> Iterator[T]:
    """What `source` gives, fetched ahead. An error of it is raised here; if nobody takes the rest, it is closed."""
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
    """Make room for the last that the thread may want to put."""
    while True:
        try:
            queue.get_nowait()
        except Empty:
            return
