"""A simulation: its span, how far it has come, and sums of what the deliveries cost and would cost. Pure.

Each completed delivery of the span is priced again from the inputs that it keeps. Sums are in minor units of the
table's currency. What the table can't say is how many orders more or fewer there would be at other prices; only the
drivers' answers are estimated, by the model of acceptance that dispatch uses, for a driver of no tier, rested, eight
minutes from the pickup.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.planner.acceptance import AcceptanceModel
from crowdship.pricing.basis import WITHOUT_SURGE
from crowdship.pricing.model import RAISE, Price
from crowdship.pricing.tables import Sheet, price_by

DAYS = 30
"""The days before today that a simulation prices again, besides today."""

PAGE = 400
"""Deliveries of one step."""

MOST_MERCHANTS = 500
"""The most merchants whose sums are kept one by one; those of later ones are summed."""

OTHERS = "others"

LOSS_PERCENT = 10
"""The rise of a merchant's charge, or the fall of the pay, from which it is told as a loss."""

EDGES = (-25, -10, -5, -1, 1, 5, 10, 25)
"""Percents between the classes of differences."""

WAY_S = 480.0
STOPS_MIN = 12.0
"""Minutes to the pickup and at the doors in a usual trip, as ``RateCard.usual_pay_per_minute`` has them."""

ASKED = 3
"""Drivers who are asked one after the other until an order counts as filled."""

MODEL = AcceptanceModel()


class RepricedSums(Value):
    """Sums of some deliveries before and after; ``taken`` are sums of probabilities in thousandths."""

    deliveries: int = 0
    charge_before: int = 0
    charge_after: int = 0
    pay_before: int = 0
    pay_after: int = 0
    taken_before: int = 0
    taken_after: int = 0
    filled_before: int = 0
    filled_after: int = 0

    def plus(self, other: "RepricedSums") -> "RepricedSums":
        """Return both together."""
        return RepricedSums(**{name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields})


class SimulationState(StrEnum):
    """States of a simulation."""

    RUNNING = "running"
    DONE = "done"


class Simulation(Aggregate):
    """A simulation of a table over the completed deliveries of some days.

    Parameters
    ----------
    until : date
        The day after the last one.
    day, zone_number, cursor
        The page that is read next: the UTC day of creation, the zone, and the position in its list.
    step : int
        Pages that were read; a message for an earlier step is a copy.
    left_out : int
        Deliveries that keep no inputs, or are in another currency.
    by_zone, by_goods, by_hour, by_merchant : dict
        Sums by group; the hour is that of the local day.
    charges, pays : tuple of int
        Deliveries by class of difference; ``EDGES`` are between the classes.
    """

    table_id: str
    zone_ids: tuple[str, ...]
    merchant_id: str | None = None
    asked_by: str
    asked_at: Moment
    since: Day
    until: Day
    day: Day
    zone_number: int = 0
    cursor: str | None = None
    step: int = 0
    state: SimulationState = SimulationState.RUNNING
    total: RepricedSums = RepricedSums()
    left_out: int = 0
    by_zone: dict[str, RepricedSums] = {}  # noqa: RUF012 - pydantic copies it
    by_goods: dict[str, RepricedSums] = {}  # noqa: RUF012
    by_hour: dict[str, RepricedSums] = {}  # noqa: RUF012
    by_merchant: dict[str, RepricedSums] = {}  # noqa: RUF012
    charges: tuple[int, ...] = (0,) * (len(EDGES) + 1)
    pays: tuple[int, ...] = (0,) * (len(EDGES) + 1)

    def after_page(
        self,
        deliveries: Iterable[Delivery],
        cursor: str | None,
        sheet: Sheet,
        zone_sheet: Callable[[str], Sheet | None],
        usual: float,
    ) -> Self:
        """Return the simulation with a page added, at the next one; done after the last.

        Parameters
        ----------
        cursor : str or None
            Of the page after this one in the same list; None if this was its last.
        sheet : Sheet
            The table that is tried.
        zone_sheet : callable
            Returns the table of the zone by which a contract is tried, or None.
        usual : float
            Usual pay per minute in the zone, minor units.
        """
        now = self
        for delivery in deliveries:
            now = now._with(delivery, sheet, zone_sheet, usual)
        moved = now._moved(cursor)
        return moved.with_changes(step=self.step + 1)

    def _with(self, delivery: Delivery, sheet: Sheet, zone_sheet: Callable[[str], Sheet | None], usual: float) -> Self:
        if self.merchant_id and delivery.merchant_id != self.merchant_id:
            return self
        before = delivery.price
        after = _priced(before, sheet, zone_sheet, contract=self.merchant_id is not None)
        if after is None or before.trip is None or before.tip.currency != sheet.currency:
            return self.with_changes(left_out=self.left_out + 1)
        sums = _sums(before, after, usual)
        merchant = delivery.merchant_id
        if merchant not in self.by_merchant and len(self.by_merchant) >= MOST_MERCHANTS:
            merchant = OTHERS
        return self.with_changes(
            total=self.total.plus(sums),
            by_zone=_added(self.by_zone, before.trip.zone_id, sums),
            by_goods=_added(self.by_goods, before.trip.goods or "none", sums),
            by_hour=_added(self.by_hour, f"{before.trip.minute // 60:02d}", sums),
            by_merchant=_added(self.by_merchant, merchant, sums),
            charges=_classed(self.charges, sums.charge_before, sums.charge_after),
            pays=_classed(self.pays, sums.pay_before, sums.pay_after),
        )

    def _moved(self, cursor: str | None) -> Self:
        if cursor is not None:
            return self.with_changes(cursor=cursor)
        if self.zone_number + 1 < len(self.zone_ids):
            return self.with_changes(cursor=None, zone_number=self.zone_number + 1)
        following = _next_day(self.day)
        state = SimulationState.DONE if following >= self.until else SimulationState.RUNNING
        return self.with_changes(cursor=None, zone_number=0, day=following, state=state)

    def losers(self, percent: int = LOSS_PERCENT) -> dict[str, int]:
        """Return the merchants whose charge would rise by more than a percentage, with the rise in minor units."""
        return {
            merchant: sums.charge_after - sums.charge_before
            for merchant, sums in sorted(self.by_merchant.items())
            if sums.charge_before and 100 * (sums.charge_after - sums.charge_before) > percent * sums.charge_before
        }


def _priced(before: Price, sheet: Sheet, zone_sheet: Callable[[str], Sheet | None], *, contract: bool) -> Price | None:
    """Return a price by the table, with the surge that held then up to its cap; None if it can't be priced again."""
    if before.trip is None:
        return None
    table = zone_sheet(before.trip.zone_id) if contract else sheet
    if table is None:
        return None
    by = before.versions
    percent = by.surge_percent if by else WITHOUT_SURGE
    if table.surge:
        percent = min(percent, table.surge.cap_percent)
    try:
        return price_by(table, before.trip, sheet if contract else None, by.surge_id if by else None, percent)
    except LookupError:
        return None


def _sums(before: Price, after: Price, usual: float) -> RepricedSums:
    # Raises and waiting at doors are known only afterwards, so no table has them.
    before = before.agreed
    paid = sum(part.amount.amount for part in before.pay if part.code != RAISE)
    pay_after = after.pay_total.amount
    minutes = (before.trip.seconds / 60 if before.trip else 0.0) + STOPS_MIN
    taken = [_taken(pay + before.tip.amount, minutes, usual) for pay in (paid, pay_after)]
    filled = [1 - (1 - chance) ** ASKED for chance in taken]
    return RepricedSums(
        deliveries=1,
        charge_before=before.charge_total.amount,
        charge_after=after.charge_total.amount,
        pay_before=paid,
        pay_after=pay_after,
        taken_before=round(1000 * taken[0]),
        taken_after=round(1000 * taken[1]),
        filled_before=round(1000 * filled[0]),
        filled_after=round(1000 * filled[1]),
    )


def _taken(pay: int, minutes: float, usual: float) -> float:
    return MODEL.probability(MODEL.willingness(0.0, 0.0), pay / minutes / usual, WAY_S)


def _added(groups: dict[str, RepricedSums], name: str, sums: RepricedSums) -> dict[str, RepricedSums]:
    return {**groups, name: groups.get(name, RepricedSums()).plus(sums)}


def _classed(classes: tuple[int, ...], before: int, after: int) -> tuple[int, ...]:
    percent = Decimal(100) * (after - before) / before if before else Decimal(0)
    number = sum(percent >= edge for edge in EDGES)
    return (*classes[:number], classes[number] + 1, *classes[number + 1 :])


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def begun(
    id: str, table_id: str, zone_ids: tuple[str, ...], merchant_id: str | None, by: str, now: datetime
) -> Simulation:
    """Return a new simulation over the ``DAYS`` days before today."""
    today = now.date()
    since = today - timedelta(days=DAYS)
    return Simulation(
        id=id,
        table_id=table_id,
        zone_ids=zone_ids,
        merchant_id=merchant_id,
        asked_by=by,
        asked_at=now,
        since=since,
        until=_next_day(today),
        day=since,
    )
