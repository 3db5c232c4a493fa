"""Requests and answers of dispatchers' acts on many deliveries or drivers at once."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from crowdship.dispatch.by_hand.areas import Area
from crowdship.dispatch.eligibility import Ineligible
from crowdship.dispatch.rounds.waits import Wait
from crowdship.kernel.events import Value

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]

MOST_ASSIGNED = 50


class Assigning(Value):
    """A delivery and the driver who is to have it.

    Parameters
    ----------
    from_driver_id : str or None
        The driver who has it as far as the dispatcher knows; left out for a delivery that waits for a driver. If it is
        no longer so, the row is refused.
    """

    delivery_id: Id
    driver_id: Id
    from_driver_id: Id | None = None


class BulkAssignInput(Value):
    """Deliveries that are assigned by hand, each to its driver, at the best places of their routes."""

    assignments: tuple[Assigning, ...] = Field(min_length=1, max_length=MOST_ASSIGNED)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [row.delivery_id for row in self.assignments]
        if twice := next((one for one in ids if ids.count(one) > 1), None):
            raise ValueError(f"{twice} is there twice; a delivery has one driver")
        return self


class AssignProblem(Value):
    """The problem that kept a delivery from being assigned; its code is that of a single assignment."""

    code: str
    detail: str


class AssignRow(Value):
    """The result for one delivery.

    Parameters
    ----------
    status : int
        HTTP status, as a single assignment would have had it.
    driver_id : str or None
        The driver who has the delivery now, as far as is known.
    problem : AssignProblem or None
        The problem that kept it from being assigned.
    """

    delivery_id: str
    status: int
    driver_id: str | None
    problem: AssignProblem | None


class BulkAssigned(Value):
    """The results, in the order of the request."""

    rows: tuple[AssignRow, ...]


class DispatchInput(Value):
    """Deliveries to be offered now; all that wait in the zone if null."""

    delivery_ids: tuple[Id, ...] | None = Field(default=None, max_length=200)


class OfferedNow(Value):
    """Deliveries that were offered together, and to whom; no offer if they were given to a merchant's own driver."""

    offer_id: str | None
    delivery_ids: tuple[str, ...]
    driver_ids: tuple[str, ...]


class WaitingDelivery(Value):
    """A delivery that was not offered, and why."""

    delivery_id: str
    code: Wait


class Dispatched(Value):
    """The result of a round by hand: offers that stand, and deliveries that wait."""

    offered: tuple[OfferedNow, ...]
    waits: tuple[WaitingDelivery, ...]


class AreaOfferInput(Value):
    """The area whose drivers are asked: ``{centre, radius_m}`` or ``{polygon}``."""

    area: Area


class LeftOut(Value):
    """A driver in the area who is not asked, and why."""

    driver_id: str
    reason: Ineligible


class AreaOffer(Value):
    """An offer to the drivers in an area, the best first; the first who accepts gets it."""

    offer_id: str
    asked: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
