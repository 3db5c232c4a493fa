"""Use cases of intake: an order becomes a delivery."""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery, Priority
from crowdship.intake.model import (
    DeliveryRequest,
    Place,
    ShopifyAnswer,
    check_shopify_signature,
    from_shopify,
    windows,
)
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, StaleWrite, Unauthorized, Unprocessable
from crowdship.kernel.idempotency import once
from crowdship.kernel.ids import new_id
from crowdship.kernel.storage import UnitOfWork
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.pricing.model import price_trip
from crowdship.routing.travel import GreatCircle
from crowdship.vault import service as vault
from crowdship.vault.model import DeliveryContacts
from crowdship.zones import service as zones


def create(merchant: Merchant, request: DeliveryRequest, source: str, clock: Clock) -> Delivery:
    """Create a delivery: price it, keep the people in the vault, announce it.

    Raises
    ------
    Unprocessable
        If an end is outside the service area, the windows can't be kept, or there is nowhere to pick up.
    Conflict
        If the merchant used the external id before.
    """
    now = clock.now()
    pickup = _pickup(merchant, request)
    zone = zones.containing(pickup.point, "/pickup/point")
    zones.containing(request.dropoff.point, "/dropoff/point")
    pickup_window, dropoff_window = windows(request, zone.settings, now)
    deliveries.refuse_known(merchant.id, request.external_id)
    travel = GreatCircle(zone.settings.travel)
    contacts = DeliveryContacts(
        id=new_id("pii"),
        pickup=pickup.contact,
        dropoff=request.dropoff.contact,
        pin=f"{secrets.randbelow(10_000):04d}" if request.requirements.pin else None,
    )
    delivery = Delivery.create(
        source,
        id=new_id("dlv"),
        merchant_id=merchant.id,
        external_id=request.external_id,
        zone_id=zone.id,
        priority=request.priority,
        pickup=pickup.point,
        dropoff=request.dropoff.point,
        pickup_window=pickup_window,
        dropoff_window=dropoff_window,
        parcel=request.parcel,
        requirements=request.requirements,
        price=price_trip(
            zone.settings.rates,
            travel.metres(pickup.point, request.dropoff.point),
            travel.seconds(pickup.point, request.dropoff.point),
            request.tip,
            urgent=request.priority is Priority.URGENT,
        ),
        contacts_token=contacts.id,
        created_at=now,
        plan_from=max(now, pickup_window.opens_at - timedelta(minutes=zone.settings.dispatch.lead_minutes)),
        search_until=max(now, pickup_window.opens_at) + timedelta(minutes=zone.settings.dispatch.search_minutes),
    )
    work = UnitOfWork()
    vault.keep(contacts, work)
    deliveries.keep_new(delivery, work)
    try:
        work.commit()
    except StaleWrite:
        deliveries.refuse_known(merchant.id, request.external_id)
        raise
    return delivery


SHOPIFY_HEADERS = (
    "X-Shopify-Hmac-SHA256",
    "X-Shopify-Topic",
    "X-Shopify-Webhook-Id",
    "X-Shopify-Shop-Domain",
)


def receive_shopify(
    merchant_id: str, headers: Mapping[str, str], body: bytes, clock: Clock, context: Any = None
) -> ShopifyAnswer:
    """Turn a Shopify ``orders/create`` webhook into a delivery, once per webhook id.

    Raises
    ------
    Unauthorized
        If the signature does not cover these bytes, or the merchant has no Shopify shop.
    Unprocessable
        If the order can't be delivered.
    """
    signature, topic, webhook_id, domain = (headers[name] for name in SHOPIFY_HEADERS)
    check_shopify_signature(body, signature, merchants.shopify_secret(merchant_id) or secrets.token_hex())
    merchant = merchants.get(merchant_id)
    if domain.lower() != merchant.shopify_domain:
        raise Unauthorized("wrong_shop", f"{domain or 'No shop'} is not connected; {merchant.shopify_domain} is.")
    if topic != "orders/create":
        return ShopifyAnswer(ignored=f"topic {topic}: only orders/create makes a delivery")
    if not webhook_id:
        raise Unprocessable("no_webhook_id", "X-Shopify-Webhook-Id is missing; it tells repetitions apart.")

    def act() -> dict[str, Any]:
        try:
            request = from_shopify(json.loads(body))
        except (ValidationError, ValueError, RecursionError) as error:
            raise Unprocessable("not_an_order", f"The body is no Shopify order we can read: {error}") from error
        try:
            delivery = create(merchant, request, "shopify", clock)
        except Conflict:
            # Another webhook id, the same order: Shopify sends it again after a shop reconnects.
            delivery = deliveries.find_external(merchant.id, request.external_id)
        return ShopifyAnswer(delivery_id=delivery.id).model_dump()

    return ShopifyAnswer.model_validate(once(f"shopify#{merchant_id}", webhook_id, "", act, context))


def _pickup(merchant: Merchant, request: DeliveryRequest) -> Place:
    if request.pickup:
        return request.pickup
    if merchant.store is None:
        raise Unprocessable("no_pickup", "The merchant has no store on file, so the order must name one.", "/pickup")
    return Place(contact=merchant.store.contact, point=merchant.store.point)
