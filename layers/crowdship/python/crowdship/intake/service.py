"""Use cases of intake: an order becomes a delivery."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery, Priority, Requirements, refuse_unattended
from crowdship.intake.accounts import by_account
from crowdship.intake.model import DeliveryRequest, Place, sandbox_of, windows
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, StaleWrite, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.idempotency import once
from crowdship.kernel.ids import derived_id, new_id
from crowdship.kernel.storage import UnitOfWork
from crowdship.merchants.model import Merchant
from crowdship.pricing.model import price_trip
from crowdship.routing.maps import travel_times
from crowdship.vault import service as vault
from crowdship.vault.model import DeliveryContacts
from crowdship.zones import service as zones
from crowdship.zones.model import Zone, ZoneSettings


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
    merchant: Merchant,
    request: DeliveryRequest,
    source: str,
    clock: Clock,
    delivery_id: str | None = None,
    *,
    redelivery_of: Delivery | None = None,
) -> Delivery:
    """Create a delivery: price it, keep the people in the vault, announce it.

    Raises
    ------
    Unprocessable
        As ``draft``.
    Conflict
        If the merchant used the external id before.
    """
    tried = redelivery_of.id if redelivery_of else None
    new = draft(merchant, request, source, clock.now(), delivery_id or new_id("dlv"), redelivery_of=tried)
    deliveries.refuse_known(merchant.id, request.external_id)
    work = UnitOfWork()
    new.keep(work)
    if redelivery_of:
        deliveries.keep(redelivery_of.redelivered(new.delivery.id), work)
    try:
        work.commit()
    except StaleWrite:
        deliveries.refuse_known(merchant.id, request.external_id)
        raise
    return new.delivery


@dataclass(frozen=True)
class Draft:
    """A delivery that nothing speaks against, and its people; nothing of it is stored yet."""

    delivery: Delivery
    contacts: DeliveryContacts

    def keep(self, work: UnitOfWork) -> None:
        """Add the writes that make it: the people in the vault, the delivery, the claim of its external id."""
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
    """Return what a request would become, priced; nothing is written.

    Parameters
    ----------
    zone_of : callable
        Returns the zone that serves a point, or refuses with a pointer.
    redelivery_of : str or None
        The delivery that it tries again.

    Raises
    ------
    Unprocessable
        If an end is outside the service area, the windows can't be kept, there is nowhere to pick up, the tip is in
        another currency than the zone's, or the zone knows no such skill.
    """
    pickup = _pickup(merchant, request)
    zone = zone_of(pickup.point, "/pickup/point")
    zone_of(request.dropoff.point, "/dropoff/point")
    sandbox = sandbox_of(request, merchant)
    request = by_account(merchant, request, pickup.point, zone, now)
    pickup_window, dropoff_window = windows(request, zone.settings, now)
    currency = zone.settings.rates.currency
    if request.tip and request.tip_currency not in (None, currency):
        told = f"The tip is in {request.tip_currency}; zone {zone.id} takes {currency}."
        raise Unprocessable("wrong_currency", told, "/tip_currency")
    refuse_unknown_skills(request.requirements, zone.id, zone.settings)
    refuse_unattended(request.requirements, request.undeliverable)
    travel = travel_times(zone.settings.travel)
    travel.check(pickup.point, request.dropoff.point, "/dropoff/point")
    contacts = DeliveryContacts(
        id=new_id("pii"),
        pickup=pickup.contact,
        dropoff=request.dropoff.contact,
        pin=new_pin(request.requirements),
    )
    delivery = Delivery.create(
        source,
        id=delivery_id,
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
        sandbox=sandbox,
        price=price_trip(
            zone.settings.rates,
            travel.metres(pickup.point, request.dropoff.point),
            travel.seconds(pickup.point, request.dropoff.point),
            request.tip,
            urgent=request.priority is Priority.URGENT,
        ),
        terms=zone.settings.cancellation,
        undeliverable=request.undeliverable,
        redelivery_of=redelivery_of,
        contacts_token=contacts.id,
        created_at=now,
        plan_from=max(now, pickup_window.opens_at - timedelta(minutes=zone.settings.dispatch.lead_minutes)),
        search_until=max(now, pickup_window.opens_at) + timedelta(minutes=zone.settings.dispatch.search_minutes),
    )
    return Draft(delivery, contacts)


def refuse_unknown_skills(requirements: Requirements, zone_id: str, settings: ZoneSettings) -> None:
    """Check that a zone knows the skills that are asked for.

    Raises
    ------
    Unprocessable
        If it does not.
    """
    if unknown := set(requirements.skills) - set(settings.skills):
        known = ", ".join(settings.skills) or "none"
        told = f"Nobody in zone {zone_id} is known for {', '.join(sorted(unknown))}; skills to ask for: {known}."
        raise Unprocessable("unknown_skill", told, "/requirements/skills")


def new_pin(requirements: Requirements) -> str | None:
    """Return a new PIN for the customer if the hand-over asks for one."""
    return f"{secrets.randbelow(10_000):04d}" if requirements.pin else None


def _pickup(merchant: Merchant, request: DeliveryRequest) -> Place:
    if request.pickup:
        return request.pickup
    if merchant.store is None:
        raise Unprocessable("no_pickup", "The merchant has no store on file, so the order must name one.", "/pickup")
    return Place(contact=merchant.store.contact, point=merchant.store.point)
