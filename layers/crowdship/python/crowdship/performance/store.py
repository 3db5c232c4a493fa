"""Scorecards in the drivers' table, beside the driver."""

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.performance.scorecard import Scorecard


class ScorecardRow(AggregateRow[Scorecard]):
    """The scorecard of a driver."""

    Meta = meta("drivers")
    AGGREGATE = Scorecard
    SORT = "SCORECARD"
