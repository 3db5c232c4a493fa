"""Use cases that change a delivery alone; use cases that change other records too are in the rooms that own those."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import batched, islice

from crowdship.adapters.storage import UnitOfWork, changed
from crowdship.deliveries.filters import POSITION, Filters, ListIndex, answer_to
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.rating import Rating
from crowdship.deliveries.states import OPEN
from crowdship.deliveries.store import SHARDS, DeliveryRow, ExternalIdRow, RatingRow
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.zones.dispatch_rules import LONGEST_LEAD_MINUTES

READ_AT_ONCE = 100
"""Deliveries of a day or a list that are read together."""

COUNTED_AT_ONCE = 1000
"""Keys of an index that are read together where orders are only counted."""

MOST_LOOKED_AT = 500
"""Deliveries that one request for a list looks at while it searches for those that pass the filters."""


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


def called(text: str, limit: int) -> list[Delivery]:
    """Return the deliveries of all merchants with an order number or external id, the newest first; no tests."""
    ids = DeliveryRow.referred_ids(text, limit)
    found = get_many(ids)
    return [found[delivery_id] for delivery_id in ids if delivery_id in found]


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


def created_on(zone_id: str, day: date) -> Iterator[datetime]:
    """Yield when each order of a zone on a UTC day was created, without tests; no delivery is read for that."""
    filters = Filters(zone_id=zone_id, day=day)
    for position, _ in DeliveryRow.listed(ListIndex.BY_STATE, filters, "", COUNTED_AT_ONCE):
        yield datetime.fromisoformat(position.partition("#")[0])


SETTLING_SHARDS = range(SHARDS)
"""Shards of the deliveries that settle on a day."""


def settling_on(day: date, shards: Iterable[int] = SETTLING_SHARDS) -> Iterator[Delivery]:
    """Yield the deliveries by which somebody earns that closed on a day (UTC) or were tipped last then, by shards."""
    for ids in batched(DeliveryRow.settling_ids(day, shards), READ_AT_ONCE, strict=False):
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


def listed(
    filters: Filters, cursor: str | None, limit: int, parameter: str = "cursor"
) -> tuple[list[Delivery], str | None]:
    """Return a page of the deliveries that pass some filters, the first created first.

    Deliveries of the last seconds may be missing. A delivery that changes its state while the pages are read may be on
    no page; every other is on exactly one.

    Parameters
    ----------
    cursor : str or None
        The cursor of the page before; None for the first page.
    limit : int
        How many at most.
    parameter : str
        The parameter of the request in which the cursor came.

    Returns
    -------
    deliveries : list of Delivery
    following : str or None
        The cursor of the next page; None if this is the last. A page with fewer than ``limit`` deliveries has one if
        ``MOST_LOOKED_AT`` deliveries were looked at.

    Raises
    ------
    Unprocessable
        If no index answers the filters, or the cursor is none of a list with these filters.
    """
    answer = answer_to(filters)
    query = filters.model_dump_json(exclude_none=True)
    after = position_of(cursor, POSITION, query, parameter) if cursor is not None else ""
    # One more than asked for tells whether there is more.
    at_once = READ_AT_ONCE if answer.unanswered else limit + 1
    keys = islice(DeliveryRow.listed(answer.index, filters, after, at_once), MOST_LOOKED_AT)
    found: list[Delivery] = []
    looked_at = 0
    for some in batched(keys, at_once, strict=False):
        known = get_many(delivery_id for _, delivery_id in some)
        for position, delivery_id in some:
            # The index may lag behind the delivery, so the delivery has the last word.
            if (delivery := known.get(delivery_id)) and filters.match(delivery):
                if len(found) == limit:
                    return found, cursor_of(after, query)
                found.append(delivery)
            after = position
        looked_at += len(some)
    return found, cursor_of(after, query) if looked_at == MOST_LOOKED_AT else None


def keep(delivery: Delivery, work: UnitOfWork) -> None:
    """Add a delivery's guarded write to a unit of work."""
    work.store(DeliveryRow.of(delivery))


def must_stay(delivery: Delivery, work: UnitOfWork) -> None:
    """Add to a unit of work the condition that a delivery is unchanged since it was read."""
    work.check(DeliveryRow, delivery.id, DeliveryRow.SORT, DeliveryRow.version == delivery.stored_version)


def keep_new(delivery: Delivery, work: UnitOfWork) -> None:
    """Add a new delivery and the claim of its external id to a unit of work."""
    keep(delivery, work)
    work.put(ExternalIdRow.of(delivery), ExternalIdRow.pk.does_not_exist())


def rating_of(delivery_id: str) -> Rating | None:
    """Return the customer's rating of a delivery, or None."""
    return RatingRow.load(delivery_id)


def must_be_unrated(delivery_id: str, work: UnitOfWork) -> None:
    """Add to a unit of work the condition that a delivery has no rating."""
    work.check(RatingRow, delivery_id, RatingRow.SORT, RatingRow.pk.does_not_exist())


def keep_rating(rating: Rating, work: UnitOfWork) -> None:
    """Add a rating's guarded write to a unit of work."""
    work.store(RatingRow.of(rating))


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
    return changed(partial(get, delivery_id), decide, DeliveryRow.of)
