"""Use cases of intake: an order becomes a delivery."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import BaseModel

from crowdship.adapters.idempotency import Answered, answered_once
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.drivers import service as drivers
from crowdship.intake.accounts import by_account, hours_at
from crowdship.intake.orders.agreement import Agreement, agree, delivery_as, requested
from crowdship.intake.orders.model import DeliveryRequest, Dropoff, JobRequest, Place, sandbox_of
from crowdship.intake.quotes.model import Quote
from crowdship.intake.store import QuoteRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound, StaleWrite, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import derived_id, new_id
from crowdship.kernel.retention import CONTACTS
from crowdship.merchants.model import Merchant, Store, account_id
from crowdship.shipment.requirements.pin import new_pin
from crowdship.shipment.requirements.registry import check_order, details_of, refuse_unattended
from crowdship.shipment.shipment import ShipmentRequest
from crowdship.tariffs.current import tariff_of
from crowdship.travel.engines.maps import travel_times
from crowdship.vault import service as vault
from crowdship.vault.model import DeliveryContacts
from crowdship.zones import service as zones
from crowdship.zones.model import Zone


def create_once(
    merchant: Merchant,
    request: DeliveryRequest,
    key: str,
    answer: Callable[[Delivery], dict[str, Any]],
    clock: Clock,
    context: Any = None,
) -> Answered:
    """Create a delivery once per Idempotency-Key, and return the answer to the first request.

    The delivery's id is derived from the key. A merchant who repeats a request because its answer was lost gets the
    same delivery, even if the answer was never stored.

    Raises
    ------
    Unprocessable
        As ``create``, or if the key was used for something else.
    Conflict
        If the merchant used the external id before, or the first request is still running.
    """
    # The external id is part of it, as a key is forgotten after a day and may then be used for another delivery.
    delivery_id = derived_id("dlv", merchant.id, key, request.external_id)

    def act() -> dict[str, Any]:
        return answer(create(merchant, request, merchant.id, clock, delivery_id))

    try:
        return answered_once(merchant.id, key, payload_of(request), act, context)
    except Conflict:
        made = deliveries.get_many([delivery_id]).get(delivery_id)
        if made is None:
            raise
        return Answered(answer(made), replayed=True)


def payload_of(request: BaseModel) -> Any:
    """Return the payload that an Idempotency-Key stands for: the fields that were sent, without defaults."""
    return request.model_dump(mode="json", exclude_unset=True)


def create(
    merchant: Merchant,
    request: DeliveryRequest,
    source: str,
    clock: Clock,
    delivery_id: str | None = None,
    *,
    redelivery_of: Delivery | None = None,
) -> Delivery:
    """Create a delivery: price it or use its quote, store the contacts in the vault, emit its event.

    Raises
    ------
    Unprocessable
        As ``agreed`` without a quote, as ``Quote.use`` with one; if there is no pickup, or the tip is in another
        currency than the price.
    Conflict
        If the merchant used the external id or the quote before.
    NotFound
        If the merchant has no such quote.
    """
    now = clock.now()
    deliveries.refuse_known(merchant.id, request.external_id)
    delivery_id = delivery_id or new_id("dlv")
    work = UnitOfWork()
    if request.quote_id:
        pickup = pickup_of(merchant, request)
        agreement = _take_up(merchant, request, pickup, delivery_id, now, work)
        new = draft_as(agreement, merchant, request, pickup, source, now, delivery_id, quote_id=request.quote_id)
    else:
        tried = redelivery_of.id if redelivery_of else None
        new = draft(merchant, request, source, now, delivery_id, redelivery_of=tried)
    new.keep(work)
    if redelivery_of:
        deliveries.keep(redelivery_of.redelivered(new.delivery.id), work)
    try:
        work.commit()
    except StaleWrite:
        deliveries.refuse_known(merchant.id, request.external_id)
        if request.quote_id:
            _take_up(merchant, request, pickup_of(merchant, request), delivery_id, now, UnitOfWork())
        raise
    return new.delivery


@dataclass(frozen=True)
class Draft:
    """A delivery that passed every check, and its contacts; neither is stored yet."""

    delivery: Delivery
    contacts: DeliveryContacts

    def keep(self, work: UnitOfWork) -> None:
        """Add the writes that create it: the contacts in the vault, the delivery, the claim of its external id."""
        vault.keep(self.contacts, work)
        deliveries.keep_new(self.delivery, work)


def draft(
    merchant: Merchant,
    request: DeliveryRequest,
    source: str,
    now: datetime,
    delivery_id: str,
    zone_of: Callable[[Point, str], Zone] = zones.containing,
    redelivery_of: str | None = None,
) -> Draft:
    """Return the delivery that a request without a quote would become, priced; nothing is written.

    Parameters
    ----------
    zone_of : callable
        Returns the zone that serves a point, or refuses with a pointer.
    redelivery_of : str or None
        The delivery whose order is delivered again.

    Raises
    ------
    Unprocessable
        As ``pickup_of``, ``agreed`` and ``draft_as``.
    """
    pickup = pickup_of(merchant, request)
    agreement = agreed(merchant, requested(request, pickup.point), now, zone_of=zone_of)
    return draft_as(agreement, merchant, request, pickup, source, now, delivery_id, redelivery_of=redelivery_of)


def agreed(
    merchant: Merchant,
    asked: ShipmentRequest,
    now: datetime,
    after: Point | None = None,
    zone_of: Callable[[Point, str], Zone] = zones.containing,
) -> Agreement:
    """Check whether a merchant's delivery can be served, and price it; quotes and deliveries both use this.

    Raises
    ------
    Forbidden
        If the merchant is not active.
    Unprocessable
        If an end is outside the service area (``outside_service_area``), or as ``by_account`` and ``agreement.agree``.
    """
    merchant.must_be_active()
    zone = zone_of(asked.pickup, "/pickup/point")
    dropoff_zone = zone_of(asked.dropoff, "/dropoff/point")
    asked = by_account(merchant, asked, zone)
    own = partial(drivers.has_own, account_id(merchant.id))
    store_hours = hours_at(merchant, asked.pickup)
    tariff = tariff_of(zone, account_id(merchant.id), now)
    return agree(asked, zone, travel_times(zone.settings.travel), now, own, after, store_hours, dropoff_zone, tariff)


def _take_up(
    merchant: Merchant, request: DeliveryRequest, pickup: Place, delivery_id: str, now: datetime, work: UnitOfWork
) -> Agreement:
    """Return the agreement of a quote, and add the write that marks the quote as used."""
    quote = quote_of_merchant(request.quote_id or "", merchant.id, "/quote_id")
    work.store(QuoteRow.of(quote.use(request, pickup.point, delivery_id, now)))
    return quote.agreement


def quote_of_merchant(quote_id: str, merchant_id: str, pointer: str | None = None) -> Quote:
    """Return a quote of a merchant; a quote of another merchant is treated as missing.

    Raises
    ------
    NotFound
        If there is none, or it was forgotten.
    """
    quote = QuoteRow.load(quote_id)
    if quote is None or quote.merchant_id != merchant_id:
        raise NotFound("no_such_quote", f"There is no quote {quote_id}.", pointer)
    return quote


def draft_as(
    agreement: Agreement,
    merchant: Merchant,
    request: Dropoff,
    pickup: Place,
    source: str,
    now: datetime,
    delivery_id: str,
    job_id: str | None = None,
    redelivery_of: str | None = None,
    quote_id: str | None = None,
) -> Draft:
    """Return a new delivery as agreed; nothing is written.

    Every delivery is created here, so an inactive merchant is refused here, also with a quote made earlier.

    Raises
    ------
    Forbidden
        If the merchant is not active.
    Unprocessable
        If the tip is in another currency than the price, the goods may not be left at a door, or a requirement needs a
        field that the order leaves out.
    """
    merchant.must_be_active()
    currency = agreement.price.tip.currency
    if request.tip and request.tip_currency not in (None, currency):
        detail = f"The tip is in {request.tip_currency}; zone {agreement.zone_id} takes {currency}."
        raise Unprocessable("wrong_currency", detail, "/tip_currency")
    attended = agreement.demands is not None and agreement.demands.attended
    refuse_unattended(agreement.requirements, request.undeliverable, attended=attended)
    check_order(agreement.requirements, request)
    contacts = DeliveryContacts(
        id=new_id("pii"),
        pickup=pickup.contact,
        dropoff=request.dropoff.contact,
        pin=new_pin(agreement.requirements),
        kept_until=agreement.dropoff_window.closes_at + CONTACTS,
    )
    delivery = delivery_as(
        agreement,
        zones.get(agreement.zone_id).settings,
        now,
        source,
        tip=request.tip,
        id=delivery_id,
        merchant_id=merchant.id,
        external_id=request.external_id,
        order_number=request.order_number,
        contacts_token=contacts.id,
        quote_id=quote_id,
        job_id=job_id,
        undeliverable=request.undeliverable,
        **details_of(request),
        redelivery_of=redelivery_of,
        sandbox=sandbox_of(request, merchant),
    )
    return Draft(delivery, contacts)


def pickup_of(merchant: Merchant, request: DeliveryRequest | JobRequest) -> Place:
    """Return the pickup of a request, or the merchant's store if it names none.

    Raises
    ------
    Unprocessable
        If neither is known.
    """
    if request.pickup:
        return request.pickup
    store = store_of(merchant)
    return Place(contact=store.contact, point=store.point)


def store_of(merchant: Merchant) -> Store:
    """Return a merchant's store.

    Raises
    ------
    Unprocessable
        If none is on file.
    """
    if merchant.store is None:
        raise Unprocessable("no_pickup", "The merchant has no store on file, so the order must name one.", "/pickup")
    return merchant.store
