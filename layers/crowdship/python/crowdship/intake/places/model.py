"""Addresses, and what counts as having found one."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point

KEPT = timedelta(days=90)
"""How long a found place is remembered: customers come back, and streets are renumbered now and then."""

SURE = 0.9
"""The least match score, of 1, by which an address counts as found."""

DOORS = frozenset({"PointAddress", "SecondaryAddress", "InterpolatedAddress"})
"""The kinds of place that are as exact as a door. A street or a town is not: the driver would stand somewhere."""


class Address(Value):
    """A postal address.

    Parameters
    ----------
    lines : tuple of str
        As one writes it, from the door to the town, without the recipient and without what is empty.
    country : str or None
        ISO 3166 code, two letters.
    """

    lines: tuple[str, ...]
    country: str | None = None

    @classmethod
    def of(cls, *lines: str | None, country: str | None) -> "Address":
        """Return the address of some lines, of which some may be empty."""
        kept = (" ".join(line.split()) for line in lines if line and line.strip())
        code = (country or "").strip().upper()
        return cls(lines=tuple(kept), country=code if len(code) == 2 else None)

    @property
    def text(self) -> str:
        """The address in one line."""
        return ", ".join(self.lines)

    @property
    def key(self) -> str:
        """What the found place is remembered under: a digest, from which nobody reads who lives there."""
        text = unicodedata.normalize("NFKC", f"{self.text}|{self.country or ''}").casefold()
        return hashlib.sha256(text.encode()).hexdigest()


class Geocoder(Protocol):
    """Whoever knows where addresses are."""

    def find(self, address: Address, near: Point | None) -> Point | None:
        """Return where an address is, or None if that is not certain."""
        ...


def door_of(results: Sequence[Mapping[str, Any]]) -> Point | None:
    """Return the point of Amazon Location's best result, if it is a door and surely the one that was meant."""
    if not results:
        return None
    best = results[0]
    sure = best.get("MatchScores", {}).get("Overall", 0) >= SURE and not best.get("AddressNumberCorrected")
    if best["PlaceType"] not in DOORS or not sure or "Position" not in best:
        return None
    lon, lat = best["Position"]
    return Point(lat=lat, lon=lon)
