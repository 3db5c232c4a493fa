"""Use cases of quotes: the price and time of a delivery, kept as a promise."""

from datetime import datetime
from typing import Any

from crowdship.adapters.idempotency import Answered, answered_once
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.dispatch.supply import available_in
from crowdship.intake.orders.agreement import Agreement, delivery_as, requested
from crowdship.intake.orders.model import QuoteRequest
from crowdship.intake.orders.service import agreed, payload_of, store_of
from crowdship.intake.orders.views import QuoteView
from crowdship.intake.quotes.estimate import expected
from crowdship.intake.quotes.model import Quote
from crowdship.intake.store import QuoteRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.ids import new_id
from crowdship.merchants.model import Merchant, account_id
from crowdship.travel.current import travel_at
from crowdship.zones import service as zones
from crowdship.zones.model import Zone


def quote_once(merchant: Merchant, request: QuoteRequest, key: str, clock: Clock, context: Any = None) -> Answered:
    """Quote once per Idempotency-Key. If the answer was lost the repeated request may make another quote."""

    def act() -> dict[str, Any]:
        return QuoteView.of(quote(merchant, request, clock), clock.now()).model_dump(mode="json")

    return answered_once(f"{merchant.id}#quotes", key, payload_of(request), act, context)


def quote(merchant: Merchant, request: QuoteRequest, clock: Clock) -> Quote:
    """Promise a merchant a price and windows for a delivery, until the quote expires.

    Raises
    ------
    Unprocessable
        As ``service.agreed``, which a delivery without a quote has to pass as well.
    """
    now = clock.now()
    pickup = request.pickup.point if request.pickup else store_of(merchant).point
    agreement = agreed(merchant, requested(request, pickup), now)
    zone = zones.get(agreement.zone_id)
    # A quote in test mode counts the merchant's own drivers, so that it equals that of a live order.
    etas = _etas(agreement, zone, account_id(merchant.id), now)
    made = Quote.make(new_id("qot"), merchant.id, agreement, etas, now, zone.settings.quote_minutes)
    work = UnitOfWork()
    work.store(QuoteRow.of(made))
    work.commit()
    return made


def _etas(agreement: Agreement, zone: Zone, merchant_id: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the expected pickup and arrival, from the drivers on duty and the deliveries that wait."""
    asked = delivery_as(
        agreement, zone.settings, now, merchant_id, id="asked", merchant_id=merchant_id, external_id="asked",
        contacts_token="",
    )  # fmt: skip
    there = available_in(zone, ())
    waiting = deliveries.open_in_zone(zone.id, now)
    return expected(asked, there, waiting, zone.settings, travel_at(zone, now), now)
