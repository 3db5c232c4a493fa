"""The deliveries' table: a delivery under its id, its external id, and the zone's open deliveries."""

from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.deliveries.model import OPEN, Delivery
from crowdship.kernel.storage import AggregateRow, Row, meta


class ByZone(GlobalSecondaryIndex["DeliveryRow"]):
    """Deliveries of a zone that wait for a driver, oldest first; the others are not in it."""

    class Meta:
        """Where the index is."""

        index_name = "by_zone"
        projection = KeysOnlyProjection()

    open_zone = UnicodeAttribute(hash_key=True)
    created_key = UnicodeAttribute(range_key=True)


class DeliveryRow(AggregateRow[Delivery]):
    """A delivery."""

    Meta = meta("deliveries")
    AGGREGATE = Delivery
    SORT = "DELIVERY"

    open_zone = UnicodeAttribute(null=True)
    created_key = UnicodeAttribute(null=True)
    by_zone = ByZone()

    @classmethod
    def indexed(cls, delivery: Delivery) -> dict[str, Any]:
        """Return the zone in which a delivery waits for a driver, and since when."""
        if delivery.state not in OPEN:
            return {}
        return {"open_zone": delivery.zone_id, "created_key": delivery.created_at.isoformat()}

    @classmethod
    def open_ids(cls, zone_id: str) -> list[str]:
        """Return the ids of a zone's open deliveries, oldest first (eventually consistent)."""
        return [row.pk for row in cls.by_zone.query(zone_id)]


class ExternalIdRow(Row):
    """The delivery behind a merchant's own id: one at most."""

    Meta = meta("deliveries")

    @classmethod
    def of(cls, delivery: Delivery) -> "ExternalIdRow":
        """Return the row that claims a delivery's external id."""
        return cls(cls._key(delivery.merchant_id, delivery.external_id), "DELIVERY", body=delivery.id)

    @classmethod
    def lookup(cls, merchant_id: str, external_id: str) -> str | None:
        """Return the id of the merchant's delivery with an external id, or None."""
        row = cls.find(cls._key(merchant_id, external_id), "DELIVERY")
        return row.body if row else None

    @staticmethod
    def _key(merchant_id: str, external_id: str) -> str:
        return f"{merchant_id}#EXTERNAL#{external_id}"
