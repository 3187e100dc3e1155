"""Local times, from Python's own time zone data: the data of a database server may be older than the law. Results are cached by
the hour, because millions of moments share few hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class Hours(dict[str, str]):
    """The local hours of a zone by the hour in UTC: `2026-03-02T16` gives `2026-03-02 10`. Empty where the offset from UTC is not
    a whole number of hours: there an hour does not determine the local time."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(zone)

    def __missing__(self, hour: str) -> str:
        local = self.exactly(f"{hour}:00:00")
        self[hour] = found = local[:13] if local.endswith(":00:00") else ""
        return found

    def exactly(self, moment: str) -> str:
        """A moment in UTC as local time without its zone: `2026-03-02 10:05:00`."""
        at = datetime.fromisoformat(moment[:19]).replace(tzinfo=UTC)
        return at.astimezone(self._zone).replace(tzinfo=None).isoformat(" ", "seconds")


class LocalTimes(dict[str, Hours]):
    """The hours of each zone, and with them the local time of any moment."""

    def __missing__(self, zone: str) -> Hours:
        self[zone] = hours = Hours(zone)
        return hours

    def local(self, moment: str, zone: str) -> str:
        """`2026-03-02T16:05:00Z` as `2026-03-02 10:05:00` in a zone."""
        hours = self[zone]
        hour = hours[moment[:13]]
        return hour + moment[13:19] if hour else hours.exactly(moment)
