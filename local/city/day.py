"""The state of a day that the people of a city share: clock, order book, phones, and the drivers' diaries."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from local.city.api import Meter
from local.city.plans.geometry import Point
from local.city.push import Phone
from local.running import RunningStack

REPORTS_PER_SECOND = 6.0
"""The most reports of positions per wall second that all drivers' apps together send."""

LEAST_PAUSE = timedelta(seconds=60)
"""The shortest business time between two reports of an app."""

LEAST_WALL = 2.5
"""The shortest wall seconds between two reports of an app."""

LOOK_ANYWAY = timedelta(seconds=60)
"""Business time after which an app asks for offers although its phone did not ring."""

LOOK_ANYWAY_WALL = 10.0
"""The shortest wall seconds between two such requests."""


class CityClock:
    """The platform's business time."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self.speed = stack.clock.speed

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.fromtimestamp(self._stack.sim_now(), UTC)

    def wall(self, duration: timedelta) -> float:
        """Return the wall seconds in which a business duration passes."""
        return duration.total_seconds() / self.speed

    def business(self, wall_seconds: float) -> timedelta:
        """Return the business time that passes in some wall seconds."""
        return timedelta(seconds=wall_seconds * self.speed)


@dataclass
class Diary:
    """Counts and notes of one driver's day."""

    key: str
    name: str
    offers: int = 0
    accepted: int = 0
    declined: Counter[str] = field(default_factory=Counter)
    overlooked: int = 0
    lost: int = 0
    delivered: int = 0
    on_duty: timedelta = timedelta(0)
    driven_m: float = 0.0
    trail: list[Point] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)


@dataclass
class Ticket:
    """A placed order, as the shop's system knows it."""

    external_id: str
    shop: str
    planned_id: str
    placed_at: datetime
    pickup: Point
    dropoff: Point
    delivery_id: str | None = None
    refused: str | None = None
    tracking_url: str | None = None


class Day:
    """The shared state of a play: clock, order book, phones, and the signals for its end."""

    def __init__(self, stack: RunningStack, meter: Meter) -> None:
        self.clock = CityClock(stack)
        self.meter = meter
        self.begins = self.clock.now()
        self.stopping = threading.Event()
        self.all_placed = threading.Event()
        self.no_more_work = threading.Event()
        self.lock = threading.Lock()
        self.tickets: list[Ticket] = []
        self.absent: set[str] = set()
        self.labels: dict[str, tuple[str, ...]] = {}
        """By delivery: the codes on its parcels, which a driver who has them in hand can scan."""
        self.phones: dict[str, str] = {}
        """By delivery: the phone of the customer, who reads the PIN from it at the door."""
        self.trouble: list[str] = []
        self.on_duty: set[str] = set()
        self._phones: list[Phone] = []

    def add_phone(self, phone: Phone) -> None:
        """Let a driver's phone ring when the day ends."""
        with self.lock:
            self._phones.append(phone)

    def end(self) -> None:
        """End the day for everybody, including drivers who wait for their phone to ring."""
        self.stopping.set()
        with self.lock:
            for phone in self._phones:
                phone.ring()

    def rings(self, phone: Phone, longest: timedelta) -> bool | None:
        """Wait for a driver's phone; return True if it rang, False if not within ``longest``, None after a stop."""
        rang = phone.rings(self.clock.wall(longest))
        return None if self.stopping.is_set() else rang

    def sleep(self, duration: timedelta) -> bool:
        """Wait some business time; return False if the play was stopped meanwhile."""
        return not self.stopping.wait(max(0.0, self.clock.wall(duration)))

    def sleep_until(self, moment: datetime) -> bool:
        """Wait until a business moment; return False if the play was stopped meanwhile."""
        return self.sleep(moment - self.clock.now())

    def between_reports(self) -> timedelta:
        """Return how long an app waits between two reports of positions, which grows with the drivers on duty."""
        share = max(LEAST_WALL, len(self.on_duty) / REPORTS_PER_SECOND)
        return max(LEAST_PAUSE, self.clock.business(share))

    def between_looks(self) -> timedelta:
        """Return how long an app whose phone does not ring waits before it asks for offers."""
        return max(LOOK_ANYWAY, self.clock.business(LOOK_ANYWAY_WALL))

    def take(self, ticket: Ticket) -> None:
        """Add an order to the book."""
        with self.lock:
            self.tickets.append(ticket)
