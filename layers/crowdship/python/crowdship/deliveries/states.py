"""The states of a delivery, the transitions between them, and the reasons of transitions."""

from enum import StrEnum

from crowdship.pricing.terms import Stage
from crowdship.shipment.stop_kind import StopKind


class State(StrEnum):
    """The state of a delivery."""

    CREATED = "created"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    EN_ROUTE_TO_PICKUP = "en_route_to_pickup"
    ARRIVED_AT_PICKUP = "arrived_at_pickup"
    PICKED_UP = "picked_up"
    EN_ROUTE_TO_DROPOFF = "en_route_to_dropoff"
    ARRIVED_AT_DROPOFF = "arrived_at_dropoff"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    RETURNING = "returning"
    RETURNED = "returned"


NEXT_STATES: dict[State, frozenset[State]] = {
    State.CREATED: frozenset({State.OFFERED, State.ASSIGNED, State.CANCELLED, State.EXPIRED}),
    State.OFFERED: frozenset({State.CREATED, State.ASSIGNED, State.CANCELLED, State.EXPIRED}),
    State.ASSIGNED: frozenset({State.CREATED, State.ASSIGNED, State.EN_ROUTE_TO_PICKUP, State.CANCELLED}),
    State.EN_ROUTE_TO_PICKUP: frozenset({State.CREATED, State.ASSIGNED, State.ARRIVED_AT_PICKUP, State.CANCELLED}),
    State.ARRIVED_AT_PICKUP: frozenset({State.CREATED, State.ASSIGNED, State.PICKED_UP, State.FAILED, State.CANCELLED}),
    State.PICKED_UP: frozenset({State.EN_ROUTE_TO_DROPOFF, State.RETURNING}),
    State.EN_ROUTE_TO_DROPOFF: frozenset({State.ARRIVED_AT_DROPOFF, State.RETURNING}),
    State.ARRIVED_AT_DROPOFF: frozenset({State.DELIVERED, State.FAILED, State.RETURNING}),
    State.FAILED: frozenset({State.RETURNING}),
    State.RETURNING: frozenset({State.RETURNED}),
    State.DELIVERED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
    State.RETURNED: frozenset(),
}
"""By state, the states that may follow."""

BY_HAND: dict[State, frozenset[State]] = {
    State.ASSIGNED: frozenset({State.FAILED, State.DELIVERED}),
    State.EN_ROUTE_TO_PICKUP: frozenset({State.FAILED, State.DELIVERED}),
    State.ARRIVED_AT_PICKUP: frozenset({State.DELIVERED}),
    State.PICKED_UP: frozenset({State.DELIVERED, State.FAILED, State.ASSIGNED}),
    State.EN_ROUTE_TO_DROPOFF: frozenset({State.DELIVERED, State.FAILED, State.ASSIGNED}),
    State.ARRIVED_AT_DROPOFF: frozenset({State.ASSIGNED}),
    State.RETURNING: frozenset({State.FAILED}),
}
"""The further states that may follow when staff act for a driver whose app failed or who is gone.

Goods on board are assigned again when another driver is to fetch them from this one. Until then staff may find that
they are lost, or that one of the two drivers delivered them with a phone that was offline.
"""

CORRECTED_TO: dict[State, frozenset[State]] = {
    State.DELIVERED: frozenset({State.ARRIVED_AT_DROPOFF}),
    State.FAILED: frozenset({State.ARRIVED_AT_PICKUP, State.ARRIVED_AT_DROPOFF}),
    State.RETURNING: frozenset({State.ARRIVED_AT_DROPOFF}),
}
"""The states that follow when a driver takes back an ending: they are at the stop again."""

OPEN = frozenset({State.CREATED, State.OFFERED})
"""Waiting for a driver."""

CLOSED = frozenset({State.DELIVERED, State.CANCELLED, State.EXPIRED, State.FAILED, State.RETURNED})
"""The delivery has ended; goods that go back after a failure on board are ``returning``."""

WITH_DRIVER = frozenset(
    {
        State.ASSIGNED,
        State.EN_ROUTE_TO_PICKUP,
        State.ARRIVED_AT_PICKUP,
        State.PICKED_UP,
        State.EN_ROUTE_TO_DROPOFF,
        State.ARRIVED_AT_DROPOFF,
        State.RETURNING,
    }
)
"""On some driver's route."""

ON_BOARD = frozenset({State.PICKED_UP, State.EN_ROUTE_TO_DROPOFF, State.ARRIVED_AT_DROPOFF, State.RETURNING})
"""The goods are in the vehicle."""


HEADING_FOR = {StopKind.PICKUP: State.EN_ROUTE_TO_PICKUP, StopKind.DROPOFF: State.EN_ROUTE_TO_DROPOFF}

ARRIVED_AT = {StopKind.PICKUP: State.ARRIVED_AT_PICKUP, StopKind.DROPOFF: State.ARRIVED_AT_DROPOFF}

STAGE_OF: dict[State, Stage] = {
    State.CREATED: Stage.WAITING,
    State.OFFERED: Stage.WAITING,
    State.ASSIGNED: Stage.ASSIGNED,
    State.EN_ROUTE_TO_PICKUP: Stage.EN_ROUTE_TO_PICKUP,
    State.ARRIVED_AT_PICKUP: Stage.AT_PICKUP,
    State.PICKED_UP: Stage.ON_BOARD,
    State.EN_ROUTE_TO_DROPOFF: Stage.ON_BOARD,
    State.ARRIVED_AT_DROPOFF: Stage.ON_BOARD,
}
"""The states in which a delivery can be cancelled, with the stage of the terms that applies."""


class FailureReason(StrEnum):
    """The reason why a hand-over failed."""

    CUSTOMER_ABSENT = "customer_absent"
    CUSTOMER_REFUSED = "customer_refused"
    WRONG_ADDRESS = "wrong_address"
    NO_ACCESS = "no_access"
    UNDERAGE = "underage"
    NO_VALID_ID = "no_valid_id"
    INTOXICATED = "intoxicated"
    RECIPIENT_NOT_ADDRESSEE = "recipient_not_addressee"
    CLOSED_HOURS = "closed_hours"
    TEMPERATURE_OUT_OF_RANGE = "temperature_out_of_range"
    GOODS_DAMAGED = "goods_damaged"
    PICKUP_CLOSED = "pickup_closed"
    GOODS_NOT_READY = "goods_not_ready"
    GOODS_NOT_FOUND = "goods_not_found"
    GOODS_LOST = "goods_lost"


FAILURE_REASONS: dict[StopKind, frozenset[FailureReason]] = {
    StopKind.PICKUP: frozenset(
        {
            FailureReason.PICKUP_CLOSED,
            FailureReason.GOODS_NOT_READY,
            FailureReason.GOODS_NOT_FOUND,
            FailureReason.GOODS_DAMAGED,
            FailureReason.TEMPERATURE_OUT_OF_RANGE,
        }
    ),
    StopKind.DROPOFF: frozenset(
        {
            FailureReason.CUSTOMER_ABSENT,
            FailureReason.CUSTOMER_REFUSED,
            FailureReason.WRONG_ADDRESS,
            FailureReason.NO_ACCESS,
            FailureReason.GOODS_DAMAGED,
            FailureReason.UNDERAGE,
            FailureReason.NO_VALID_ID,
            FailureReason.TEMPERATURE_OUT_OF_RANGE,
        }
    ),
    StopKind.RETURN: frozenset(),
}
"""The reasons that may be given at each stop. No reason at the pickup is the driver's fault; such a driver unassigns.
"""


LEFT_WHEN = frozenset({FailureReason.CUSTOMER_ABSENT})
"""The reasons for which goods may be left at the door; refused and damaged goods go back."""

DISPATCH = "dispatch"
"""The actor of changes that no person makes."""

CUSTOMER = "customer"
"""The actor of changes that the customer makes by the tracking link."""

TRANSFERRED = "transferred"
"""The reason of a step by which goods on board went to another driver."""

LEFT_AT_DOOR = "left_at_door"
"""The reason of a delivery whose goods were left at the door."""


class CorrectionReason(StrEnum):
    """The reason why a driver takes back an ending."""

    PRESSED_BY_MISTAKE = "pressed_by_mistake"
    CUSTOMER_CAME = "customer_came"
    OTHER = "other"


class CompletionReason(StrEnum):
    """The reason why staff complete a delivery in its driver's stead."""

    APP_FAILED = "app_failed"
    PIN_LOCKED = "pin_locked"
    OTHER = "other"
