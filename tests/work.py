"""How much a function works, counted in calls and not in seconds: the same on a machine that is busy with other things."""

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType


class _Enough(BaseException):
    """The work is stopped; nothing that it does for errors holds this up."""


def calls(work: Callable[[], object], most: int) -> int:
    """Run `work` and count the functions that it calls, C's too. Fails once there are more than `most`, so that what would take
    hours takes seconds."""
    count = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        if event in {"call", "c_call"}:
            count += 1
            if count > most:
                raise _Enough

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        with suppress(_Enough):
            work()
    finally:
        sys.setprofile(before)
    assert count <= most, f"more than {most} calls"
    return count
