"""Counts that are kept for a while."""

import threading
from concurrent.futures import ThreadPoolExecutor

from app.web.console.memo import Memo


def test_what_took_long_is_kept_long_and_what_was_quick_is_computed_anew() -> None:
    now = 100.0
    asked: list[str] = []

    def taking(seconds: float, name: str) -> str:
        nonlocal now
        now += seconds
        asked.append(name)
        return f"{name} {len(asked)}"

    memo = Memo(lambda: now)
    assert memo.get("slow", 20, lambda: taking(2, "slow")) == "slow 1"
    assert memo.get("quick", 20, lambda: taking(0, "quick")) == "quick 2"
    now += 39
    assert memo.get("slow", 20, lambda: taking(2, "slow")) == "slow 1"
    assert memo.get("quick", 20, lambda: taking(0, "quick")) == "quick 3"
    now += 2
    assert memo.get("slow", 20, lambda: taking(2, "slow")) == "slow 4"


def test_a_bounded_number_is_kept() -> None:
    now = 0.0

    def slow() -> int:
        nonlocal now
        now += 1
        return 1

    memo = Memo(lambda: now)
    for key in range(600):
        memo.get(key, 10_000, slow)
    before = now
    memo.get(599, 10_000, slow)
    assert now == before
    memo.get(0, 10_000, slow)
    assert now == before + 1


def test_a_slow_count_is_computed_once_for_all_who_ask_and_holds_up_no_other() -> None:
    memo, begun, go_on = Memo(), threading.Event(), threading.Event()
    computed: list[str] = []

    def slow() -> str:
        begun.set()
        assert go_on.wait(10)
        computed.append("slow")
        return "found"

    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(memo.get, "slow", 10_000, slow) for _ in range(2)]
        try:
            assert begun.wait(10)
            assert threads.submit(memo.get, "other", 20, lambda: "at once").result(10) == "at once"
        finally:
            go_on.set()
        assert [one.result(10) for one in asked] == ["found", "found"]
    assert computed == ["slow"]
