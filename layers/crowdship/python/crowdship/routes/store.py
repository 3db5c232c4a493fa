"""The routes table."""

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.routes.route import Route


class RouteRow(AggregateRow[Route]):
    """A driver's route."""

    Meta = meta("routes")
    AGGREGATE = Route
    SORT = "ROUTE"
