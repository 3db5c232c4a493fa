"""Addresses, and the rule when an address counts as found."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from crowdship.kernel import retention
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point

KEPT = retention.ADDRESSES
"""A found point is cached for this long, as customers come back, and not longer, as streets are renumbered."""

SURE = 0.9
"""The lowest match score, out of 1, at which an address counts as found."""

DOORS = frozenset({"PointAddress", "SecondaryAddress", "InterpolatedAddress"})
"""The kinds of place that are as exact as a door. A street or a town is not exact enough for a driver."""


class Address(Value):
    """A postal address.

    Parameters
    ----------
    lines : tuple of str
        The lines from the door to the town, without the recipient and without empty lines.
    country : str or None
        ISO 3166 code, two letters.
    """

    lines: tuple[str, ...]
    country: str | None = None

    @classmethod
    def of(cls, *lines: str | None, country: str | None) -> "Address":
        """Return the address with these lines; empty ones are dropped."""
        kept = (" ".join(line.split()) for line in lines if line and line.strip())
        code = (country or "").strip().upper()
        return cls(lines=tuple(kept), country=code if len(code) == 2 else None)

    @property
    def text(self) -> str:
        """The address in one line."""
        return ", ".join(self.lines)

    @property
    def key(self) -> str:
        """The key of the cached point: a digest, which does not reveal the address."""
        text = unicodedata.normalize("NFKC", f"{self.text}|{self.country or ''}").casefold()
        return hashlib.sha256(text.encode()).hexdigest()


class Geocoder(Protocol):
    """A service that finds the point of an address."""

    def find(self, address: Address, near: Point | None) -> Point | None:
        """Return where an address is, or None if that is not certain."""
        ...


def door_of(results: Sequence[Mapping[str, Any]]) -> Point | None:
    """Return the point of Amazon Location's best result, None if it is no door or its score is below ``SURE``."""
    if not results:
        return None
    best = results[0]
    sure = best.get("MatchScores", {}).get("Overall", 0) >= SURE and not best.get("AddressNumberCorrected")
    if best["PlaceType"] not in DOORS or not sure or "Position" not in best:
        return None
    lon, lat = best["Position"]
    return Point(lat=lat, lon=lon)
