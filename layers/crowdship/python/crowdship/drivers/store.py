"""The drivers' table: a driver under their id, and who is on duty in a zone."""

from collections.abc import Iterable

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.drivers.model import Driver
from crowdship.kernel.storage import Row, meta

DIRECTORY = "DRIVERS"


class OnDuty(GlobalSecondaryIndex["DriverRow"]):
    """Drivers on duty in a zone; the others are not in it."""

    class Meta:
        """Where the index is."""

        index_name = "on_duty"
        projection = KeysOnlyProjection()

    duty_zone = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class DriverRow(Row):
    """A driver."""

    Meta = meta("drivers")

    duty_zone = UnicodeAttribute(null=True)
    on_duty = OnDuty()

    @classmethod
    def of(cls, driver: Driver) -> "DriverRow":
        """Return the row for a driver."""
        return cls.holding(driver, driver.id, "DRIVER", duty_zone=driver.duty.zone_id if driver.duty else None)

    @classmethod
    def load(cls, driver_id: str) -> Driver | None:
        """Return a driver, or None."""
        row = cls.find(driver_id, "DRIVER")
        return row.as_aggregate(Driver) if row else None

    @classmethod
    def load_many(cls, driver_ids: Iterable[str]) -> list[Driver]:
        """Return the drivers that exist among some ids, in no order."""
        keys = [(driver_id, "DRIVER") for driver_id in dict.fromkeys(driver_ids)]
        return [row.as_aggregate(Driver) for row in cls.batch_get(keys)] if keys else []

    @classmethod
    def on_duty_ids(cls, zone_id: str) -> list[str]:
        """Return the ids of the drivers on duty in a zone (eventually consistent)."""
        return [row.pk for row in cls.on_duty.query(zone_id)]


class DriverEntry(Row):
    """A line of the directory that staff page through."""

    Meta = meta("drivers")

    @classmethod
    def of(cls, driver: Driver) -> "DriverEntry":
        """Return the directory's line for a driver."""
        return cls(DIRECTORY, driver.id, body=driver.home_zone_id)

    @classmethod
    def page(cls, after: str | None, limit: int) -> list[str]:
        """Return up to ``limit`` driver ids after an id."""
        condition = cls.sk > after if after else None
        return [row.sk for row in cls.query(DIRECTORY, condition, limit=limit)]
