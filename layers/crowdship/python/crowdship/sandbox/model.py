"""Scripts of test deliveries: the moves that lead to each outcome, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.sandbox import SandboxOutcome
from crowdship.deliveries.states import NEXT_STATES, FailureReason, State
from crowdship.kernel.geo import Point, halfway
from crowdship.kernel.ids import derived_id
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import VehicleKind

DRIVER_NAME = "Sandy"
VEHICLE = VehicleKind.BICYCLE


class Move(StrEnum):
    """Moves of a script: actions of a driver, of dispatch or of staff on a delivery."""

    OFFER = "offer"
    NOBODY_TAKES_IT = "nobody_takes_it"
    ASSIGN = "assign"
    DEPART_FOR_PICKUP = "depart_for_pickup"
    UNASSIGN = "unassign"
    ARRIVE_AT_PICKUP = "arrive_at_pickup"
    PICK_UP = "pick_up"
    DEPART_FOR_DROPOFF = "depart_for_dropoff"
    LOSE = "lose"
    APPROACH = "approach"
    ARRIVE_AT_DROPOFF = "arrive_at_dropoff"
    DELIVER = "deliver"
    FAIL_UNDERAGE = "fail_underage"
    FAIL_DAMAGED = "fail_damaged"
    FAIL_REFUSED = "fail_refused"
    FAIL_ABSENT = "fail_absent"
    RETURN_GOODS = "return_goods"
    EXPIRE = "expire"


FETCH = (Move.OFFER, Move.ASSIGN, Move.DEPART_FOR_PICKUP, Move.ARRIVE_AT_PICKUP, Move.PICK_UP)
TO_THE_DOOR = (*FETCH, Move.DEPART_FOR_DROPOFF, Move.APPROACH, Move.ARRIVE_AT_DROPOFF)

SCRIPTS: dict[SandboxOutcome, tuple[Move, ...]] = {
    SandboxOutcome.HAPPY: (*TO_THE_DOOR, Move.DELIVER),
    SandboxOutcome.NO_DRIVER: (Move.OFFER, Move.NOBODY_TAKES_IT, Move.OFFER, Move.NOBODY_TAKES_IT, Move.EXPIRE),
    SandboxOutcome.DRIVER_CANCELS: (
        *(Move.OFFER, Move.ASSIGN, Move.DEPART_FOR_PICKUP, Move.UNASSIGN),
        *(*TO_THE_DOOR, Move.DELIVER),
    ),
    SandboxOutcome.AGE_CHECK_FAILS: (*TO_THE_DOOR, Move.FAIL_UNDERAGE, Move.RETURN_GOODS),
    SandboxOutcome.DAMAGED: (*TO_THE_DOOR, Move.FAIL_DAMAGED, Move.RETURN_GOODS),
    SandboxOutcome.LOST: (*FETCH, Move.DEPART_FOR_DROPOFF, Move.LOSE),
    SandboxOutcome.RETURN: (*TO_THE_DOOR, Move.FAIL_REFUSED, Move.RETURN_GOODS),
    SandboxOutcome.CUSTOMER_AWAY: (*TO_THE_DOOR, Move.FAIL_ABSENT, Move.RETURN_GOODS),
}
"""The moves that lead to each outcome; consecutive moves are one step apart in time."""

STAFF = "sandbox"
"""The actor of moves that are made by staff in a real delivery."""

Made = Callable[[Delivery, datetime], Delivery]


def _fail(reason: FailureReason) -> Made:
    """Return the move of a driver who gives up at the door; goods that may be left there are delivered."""

    def give_up(delivery: Delivery, at: datetime) -> Delivery:
        if delivery.is_left(reason):
            return delivery.leave(delivery.dropoff, at)
        return delivery.fail(reason, delivery.dropoff, at)

    return give_up


def _nobody_takes_it(delivery: Delivery, at: datetime) -> Delivery:
    # A change of the order may have withdrawn the offer already.
    return delivery.reopen(at, "offer_expired") if delivery.state is State.OFFERED else delivery


def _assign(delivery: Delivery, at: datetime) -> Delivery:
    driver = driver_of(delivery)
    return delivery.assign(driver, at, driver, at + _left(delivery))


MADE: dict[Move, Made] = {
    Move.OFFER: lambda delivery, at: delivery.offer(derived_id("ofr", delivery.id, delivery.sequence), at),
    Move.NOBODY_TAKES_IT: _nobody_takes_it,
    Move.ASSIGN: _assign,
    Move.DEPART_FOR_PICKUP: lambda delivery, at: delivery.depart(StopKind.PICKUP, at),
    Move.UNASSIGN: lambda delivery, at: delivery.unassign(at),
    Move.ARRIVE_AT_PICKUP: lambda delivery, at: delivery.arrive(StopKind.PICKUP, at),
    Move.PICK_UP: lambda delivery, at: delivery.pick_up(at),
    Move.DEPART_FOR_DROPOFF: lambda delivery, at: delivery.depart(StopKind.DROPOFF, at),
    Move.LOSE: lambda delivery, at: delivery.fail_by_hand(FailureReason.GOODS_LOST, at, STAFF),
    Move.APPROACH: lambda delivery, at: delivery.approach(at),
    Move.ARRIVE_AT_DROPOFF: lambda delivery, at: delivery.arrive(StopKind.DROPOFF, at),
    Move.DELIVER: lambda delivery, at: delivery.deliver(at),
    Move.FAIL_UNDERAGE: _fail(FailureReason.UNDERAGE),
    Move.FAIL_DAMAGED: _fail(FailureReason.GOODS_DAMAGED),
    Move.FAIL_REFUSED: _fail(FailureReason.CUSTOMER_REFUSED),
    Move.FAIL_ABSENT: _fail(FailureReason.CUSTOMER_ABSENT),
    Move.RETURN_GOODS: lambda delivery, at: delivery.return_goods(at),
    Move.EXPIRE: lambda delivery, at: delivery.expire(at),
}
"""The function of each move; it calls the same methods as the calls of drivers, dispatch and staff."""


def is_over(delivery: Delivery) -> bool:
    """Return whether a script can do nothing more with a delivery: it has failed, or no state can follow."""
    return delivery.state is State.FAILED or not NEXT_STATES[delivery.state]


def next_move(delivery: Delivery) -> Move | None:
    """Return the next move of a test delivery; None if it is no test, or over.

    A delivery that is being returned is always returned next, also if its script has another move there.
    """
    if delivery.sandbox is None or is_over(delivery):
        return None
    if delivery.state is State.RETURNING:
        return Move.RETURN_GOODS
    script, done = SCRIPTS[delivery.sandbox.outcome], delivery.sandbox.steps_done
    return script[done] if done < len(script) else None


def play(delivery: Delivery, at: datetime) -> Delivery:
    """Return a test delivery after its next move, unchanged if there is none."""
    move = next_move(delivery)
    if move is None or delivery.sandbox is None:
        return delivery
    return MADE[move](delivery, at).with_changes(sandbox=delivery.sandbox.one_further())


def driver_of(delivery: Delivery) -> str:
    """Return the id of the imagined driver who takes a test delivery now; it is another one after each unassign."""
    return f"drv_test{len(delivery.declined_by) + 1}"


def _left(delivery: Delivery) -> timedelta:
    """Return how long the rest of a script takes."""
    if delivery.sandbox is None:
        return timedelta(0)
    steps = len(SCRIPTS[delivery.sandbox.outcome]) - delivery.sandbox.steps_done - 1
    return timedelta(seconds=steps * delivery.sandbox.step_seconds)


@dataclass(frozen=True)
class Sight:
    """The position of a test delivery's imagined driver, and the time since when."""

    point: Point
    at: datetime


def seen(delivery: Delivery) -> Sight | None:
    """Return where the driver of a test delivery is, by its state: at a stop, or halfway between the two.

    The result is None in states in which no driver is seen.
    """
    start, end = delivery.pickup, delivery.dropoff
    lat, lon = halfway(start.lat, start.lon, end.lat, end.lon)
    middle = Point(lat=lat, lon=lon)
    places = {
        State.EN_ROUTE_TO_PICKUP: middle,
        State.ARRIVED_AT_PICKUP: delivery.pickup,
        State.PICKED_UP: delivery.pickup,
        State.EN_ROUTE_TO_DROPOFF: delivery.dropoff if delivery.approaching_at else middle,
        State.ARRIVED_AT_DROPOFF: delivery.dropoff,
    }
    point = places.get(delivery.state)
    return Sight(point, delivery.timeline[-1].at) if point else None
