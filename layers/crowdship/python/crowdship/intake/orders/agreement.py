"""The agreement about a delivery: the checks and the price, the same for a quote and for a delivery without one. Pure.

A quote keeps the agreement that is made here. A delivery that takes the quote up is created from it and not checked
again, so a change of the zone in between changes nothing about it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from math import inf
from typing import Any

from crowdship.deliveries.lateness import Way, due_at
from crowdship.deliveries.model import Delivery
from crowdship.intake.orders.model import DeliveryRequest, Dropoff, QuoteRequest
from crowdship.intake.orders.regulated import demanded, lawful_windows, refuse_uncarried, refuse_without_drivers
from crowdship.intake.orders.windows import promise_of, way_of, windows
from crowdship.kernel.clock import written
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.hours import LOOK_AHEAD_DAYS, OpeningHours
from crowdship.pricing.basis import size_class
from crowdship.pricing.model import Price
from crowdship.pricing.terms import CancellationTerms
from crowdship.pricing.waiting import WaitTerms
from crowdship.shipment.demands import Demands, completed
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements, check_wishes
from crowdship.shipment.shipment import Shipment, ShipmentRequest
from crowdship.shipment.vehicles import LONGEST_TRIP_M, VEHICLE_CLASSES, VehicleKind
from crowdship.shipment.windows import Window
from crowdship.tariffs.tariff import Ordered, Tariff
from crowdship.travel.times import TravelTimes
from crowdship.zones.law import jurisdictions_at
from crowdship.zones.model import Zone, ZoneSettings


def requested(request: QuoteRequest | DeliveryRequest, pickup: Point) -> ShipmentRequest:
    """Return the shipment that a request asks for, which is picked up at a point."""
    return ShipmentRequest(
        pickup=pickup,
        dropoff=request.dropoff.point,
        pickup_window=request.pickup_window,
        dropoff_window=request.dropoff_window,
        parcel=request.parcel,
        requirements=request.requirements,
        priority=request.priority,
        goods=request.goods,
    )


class Agreement(Shipment):
    """A promise: everything that a delivery needs except people, names and ids."""

    zone_id: str
    price: Price
    terms: CancellationTerms
    wait: WaitTerms = WaitTerms()
    way: Way
    pickup_law: tuple[str, ...]
    dropoff_law: tuple[str, ...]
    demands: Demands | None


def agree(
    asked: ShipmentRequest,
    zone: Zone,
    travel: TravelTimes,
    now: datetime,
    has_own_drivers: Callable[[], bool],
    after: Point | None = None,
    store_hours: OpeningHours | None = None,
    dropoff_zone: Zone | None = None,
    tariff: Tariff | None = None,
) -> Agreement:
    """Check whether a delivery can be served, and price it.

    Parameters
    ----------
    zone : Zone
        The zone of the pickup.
    has_own_drivers : callable
        Whether the merchant has dedicated drivers; asked only where it counts.
    after : Point, optional
        The drop-off before this one in the same job.
    store_hours : OpeningHours, optional
        When the store at the pickup is open.
    dropoff_zone : Zone, optional
        The zone of the drop-off, if it is another one.
    tariff : Tariff, optional
        What prices the merchant's orders in the zone; the zone's rate card if left out.

    Raises
    ------
    Unprocessable
        With one of the codes ``too_far``, ``too_big``, ``restricted_goods``, ``no_eligible_driver``,
        ``unknown_skill``, ``zone_paused``, ``zone_closed``, ``closed_hours``, or those of ``windows`` and of
        ``TravelTimes.check`` and ``check_wishes``.
    """
    settings = zone.settings
    refuse_uncarried(asked.goods, zone)
    check_trip(asked.pickup, asked.dropoff, asked.parcel, zone, travel)
    refuse_unknown_skills(asked.requirements, zone)
    way = way_of(asked.pickup, asked.dropoff, settings, travel)
    pickup_window, dropoff_window = windows(asked, settings, way, now, store_hours)
    pickup_law = jurisdictions_at(asked.pickup, settings)
    dropoff_law = jurisdictions_at(asked.dropoff, (dropoff_zone or zone).settings)
    demands = demanded(asked.goods, pickup_law, dropoff_law, dropoff_window)
    refuse_without_drivers(asked.goods, demands, has_own_drivers)
    pickup_window, dropoff_window = lawful_windows(
        demands,
        pickup_window,
        dropoff_window,
        way,
        now,
        promise=promise_of(settings, way),
        pickup_asked=asked.pickup_window is not None,
        store_hours=store_hours,
    )
    refuse_pause(zone, pickup_window, now)
    requirements = completed(asked.requirements, asked.goods, pickup_law, dropoff_law, dropoff_window.opens_at)
    check_wishes(requirements)
    has_windows = any((asked.pickup_window, asked.dropoff_window, store_hours))
    check_hours(pickup_window, dropoff_window, zone, now, asked=has_windows)
    return Agreement(
        zone_id=zone.id,
        pickup=asked.pickup,
        dropoff=asked.dropoff,
        pickup_window=pickup_window,
        dropoff_window=dropoff_window,
        parcel=asked.parcel,
        requirements=requirements,
        priority=asked.priority,
        goods=asked.goods,
        price=price_of(asked, pickup_window.opens_at, tariff or Tariff(zone, now), travel, after),
        terms=settings.cancellation,
        wait=settings.wait,
        way=way,
        pickup_law=pickup_law,
        dropoff_law=dropoff_law,
        demands=demands,
    )


def check_trip(pickup: Point, dropoff: Point, parcel: Parcel, zone: Zone, travel: TravelTimes) -> None:
    """Check that a vehicle of the zone can carry a parcel over the distance of a trip.

    Raises
    ------
    Unprocessable
        ``too_far``, ``too_big``, ``no_eligible_driver``, or as ``TravelTimes.check``.
    """
    trip_m = distance_m(pickup, dropoff)
    if trip_m > zone.settings.longest_trip_m:
        most = zone.settings.longest_trip_m
        detail = f"The trip from pickup to drop-off is {trip_m:.0f} m long; zone {zone.id} serves up to {most} m."
        raise Unprocessable("too_far", detail, "/dropoff/point")
    _check_vehicles(parcel, trip_m, zone)
    travel.check(pickup, dropoff, "/dropoff/point")


def refuse_unknown_skills(requirements: Requirements, zone: Zone) -> None:
    """Check that a zone knows the skills that are asked for.

    Raises
    ------
    Unprocessable
        ``unknown_skill``, if it does not.
    """
    if unknown := set(requirements.skills) - set(zone.settings.skills):
        known = ", ".join(zone.settings.skills) or "none"
        detail = f"Zone {zone.id} has no skill {', '.join(sorted(unknown))}; its skills: {known}."
        raise Unprocessable("unknown_skill", detail, "/requirements/skills")


def price_of(
    trip: ShipmentRequest, begins: datetime, tariff: Tariff, travel: TravelTimes, after: Point | None
) -> Price:
    """Return the price of a trip whose pickup may begin at a moment."""
    return tariff.price(_ordered(trip, begins, after), *_way(trip, travel, after))


def price_of_change(delivery: Delivery, tariff: Tariff, travel: TravelTimes, after: Point | None) -> Price:
    """Return the price of a delivery with another drop-off, by the tables and the surge of its promised price."""
    ordered = _ordered(delivery, delivery.pickup_window.opens_at, after)
    return tariff.price_again(delivery.price, ordered, *_way(delivery, travel, after))


def _ordered(trip: ShipmentRequest | Delivery, begins: datetime, after: Point | None) -> Ordered:
    return Ordered(
        begins=begins,
        size=size_class(trip.parcel.weight_g, trip.parcel.volume_l),
        goods=trip.goods,
        urgent=trip.priority is Priority.URGENT,
        further=after is not None,
    )


def _way(trip: ShipmentRequest | Delivery, travel: TravelTimes, after: Point | None) -> tuple[float, float]:
    """Return metres and seconds; a job's later drop-off is priced from the one before it, if that is nearer."""
    come_from = trip.pickup
    if after and travel.metres(after, trip.dropoff) < travel.metres(trip.pickup, trip.dropoff):
        come_from = after
    return travel.metres(come_from, trip.dropoff), travel.seconds(come_from, trip.dropoff)


def _check_vehicles(parcel: Parcel, trip_m: float, zone: Zone) -> None:
    kinds = sorted(zone.settings.vehicles)
    carrying = [kind for kind in kinds if _carries(kind, parcel)]
    if not carrying:
        sides = f" and {' x '.join(map(str, parcel.size.sides_cm))} cm" if parcel.size else ""
        detail = (
            f"{parcel.weight_g} g, {parcel.volume_l} l{sides} is more than any vehicle in zone {zone.id} carries; "
            f"its vehicles: {', '.join(kinds)}."
        )
        raise Unprocessable("too_big", detail, "/parcel")
    longest = max(LONGEST_TRIP_M[kind] for kind in carrying)
    if trip_m > longest:
        reach = "any distance" if longest == inf else f"{longest:.0f} m"
        detail = f"What carries it in zone {zone.id} ({', '.join(carrying)}) goes {reach}; the trip has {trip_m:.0f} m."
        raise Unprocessable("no_eligible_driver", detail, "/dropoff/point")


def _carries(kind: VehicleKind, parcel: Parcel) -> bool:
    most = VEHICLE_CLASSES[kind]
    return (
        parcel.weight_g <= most.weight_g
        and parcel.volume_l <= most.volume_l
        and (parcel.size is None or most.holds_sides(parcel.size.sides_cm))
    )


def refuse_pause(zone: Zone, pickup: Window, now: datetime) -> None:
    """Check that a zone takes orders whose pickup begins when this one's does.

    Raises
    ------
    Unprocessable
        ``zone_paused``, with the end of the pause if it is known.
    """
    pause, begins = zone.pause_at(now), max(now, pickup.opens_at)
    if pause and pause.orders and pause.stands(begins):
        later = "; order for a later pickup" if pause.until else "; try again later"
        raise Unprocessable("zone_paused", f"Zone {zone.id} takes no orders {pause.end}{later}.", "/pickup_window")


def check_hours(pickup: Window, dropoff: Window, zone: Zone, now: datetime, *, asked: bool) -> None:
    """Check that the zone is open at some moment of each window, or at its beginning if no window was asked for.

    Raises
    ------
    Unprocessable
        ``zone_closed``, with the moment at which it opens next.
    """
    hours = zone.settings.hours
    if hours is None:
        return
    for name, window in (("pickup_window", pickup), ("dropoff_window", dropoff)):
        begins = max(now, window.opens_at)
        opens = hours.next_open(begins)
        if opens is None or opens > (window.closes_at if asked else begins):
            again = f"it opens next at {written(opens)}" if opens else f"it does not open in {LOOK_AHEAD_DAYS} days"
            detail = f"Zone {zone.id} is closed at {written(begins)}; {again}."
            raise Unprocessable("zone_closed", detail, f"/{name}")


def delivery_as(
    agreement: Agreement, settings: ZoneSettings, now: datetime, actor: str, *, tip: int = 0, **more: Any
) -> Delivery:
    """Return a new delivery as agreed; the zone's present settings decide only when it is planned."""
    opens = agreement.pickup_window.opens_at
    return Delivery.create(
        actor,
        **agreement.parts(),
        **more,
        zone_id=agreement.zone_id,
        pickup_law=agreement.pickup_law,
        dropoff_law=agreement.dropoff_law,
        terms=agreement.terms,
        wait=agreement.wait,
        way=agreement.way,
        demands=agreement.demands,
        price=agreement.price.with_tip(tip),
        created_at=now,
        due_at=due_at(agreement.dropoff_window.closes_at, opens, agreement.way, now),
        plan_from=max(now, opens - timedelta(minutes=settings.dispatch.rounds.lead_minutes)),
        search_until=max(now, opens) + timedelta(minutes=settings.dispatch.rounds.search_minutes),
    )


def differences(agreement: Agreement, request: Dropoff, pickup: Point) -> Iterator[tuple[str, str]]:
    """Yield the pointer and a sentence for each field of a request that differs from the agreement.

    A field that the request leaves out is as agreed. Windows may be left out or be those that were promised.
    """
    ends = (("/pickup/point", agreement.pickup, pickup), ("/dropoff/point", agreement.dropoff, request.dropoff.point))
    for pointer, there, here in ends:
        if there != here:
            yield pointer, f"It is {here.lat}, {here.lon}; {there.lat}, {there.lon} was quoted."
    given, laws = request.model_fields_set, (agreement.pickup_law, agreement.dropoff_law)
    for name in ("pickup_window", "dropoff_window", "priority", "goods"):
        asked, quoted = getattr(request, name), getattr(agreement, name)
        if name in given and asked != quoted and not (asked is None and name.endswith("_window")):
            yield f"/{name}", f"It is {_written(asked)}; {_written(quoted)} was quoted."
    for name in sorted(given & {"parcel", "requirements"}):
        quoted, said = getattr(agreement, name), getattr(request, name)
        asked = quoted.model_copy(update={part: getattr(said, part) for part in said.model_fields_set})
        if name == "requirements":
            asked = completed(asked, agreement.goods, *laws, agreement.dropoff_window.opens_at)
        for part in type(quoted).model_fields:
            if getattr(asked, part) != getattr(quoted, part):
                detail = f"It is {_written(getattr(asked, part))}; {_written(getattr(quoted, part))} was quoted."
                yield f"/{name}/{part}", detail


def _written(value: object) -> str:
    if isinstance(value, Window):
        return f"{written(value.opens_at)} to {written(value.closes_at)}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
