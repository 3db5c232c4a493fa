"""Price tables: dated rows by zone, goods, urgency, size, day and hour, and the price of a trip by them. Pure.

The most specific row prices a trip. Specific are, in this order: a zone, a category of goods, urgency, a class of size,
dates, and hours; within a contract at last the higher count of deliveries. The loader (``tariffs/loading.py``) refuses
two rows that are equally specific and meet, so there is always one answer.

Hours and dates are those of the clock on the wall in the zone. Each moment has one local time, so on the day on which
the clock goes forward a band that lies in the missing hour prices nothing, and on the day on which it goes back the
repeated hour is priced by its band twice.
"""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from typing import Self

from pydantic import Field, model_validator

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.kernel.money import CurrencyCode, Money
from crowdship.pricing.basis import MINUTES_OF_DAY, WITHOUT_SURGE, PricedTrip, PriceVersions, SizeClass
from crowdship.pricing.model import RAISE, SURGE, Price, PricePart
from crowdship.pricing.rates import Rates
from crowdship.pricing.surge import SurgeRules

EVERY_DAY = frozenset(range(7))


class Band(Value):
    """Hours of some days of the week; Monday is 0. ``until`` is the first minute that is no longer in it."""

    days: frozenset[int] = EVERY_DAY
    since: int = Field(default=0, ge=0, lt=MINUTES_OF_DAY)
    until: int = Field(default=MINUTES_OF_DAY, gt=0, le=MINUTES_OF_DAY)

    @model_validator(mode="after")
    def _has_time(self) -> Self:
        if not self.days or not self.days <= EVERY_DAY:
            raise ValueError("days are some of mon, tue, wed, thu, fri, sat, sun")
        if self.since >= self.until:
            raise ValueError("it ends before it begins; a band over midnight is two rows, until 24:00 and from 00:00")
        return self

    def has(self, weekday: int, minute: int) -> bool:
        """Return whether it holds at a minute of a day of the week."""
        return weekday in self.days and self.since <= minute < self.until

    def meets(self, other: "Band") -> bool:
        """Return whether it has a minute in common with another."""
        return bool(self.days & other.days) and self.since < other.until and other.since < self.until


class PriceRow(Value):
    """A row of a price table; a dimension that is None stands for everything.

    Parameters
    ----------
    number : int
        Its number in the file, the first row below the head is 1.
    since, until : date or None
        First local day, and the first on which it no longer holds.
    delivered_from : int
        In a contract: the row holds from this many completed deliveries of the month on.
    charge, pay : Rates or None
        A contract sets the charge alone.
    """

    number: int
    zone_id: str | None = None
    goods: str | None = None
    urgent: bool | None = None
    size: SizeClass | None = None
    since: Day | None = None
    until: Day | None = None
    band: Band | None = None
    delivered_from: int = 0
    charge: Rates
    pay: Rates | None = None
    return_percent: int = Field(default=60, ge=0, le=100)

    @property
    def named(self) -> tuple[str | None, str | None, bool | None, SizeClass | None, int]:
        """Its values of the dimensions that are no spans."""
        return self.zone_id, self.goods, self.urgent, self.size, self.delivered_from

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, bool, bool, int]:
        """Degree of its specificity; of two rows that match, the one with the higher rank prices."""
        dated = self.since is not None or self.until is not None
        exact = (self.zone_id, self.goods, self.urgent, self.size)
        zone, goods, urgency, size = (value is not None for value in exact)
        return zone, goods, urgency, size, dated, self.band is not None, self.delivered_from

    def has_day(self, day: Day) -> bool:
        """Return whether it holds on a local day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def matches(self, trip: PricedTrip) -> bool:
        """Return whether it can price a trip."""
        return (
            self.zone_id in (None, trip.zone_id)
            and self.goods in (None, trip.goods)
            and self.urgent in (None, trip.urgent)
            and self.size in (None, trip.size)
            and trip.delivered >= self.delivered_from
            and self.has_day(trip.day)
            and (self.band is None or self.band.has(trip.day.weekday(), trip.minute))
        )


class Sheet(Value):
    """Tariff of trips: the rows of a table or contract, their currency, and the rules of surge."""

    id: str
    currency: CurrencyCode
    rows: tuple[PriceRow, ...]
    surge: SurgeRules | None = None

    def row_for(self, trip: PricedTrip) -> PriceRow | None:
        """Return the most specific row that matches a trip, or None."""
        return max((row for row in self.rows if row.matches(trip)), key=lambda row: row.rank, default=None)

    def row(self, number: int) -> PriceRow:
        """Return the row with a number."""
        return next(row for row in self.rows if row.number == number)


def price_by(
    table: Sheet,
    trip: PricedTrip,
    contract: Sheet | None = None,
    surge_id: str | None = None,
    surge_percent: int = WITHOUT_SURGE,
) -> Price:
    """Return the price of a trip by a table, with the charge of the merchant's contract if it has a row for it.

    The pay is always the table's: what a driver earns does not depend on whose order it is. The surge multiplies the
    charge; the share of it that the table's rules give to the driver is a part of the pay, rounded up.

    Raises
    ------
    LookupError
        If the table has no row for the trip.
    """
    row = table.row_for(trip)
    if row is None or row.pay is None:
        raise LookupError(f"price table {table.id} has no row for {trip}")
    agreed = contract.row_for(trip) if contract and contract.currency == table.currency else None
    charge = (agreed or row).charge.parts(trip, table.currency)
    pay = row.pay.parts(trip, table.currency)
    percent = surge_percent if table.surge else WITHOUT_SURGE
    if table.surge and percent > WITHOUT_SURGE:
        whole = Money.total((part.amount for part in charge), table.currency)
        more = whole.times(Decimal(percent - WITHOUT_SURGE) / 100, ROUND_HALF_EVEN)
        shared = more.times(Decimal(table.surge.pay_share_percent) / 100, ROUND_CEILING)
        charge += (PricePart(code=SURGE, amount=more),) if more.amount else ()
        pay += (PricePart(code=SURGE, amount=shared),) if shared.amount else ()
    return Price(
        charge=charge,
        pay=pay,
        tip=Money.zero(table.currency),
        return_percent=row.return_percent,
        trip=trip,
        versions=PriceVersions(
            table_id=table.id,
            table_row=row.number,
            contract_id=contract.id if contract and agreed else None,
            contract_row=agreed.number if agreed else None,
            surge_id=surge_id if percent > WITHOUT_SURGE else None,
            surge_percent=percent,
        ),
    )


def price_again(price: Price, sheet: Callable[[str], Sheet], metres: int | None = None, seconds: int = 0) -> Price:
    """Return what a price is by the tables and the surge that made it; the same cents for the same way.

    Parameters
    ----------
    sheet : callable
        Returns the sheet with an id; old ones stay readable.
    metres, seconds : int
        Another way, as after a change of the drop-off; the way of the price if left out.

    Raises
    ------
    LookupError
        If the price was not made by a table.
    """
    trip, by = price.trip, price.versions
    if trip is None or by is None or by.table_id is None:
        raise LookupError("the price was made by a rate card")
    if metres is not None:
        trip = trip.model_copy(update={"metres": metres, "seconds": seconds})
    contract = sheet(by.contract_id) if by.contract_id else None
    made = price_by(sheet(by.table_id), trip, contract, by.surge_id, by.surge_percent)
    raised = tuple(part for part in price.pay if part.code == RAISE)
    return made.model_copy(update={"pay": made.pay + raised, "tip": price.tip})
