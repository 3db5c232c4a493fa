"""Basis of a price: the inputs of its trip, and the versions of the tables that priced it."""

from enum import StrEnum

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value

WITHOUT_SURGE = 100
"""Percent of the charge when nothing is added for a lack of drivers."""

MINUTES_OF_DAY = 1440


class SizeClass(StrEnum):
    """Classes of parcels that prices tell apart, by weight and volume together."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    BULKY = "bulky"


MOST_OF_CLASS = {SizeClass.SMALL: (5_000, 20), SizeClass.MEDIUM: (15_000, 60), SizeClass.LARGE: (50_000, 200)}
"""The most grams and litres of each class; what is more is bulky."""


def size_class(weight_g: int, volume_l: int) -> SizeClass:
    """Return the class of a parcel.

    Examples
    --------
    >>> size_class(2_000, 10), size_class(2_000, 30), size_class(60_000, 10)
    (<SizeClass.SMALL: 'small'>, <SizeClass.MEDIUM: 'medium'>, <SizeClass.BULKY: 'bulky'>)
    """
    holding = (name for name, (grams, litres) in MOST_OF_CLASS.items() if weight_g <= grams and volume_l <= litres)
    return next(holding, SizeClass.BULKY)


class PricedTrip(Value):
    """The inputs of a price, kept with it, so that it can be computed again.

    Parameters
    ----------
    metres, seconds : int
        The planned way that was priced, and its time.
    further : bool
        True for a further drop-off of a job.
    goods : str or None
        The category of goods that have rules of their own.
    day, minute : date, int
        The local day of the zone at which the pickup may begin, and the minute of that day by the clock on the wall.
    delivered : int
        Deliveries of the merchant that were completed in the month before this one was priced; 0 without a contract.
    """

    zone_id: str
    metres: int
    seconds: int
    urgent: bool = False
    further: bool = False
    goods: str | None = None
    size: SizeClass = SizeClass.SMALL
    day: Day
    minute: int
    delivered: int = 0


class PriceVersions(Value):
    """The versions of what priced a trip.

    Parameters
    ----------
    rate_card : int or None
        The version of the zone whose rate card priced it; None if a table did.
    table_id, table_row : str, int or None
        The price table and the number of its row.
    contract_id, contract_row : str, int or None
        The merchant's contract and the number of its row, if one set the charge.
    surge_id : str or None
        The announcement of the surge in force; None if there was none.
    surge_percent : int
        The multiplier of the charge in percent; 100 adds nothing.
    """

    rate_card: int | None = None
    table_id: str | None = None
    table_row: int | None = None
    contract_id: str | None = None
    contract_row: int | None = None
    surge_id: str | None = None
    surge_percent: int = WITHOUT_SURGE
