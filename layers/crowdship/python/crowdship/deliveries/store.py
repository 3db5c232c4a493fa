"""The deliveries' table: a delivery under its id, its external id, and the zone's open deliveries."""

from collections.abc import Iterable

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.deliveries.model import OPEN, Delivery
from crowdship.kernel.storage import Row, meta


class ByZone(GlobalSecondaryIndex["DeliveryRow"]):
    """Deliveries of a zone that wait for a driver, oldest first; the others are not in it."""

    class Meta:
        """Where the index is."""

        index_name = "by_zone"
        projection = KeysOnlyProjection()

    open_zone = UnicodeAttribute(hash_key=True)
    created_key = UnicodeAttribute(range_key=True)


class DeliveryRow(Row):
    """A delivery."""

    Meta = meta("deliveries")

    open_zone = UnicodeAttribute(null=True)
    created_key = UnicodeAttribute(null=True)
    by_zone = ByZone()

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryRow":
        """Return the row for a delivery."""
        waiting = delivery.state in OPEN
        return cls.holding(
            delivery,
            delivery.id,
            "DELIVERY",
            open_zone=delivery.zone_id if waiting else None,
            created_key=delivery.created_at.isoformat() if waiting else None,
        )

    @classmethod
    def load(cls, delivery_id: str) -> Delivery | None:
        """Return a delivery, or None."""
        row = cls.find(delivery_id, "DELIVERY")
        return row.as_aggregate(Delivery) if row else None

    @classmethod
    def load_many(cls, delivery_ids: Iterable[str]) -> list[Delivery]:
        """Return the deliveries that exist among some ids, in no order."""
        keys = [(delivery_id, "DELIVERY") for delivery_id in dict.fromkeys(delivery_ids)]
        return [row.as_aggregate(Delivery) for row in cls.batch_get(keys, consistent_read=True)] if keys else []

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
