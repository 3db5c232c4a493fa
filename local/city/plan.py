"""What is going to happen in a city: who orders what and when, and who drives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.city.geometry import Point

NOTHING = timedelta(0)


class PlanError(Exception):
    """The orders can't be read; the message says where and what would be right."""


@dataclass(frozen=True)
class Shop:
    """A merchant with one store."""

    key: str
    name: str
    point: Point
    address: str


@dataclass(frozen=True)
class PlannedOrder:
    """An order before it is placed; every time counts from the beginning of the play.

    Parameters
    ----------
    placed_after, ready_after, promise_after : timedelta
        When it is ordered, when it can be picked up, and until when it is promised.
    pickup : Point or None
        Where it is picked up, if not at the shop.
    absent : bool
        Nobody will open the door.
    cancelled_after : timedelta or None
        When the customer changes their mind.
    """

    external_id: str
    shop: str
    placed_after: timedelta
    ready_after: timedelta
    promise_after: timedelta
    dropoff: Point
    pickup: Point | None = None
    weight_g: int = 2000
    volume_l: int = 10
    tip: int = 0
    priority: str = "normal"
    requirements: dict[str, Any] = field(default_factory=dict)
    customer: str = "Customer"
    email: str | None = None
    address: str = "1 Main Street"
    absent: bool = False
    cancelled_after: timedelta | None = None


@dataclass(frozen=True)
class Temper:
    """What a driver is like when an offer comes.

    Parameters
    ----------
    wanted_per_minute : float
        Pay (minor units a minute of work) that a driver is happy with.
    patience_m : float
        How far they go to a pickup without thinking twice, metres.
    oversight : float
        Share of offers they simply miss.
    tier : float
        0 to 1; the higher, the gladder: who has much to lose by leaving works more.
    obliging : bool
        Takes whatever is offered: a courier who is paid by the hour.
    """

    wanted_per_minute: float = 30.0
    patience_m: float = 3000.0
    oversight: float = 0.02
    tier: float = 0.0
    obliging: bool = False


@dataclass(frozen=True)
class PlannedDriver:
    """A driver before their day begins."""

    key: str
    name: str
    home: Point
    on_after: timedelta
    off_after: timedelta
    vehicle: str = "scooter"
    max_weight_g: int = 20_000
    max_volume_l: int = 80
    rating: float = 4.8
    temper: Temper = Temper()
    skills: tuple[str, ...] = ()
    shop: str | None = None
    """Whose own driver it is, by the shop's key; nobody's if it is left out."""


@dataclass(frozen=True)
class Pace:
    """How fast a city moves.

    Parameters
    ----------
    speed_mps, detour_factor : float
        The same as in the zone's settings.
    before_pickup, after_pickup, before_handover, after_handover : timedelta
        Time at the counter and at the door.
    """

    speed_mps: float
    detour_factor: float
    before_pickup: timedelta = timedelta(seconds=90)
    after_pickup: timedelta = timedelta(seconds=60)
    before_handover: timedelta = timedelta(seconds=75)
    after_handover: timedelta = timedelta(seconds=30)


@dataclass(frozen=True)
class CityPlan:
    """A play: the city and all that is to happen in it.

    Parameters
    ----------
    key : str
        The zone's id.
    settings : dict
        The zone's settings, as the Staff API takes them.
    """

    key: str
    title: str
    centre: Point
    settings: dict[str, Any]
    pace: Pace
    shops: tuple[Shop, ...]
    drivers: tuple[PlannedDriver, ...]
    orders: tuple[PlannedOrder, ...]
    instance: Path | None = None
    """The folder of the public instance that this is, which the engine can replay alone."""

    @property
    def length(self) -> timedelta:
        """From the first order to the last."""
        return max((order.placed_after for order in self.orders), default=NOTHING)
