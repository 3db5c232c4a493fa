"""The routes' table."""

from collections.abc import Iterable

from crowdship.kernel.storage import Row, meta
from crowdship.routing.model import Route


class RouteRow(Row):
    """A driver's route."""

    Meta = meta("routes")

    @classmethod
    def of(cls, route: Route) -> "RouteRow":
        """Return the row for a route."""
        return cls.holding(route, route.id, "ROUTE")

    @classmethod
    def load(cls, driver_id: str) -> Route | None:
        """Return a driver's route, or None if they never had one."""
        row = cls.find(driver_id, "ROUTE")
        return row.as_aggregate(Route) if row else None

    @classmethod
    def load_many(cls, driver_ids: Iterable[str]) -> list[Route]:
        """Return the routes of some drivers."""
        keys = [(driver_id, "ROUTE") for driver_id in dict.fromkeys(driver_ids)]
        return [row.as_aggregate(Route) for row in cls.batch_get(keys, consistent_read=True)] if keys else []
