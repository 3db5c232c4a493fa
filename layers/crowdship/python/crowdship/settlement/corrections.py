"""Use case of a driver: take back an ending, as long as its day is not settled."""

from datetime import UTC

from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.settlement.store import SettlementRow
from crowdship.stops import corrections
from crowdship.stops.views import CorrectInput


def correct(delivery_id: str, driver_id: str, made: CorrectInput, clock: Clock) -> Delivery:
    """Take back a driver's last ending; its booking is reversed on the event of the correction.

    A day whose settlement begins meanwhile does no harm: the reversal is then booked on the next one.

    Raises
    ------
    Conflict
        ``not_correctable``, if the day of the ending is settled; and as the stops refuse.
    """
    ending = corrections.ending_of(delivery_id, driver_id)
    if ending and SettlementRow.load(day := ending.at.astimezone(UTC).date()):
        detail = f"The pay of {day} is settled; ask staff to adjust it."
        raise Conflict("not_correctable", detail)
    return corrections.correct(delivery_id, driver_id, made, clock)
