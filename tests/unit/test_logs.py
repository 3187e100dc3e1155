"""The log on a disk that is full: nothing that is logged ends the work, and the log says that lines are missing."""

import os
from pathlib import Path

from structlog.testing import capture_logs

from app.cli.logs import Lines


def test_a_full_disk_ends_no_work_and_the_log_says_so(tmp_path: Path) -> None:
    with (
        (tmp_path / "serve.log").open("w", encoding="utf-8") as file,
        Path("/dev/full").open("w", encoding="utf-8") as full,
    ):
        disk = os.dup(file.fileno())
        lines = Lines(file)
        lines.info("before")
        os.dup2(full.fileno(), file.fileno())
        for _ in range(300):
            lines.error("the database does not answer " * 10)
        os.dup2(disk, file.fileno())
        os.close(disk)
        with capture_logs() as said:
            lines.info("after")
            lines.info("later")
    written = (tmp_path / "serve.log").read_text("utf-8").splitlines()
    assert (written[0], written[-2:]) == ("before", ["after", "later"])
    assert [(one["log_level"], one["lines"]) for one in said] == [("warning", 300)]
