"""Jurisdictions that rules name: countries, states, counties and cities, with their time zones."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from crowdship.law.model import EVERYWHERE
from crowdship.law.reading import TableError, lines

COLUMNS = ("code", "name", "timezones", "counties", "outline")

_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3}(-[a-z0-9-]+)?)?")

UTC_SPAN = ("Etc/GMT+12", "Etc/GMT-14")
"""Time zones of the first and the last place where a day begins: those of a jurisdiction whose zones are not named."""


@dataclass(frozen=True)
class Jurisdiction:
    """A jurisdiction.

    Parameters
    ----------
    code : str
        ISO 3166 code of a country, with the code of a state, and with the name of a county or city in lower case:
        ``US``, ``US-CO``, ``US-WA-seattle``; ``EU`` for the European Union.
    name : str
        Name for people.
    timezones : tuple of str
        IANA names of the zones that its land lies in. On the day on which law changes, all of them count.
    counties : tuple of str
        Codes of the counties that make up a city; then the city is where they are.
    outline : tuple of (float, float)
        Corners of a city, latitude and longitude in degrees, drawn by hand around it: approximate, and outside rather
        than inside its border.
    """

    code: str
    name: str
    timezones: tuple[str, ...] = UTC_SPAN
    counties: tuple[str, ...] = ()
    outline: tuple[tuple[float, float], ...] = ()

    @cached_property
    def _clocks(self) -> tuple[ZoneInfo, ...]:
        return tuple(ZoneInfo(name) for name in self.timezones)

    def days_at(self, moment: datetime) -> tuple[date, ...]:
        """Return the local days that a moment belongs to; two where midnight lies between two time zones."""
        return tuple(dict.fromkeys(moment.astimezone(clock).date() for clock in self._clocks))


def read_jurisdictions(name: str, text: str) -> dict[str, Jurisdiction]:
    """Return the jurisdictions of ``jurisdictions.csv`` by code.

    Raises
    ------
    TableError
        If a row is wrong.
    """
    found: dict[str, Jurisdiction] = {}
    for line in lines(name, text, COLUMNS):
        code = line["code"]
        if code != EVERYWHERE and not _CODE.fullmatch(code):
            raise TableError(line.row, f"{code!r} is no code; write it as US, US-CO or US-WA-seattle")
        if code in found:
            raise TableError(line.row, f"{code} stands here a second time")
        if not line["name"]:
            raise TableError(line.row, f"{code} has no name")
        found[code] = Jurisdiction(
            code=code,
            name=line["name"],
            timezones=_timezones(line.row, line["timezones"]),
            counties=tuple(line["counties"].split()),
            outline=_corners(line.row, line["outline"]),
        )
    return found


def _timezones(row: str, written: str) -> tuple[str, ...]:
    names = tuple(written.split()) or UTC_SPAN
    for name in names:
        try:
            ZoneInfo(name)
        except (OSError, ValueError, LookupError) as error:
            raise TableError(row, f"there is no time zone {name!r}; write it as America/Denver") from error
    return names


def _corners(row: str, written: str) -> tuple[tuple[float, float], ...]:
    if not written:
        return ()
    try:
        corners = tuple((float(lat), float(lon)) for lat, lon in (corner.split() for corner in written.split(";")))
    except ValueError as error:
        raise TableError(row, "the outline is no list of corners; write 47.5 -122.4;47.7 -122.4;...") from error
    if len(corners) < 3 or not all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in corners):
        raise TableError(row, "the outline must have three corners or more, each latitude and longitude in degrees")
    return corners
