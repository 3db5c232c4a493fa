"""Decisions of simulated drivers on offers. The same driver, offer and random numbers give the same decision.

A decision depends on the pay per minute relative to what the driver wants, on the way to the pickup beyond their
patience, on their time on duty and on their tier. The weights rest on no data: they are chosen so that each has an
effect and none decides alone. The platform knows neither these rules nor a driver's temper; its own estimate is
``crowdship.planner.acceptance``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from random import Random

from local.city.plans.geometry import Point, distance_m
from local.city.plans.plan import Pace, Temper

GLADLY = 0.98
"""Chance that a driver accepts an offer without any drawback."""

PAY_WEIGHT = 0.9
"""Decrease of the chance per missing share of the wanted pay (0.9: half the pay costs 0.45)."""

DISTANCE_WEIGHT = 0.12
"""Decrease of the chance per kilometre to the pickup beyond a driver's patience."""

FATIGUE_WEIGHT = 0.06
"""Decrease of the chance per hour on duty beyond ``RESTED_H``."""

RESTED_H = 4.0
"""Hours on duty before a driver tires."""

TIER_WEIGHT = 0.1
"""Increase of the chance for the highest tier."""


class Reaction(Enum):
    """Reactions of a driver to an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    OVERLOOK = "overlook"


@dataclass(frozen=True)
class OfferedWork:
    """An offer as its driver judges it.

    Parameters
    ----------
    pay : int
        Minor units.
    minutes : float
        Time that the work takes.
    pickup_m : float
        Great-circle metres to the first pickup.
    on_duty_h : float
        Hours that the driver has been on duty.
    """

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
    """The reaction of a driver, with the reason if they decline."""

    reaction: Reaction
    reason: str | None = None


def work_of(
    pay: int, legs: Sequence[tuple[Point, Point]], here: Point, pace: Pace, on_duty: timedelta = timedelta()
) -> OfferedWork:
    """Return an offer as its driver judges it.

    Parameters
    ----------
    pay : int
        Minor units.
    legs : sequence of (Point, Point)
        Pickup and drop-off of each delivery; at least one.
    here : Point
        The position of the driver.
    on_duty : timedelta
        How long the driver has been on duty.
    """
    way, at = 0.0, here
    for pickup, dropoff in legs:
        way += distance_m(at, pickup) + distance_m(pickup, dropoff)
        at = dropoff
    stops = pace.before_pickup + pace.after_pickup + pace.before_handover + pace.after_handover
    minutes = way * pace.detour_factor / pace.speed_mps / 60 + len(legs) * stops.total_seconds() / 60
    return OfferedWork(pay, minutes, distance_m(here, legs[0][0]), on_duty.total_seconds() / 3600)


def chance(temper: Temper, work: OfferedWork) -> float:
    """Return the chance that a driver accepts an offer.

    The chance falls with the share of the wanted pay per minute that is missing, with each kilometre to the pickup
    beyond the driver's patience, and with each hour on duty beyond ``RESTED_H``. It rises with the driver's tier. It is
    at least 0.05 and at most ``GLADLY``; an obliging driver accepts everything.
    """
    if temper.obliging:
        return 1.0
    missing = max(0.0, 1.0 - work.pay_per_minute / temper.wanted_per_minute)
    too_far_km = max(0.0, work.pickup_m - temper.patience_m) / 1000
    tired_h = max(0.0, work.on_duty_h - RESTED_H)
    against = PAY_WEIGHT * missing + DISTANCE_WEIGHT * too_far_km + FATIGUE_WEIGHT * tired_h
    return min(GLADLY, max(0.05, GLADLY - against + TIER_WEIGHT * temper.tier))


def decide(temper: Temper, work: OfferedWork, random: Random) -> Decision:
    """Return a driver's decision on an offer; a refusal has the reason with the largest weight."""
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
