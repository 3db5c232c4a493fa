"""The deliveries' table: deliveries with their ratings and external ids, and the indexes by which they are listed."""

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.deliveries.closing import settles_on
from crowdship.deliveries.filters import Filters, ListIndex
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.rating import Rating
from crowdship.deliveries.states import CLOSED, OPEN, State


class ByZone(GlobalSecondaryIndex["DeliveryRow"]):
    """Deliveries of a zone that wait for a driver, by when they may be planned; the others are not in it."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_zone"
        projection = KeysOnlyProjection()

    open_zone = UnicodeAttribute(hash_key=True)
    plan_from = UnicodeAttribute(range_key=True)


class BySettling(GlobalSecondaryIndex["DeliveryRow"]):
    """Deliveries by which somebody earns, by the day on which they closed or were tipped last, and a shard of it."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_settling"
        projection = KeysOnlyProjection()

    settles_on = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


SHARDS = 16
"""Partitions of a day in ``BySettling``, so that none grows hot."""


def _settling_key(day: date, shard: int) -> str:
    return f"{day}#{shard:02d}"


class ByMerchant(GlobalSecondaryIndex["DeliveryRow"]):
    """Deliveries of a merchant by the UTC day and moment at which they were created.

    Neither key ever changes, so the index is written once in a delivery's life.
    """

    class Meta:
        """Name and projection of the index."""

        index_name = ListIndex.BY_MERCHANT
        projection = KeysOnlyProjection()

    merchant_day = UnicodeAttribute(hash_key=True)
    created_key = UnicodeAttribute(range_key=True)


class ByDriver(GlobalSecondaryIndex["DeliveryRow"]):
    """Deliveries of a driver by the UTC day and moment at which they were created.

    The index is written when a driver gets a delivery or loses it; what a driver had at its end stays in it.
    """

    class Meta:
        """Name and projection of the index."""

        index_name = ListIndex.BY_DRIVER
        projection = KeysOnlyProjection()

    driver_day = UnicodeAttribute(hash_key=True)
    created_key = UnicodeAttribute(range_key=True)


class ByState(GlobalSecondaryIndex["DeliveryRow"]):
    """Deliveries of a zone by the moment of creation: those that have not ended, and the ends of each UTC day.

    The index is written at the creation and at the end, and not by the states between.
    """

    class Meta:
        """Name and projection of the index."""

        index_name = ListIndex.BY_STATE
        projection = KeysOnlyProjection()

    zone_state = UnicodeAttribute(hash_key=True)
    created_key = UnicodeAttribute(range_key=True)


class ByHold(GlobalSecondaryIndex["DeliveryRow"]):
    """Closed deliveries of a zone whose pay is held, by since when; the others are not in it."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_hold"
        projection = KeysOnlyProjection()

    held_zone = UnicodeAttribute(hash_key=True)
    held_since = UnicodeAttribute(range_key=True)


class ByReference(GlobalSecondaryIndex["DeliveryRow"]):
    """Deliveries of all merchants by what people call them: order number and external id, and the moment of creation.

    Both keys never change. A delivery with both has an entry for each; that of the external id is its claim's.
    """

    class Meta:
        """Name and projection of the index."""

        index_name = "by_reference"
        projection = KeysOnlyProjection()

    reference = UnicodeAttribute(hash_key=True)
    created_key = UnicodeAttribute(range_key=True)


def _reference_of(text: str) -> str:
    """Return an order number or external id as it is looked for: in small letters, without the # of a shop."""
    return text.strip().removeprefix("#").casefold() or text


def _created_key(delivery: Delivery) -> str:
    return f"{delivery.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}#{delivery.id}"


def _of_day(owner_id: str | None, day: date | None) -> str:
    return f"{owner_id}#{day}"


def _of_state(zone_id: str | None, state: State, day: date | None) -> str:
    return f"{zone_id}#{day}#{state}" if state in CLOSED else f"{zone_id}#active"


def _partitions(index: ListIndex, filters: Filters) -> list[str]:
    """Return the partitions of an index that have the deliveries of some filters."""
    match index:
        case ListIndex.BY_DRIVER:
            return [_of_day(filters.driver_id, filters.day)]
        case ListIndex.BY_MERCHANT:
            return [_of_day(filters.merchant_id, filters.day)]
        case ListIndex.BY_STATE:
            states = [filters.state] if filters.state else [*State]
            return sorted({_of_state(filters.zone_id, state, filters.day) for state in states})


class DeliveryRow(AggregateRow[Delivery]):
    """A delivery."""

    Meta = meta("deliveries")
    AGGREGATE = Delivery
    SORT = "DELIVERY"

    open_zone = UnicodeAttribute(null=True)
    plan_from = UnicodeAttribute(null=True)
    settles_on = UnicodeAttribute(null=True)
    by_zone = ByZone()
    merchant_day = UnicodeAttribute(null=True)
    created_key = UnicodeAttribute(null=True)
    by_merchant = ByMerchant()
    driver_day = UnicodeAttribute(null=True)
    by_driver = ByDriver()
    zone_state = UnicodeAttribute(null=True)
    by_state = ByState()
    held_zone = UnicodeAttribute(null=True)
    held_since = UnicodeAttribute(null=True)
    by_hold = ByHold()
    by_settling = BySettling()
    reference = UnicodeAttribute(null=True)
    by_reference = ByReference()

    @classmethod
    def indexed(cls, delivery: Delivery) -> dict[str, Any]:
        """Return the keys under which a delivery is listed and settles, and what it waits for: a driver, a decision."""
        created = delivery.created_at.astimezone(UTC)
        keys = {
            "merchant_day": _of_day(delivery.merchant_id, created.date()),
            "created_key": _created_key(delivery),
        }
        if not delivery.livemode:
            return keys
        keys["reference"] = _reference_of(delivery.known_as)
        keys["zone_state"] = _of_state(delivery.zone_id, delivery.state, created.date())
        if delivery.driver_id:
            keys["driver_day"] = _of_day(delivery.driver_id, created.date())
        if day := settles_on(delivery):
            shard = int.from_bytes(hashlib.sha256(delivery.id.encode()).digest()[:4]) % SHARDS
            keys["settles_on"] = _settling_key(day, shard)
        if delivery.hold and delivery.hold.is_open:
            keys |= {"held_zone": delivery.zone_id, "held_since": delivery.hold.since.isoformat()}
        if delivery.state in OPEN:
            keys |= {"open_zone": delivery.zone_id, "plan_from": delivery.plan_from.isoformat()}
        return keys

    @classmethod
    def listed(cls, index: ListIndex, filters: Filters, after: str, at_once: int) -> Iterator[tuple[str, str]]:
        """Yield the positions and ids of the deliveries that an index has for some filters, the first created first.

        Eventually consistent. A delivery whose state changes meanwhile may be missed.

        Parameters
        ----------
        after : str
            The position to go on from; empty for the beginning.
        at_once : int
            How many keys one query reads.
        """
        # "!" sorts before every other character of a position, "~" after them.
        earliest, latest = max(f"{after}!", str(filters.day or "")), f"{filters.day or ''}~"
        span = cls.created_key.between(earliest, latest)
        found = (
            getattr(cls, index).query(partition, span, page_size=at_once) for partition in _partitions(index, filters)
        )
        merged = heapq.merge(*(((str(row.created_key), row.pk) for row in rows) for rows in found))
        # A delivery that ends meanwhile may be found in two partitions, under one position.
        return (position for position, _ in groupby(merged))

    @classmethod
    def open_ids(cls, zone_id: str, until: datetime) -> list[str]:
        """Return the ids of a zone's open deliveries that may be planned by a moment (eventually consistent)."""
        return [row.pk for row in cls.by_zone.query(zone_id, ByZone.plan_from <= until.isoformat())]

    @classmethod
    def settling_ids(cls, day: date, shards: Iterable[int]) -> Iterator[str]:
        """Yield the ids of deliveries that closed on a day or were tipped last then (eventually consistent)."""
        for shard in shards:
            for row in cls.by_settling.query(_settling_key(day, shard)):
                yield row.pk

    @classmethod
    def open_ids_between(cls, zone_id: str, earliest: datetime, latest: datetime) -> list[str]:
        """Return the ids of a zone's open deliveries by when they may be planned (eventually consistent)."""
        planned = ByZone.plan_from.between(earliest.isoformat(), latest.isoformat())
        return [row.pk for row in cls.by_zone.query(zone_id, planned)]

    @classmethod
    def next_id(cls, zone_id: str, after: datetime) -> str | None:
        """Return the id of the open delivery that may be planned next, after a moment (eventually consistent)."""
        rows = cls.by_zone.query(zone_id, ByZone.plan_from > after.isoformat(), limit=1)
        return next((row.pk for row in rows), None)

    @classmethod
    def referred_ids(cls, text: str, limit: int) -> list[str]:
        """Return up to ``limit`` ids of deliveries with an order number or external id, the newest first."""
        rows = cls.by_reference.query(_reference_of(text), limit=limit, scan_index_forward=False)
        return list(dict.fromkeys(str(row.created_key).rpartition("#")[2] for row in rows))

    @classmethod
    def held_ids(cls, zone_id: str, limit: int) -> list[str]:
        """Return the ids of a zone's deliveries whose pay is held, the longest first (eventually consistent)."""
        return [row.pk for row in cls.by_hold.query(zone_id, limit=limit)]


class RatingRow(AggregateRow[Rating]):
    """The customer's rating of a delivery."""

    Meta = meta("deliveries")
    AGGREGATE = Rating
    SORT = "RATING"


class ExternalIdRow(Row):
    """The delivery behind a merchant's own id: one at most.

    It is in ``ByReference`` if the delivery itself is there under its order number.
    """

    Meta = meta("deliveries")

    reference = UnicodeAttribute(null=True)
    created_key = UnicodeAttribute(null=True)

    @classmethod
    def of(cls, delivery: Delivery) -> "ExternalIdRow":
        """Return the row that claims a delivery's external id."""
        row = cls(cls._key(delivery.merchant_id, delivery.external_id), "DELIVERY", body=delivery.id)
        reference = _reference_of(delivery.external_id)
        if delivery.livemode and reference != _reference_of(delivery.known_as):
            row.reference, row.created_key = reference, _created_key(delivery)
        return row

    @classmethod
    def lookup(cls, merchant_id: str, external_id: str) -> str | None:
        """Return the id of the merchant's delivery with an external id, or None."""
        row = cls.find(cls._key(merchant_id, external_id), "DELIVERY")
        return row.body if row else None

    @classmethod
    def lookup_many(cls, merchant_id: str, external_ids: Iterable[str]) -> dict[str, str]:
        """Return the ids of a merchant's deliveries by external id, of those that there are."""
        named = {cls._key(merchant_id, external_id): external_id for external_id in external_ids}
        rows = cls.batch_get([(key, "DELIVERY") for key in named], consistent_read=True) if named else ()
        return {named[row.pk]: row.body for row in rows}

    @staticmethod
    def _key(merchant_id: str, external_id: str) -> str:
        return f"{merchant_id}#EXTERNAL#{external_id}"
