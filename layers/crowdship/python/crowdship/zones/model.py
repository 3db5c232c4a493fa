"""Zone: an area with its own rules of dispatch, price and travel."""

from enum import StrEnum
from typing import Annotated

import h3
from pydantic import BeforeValidator, Field, StringConstraints, field_serializer

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point
from crowdship.kernel.hours import OpeningHours
from crowdship.pricing.model import RateCard
from crowdship.pricing.terms import CancellationTerms
from crowdship.shipment.goods import Goods
from crowdship.shipment.vehicles import Profile, Skills, VehicleKind
from crowdship.zones.areas import refuse_other_shapes

CELL_RESOLUTION = 8
"""H3 resolution of a zone's cells: about 0.74 km² each."""

MAX_CELLS = 10_000
"""Cells of a zone, some 7,400 km²; more could not be written in the time that a request has."""

WIDEST_DEGREES = 2.0
"""Degrees that a zone may reach from south to north, and from west to east."""

LONGEST_LEAD_MINUTES = 1440
"""Upper limit of ``lead_minutes``: how early before its pickup window opens a delivery may be planned."""


ZoneId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]


class Policy(StrEnum):
    """Policies by which offers are sent."""

    DIRECTED = "directed"
    BROADCAST = "broadcast"


class DispatchRules(Value):
    """Rules by which a zone matches deliveries and drivers.

    Parameters
    ----------
    policy : Policy
        ``directed`` asks the best driver, then the next; ``broadcast`` asks several, and the first acceptance wins.
    batch_seconds, urgent_seconds : int
        Time that a new delivery may wait for others before the zone plans; the second is for an urgent one.
    retry_seconds : int
        Time until a zone plans again while a delivery has found no driver.
    offer_seconds : int
        Life of an offer.
    broadcast_drivers : int
        The most drivers that a broadcast asks.
    max_bundle : int
        The most deliveries that travel together in one offer.
    bundle_radius_m : int
        Largest distance between the pickups of a bundle, metres.
    max_pickup_distance_m : int
        Drivers farther from the pickup than this are not asked, metres.
    max_open_stops : int
        A driver with more open stops than this is not asked.
    lead_minutes : int
        A delivery is planned this long before its pickup window opens.
    search_minutes : int
        A delivery is offered until this long after its pickup window opens; then it expires.
    ask_ahead_seconds : int
        A driver is asked for the next trip this long before the last stop is done.
    position_minutes : int
        A driver who was last heard of longer ago than this is not asked.
    lateness_weight : float
        Minutes of driving, or of a customer's waiting, that one minute of lateness is worth.
    ageing_weight : float
        Increase of the weight of a minute of waiting for each hour that a delivery has waited already.
    driver_time_weight : float
        Minutes of a customer's waiting that a minute of a driver is worth, for each open delivery per driver who is
        free soon: drivers' time is dear when there is little of it.
    pay_weight_s : float
        Seconds of waiting that a minute of the usual pay is worth. It is the cost of asking the crowd; a merchant's
        own drivers are paid anyway.
    dedicated_first_s : float
        Further seconds of waiting that asking a merchant's own driver rather than the crowd is worth.
    fairness_weight_s : float
        Seconds of waiting that giving work to a driver is worth, for each minute that they have been without work;
        minutes beyond half an hour do not count.
    rating_weight_s : float
        Seconds of driving that one star of rating is worth.
    refusal_s : float
        Seconds that a delivery loses by an offer that is not taken.
    detour_share : float
        A driver under way takes a delivery along if that costs at most this share of a round trip for it alone.
    ask_sure : float
        A broadcast asks the fewest drivers of whom at least one accepts with this probability; with 1 it asks as many
        as it may.
    widen_after : int
        After this many drivers who did not accept, a directed offer goes to several drivers at once.
    polish_moves : int
        The most deliveries that are exchanged among a merchant's own drivers each time that one of these drivers is
        given work or comes on duty; with 0 none is exchanged.
    polish_worth_s : float
        Seconds of driving that each exchanged delivery must save.
    polish_rest_minutes : int
        Time for which an exchanged delivery is not exchanged again.
    polish_delay_s : int
        Largest delay of a customer's arrival by an exchange. An exchange never makes a delivery late, and never delays
        an urgent one.
    automatic_changes : int
        The most changes per hour of a driver's plan that are made only because the new plan is better. Changes by
        people, and changes that a new or a cancelled delivery makes necessary, are not counted.
    """

    policy: Policy = Policy.DIRECTED
    batch_seconds: int = Field(default=20, ge=1, le=900)
    urgent_seconds: int = Field(default=1, ge=0, le=60)
    retry_seconds: int = Field(default=45, ge=1, le=900)
    offer_seconds: int = Field(default=120, ge=10, le=3600)
    broadcast_drivers: int = Field(default=5, ge=1, le=200)
    max_bundle: int = Field(default=3, ge=1, le=10)
    bundle_radius_m: int = Field(default=150, ge=0, le=5000)
    max_pickup_distance_m: int = Field(default=8000, ge=100, le=100_000)
    max_open_stops: int = Field(default=6, ge=1, le=50)
    lead_minutes: int = Field(default=60, ge=5, le=LONGEST_LEAD_MINUTES)
    search_minutes: int = Field(default=45, ge=1, le=1440)
    ask_ahead_seconds: int = Field(default=300, ge=0, le=3600)
    position_minutes: int = Field(default=10, ge=1, le=240)
    lateness_weight: float = Field(default=5.0, ge=0, le=1000)
    ageing_weight: float = Field(default=0.5, ge=0, le=100)
    driver_time_weight: float = Field(default=0.75, ge=0, le=10)
    pay_weight_s: float = Field(default=5.0, ge=0, le=600)
    dedicated_first_s: float = Field(default=3600.0, ge=0, le=36_000)
    fairness_weight_s: float = Field(default=4.0, ge=0, le=600)
    rating_weight_s: float = Field(default=60.0, ge=0, le=3600)
    refusal_s: float = Field(default=60.0, ge=0, le=3600)
    detour_share: float = Field(default=0.1, ge=0, le=1)
    ask_sure: float = Field(default=0.99, gt=0, le=1)
    widen_after: int = Field(default=3, ge=0, le=100)
    polish_moves: int = Field(default=3, ge=0, le=20)
    polish_worth_s: float = Field(default=120.0, ge=0, le=3600)
    polish_rest_minutes: int = Field(default=15, ge=0, le=1440)
    polish_delay_s: int = Field(default=600, ge=0, le=36_000)
    automatic_changes: int = Field(default=4, ge=0, le=60)


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
    """Limits above which dispatchers are alerted; ``position_minutes`` is the limit for a silent driver.

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


class ZoneSettings(Value):
    """Settings of a zone that staff choose."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    area: Annotated[tuple[Point, ...], BeforeValidator(refuse_other_shapes)] = Field(
        min_length=3, max_length=500, description="The corners of the zone's polygon, once round"
    )
    dispatch: DispatchRules = DispatchRules()
    travel: TravelRules = TravelRules()
    rates: RateCard = RateCard()
    cancellation: CancellationTerms = Field(
        default=CancellationTerms(),
        description="Percent of the charge that is due and of the pay that is earned, by who caused it and the stage",
    )
    skills: Skills = Field(default=(), description="What deliveries here may ask of their drivers")
    promise_minutes: int = Field(default=60, ge=5, le=1440, description="Drop-off promise where the order names none")
    approaching_m: int = Field(
        default=400, ge=20, le=5000, description="From how far on a driver comes near a stop they set out for, metres"
    )
    arrived_m: int = Field(default=80, ge=30, le=1000, description="Within how many metres of a stop a driver is there")
    alerts: AlertRules = AlertRules()
    eta_change_minutes: int = Field(
        default=5, ge=1, le=240, description="By how much an arrival has to change for merchants to be told"
    )
    hours: OpeningHours | None = Field(default=None, description="When orders are taken here; always if left out")
    longest_trip_m: int = Field(
        default=50_000, ge=100, le=500_000, description="From pickup to drop-off, metres as the crow flies"
    )
    vehicles: frozenset[VehicleKind] = Field(
        default=frozenset(VehicleKind), min_length=1, description="What drivers here may drive"
    )
    goods: frozenset[Goods] = Field(default=frozenset(), description="Which restricted goods are carried here")
    quote_minutes: int = Field(default=15, ge=1, le=1440, description="How long a quote stands")

    @field_serializer("vehicles", "goods")
    def _sorted(self, values: frozenset[str]) -> list[str]:
        return sorted(values)


class Zone(Aggregate):
    """A zone with its settings.

    Parameters
    ----------
    drawing : tuple of Point, optional
        New area while it is being drawn; until it is drawn the zone may own cells of both areas.
    """

    settings: ZoneSettings
    drawing: tuple[Point, ...] | None = None

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
            detail = f"The area is {widest:.1f} degrees wide; {WIDEST_DEGREES:g} is the most, make several zones."
            raise Unprocessable("area_too_large", detail, "/area")
        try:
            cells = set(h3.h3shape_to_cells(h3.LatLngPoly(corners), CELL_RESOLUTION))
        except h3.H3FailedError:
            return set()
        if len(cells) > MAX_CELLS:
            detail = f"The area holds {len(cells)} cells; {MAX_CELLS} are the most, make several zones."
            raise Unprocessable("area_too_large", detail, "/area")
        return cells


def cell_of(point: Point) -> str:
    """Return the H3 cell of a point."""
    return str(h3.latlng_to_cell(point.lat, point.lon, CELL_RESOLUTION))


def centre_of(cell: str) -> Point:
    """Return the centre of an H3 cell."""
    lat, lon = h3.cell_to_latlng(cell)
    return Point(lat=lat, lon=lon)
