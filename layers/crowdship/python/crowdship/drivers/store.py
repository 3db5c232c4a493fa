"""The drivers' table: drivers by id, an index of those on duty in a zone, and lists of drivers."""

from datetime import date
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.drivers.model import Driver

DIRECTORY = "DRIVERS"
PAPERS = "PAPERS"
"""The one partition of the index of drivers with papers that run out."""

FLEET = "FLEET"
RATING = "RATING#"


class OnDuty(GlobalSecondaryIndex["DriverRow"]):
    """Drivers on duty in a zone; the others are not in it."""

    class Meta:
        """The index's table and name."""

        index_name = "on_duty"
        projection = KeysOnlyProjection()

    duty_zone = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex["DriverRow"]):
    """Drivers with papers that run out, by the next day on which they have to be told."""

    class Meta:
        """The index's table and name."""

        index_name = "by_due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_on = UnicodeAttribute(range_key=True)


class DriverRow(AggregateRow[Driver]):
    """A driver."""

    Meta = meta("drivers")
    AGGREGATE = Driver
    SORT = "DRIVER"

    duty_zone = UnicodeAttribute(null=True)
    on_duty = OnDuty()
    due = UnicodeAttribute(null=True)
    due_on = UnicodeAttribute(null=True)
    by_due = ByDue()

    @classmethod
    def indexed(cls, driver: Driver) -> dict[str, Any]:
        """Return the zone in which a driver is on duty, and the day on which they have to be told of a paper."""
        due_on = driver.expiry_due_on
        due = {"due": PAPERS, "due_on": due_on.isoformat()} if due_on else {}
        return {"duty_zone": driver.duty and driver.duty.zone_id, **due}

    @classmethod
    def due_ids(cls, until: date) -> list[str]:
        """Return the ids of the drivers with something due up to a day, the first due first (eventually consistent)."""
        return [row.pk for row in cls.by_due.query(PAPERS, ByDue.due_on <= until.isoformat())]

    @classmethod
    def on_duty_ids(cls, zone_id: str) -> list[str]:
        """Return the ids of the drivers on duty in a zone (eventually consistent)."""
        return [row.pk for row in cls.on_duty.query(zone_id)]

    @classmethod
    def on_duty_page(cls, zone_id: str, after: str | None, limit: int) -> list[str]:
        """Return up to ``limit`` ids after an id of the drivers on duty in a zone (eventually consistent)."""
        condition = OnDuty.pk > after if after else None
        return [row.pk for row in cls.on_duty.query(zone_id, condition, limit=limit)]


class RatedRow(Row):
    """A delivery for which a customer rated a driver."""

    Meta = meta("drivers")

    @classmethod
    def of(cls, driver_id: str, delivery_id: str) -> "RatedRow":
        """Return the line of a delivery."""
        return cls(driver_id, f"{RATING}{delivery_id}", body="")

    @classmethod
    def delivery_ids(cls, driver_id: str) -> list[str]:
        """Return the ids of the deliveries for which customers rated a driver."""
        return [row.sk.removeprefix(RATING) for row in cls.query(driver_id, cls.sk.startswith(RATING))]


class DriverEntry(Row):
    """A line of the list of drivers that staff page through."""

    Meta = meta("drivers")

    @classmethod
    def of(cls, driver: Driver) -> "DriverEntry":
        """Return the list's line for a driver."""
        return cls(DIRECTORY, driver.id, body=driver.home_zone_id)

    @classmethod
    def of_merchant(cls, driver: Driver) -> "DriverEntry":
        """Return the line for a dedicated driver in the list of their merchant's own."""
        return cls(f"{DIRECTORY}#{driver.merchant_id}", driver.id, body=driver.home_zone_id)

    @classmethod
    def of_fleet(cls, driver: Driver) -> "DriverEntry":
        """Return the line for a dedicated driver of the platform itself."""
        return cls(FLEET, driver.id, body=driver.home_zone_id)

    @classmethod
    def fleet_ids(cls) -> list[str]:
        """Return the ids of the platform's dedicated drivers."""
        return [row.sk for row in cls.query(FLEET)]

    @classmethod
    def any_of_merchant(cls, merchant_id: str) -> bool:
        """Return whether a merchant has drivers of its own."""
        return any(True for _ in cls.query(f"{DIRECTORY}#{merchant_id}", limit=1))

    @classmethod
    def page(cls, after: str | None, limit: int) -> list[str]:
        """Return up to ``limit`` driver ids after an id."""
        condition = cls.sk > after if after else None
        return [row.sk for row in cls.query(DIRECTORY, condition, limit=limit)]
