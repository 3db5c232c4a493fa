"""Many assignments by hand: each row by itself, so that one that is refused stops no other."""

from collections.abc import Callable
from http import HTTPStatus

from crowdship.adapters.observability import logger
from crowdship.deliveries import service as deliveries
from crowdship.dispatch import assignment
from crowdship.dispatch.by_hand.views import Assigning, AssignProblem, AssignRow, BulkAssigned, BulkAssignInput
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Refusal, StaleWrite

ROW_MS = 2000
"""Another row is begun only if the function has at least this many milliseconds left."""


def assign(request: BulkAssignInput, actor: str, clock: Clock, left_ms: Callable[[], int]) -> BulkAssigned:
    """Assign each delivery of a request that still is where the dispatcher saw it; return the result of each.

    A row that is done already is answered as done, so the same request can be sent again.
    """
    return BulkAssigned(rows=tuple(_row(row, actor, clock, left_ms) for row in request.assignments))


def _row(row: Assigning, actor: str, clock: Clock, left_ms: Callable[[], int]) -> AssignRow:
    """Return the result of one row; it never raises, so that a failing row does not stop the others."""

    def refused(status: int, code: str, detail: str) -> AssignRow:
        found = deliveries.get_many([row.delivery_id]).get(row.delivery_id)
        holder = found and found.driver_id
        problem = AssignProblem(code=code, detail=detail)
        return AssignRow(delivery_id=row.delivery_id, status=status, driver_id=holder, problem=problem)

    if left_ms() < ROW_MS:
        detail = "Time ran out before this row; send the same request again."
        return refused(HTTPStatus.SERVICE_UNAVAILABLE, "not_reached", detail)
    try:
        given, _ = assignment.place_by_hand(
            row.delivery_id, row.driver_id, actor, clock, from_driver=row.from_driver_id
        )
        return AssignRow(delivery_id=given.id, status=HTTPStatus.OK, driver_id=given.driver_id, problem=None)
    except Refusal as refusal:
        return refused(refusal.status, refusal.code, refusal.detail)
    except StaleWrite:
        return refused(HTTPStatus.CONFLICT, "changed_meanwhile", "Others kept changing it; read it again and retry.")
    except Exception:
        logger.exception("row failed", delivery_id=row.delivery_id)
        return refused(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "An error on our side; send it again.")
