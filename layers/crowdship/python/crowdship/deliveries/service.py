"""Use cases that change a delivery alone; use cases that change other records too are in the rooms that own those."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import batched

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import OPEN
from crowdship.deliveries.store import DeliveryRow, ExternalIdRow
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.zones.dispatch_rules import LONGEST_LEAD_MINUTES

READ_AT_ONCE = 100
"""Deliveries of a day that are read into memory at a time."""


def get(delivery_id: str) -> Delivery:
    """Return a delivery.

    Raises
    ------
    NotFound
        If there is none.
    """
    delivery = DeliveryRow.load(delivery_id)
    if delivery is None:
        raise NotFound("no_such_delivery", f"There is no delivery {delivery_id}.")
    return delivery


def get_of_merchant(delivery_id: str, merchant_id: str) -> Delivery:
    """Return a delivery of a merchant; a delivery of another merchant is treated as missing."""
    delivery = get(delivery_id)
    if delivery.merchant_id != merchant_id:
        raise NotFound("no_such_delivery", f"There is no delivery {delivery_id}.")
    return delivery


def get_of_driver(delivery_id: str, driver_id: str) -> Delivery:
    """Return a delivery of a driver; a delivery of another driver is treated as missing."""
    delivery = get(delivery_id)
    if delivery.driver_id != driver_id:
        raise NotFound("not_your_delivery", f"Delivery {delivery_id} is not on your route.")
    return delivery


def get_many(delivery_ids: Iterable[str]) -> dict[str, Delivery]:
    """Return the deliveries that exist, by id."""
    return {delivery.id: delivery for delivery in DeliveryRow.load_many(delivery_ids)}


def open_in_zone(zone_id: str, now: datetime) -> list[Delivery]:
    """Return a zone's deliveries that wait for a driver and may be planned now, the longest waiting first."""
    ids = DeliveryRow.open_ids(zone_id, now)
    found = get_many(ids)
    return [found[delivery_id] for delivery_id in ids if delivery_id in found]


def opening_in_zone(zone_id: str, opens_from: datetime, opens_until: datetime, now: datetime) -> list[Delivery]:
    """Return a zone's deliveries that wait for a driver and whose pickup windows open in a span, the first first.

    Planning of each begins ``lead_minutes`` before its opening, or at its order if that is later.
    """
    earliest = opens_from - timedelta(minutes=LONGEST_LEAD_MINUTES)
    found = get_many(DeliveryRow.open_ids_between(zone_id, earliest, max(opens_until, now))).values()
    opening = (d for d in found if d.state in OPEN and opens_from <= d.pickup_window.opens_at < opens_until)
    return sorted(opening, key=lambda delivery: (delivery.pickup_window.opens_at, delivery.id))


def next_plannable(zone_id: str, now: datetime) -> datetime | None:
    """Return when the next scheduled delivery of a zone may be planned, or None if there is none."""
    delivery_id = DeliveryRow.next_id(zone_id, now)
    return get(delivery_id).plan_from if delivery_id else None


def held_in_zone(zone_id: str, limit: int) -> list[Delivery]:
    """Return a zone's closed deliveries whose pay is held, the longest first."""
    ids = DeliveryRow.held_ids(zone_id, limit)
    found = get_many(ids)
    return [found[delivery_id] for delivery_id in ids if delivery_id in found and found[delivery_id].hold]


def settling_on(day: date) -> Iterator[Delivery]:
    """Yield the deliveries by which somebody earns that closed on a day (UTC) or were tipped last then."""
    for ids in batched(DeliveryRow.settling_ids(day), READ_AT_ONCE, strict=False):
        yield from get_many(ids).values()


def waiting_since(zone_id: str, moment: datetime) -> bool:
    """Return whether a delivery of a zone waits for a driver that could have been planned at an earlier moment."""
    return any(delivery.state in OPEN for delivery in open_in_zone(zone_id, moment))


def find_external(merchant_id: str, external_id: str) -> Delivery:
    """Return a merchant's delivery by the merchant's own id."""
    delivery_id = ExternalIdRow.lookup(merchant_id, external_id)
    if delivery_id is None:
        raise NotFound("no_such_delivery", f"There is no delivery with external_id {external_id}.")
    return get(delivery_id)


def listed(merchant_id: str, day: date, after: str, limit: int) -> tuple[list[Delivery], str | None]:
    """Return some of the deliveries that a merchant created on a UTC day, the first created first.

    Parameters
    ----------
    after : str
        The position to go on from; empty for the beginning of the day.
    limit : int
        How many at most.

    Returns
    -------
    deliveries : list of Delivery
    following : str or None
        The position to go on from; None if these were the last.
    """
    # One more than asked for tells whether there is more.
    found = DeliveryRow.listed(merchant_id, day, after, limit + 1)
    page = found[:limit]
    known = get_many(delivery_id for _, delivery_id in page)
    following = page[-1][0] if len(found) > limit else None
    return [known[delivery_id] for _, delivery_id in page if delivery_id in known], following


def keep(delivery: Delivery, work: UnitOfWork) -> None:
    """Add a delivery's guarded write to a unit of work."""
    work.store(DeliveryRow.of(delivery))


def keep_new(delivery: Delivery, work: UnitOfWork) -> None:
    """Add a new delivery and the claim of its external id to a unit of work."""
    keep(delivery, work)
    work.put(ExternalIdRow.of(delivery), ExternalIdRow.pk.does_not_exist())


def refuse_known(merchant_id: str, external_id: str) -> None:
    """Check that an external id is free.

    Raises
    ------
    Conflict
        If the merchant used it before; the message names the delivery.
    """
    known = ExternalIdRow.lookup(merchant_id, external_id)
    if known:
        raise Conflict(
            "external_id_used",
            f"Delivery {known} has external_id {external_id} already; a new delivery needs another one.",
            "/external_id",
        )


def known_external(merchant_id: str, external_ids: Iterable[str]) -> dict[str, str]:
    """Return the delivery ids of a merchant's external ids, without external ids that are unused."""
    return ExternalIdRow.lookup_many(merchant_id, external_ids)


def change(delivery_id: str, decide: Callable[[Delivery], Delivery]) -> Delivery:
    """Load a delivery, apply ``decide``, and save it guarded; repeat if somebody else changed it meanwhile."""

    def attempt() -> Delivery:
        before = get(delivery_id)
        after = decide(before)
        if after is not before:
            work = UnitOfWork()
            keep(after, work)
            work.commit()
        return after

    return persistently(attempt)
