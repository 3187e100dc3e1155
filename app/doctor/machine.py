"""The machine: files that others can read, room on its disk, its time zone data, its clock. Asks nobody else."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from app.clock import FARTHEST_AHEAD
from app.doctor.findings import Area, Finding, fault, unknown, warning
from app.store import private_files
from app.wording import Sentence

LEAST_FREE = 200 * 2**20
"""Bytes without which messages may soon not be stored any more."""
LITTLE_FREE = 2**30

SMALL_SKEW = timedelta(seconds=30)
"""Seconds by which the clocks of machines may differ without effect."""

MONTHS_AHEAD = 24


def open_files(paths: Iterable[Path]) -> Iterator[Finding]:
    """Files that hold a key or words, which only their owner may read."""
    exist = [path for path in paths if path.exists()]
    wrong = [path for path in exist if private_files.is_open(path)]
    for path in wrong:
        yield fault(
            Area.files,
            Sentence("other users of this machine can read {file}", file=path),
            Sentence("chmod 600 {file}", file=path),
        )
    if not wrong:
        yield Finding(Area.files, Sentence("{number} files are for their owner alone", number=len(exist)))


def room(folder: Path) -> Finding:
    """The free space where the database, or whatever else is written, is."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return unknown(Area.disk, Sentence("the free space of {folder} cannot be read", folder=folder))
    said = Sentence("{free:.1f} GB are free in {folder}", free=free / 10**9, folder=folder)
    remedy = Sentence("Free some space, or take a larger disk: without any, no message can be stored")
    if free < LEAST_FREE:
        return fault(Area.disk, said, remedy)
    return warning(Area.disk, said, remedy) if free < LITTLE_FREE else Finding(Area.disk, said)


def time_zones(names: Iterable[str], now: datetime) -> Iterator[Finding]:
    """The zones that officers live in: known here, and with the rules that the package tzdata has."""
    wanted = sorted(names)
    remedy = Sentence("Update the machine's time zone data (package tzdata), or Trato's: pip install --upgrade tzdata")
    wrong = [name for name in wanted if not _is_known(name)]
    for name in wrong:
        yield fault(Area.time_zones, Sentence("this machine does not know the time zone {zone}", zone=name), remedy)
    for name in (name for name in wanted if name not in wrong and _differs(name, now)):
        wrong.append(name)
        text = Sentence(
            "{zone} has other hours on this machine than in the package tzdata: one of them is old", zone=name
        )
        yield fault(Area.time_zones, text, remedy)
    if not wrong:
        yield Finding(Area.time_zones, Sentence("{zones}: known, and of this year's rules", zones=", ".join(wanted)))


def _is_known(name: str) -> bool:
    try:
        ZoneInfo.no_cache(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        return False
    except KeyError:
        return False
    return True


def _differs(name: str, now: datetime) -> bool:
    """Whether a local hour of the coming months is another one by the data of the package."""
    file = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if not file.is_file():
        return False
    with file.open("rb") as data:
        packaged = ZoneInfo.from_file(data)
    here = ZoneInfo.no_cache(name)
    first = now.astimezone(UTC)
    moments = [first + timedelta(days=30 * month) for month in range(MONTHS_AHEAD)]
    return any(here.utcoffset(one) != packaged.utcoffset(one) for one in _as_local(moments))


def _as_local(moments: Sequence[datetime]) -> Sequence[datetime]:
    return [moment.replace(tzinfo=None) for moment in moments]


def clock(ours: datetime, theirs: datetime, whose: str) -> Finding:
    """Our clock beside another one. `whose` is a sentence, such as «the database's»."""
    ahead = ours - theirs
    seconds = ahead / timedelta(seconds=1)
    if abs(ahead) <= SMALL_SKEW:
        return Finding(Area.clock, Sentence("agrees with {whose} clock", whose=whose))
    text = Sentence("is {seconds:+.0f} seconds from {whose} clock", seconds=seconds, whose=whose)
    remedy = Sentence("Turn on the time service of both machines: timedatectl set-ntp true")
    return (fault if abs(ahead) > FARTHEST_AHEAD else warning)(Area.clock, text, remedy)
