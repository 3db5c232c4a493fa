"""The table of places that were looked up."""

from datetime import datetime

from crowdship.adapters.storage import Row, meta
from crowdship.intake.places.model import KEPT
from crowdship.kernel.geo import Point


class PlaceRow(Row):
    """The point of an address, under the address's digest; deleted after ``KEPT``."""

    Meta = meta("places")
    SORT = "POINT"

    @classmethod
    def keep(cls, key: str, point: Point, now: datetime) -> None:
        """Store the point of an address."""
        expires_at = int((now + KEPT).timestamp())
        cls(key, cls.SORT, body=point.model_dump_json(), expires_at=expires_at).save(add_version_condition=False)

    @classmethod
    def known(cls, key: str, now: datetime) -> Point | None:
        """Return a stored point; its expiry is checked here, as DynamoDB may delete it days late."""
        row = cls.find(key, cls.SORT, consistent=False)
        if row is None or (row.expires_at or 0) < now.timestamp():
            return None
        return Point.model_validate_json(row.body)
