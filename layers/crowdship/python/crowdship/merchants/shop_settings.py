"""Settings of a merchant's shop: how it writes what has to be understood, such as shipping methods and dates."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from crowdship.kernel.events import Value
from crowdship.kernel.hours import LocalTime, TimeZone


class WhenClosed(StrEnum):
    """Treatment of an order for as soon as possible that comes while the zone or the store is closed."""

    NEXT_OPENING = "next_opening"
    REFUSE = "refuse"


class DateOrder(StrEnum):
    """The order of day and month in a date such as 06/07/2026."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


Word = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Words = Annotated[tuple[Word, ...], Field(max_length=50)]


class Slot(Value):
    """A span of the local day; ``closes`` at or before ``opens`` is on the next day."""

    opens: LocalTime = Field(examples=["08:00"])
    closes: LocalTime = Field(examples=["12:00"])


class ShopSettings(Value):
    """Settings of a merchant for its shop.

    Parameters
    ----------
    collected_methods, delivered_methods : tuple of str
        Ids, codes or titles of shipping methods, compared without regard to case. An order with one of the first is
        fetched by the customer; one with one of the second is ours, whatever else the order looks like.
    when_closed : WhenClosed
        What becomes of an order without a date that comes while the zone or the store is closed.
    time_zone : str or None
        IANA name of the zone that the shop's dates and times are in. That of the store's opening hours if left out, or
        else that of the delivery zone's.
    date_keys, time_keys : tuple of str
        Names of order attributes (note attributes, metadata, form fields: whatever the shop calls them) that hold the
        day and the time of the delivery. They are looked at before those of common plugins, which are known.
    date_order : DateOrder or None
        How 06/07/2026 is to be read; such dates are refused if it is left out.
    named_slots : dict
        Spans that the shop calls by a name, such as ``Morning``.
    slot_minutes : int
        How long a slot is of which only the beginning is told.
    """

    collected_methods: Words = ()
    delivered_methods: Words = ()
    when_closed: WhenClosed = WhenClosed.NEXT_OPENING
    time_zone: TimeZone | None = None
    date_keys: Words = ()
    time_keys: Words = ()
    date_order: DateOrder | None = None
    named_slots: Annotated[dict[Word, Slot], Field(max_length=50)] = {}  # noqa: RUF012 - pydantic copies it
    slot_minutes: int = Field(default=60, ge=10, le=720)
