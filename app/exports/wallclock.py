"""Local times, by Python's own zone data: those of a database server may be older than the law. What hour it is where is looked up
once, for millions of moments share few hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class Hours(dict[str, str]):
    """The hours of a zone by the hour in UTC: `2026-03-02T16` is `2026-03-02 10`. Empty where the zone is not whole hours from
    UTC: there an hour says too little."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(zone)

    def __missing__(self, hour: str) -> str:
        local = self.exactly(f"{hour}:00:00")
        self[hour] = found = local[:13] if local.endswith(":00:00") else ""
        return found

    def exactly(self, moment: str) -> str:
        """A moment in UTC by the clock on the wall, without its zone: `2026-03-02 10:05:00`."""
        at = datetime.fromisoformat(moment[:19]).replace(tzinfo=UTC)
        return at.astimezone(self._zone).replace(tzinfo=None).isoformat(" ", "seconds")


class WallClock(dict[str, Hours]):
    """The hours of each zone, and with them the local time of any moment."""

    def __missing__(self, zone: str) -> Hours:
        self[zone] = hours = Hours(zone)
        return hours

    def local(self, moment: str, zone: str) -> str:
        """`2026-03-02T16:05:00Z` as `2026-03-02 10:05:00` in a zone."""
        hours = self[zone]
        hour = hours[moment[:13]]
        return hour + moment[13:19] if hour else hours.exactly(moment)
