"""Threads that begin at once, for what several processes do to one database."""

import threading
from collections.abc import Callable


def together(count: int, work: Callable[[int], object]) -> None:
    """Call `work` with 0, 1, … in so many threads, and raise the first thing that any of them raised. None may hang."""
    failed: list[BaseException] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            start.wait(30)
            work(number)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    threads = [threading.Thread(target=run, args=[number], daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "waiting for ever"
    if failed:
        raise failed[0]
