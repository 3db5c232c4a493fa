"""Zone: an area with its own rules of dispatch, price and travel."""

from datetime import datetime
from typing import Annotated

import h3
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, field_serializer

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point
from crowdship.kernel.hours import OpeningHours
from crowdship.pricing.model import RateCard
from crowdship.pricing.terms import CancellationTerms
from crowdship.pricing.waiting import WaitTerms
from crowdship.shipment.goods import Goods
from crowdship.shipment.vehicles import Profile, Skills, VehicleKind
from crowdship.zones.areas import refuse_other_shapes
from crowdship.zones.dedicated import DedicatedCost, in_order
from crowdship.zones.dispatch_rules import DispatchRules
from crowdship.zones.pauses import Pause
from crowdship.zones.tiers import USUAL, Tiers

CELL_RESOLUTION = 8
"""H3 resolution of a zone's cells: about 0.74 km² each."""

MAX_CELLS = 10_000
"""The most cells of a zone, some 7,400 km²; more could not be written within a request."""

WIDEST_DEGREES = 2.0
"""Largest extent of a zone from south to north, and from west to east, degrees."""

ZoneId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]


class TravelRules(Value):
    """Rules for travel times in a zone.

    Parameters
    ----------
    speed_mps, detour_factor : float
        Used without a map, and for points off the map: great-circle metres times the detour factor, at this speed in
        metres per second.
    map : str or None
        Name of the street map, made by ``make region``.
    amazon_location : bool
        Whether Amazon Location Service is asked instead, for cars and walkers; AWS bills each pair of places.
    profile : Profile
        Usual means of transport of drivers in the zone.
    pickup_dwell_s, dropoff_dwell_s : int
        Seconds that a stop takes.
    """

    speed_mps: float = Field(default=6.5, gt=0, le=50)
    detour_factor: float = Field(default=1.3, ge=1, le=3)
    map: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")] | None = None
    amazon_location: bool = False
    profile: Profile = Profile.CAR
    pickup_dwell_s: int = Field(default=180, ge=0, le=3600)
    dropoff_dwell_s: int = Field(default=120, ge=0, le=3600)


class AlertRules(Value):
    """Limits above which dispatchers are alerted; a silent driver's is ``dispatch.limits.position_minutes``.

    Parameters
    ----------
    late_minutes : int
        Limit of the time by which a customer's driver is expected later than promised.
    off_route_minutes : int
        Limit of the time by which a driver's way to the next stop has become longer.
    long_stop_minutes : int
        Limit of the time that a driver spends at a stop, without waiting for its window to open.
    """

    late_minutes: int = Field(default=10, ge=1, le=240)
    off_route_minutes: int = Field(default=4, ge=1, le=60)
    long_stop_minutes: int = Field(default=20, ge=1, le=240)


JurisdictionCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3}(-[a-z0-9-]{1,60})?)?$")]
"""A country, a state, or a county or city: ``US``, ``US-CO``, ``US-WA-seattle``; ``EU`` for the European Union."""


class ZoneSettings(Value):
    """Settings of a zone, as staff choose them."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    area: Annotated[tuple[Point, ...], BeforeValidator(refuse_other_shapes)] = Field(
        min_length=3, max_length=500, description="Corners of the zone's polygon, in order"
    )
    dispatch: DispatchRules = DispatchRules()
    travel: TravelRules = TravelRules()
    rates: RateCard = RateCard()
    cancellation: CancellationTerms = Field(
        default=CancellationTerms(),
        description="Percent of the charge that is due and of the pay that is earned, by cause and stage",
    )
    wait: WaitTerms = Field(
        default=WaitTerms(), description="What waiting at a door earns and costs beyond a grace; nothing by default"
    )
    skills: Skills = Field(default=(), description="Skills that deliveries in the zone may require of drivers")
    promise_minutes: int = Field(
        default=60, ge=5, le=1440, description="Promised time to the drop-off of an order that names none, minutes"
    )
    approaching_m: int = Field(
        default=400,
        ge=20,
        le=5000,
        description="Distance within which a driver is approaching a stop they set out for, metres",
    )
    arrived_m: int = Field(
        default=80, ge=30, le=1000, description="Distance within which a driver is at a stop, metres"
    )
    alerts: AlertRules = AlertRules()
    eta_change_minutes: int = Field(
        default=5, ge=1, le=240, description="Change of an expected arrival from which merchants are told, minutes"
    )
    hours: OpeningHours | None = Field(default=None, description="Hours in which orders are taken; always if left out")
    longest_trip_m: int = Field(
        default=50_000,
        ge=100,
        le=500_000,
        description="Longest distance from pickup to drop-off, metres as the crow flies",
    )
    vehicles: frozenset[VehicleKind] = Field(
        default=frozenset(VehicleKind), min_length=1, description="Kinds of vehicle that drivers in the zone may drive"
    )
    goods: frozenset[Goods] = Field(default=frozenset(), description="Restricted goods that are carried in the zone")
    quote_minutes: int = Field(default=15, ge=1, le=1440, description="Time for which a quote is valid, minutes")
    adjusted_alone: int = Field(
        default=5000,
        ge=0,
        le=1_000_000,
        description="Most that one person may book alone in adjustments of a driver's pay on a day, in minor units of "
        "the rates' currency; an adjustment in another currency needs a second person",
    )
    tiers: Tiers = Field(
        default=USUAL, description="Measures by which crowd drivers get goods of a higher worth, newcomers first"
    )
    dedicated_costs: Annotated[tuple[DedicatedCost, ...], AfterValidator(in_order)] = Field(
        default=(),
        max_length=50,
        description="Full cost of an hour of a dedicated driver from a day on, in minor units of the rates' currency; "
        "the break-even with the crowd is reckoned from it",
    )
    jurisdictions: tuple[JurisdictionCode, ...] = Field(
        default=(),
        max_length=20,
        description="Codes of jurisdictions that count in the whole zone, besides those that are found from its area",
    )

    @property
    def time_zone(self) -> str:
        """The IANA name of the time zone in which its opening hours are written, UTC if it has none."""
        return self.hours.time_zone if self.hours else "UTC"

    @field_serializer("vehicles", "goods")
    def _sorted(self, values: frozenset[str]) -> list[str]:
        return sorted(values)


class Zone(Aggregate):
    """A zone with its settings.

    Parameters
    ----------
    drawing : tuple of Point, optional
        New area while its cells are claimed; until that is done the zone may own cells of both areas.
    pause : Pause, optional
        The last pause, which may be over; other settings don't end it.
    """

    settings: ZoneSettings
    drawing: tuple[Point, ...] | None = None
    pause: Pause | None = None

    def pause_at(self, now: datetime) -> Pause | None:
        """Return the pause that stands at a moment, or None."""
        return self.pause if self.pause and self.pause.stands(now) else None

    def drawn(self, area: tuple[Point, ...]) -> "Zone":
        """Return the zone with another area."""
        return self.with_changes(settings=self.settings.model_copy(update={"area": area}))

    @property
    def cells(self) -> set[str]:
        """H3 cells whose centres lie in the area; none if its corners enclose nothing.

        Raises
        ------
        Unprocessable
            If the area is too large.
        """
        corners = [(corner.lat, corner.lon) for corner in self.settings.area]
        widest = max(max(axis) - min(axis) for axis in zip(*corners, strict=True))
        if widest > WIDEST_DEGREES:
            detail = (
                f"The area is {widest:.1f} degrees wide; at most {WIDEST_DEGREES:g} are allowed. Make several zones."
            )
            raise Unprocessable("area_too_large", detail, "/area")
        try:
            cells = set(h3.h3shape_to_cells(h3.LatLngPoly(corners), CELL_RESOLUTION))
        except h3.H3FailedError:
            return set()
        if len(cells) > MAX_CELLS:
            detail = f"The area holds {len(cells)} cells; at most {MAX_CELLS} are allowed. Make several zones."
            raise Unprocessable("area_too_large", detail, "/area")
        return cells


def cell_of(point: Point) -> str:
    """Return the H3 cell of a point."""
    return str(h3.latlng_to_cell(point.lat, point.lon, CELL_RESOLUTION))


def centre_of(cell: str) -> Point:
    """Return the centre of an H3 cell."""
    lat, lon = h3.cell_to_latlng(cell)
    return Point(lat=lat, lon=lon)
