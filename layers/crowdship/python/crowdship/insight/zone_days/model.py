"""Day of a zone: the sums of its facts. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from crowdship.deliveries.states import State
from crowdship.insight.zone_days.facts import LATE_TIP, CostFact, OrderFact
from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money

HOURS = 24

LONGEST_ENGAGEMENT = timedelta(hours=12)
"""Longest time that one order may engage a driver; more is a delivery that somebody forgot to end."""


class ZoneDay(Value):
    """Sums of the orders that were created in a zone on a day (UTC).

    Parameters
    ----------
    currency : str
        The zone's; money in another one, after a change of the zone's rates, is left out and counted.
    orders, delivered, on_time, unfinished : int
        Orders that were created; of these, those that were delivered, within their window, and are not over yet.
    charge, pay, tips : Money
        What is due for them; a tip that was given later counts on the day on which it was given.
    costs : dict
        Money beside deliveries by kind, which fell due on the day.
    engaged_minutes : int
        Minutes in which drivers had at least one order, summed over the drivers.
    by_hour : tuple of int
        Orders by local hour of their creation.
    other_currency : int
        Facts that were left out.
    summed_at : datetime
        When it was summed. Tips and corrections come later, so it is summed again on the next days.
    """

    zone_id: str
    day: Day
    currency: str
    orders: int
    delivered: int
    on_time: int
    unfinished: int
    charge: Money
    pay: Money
    tips: Money
    costs: dict[str, Money]
    engaged_minutes: int
    by_hour: tuple[int, ...]
    other_currency: int = 0
    summed_at: Moment

    @property
    def extra(self) -> Money:
        """The sum of ``costs``."""
        return Money.total(self.costs.values(), self.currency)

    @property
    def margin(self) -> Money:
        """Charges less pay and less what was paid beside it."""
        return self.charge - self.pay - self.extra


def day_of(moment: datetime) -> date:
    """Return the day (UTC) in which something counts."""
    return moment.astimezone(UTC).date()


def summed(
    zone_id: str,
    day: date,
    currency: str,
    time_zone: str,
    facts: Iterable[OrderFact | CostFact],
    now: datetime,
) -> ZoneDay:
    """Return the day of a zone, from its facts in any order.

    Each fact is looked at once. Only the engagements are kept, three values for each order that was taken.
    """
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, int] = defaultdict(int)
    costs: dict[str, int] = defaultdict(int)
    hours = [0] * HOURS
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    local = ZoneInfo(time_zone)
    for fact in facts:
        if (fact.amount if isinstance(fact, CostFact) else fact.charge).currency != currency:
            counts["other_currency"] += 1
        elif isinstance(fact, CostFact):
            by_kind, kind = (sums, "tips") if fact.kind == LATE_TIP else (costs, fact.kind)
            by_kind[kind] += fact.amount.amount
        else:
            counts["orders"] += 1
            counts["delivered"] += fact.state == State.DELIVERED
            counts["on_time"] += fact.is_on_time
            counts["unfinished"] += fact.ended_at is None
            hours[fact.created_at.astimezone(local).hour] += 1
            if not fact.is_refused:
                sums["charge"] += fact.charge.amount
                sums["pay"] += fact.pay.amount
                sums["tips"] += fact.tip.amount
            if fact.driver_id and fact.taken_at and fact.ended_at and fact.taken_at < fact.ended_at:
                last = min(fact.ended_at, fact.taken_at + LONGEST_ENGAGEMENT)
                spans[fact.driver_id].append((fact.taken_at, last))
    money = {name: Money(amount=sums[name], currency=currency) for name in ("charge", "pay", "tips")}
    return ZoneDay(
        zone_id=zone_id,
        day=day,
        currency=currency,
        **{name: counts[name] for name in ("orders", "delivered", "on_time", "unfinished", "other_currency")},
        **money,
        costs={kind: Money(amount=amount, currency=currency) for kind, amount in sorted(costs.items())},
        engaged_minutes=round(sum(united(of_driver).total_seconds() for of_driver in spans.values()) / 60),
        by_hour=tuple(hours),
        summed_at=now,
    )


def united(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """Return the length of the union of some spans: a minute that lies in several counts once.

    Examples
    --------
    >>> noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    >>> minutes = lambda first, last: (noon + timedelta(minutes=first), noon + timedelta(minutes=last))
    >>> united([minutes(0, 20), minutes(10, 30), minutes(40, 50)])
    datetime.timedelta(seconds=2400)
    """
    total, reached = timedelta(0), None
    for first, last in sorted(spans):
        begin = first if reached is None else max(first, reached)
        if last > begin:
            total += last - begin
            reached = last
    return total
