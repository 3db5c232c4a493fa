"""The plan of a play: the city, its orders with their times, and its drivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.city.plans.geometry import Point

NOTHING = timedelta(0)


class PlanError(Exception):
    """The orders can't be read; the message says where, and what would be right."""


@dataclass(frozen=True)
class Shop:
    """A merchant with one store."""

    key: str
    name: str
    point: Point
    address: str


@dataclass(frozen=True)
class PlannedOrder:
    """An order before it is placed; all times count from the beginning of the play.

    Parameters
    ----------
    placed_after, ready_after, promise_after : timedelta
        The time of the order, of its readiness for the pickup, and of the promised drop-off.
    pickup : Point or None
        The place of the pickup if it is not the shop.
    absent : bool
        True if nobody will open the door.
    cancelled_after : timedelta or None
        The time at which the customer cancels.
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
    """Character of a driver, on which their decisions about offers depend.

    Parameters
    ----------
    wanted_per_minute : float
        Pay with which the driver is content, in minor units per minute of work.
    patience_m : float
        Distance to a pickup that the driver accepts without hesitation, metres.
    oversight : float
        Share of offers that the driver misses.
    tier : float
        0 to 1; a driver of a higher tier accepts more, as they have more to lose.
    obliging : bool
        True if the driver accepts every offer, as a courier does who is paid by the hour.
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
    credentials: tuple[str, ...] = ()
    shop: str | None = None
    """Key of the shop whose own driver this is; None for a crowd driver."""
    core: bool = False
    """True for a dedicated driver of the platform itself, who works by shifts."""
    certified: bool = True
    """True if they certify a W-9, without which tax is withheld of their pay."""


@dataclass(frozen=True)
class Pace:
    """Speeds and handling times of a city.

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
    """A play: the city, its people and its orders.

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
    """Folder of the public instance that the play was read from; the engine can replay it alone."""

    @property
    def length(self) -> timedelta:
        """Time from the beginning of the play to the last order."""
        return max((order.placed_after for order in self.orders), default=NOTHING)
