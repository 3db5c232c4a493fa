"""Rows of promises of extra pay, in the settlement table."""

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.settlement.promised.model import PromisedPay


class PromisedRow(AggregateRow[PromisedPay]):
    """What was paid of a promise, under its id."""

    Meta = meta("settlement")
    AGGREGATE = PromisedPay
    SORT = "PROMISED"
