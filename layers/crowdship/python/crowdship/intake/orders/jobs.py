"""A job: several drop-offs from one pickup. Pure."""

from collections.abc import Sequence

from crowdship.intake.orders.model import Dropoff
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Aggregate


class Job(Aggregate):
    """Deliveries that were ordered together, in the order in which they were listed and priced."""

    merchant_id: str
    delivery_ids: tuple[str, ...]
    created_at: Moment


def refuse_twins(dropoffs: Sequence[Dropoff]) -> None:
    """Check that no two drop-offs have the same external id.

    Raises
    ------
    Unprocessable
        With a pointer to the second.
    """
    first: dict[str, int] = {}
    for number, dropoff in enumerate(dropoffs):
        if dropoff.external_id in first:
            detail = f"Drop-off {first[dropoff.external_id]} has the external_id {dropoff.external_id} already."
            raise Unprocessable("external_id_twice", detail, f"/dropoffs/{number}/external_id")
        first[dropoff.external_id] = number
