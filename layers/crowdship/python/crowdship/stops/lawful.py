"""The law of the goods at the stops: who may fetch them, and when they may be handed over."""

from datetime import datetime

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import SENTENCES, barred_by_law
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import written
from crowdship.kernel.errors import Forbidden, Unprocessable
from crowdship.shipment.demands import demands_of


def refuse_barred(delivery: Delivery, driver_id: str, at: datetime) -> None:
    """Check that the law of its goods leaves a delivery to its driver, who may have lost a credential since the offer.

    Parameters
    ----------
    at : datetime
        When the driver leaves for the goods or takes them, which may have come in later.

    Raises
    ------
    Forbidden
        By the name of the reason, if it does not.
    """
    if delivery.demands and (why := barred_by_law(drivers.get(driver_id), delivery, at)):
        raise Forbidden(why, f"You can't fetch it: {SENTENCES[why]}. Give it up, so that somebody else is asked.")


def refuse_closed(delivery: Delivery, at: datetime) -> None:
    """Check that the law of the goods, as it is at a moment, allows a hand-over then.

    Raises
    ------
    Unprocessable
        ``closed_hours``, with the end of the hours in which it does not.
    """
    if delivery.demands is None:
        return
    demands = demands_of(delivery.goods, delivery.pickup_law, delivery.dropoff_law, at)
    if demands and (until := demands.closed_until(at)):
        again = f"These goods may not be handed over here before {written(until)}"
        raise Unprocessable("closed_hours", f"{again}; end it with the reason closed_hours.")
