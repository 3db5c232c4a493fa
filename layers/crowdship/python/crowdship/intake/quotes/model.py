"""A quote: a promised price and time with an expiry. Pure rules; the use cases are in ``service``."""

from datetime import datetime, timedelta
from typing import Self

from crowdship.intake.orders.agreement import Agreement, differences
from crowdship.intake.orders.model import DeliveryRequest
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, Unprocessable, counted
from crowdship.kernel.events import Aggregate
from crowdship.kernel.geo import Point


class Quote(Aggregate):
    """A promise to a merchant, its expiry, and the delivery that used it."""

    merchant_id: str
    agreement: Agreement
    pickup_eta: Moment | None
    dropoff_eta: Moment | None
    created_at: Moment
    expires_at: Moment
    delivery_id: str | None = None

    @classmethod
    def make(
        cls,
        id: str,
        merchant_id: str,
        agreement: Agreement,
        etas: tuple[datetime | None, datetime | None],
        now: datetime,
        minutes: int,
    ) -> Self:
        """Return a quote that expires after ``minutes``."""
        return cls(
            id=id,
            merchant_id=merchant_id,
            agreement=agreement,
            pickup_eta=etas[0],
            dropoff_eta=etas[1],
            created_at=now,
            expires_at=now + timedelta(minutes=minutes),
        )

    def use(self, request: DeliveryRequest, pickup: Point, delivery_id: str, now: datetime) -> Self:
        """Return the quote marked as used by a delivery.

        Raises
        ------
        Conflict
            If another delivery used it; the message names it.
        Unprocessable
            If it has expired, or the request differs from it; with a pointer to each field that differs.
        """
        if self.delivery_id:
            detail = f"Quote {self.id} was used by delivery {self.delivery_id}; ask for a new one."
            raise Conflict("quote_used", detail, "/quote_id")
        if now > self.expires_at:
            detail = f"Quote {self.id} expired at {self.expires_at:%Y-%m-%dT%H:%M:%SZ}; ask for a new one."
            raise Unprocessable("quote_expired", detail, "/quote_id")
        if different := list(differences(self.agreement, request, pickup)):
            differ = counted(len(different), "term is not that", "terms are not those")
            detail = f"{differ} of quote {self.id}; {different[0][0]}: {different[0][1]}"
            raise Unprocessable("quote_mismatch", detail, errors=different)
        return self.with_changes(delivery_id=delivery_id)
