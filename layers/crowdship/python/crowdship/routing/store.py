"""The routes' table."""

from crowdship.kernel.storage import AggregateRow, meta
from crowdship.routing.model import Route


class RouteRow(AggregateRow[Route]):
    """A driver's route."""

    Meta = meta("routes")
    AGGREGATE = Route
    SORT = "ROUTE"
