"""Fields of messages to customers."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any, Self

from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Moment
from crowdship.notify.notices import Facts
from crowdship.notify.rendering import Line


class DeliveryFacts(Facts):
    """Fields of the messages about one delivery.

    Parameters
    ----------
    link : str
        The customer's tracking link.
    support : tuple of str
        Where customers ask: a phone, an e-mail address, both or neither.
    """

    merchant_name: Line
    customer_name: Line
    external_id: Line
    link: str
    eta: Moment | None = None
    pin: str | None = None
    minimum_age: int | None = None
    support: tuple[Line, ...] = ()

    @classmethod
    def of(
        cls,
        delivery: Delivery,
        *,
        merchant_name: str,
        customer_name: str,
        link: str,
        pin: str | None,
        support: tuple[str, ...] = (),
    ) -> Self:
        """Return the facts of a delivery; the PIN only if the hand-over asks for it."""
        return cls(
            merchant_name=merchant_name,
            customer_name=customer_name,
            external_id=delivery.known_as,
            link=link,
            eta=delivery.eta,
            pin=pin if delivery.requirements.pin else None,
            minimum_age=delivery.requirements.minimum_age,
            support=support,
        )

    @property
    def sender(self) -> str:
        """The merchant: customers don't know us."""
        return self.merchant_name

    def fields(self, now: datetime) -> dict[str, Any]:
        """Return what templates may use; ``minutes`` is the time to go, 0 if there is none to tell."""
        return {**dict(self), "minutes": _minutes_to_go(self.eta, now)}

    def shortened(self) -> Self:
        """Return the facts without the line on where to ask."""
        return self.model_copy(update={"support": ()})


def _minutes_to_go(eta: datetime | None, now: datetime) -> int:
    """Return the time to go in steps of five minutes, which needs no time zone; 0 if there is none to tell."""
    return 0 if eta is None or eta <= now else ceil((eta - now) / timedelta(minutes=5)) * 5
