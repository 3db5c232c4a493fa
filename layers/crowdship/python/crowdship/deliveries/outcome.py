"""The outcome of a closed delivery, by which it is settled."""

from crowdship.deliveries.states import (
    ON_BOARD,
    WITH_DRIVER,
    FailureReason,
    State,
)
from crowdship.pricing.model import Outcome
from crowdship.shipment.options import Undeliverable


def outcome(
    previous_state: State,
    state: State,
    reason: str | None = None,
    undeliverable: Undeliverable = Undeliverable.RETURN,
) -> Outcome | None:
    """Return how a closed delivery is settled, or None if nothing is due for it in this state.

    Nothing is due while it is under way, which includes goods that failed on board and go back to the shop, and for
    lost goods.

    Examples
    --------
    >>> outcome(State.ARRIVED_AT_PICKUP, State.FAILED)
    <Outcome.FAILED_AT_PICKUP: 'failed_at_pickup'>
    """
    match state:
        case State.DELIVERED:
            return Outcome.DELIVERED
        case State.RETURNED:
            return Outcome.RETURNED
        case State.FAILED if reason == FailureReason.GOODS_LOST:
            return None
        case State.FAILED if previous_state not in ON_BOARD:
            return Outcome.FAILED_AT_PICKUP
        case State.FAILED:
            return Outcome.DISPOSED if undeliverable is Undeliverable.DISPOSE else None
        case State.EXPIRED:
            return Outcome.NO_SERVICE
        case State.CANCELLED if previous_state is State.ARRIVED_AT_PICKUP:
            return Outcome.CANCELLED_AT_PICKUP
        case State.CANCELLED if previous_state in WITH_DRIVER:
            return Outcome.CANCELLED_ON_THE_WAY
        case State.CANCELLED:
            return Outcome.NO_SERVICE
        case _:
            return None
