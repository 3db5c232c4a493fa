"""The minimum that a merchant's contract asks for in a span; contracts have none yet. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crowdship.invoicing.lines import DayLine
from crowdship.invoicing.spans import Span
from crowdship.merchants.model import Merchant


def minimum_line(merchant: Merchant, span: Span, sums: Mapping[Any, Mapping[date, DayLine]]) -> DayLine | None:
    """Return the line that lifts a merchant's charges to the minimum of its contract; None if there is no minimum.

    Parameters
    ----------
    sums : mapping
        Lines by document and day, before the minimum.
    """
    return None
