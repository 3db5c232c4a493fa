"""Rows of promises of extra pay, in the settlement table."""

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.settlement.promised.model import PromisedPay


class PromisedRow(AggregateRow[PromisedPay]):
    """A promise with what was paid of it, under its id."""

    Meta = meta("settlement")
    AGGREGATE = PromisedPay
    SORT = "PROMISED"
