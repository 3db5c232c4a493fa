"""Views of quotes, jobs and rows of a bulk for merchants."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.deliveries.views import DeliveryView
from crowdship.intake.quotes.model import Quote
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart
from crowdship.shipment.shipment import Shipment


class QuoteState(StrEnum):
    """The state of a quote."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"


class QuoteView(Shipment):
    """A quote as its merchant sees it.

    Parameters
    ----------
    charge, charge_parts : Money, tuple of PricePart
        The price of the delivery, also if the zone's rates change meanwhile.
    pickup_window, dropoff_window : Window
        The promised windows.
    requirements : Requirements
        The requirements of the hand-over, including those of the goods' category.
    pickup_eta, dropoff_eta : datetime or None
        The arrivals expected from the drivers on duty when it was quoted; they are no promise.
    """

    id: str
    state: QuoteState
    zone_id: str
    charge: Money
    charge_parts: tuple[PricePart, ...]
    currency: str
    pickup_eta: Moment | None = Field(description="Null if no suitable driver was on duty")
    dropoff_eta: Moment | None
    created_at: Moment
    expires_at: Moment
    delivery_id: str | None = Field(description="The delivery that used the quote")

    @classmethod
    def of(cls, quote: Quote, now: datetime) -> Self:
        """Return the view of a quote as it stands now."""
        over = QuoteState.EXPIRED if now > quote.expires_at else QuoteState.OPEN
        agreed = quote.agreement
        return cls(
            id=quote.id,
            state=QuoteState.USED if quote.delivery_id else over,
            zone_id=agreed.zone_id,
            **agreed.parts(),
            charge=agreed.price.charge_total,
            charge_parts=agreed.price.charge,
            currency=agreed.price.tip.currency,
            pickup_eta=quote.pickup_eta,
            dropoff_eta=quote.dropoff_eta,
            created_at=quote.created_at,
            expires_at=quote.expires_at,
            delivery_id=quote.delivery_id,
        )


class JobView(Value):
    """A job with its deliveries, in the order of the request."""

    id: str
    created_at: Moment
    charge: Money
    deliveries: tuple[DeliveryView, ...]

    @classmethod
    def of(cls, job_id: str, created_at: datetime, deliveries: Sequence[DeliveryView]) -> Self:
        """Return the view of a job."""
        charge = Money.total((delivery.charge for delivery in deliveries), deliveries[0].charge.currency)
        return cls(id=job_id, created_at=created_at, charge=charge, deliveries=tuple(deliveries))


class RowError(Value):
    """One thing that is wrong with a row."""

    pointer: str = Field(description="JSON pointer into the body of the bulk")
    detail: str


class RowProblem(Value):
    """The reason why a row created nothing; the codes are those of ``POST /v1/deliveries``."""

    code: str
    detail: str
    errors: tuple[RowError, ...] = ()


class BulkRow(Value):
    """The result of one delivery of a bulk, as ``POST /v1/deliveries`` would have answered."""

    row: int
    status: int
    external_id: str | None
    delivery: DeliveryView | None = None
    problem: RowProblem | None = None


class BulkAnswer(Value):
    """The results of a bulk, in the order of the request."""

    created: int
    refused: int
    rows: tuple[BulkRow, ...]


class DeliveryPage(Value):
    """Deliveries that were created on one UTC day, the oldest first.

    Parameters
    ----------
    deliveries
        As ``GET /v1/deliveries/{id}`` shows each, but with the ``eta`` that was announced last, not one computed now.
    cursor : str or None
        The cursor of the next page; null on the last page.
    """

    deliveries: tuple[DeliveryView, ...]
    cursor: str | None
