"""What drivers make of an offer. Pure: the same driver, offer and dice give the same answer.

Pay per minute beside what they want, the way to the pickup beyond their patience, how long they have been on duty and
their tier. Nobody's data are behind it: the weights are chosen so that each can be felt and none decides alone. The
platform knows neither these rules nor a driver's temper; its own guess is ``crowdship.planner.acceptance``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from random import Random

from local.city.geometry import Point, distance_m
from local.city.plan import Pace, Temper

GLADLY = 0.98
"""Chance that a driver takes an offer that has nothing against it."""

PAY_WEIGHT = 0.9
"""How much of that goes per unit by which the pay misses what is wanted (0.9: half the pay costs 0.45)."""

DISTANCE_WEIGHT = 0.12
"""How much of it goes per kilometre beyond a driver's patience."""

FATIGUE_WEIGHT = 0.06
"""How much of it goes per hour on duty beyond four."""

RESTED_H = 4.0

TIER_WEIGHT = 0.1
"""How much comes back for the highest tier."""


class Reaction(Enum):
    """What a driver does with an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    OVERLOOK = "overlook"


@dataclass(frozen=True)
class OfferedWork:
    """An offer in the driver's own eyes."""

    pay: int
    minutes: float
    pickup_m: float
    on_duty_h: float = 0.0

    @property
    def pay_per_minute(self) -> float:
        """Minor units for each minute of work."""
        return self.pay / max(self.minutes, 1.0)


@dataclass(frozen=True)
class Decision:
    """What a driver does, and why if it is a no."""

    reaction: Reaction
    reason: str | None = None


def work_of(
    pay: int, legs: Sequence[tuple[Point, Point]], here: Point, pace: Pace, on_duty: timedelta = timedelta()
) -> OfferedWork:
    """Return what an offer of some pickups and drop-offs means to a driver who stands here, so long on duty."""
    way, at = 0.0, here
    for pickup, dropoff in legs:
        way += distance_m(at, pickup) + distance_m(pickup, dropoff)
        at = dropoff
    stops = pace.before_pickup + pace.after_pickup + pace.before_handover + pace.after_handover
    minutes = way * pace.detour_factor / pace.speed_mps / 60 + len(legs) * stops.total_seconds() / 60
    return OfferedWork(pay, minutes, distance_m(here, legs[0][0]), on_duty.total_seconds() / 3600)


def chance(temper: Temper, work: OfferedWork) -> float:
    """Return the chance that a driver takes an offer.

    It falls with the share by which the pay per minute misses what the driver wants, with each kilometre to the
    pickup beyond the driver's patience, and with each hour that tires them; a tier makes up for some of it.
    """
    if temper.obliging:
        return 1.0
    missing = max(0.0, 1.0 - work.pay_per_minute / temper.wanted_per_minute)
    too_far_km = max(0.0, work.pickup_m - temper.patience_m) / 1000
    tired_h = max(0.0, work.on_duty_h - RESTED_H)
    against = PAY_WEIGHT * missing + DISTANCE_WEIGHT * too_far_km + FATIGUE_WEIGHT * tired_h
    return min(GLADLY, max(0.05, GLADLY - against + TIER_WEIGHT * temper.tier))


def decide(temper: Temper, work: OfferedWork, random: Random) -> Decision:
    """Return what a driver does with an offer; a no comes with the reason that weighed most."""
    overlooked, taken = random.random(), random.random()
    if overlooked < temper.oversight:
        return Decision(Reaction.OVERLOOK)
    if taken < chance(temper, work):
        return Decision(Reaction.ACCEPT)
    against_pay = PAY_WEIGHT * max(0.0, 1.0 - work.pay_per_minute / temper.wanted_per_minute)
    against_way = DISTANCE_WEIGHT * max(0.0, work.pickup_m - temper.patience_m) / 1000
    if max(against_pay, against_way) == 0:
        return Decision(Reaction.DECLINE, "ending_duty" if work.on_duty_h > RESTED_H else "other")
    return Decision(Reaction.DECLINE, "pay_too_low" if against_pay >= against_way else "too_far")
