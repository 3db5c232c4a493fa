"""The results of a day in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import mean, median
from typing import Any

from local.city.day import Diary, Ticket
from local.city.plans.geometry import Point

CLOSED = frozenset({"delivered", "cancelled", "expired", "failed", "returned"})
NEED_REASON = frozenset({"cancelled", "expired", "failed", "returned"})


@dataclass(frozen=True)
class Fate:
    """The result of one order."""

    external_id: str
    shop: str
    dropoff: Point
    pickup: Point
    state: str
    reason: str | None
    placed_at: datetime
    closed_at: datetime | None
    promised_until: datetime

    @property
    def click_to_door(self) -> timedelta | None:
        """Time from order to hand-over; None if the order was not handed over."""
        return self.closed_at - self.placed_at if self.closed_at and self.state == "delivered" else None

    @property
    def on_time(self) -> bool:
        """True if the order was handed over within the promise."""
        return bool(self.state == "delivered" and self.closed_at and self.closed_at <= self.promised_until)

    @property
    def accounted_for(self) -> bool:
        """True if the order ended, and has a reason if it was not delivered."""
        return self.state in CLOSED and (self.state not in NEED_REASON or bool(self.reason))


def fate_of(ticket: Ticket, told: dict[str, Any]) -> Fate:
    """Return the result of an order, from its delivery as the merchants' API shows it."""
    timeline = told["timeline"]
    last = timeline[-1]
    reasons = [step["reason"] for step in reversed(timeline) if step.get("reason")]
    return Fate(
        external_id=ticket.external_id,
        shop=ticket.shop,
        pickup=ticket.pickup,
        dropoff=ticket.dropoff,
        state=told["state"],
        reason=reasons[0] if reasons and told["state"] != "delivered" else None,
        placed_at=datetime.fromisoformat(told["created_at"]),
        closed_at=datetime.fromisoformat(last["at"]) if told["state"] in CLOSED else None,
        promised_until=datetime.fromisoformat(told["dropoff_window"]["closes_at"]),
    )


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that is not exceeded by at least a share of all values; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * share // 1).__int__() - 1))]


def minutes(duration: timedelta) -> float:
    """Return a duration in minutes."""
    return duration.total_seconds() / 60


@dataclass(frozen=True)
class Journey:
    """The parts of the time from order to hand-over of one delivered order, one after the other.

    Parameters
    ----------
    waiting : timedelta
        From the order until it was assigned to a driver.
    coming : timedelta
        Until the driver was at the pickup, including other stops on the way.
    at_pickup : timedelta
        Until the goods were on board.
    to_door : timedelta
        Until the hand-over, including other stops on the way.
    """

    order: str
    waiting: timedelta
    coming: timedelta
    at_pickup: timedelta
    to_door: timedelta

    @property
    def click_to_door(self) -> timedelta:
        """Time from order to hand-over."""
        return self.waiting + self.coming + self.at_pickup + self.to_door


def journey_of(order: str, timeline: Sequence[Mapping[str, Any]]) -> Journey | None:
    """Return the journey of an order from its delivery's timeline; None if it was not delivered."""
    last: dict[str, datetime] = {}
    for step in timeline:
        last[step["state"]] = datetime.fromisoformat(step["at"])
    moments = [datetime.fromisoformat(timeline[0]["at"])]
    for state in ("assigned", "arrived_at_pickup", "picked_up", "delivered"):
        if state not in last:
            return None
        moments.append(last[state])
    return Journey(order, *(after - before for before, after in pairwise(moments)))


@dataclass(frozen=True)
class Pace:
    """Times of some orders, in minutes.

    Parameters
    ----------
    median, p90 : float
        Median and 90th percentile of the time from click to door.
    within : float
        Share of the orders that took no longer than the target.
    waiting, coming, at_pickup, to_door : float
        Means of the parts of a journey.
    """

    orders: int
    median: float
    p90: float
    within: float
    waiting: float
    coming: float
    at_pickup: float
    to_door: float

    @classmethod
    def of(cls, journeys: Sequence[Journey], target: timedelta) -> Pace | None:
        """Return the pace of some orders; None without orders."""
        if not journeys:
            return None
        doors = [minutes(journey.click_to_door) for journey in journeys]
        parts = {
            name: mean(minutes(getattr(journey, name)) for journey in journeys)
            for name in ("waiting", "coming", "at_pickup", "to_door")
        }
        within = sum(journey.click_to_door <= target for journey in journeys) / len(journeys)
        return cls(len(journeys), median(doors), percentile(doors, 0.9) or 0.0, within, **parts)


@dataclass(frozen=True)
class Outcome:
    """The day's deliveries in numbers."""

    orders: int
    by_state: dict[str, int]
    reasons: dict[str, int]
    on_time: int
    median: float | None
    p90: float | None
    unaccounted: tuple[str, ...]

    @classmethod
    def of(cls, fates: Sequence[Fate], refused: Sequence[Ticket] = ()) -> Outcome:
        """Return the numbers of all orders; orders that the platform refused are not accounted for."""
        doors = [minutes(fate.click_to_door) for fate in fates if fate.click_to_door is not None]
        lost = [fate.external_id for fate in fates if not fate.accounted_for]
        return cls(
            orders=len(fates) + len(refused),
            by_state=dict(Counter(fate.state for fate in fates)),
            reasons=dict(Counter(f"{fate.state}: {fate.reason}" for fate in fates if fate.reason)),
            on_time=sum(fate.on_time for fate in fates),
            median=percentile(doors, 0.5),
            p90=percentile(doors, 0.9),
            unaccounted=(*lost, *(ticket.external_id for ticket in refused)),
        )

    @property
    def on_time_share(self) -> float:
        """Share of the handed-over deliveries that kept their promise."""
        return self.on_time / max(1, self.by_state.get("delivered", 0))


@dataclass(frozen=True)
class Wages:
    """The drivers' earnings in numbers, in minor units."""

    total: int
    hours: float
    best: tuple[str, int] | None
    working: int

    @classmethod
    def of(cls, earned: dict[str, int], diaries: Iterable[Diary]) -> Wages:
        """Return the numbers of all drivers; ``earned`` has minor units by driver key."""
        names = {diary.key: diary.name for diary in diaries}
        hours = sum(diary.on_duty.total_seconds() for diary in diaries) / 3600
        paid = {key: amount for key, amount in earned.items() if amount}
        best = max(paid.items(), key=lambda item: item[1], default=None)
        return cls(sum(paid.values()), hours, best and (names.get(best[0], best[0]), best[1]), len(paid))

    @property
    def per_driver(self) -> float:
        """Minor units for each driver who earned something."""
        return self.total / max(1, self.working)

    @property
    def per_hour(self) -> float:
        """Minor units for each hour on duty."""
        return self.total / self.hours if self.hours else 0.0
