"""Use cases of intake: an order becomes a delivery."""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery, Priority
from crowdship.intake import erasure
from crowdship.intake.model import (
    DeliveryRequest,
    Place,
    ShopifyAnswer,
    check_shopify_signature,
    from_shopify,
    orders_to_redact,
    windows,
)
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, StaleWrite, Unauthorized, Unprocessable
from crowdship.kernel.http import read_json
from crowdship.kernel.idempotency import once
from crowdship.kernel.ids import derived_id, new_id
from crowdship.kernel.observability import MetricUnit, logger, metrics
from crowdship.kernel.storage import UnitOfWork
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.pricing.model import price_trip
from crowdship.routing.maps import travel_times
from crowdship.vault import service as vault
from crowdship.vault.model import DeliveryContacts
from crowdship.zones import service as zones


def create_once(
    merchant: Merchant,
    request: DeliveryRequest,
    key: str,
    answer: Callable[[Delivery], dict[str, Any]],
    clock: Clock,
    context: Any = None,
) -> dict[str, Any]:
    """Create a delivery once per Idempotency-Key, and return what the first request was answered.

    The delivery's id is made from the key: a merchant who asks again because the answer was lost gets the delivery
    that is there, even where the answer was never stored.

    Raises
    ------
    Unprocessable
        As ``create``, or if the key was used for something else.
    Conflict
        If the merchant used the external id before, or the first request is still running.
    """
    # With the external id: a key is forgotten after a day and may then be used for another delivery.
    delivery_id = derived_id("dlv", merchant.id, key, request.external_id)

    def act() -> dict[str, Any]:
        return answer(create(merchant, request, merchant.id, clock, delivery_id))

    try:
        return once(merchant.id, key, request.model_dump(mode="json"), act, context)
    except Conflict:
        made = deliveries.get_many([delivery_id]).get(delivery_id)
        if made is None:
            raise
        return answer(made)


def create(
    merchant: Merchant, request: DeliveryRequest, source: str, clock: Clock, delivery_id: str | None = None
) -> Delivery:
    """Create a delivery: price it, keep the people in the vault, announce it.

    Raises
    ------
    Unprocessable
        If an end is outside the service area, the windows can't be kept, there is nowhere to pick up, the tip is in
        another currency than the zone's, or the zone knows no such skill.
    Conflict
        If the merchant used the external id before.
    """
    now = clock.now()
    pickup = _pickup(merchant, request)
    zone = zones.containing(pickup.point, "/pickup/point")
    zones.containing(request.dropoff.point, "/dropoff/point")
    pickup_window, dropoff_window = windows(request, zone.settings, now)
    currency = zone.settings.rates.currency
    if request.tip and request.tip_currency not in (None, currency):
        told = f"The tip is in {request.tip_currency}; zone {zone.id} takes {currency}."
        raise Unprocessable("wrong_currency", told, "/tip_currency")
    if unknown := set(request.requirements.skills) - set(zone.settings.skills):
        known = ", ".join(zone.settings.skills) or "none"
        told = f"Nobody in zone {zone.id} is known for {', '.join(sorted(unknown))}; skills to ask for: {known}."
        raise Unprocessable("unknown_skill", told, "/requirements/skills")
    deliveries.refuse_known(merchant.id, request.external_id)
    travel = travel_times(zone.settings.travel)
    travel.check(pickup.point, request.dropoff.point, "/dropoff/point")
    contacts = DeliveryContacts(
        id=new_id("pii"),
        pickup=pickup.contact,
        dropoff=request.dropoff.contact,
        pin=f"{secrets.randbelow(10_000):04d}" if request.requirements.pin else None,
    )
    delivery = Delivery.create(
        source,
        id=delivery_id or new_id("dlv"),
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
    """Turn a Shopify ``orders/create`` webhook into a delivery, once per webhook id; do what privacy topics ask for.

    An order that can't be delivered is ignored, not refused: Shopify would only send it again, and at last give up
    the subscription.

    Raises
    ------
    Unauthorized
        If the signature does not cover these bytes, or the merchant has no Shopify shop.
    """
    signature, topic, webhook_id, domain = (headers[name] for name in SHOPIFY_HEADERS)
    check_shopify_signature(body, signature, merchants.shopify_secret(merchant_id) or secrets.token_hex())
    merchant = merchants.get(merchant_id)
    try:
        if topic == "shop/redact" and merchant.shopify_domain is None:
            return ShopifyAnswer(acknowledged=topic)
        if merchant.shopify_domain is None:
            raise Unprocessable("not_connected", f"{merchant_id} has no Shopify shop any more.")
        if domain.lower() != merchant.shopify_domain:
            raise Unauthorized("wrong_shop", f"{domain or 'No shop'} is not connected; {merchant.shopify_domain} is.")
        if topic == "orders/create":
            return _place_order(merchant, webhook_id, body, clock, context)
        return _keep_privacy(merchant, topic, body)
    except Unprocessable as refusal:
        logger.warning(
            "shopify message ignored",
            code=refusal.code,
            detail=refusal.detail,
            merchant_id=merchant_id,
            webhook_id=webhook_id,
        )
        metrics.add_metric("ShopifyMessagesIgnored", MetricUnit.Count, 1)
        return ShopifyAnswer(ignored=refusal.code)


def _json(body: bytes, code: str) -> Any:
    try:
        return read_json(body.decode())
    except ValueError as error:
        raise Unprocessable(code, f"The body is not JSON: {error}") from error


def _place_order(merchant: Merchant, webhook_id: str, body: bytes, clock: Clock, context: Any) -> ShopifyAnswer:
    if not webhook_id:
        raise Unprocessable("no_webhook_id", "X-Shopify-Webhook-Id is missing; it tells repetitions apart.")

    def act() -> dict[str, Any]:
        request = from_shopify(_json(body, "not_an_order"))
        try:
            delivery = create(merchant, request, "shopify", clock)
        except Conflict:
            # Another webhook id, the same order: Shopify sends it again after a shop reconnects.
            delivery = deliveries.find_external(merchant.id, request.external_id)
        return ShopifyAnswer(delivery_id=delivery.id).model_dump()

    return ShopifyAnswer.model_validate(once(f"shopify#{merchant.id}", webhook_id, "", act, context))


def _keep_privacy(merchant: Merchant, topic: str, body: bytes) -> ShopifyAnswer:
    """Do what Shopify's mandatory topics ask for; a request for data goes to staff, through the log."""
    match topic:
        case "customers/redact":
            erasure.erase_orders(merchant.id, orders_to_redact(_json(body, "not_a_redaction")))
        case "shop/redact":
            merchants.disconnect_shopify(merchant.id)
        case "customers/data_request":
            logger.warning("a customer wants to know what is kept about them", merchant_id=merchant.id)
        case _:
            return ShopifyAnswer(ignored="other_topic")
    return ShopifyAnswer(acknowledged=topic)


def _pickup(merchant: Merchant, request: DeliveryRequest) -> Place:
    if request.pickup:
        return request.pickup
    if merchant.store is None:
        raise Unprocessable("no_pickup", "The merchant has no store on file, so the order must name one.", "/pickup")
    return Place(contact=merchant.store.contact, point=merchant.store.point)
