"""Use case of a driver: take back an ending, as long as its pay is not settled."""

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.closing import settling_events
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.settlement.causes import posting_for
from crowdship.settlement.causes.reversals import reversal_id_for
from crowdship.settlement.ledger import Posting
from crowdship.settlement.store import SettlementRow, booked_among, not_booked
from crowdship.stops import corrections
from crowdship.stops.views import CorrectInput


def correct(delivery_id: str, driver_id: str, made: CorrectInput, clock: Clock) -> Delivery:
    """Take back a driver's last ending; its booking is reversed on the event of the correction.

    An ending on a day whose books are closed is booked on the next day, so it can be taken back until that is settled.
    If the settlement begins meanwhile, the reversal is booked on the next day.

    Raises
    ------
    Conflict
        ``not_correctable``, if the pay of the ending is settled or staff have reversed it; and as the stops refuse.
    """
    posting = _booking(deliveries.get_of_driver(delivery_id, driver_id))
    if posting and not_booked([reversal_id_for(posting.id)]) == set():
        raise Conflict("not_correctable", "Staff have taken the booking of this delivery back; ask them.")
    if posting and (period := next(iter(SettlementRow.load_many([posting.period])), None)):
        detail = f"The pay of {period} is settled; ask staff to adjust it."
        raise Conflict("not_correctable", detail)
    return corrections.correct(delivery_id, driver_id, made, clock)


def _booking(delivery: Delivery) -> Posting | None:
    """Return the booking of a delivery's ending, or None."""
    ending = f"delivery.{delivery.state}"
    postings = [posting_for(event) for event in settling_events(delivery) if event.type == ending]
    newest = postings[-1] if postings else None
    return next(iter(booked_among([newest.id])), None) if newest else None
