"""Use cases of a merchant after an order was made: announce that it is ready, change it, tip, order it again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from crowdship.adapters.idempotency import Answered, answered_once
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.editing import DECIDED_ON, Editable, refuse_late, refuse_lower_tip
from crowdship.deliveries.lateness import Way, due_at
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import OPEN, WITH_DRIVER, State
from crowdship.dispatch import amendment
from crowdship.dispatch.offers import service as offering
from crowdship.drivers import service as drivers
from crowdship.intake.orders import many
from crowdship.intake.orders import service as intake
from crowdship.intake.orders.agreement import check_hours, check_trip, price_of_change, refuse_unknown_skills
from crowdship.intake.orders.model import DeliveryChange, DeliveryRequest, Place, RedeliveryRequest, TipRequest
from crowdship.intake.orders.regulated import demanded, lawful_windows, refuse_without_drivers
from crowdship.intake.orders.windows import check_reachable, check_window, pickup_before, promise_of, way_of
from crowdship.kernel.clock import Clock, written
from crowdship.kernel.errors import Conflict, Gone
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.merchants.model import Merchant, account_id
from crowdship.pricing.model import Price
from crowdship.routes.route import ChangeReason
from crowdship.shipment.requirements.pin import new_pin
from crowdship.shipment.requirements.registry import check_order, check_wishes, details_of, refuse_unattended
from crowdship.shipment.windows import Window
from crowdship.tariffs.current import tariff_of
from crowdship.travel.engines.maps import travel_times
from crowdship.vault import service as vault
from crowdship.vault.model import DeliveryContacts
from crowdship.zones import service as zones
from crowdship.zones.law import jurisdictions_at
from crowdship.zones.model import Zone


def announce_ready(delivery_id: str, merchant_id: str, ready_at: datetime | None, clock: Clock) -> Delivery:
    """Set the moment from which the goods can be fetched, now if left out; planning uses it from then on.

    If a driver has the delivery, the driver's route gets the new time in the same write. A standing offer is taken back
    if the goods can be fetched only much later.

    Raises
    ------
    Conflict
        If the goods are on board, or the delivery is closed.
    Unprocessable
        If the goods would be ready after the drop-off window closes.
    """

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get_of_merchant(delivery_id, merchant_id)
        if ready_at is None and before.ready_at and before.ready_at <= now:
            return before
        rules = zones.get(before.zone_id).settings.dispatch.rounds
        lead, search = timedelta(minutes=rules.lead_minutes), timedelta(minutes=rules.search_minutes)
        after = before.announce_ready(ready_at or now, now, lead, search, merchant_id)
        if after is before:
            return before
        work = UnitOfWork()
        if after.state is State.OFFERED and after.plan_from > now:
            after = offering.take_back_offer(after, now, "ready_later", work)
        elif after.state in WITH_DRIVER:
            eta = amendment.amend(before, after, now, ChangeReason.READY_TIME_CHANGED, work, merchant_id).eta
            after = before.announce_ready(ready_at or now, now, lead, search, merchant_id, eta)
        deliveries.keep(after, work)
        work.commit()
        return after

    return persistently(attempt)


def change(
    delivery_id: str, merchant_id: str, request: DeliveryChange, clock: Clock, actor: str | None = None
) -> Delivery:
    """Change a delivery, its contacts in the vault and its driver's route in one write; equal values change nothing.

    Parameters
    ----------
    actor : str or None
        The id of the actor who changes it; the merchant if left out.

    Raises
    ------
    Conflict
        If it is too late for one of the changes, or its driver can't serve the changed delivery.
    Unprocessable
        If the new point is not served, the window can't be kept, or a tip would be lowered while a driver has the
        delivery.
    Gone
        If its contacts were erased.
    """

    def attempt() -> Delivery:
        now, by = clock.now(), actor or merchant_id
        before = deliveries.get_of_merchant(delivery_id, merchant_id)
        contacts = vault.contacts(before.contacts_token)
        changed = request.differing(before, contacts)
        if not changed:
            return before
        refuse_late(before, changed)
        fields = _changed_fields(before, request, changed, zones.get(before.zone_id), now)
        if fields.get("requirements", before.requirements) != before.requirements:
            changed |= {Editable.REQUIREMENTS}  # the law of another address or day may demand more
        offered, work = before.state is State.OFFERED, UnitOfWork()
        if offered and (changed & DECIDED_ON or fields["price"].tip.amount < before.price.tip.amount):
            after = offering.take_back_offer(before, now, ChangeReason.DELIVERY_UPDATED, work).update(
                fields, changed, now, by
            )
        else:
            after = before.with_changes(**fields)
            if before.state in WITH_DRIVER and changed & DECIDED_ON:
                after = amendment.amend(before, after, now, ChangeReason.DELIVERY_UPDATED, work, by)
            after = before.update({**fields, "eta": after.eta}, changed, now, by)
        people = _changed_people(contacts, request, after)
        if people != contacts:
            vault.keep(people, work)
        deliveries.keep(after, work)
        work.commit()
        return after

    return persistently(attempt)


def _changed_fields(
    before: Delivery,
    request: DeliveryChange,
    changed: frozenset[Editable],
    zone: Zone,
    now: datetime,
) -> dict[str, Any]:
    """Return the new values of the delivery's own fields, each checked as for a new order."""
    fields: dict[str, Any] = {}
    settings = zone.settings
    if point := request.dropoff.point:
        there = zones.containing(point, "/dropoff/point").settings
        fields |= {"dropoff": point, "dropoff_law": jurisdictions_at(point, there)}
    if parcel := request.parcel:
        fields["parcel"] = parcel
    to, travel = fields.get("dropoff", before.dropoff), travel_times(settings.travel)
    if changed & {Editable.POINT, Editable.PARCEL}:
        check_trip(before.pickup, to, fields.get("parcel", before.parcel), zone, travel)
    if changed & {Editable.POINT, Editable.DROPOFF_WINDOW}:
        way = way_of(before.pickup, to, settings, travel)
        window = request.dropoff_window if Editable.DROPOFF_WINDOW in changed else None
        if window:
            check_window("dropoff_window", window, now)
        asked = window or before.dropoff_window
        demands = demanded(before.goods, before.pickup_law, fields.get("dropoff_law", before.dropoff_law), asked)
        _, allowed = lawful_windows(demands, before.pickup_window, asked, way, now, promise=promise_of(settings, way))
        fields["demands"] = demands
        moved = window or (allowed if allowed != asked else None)
        fields |= _moved(before, allowed, way, zone, now) if moved else _farther(before, way, now)
    if details := request.details_of(before):
        fields |= details
    if requirements := request.requirements_of(before):
        refuse_unknown_skills(requirements, zone)
        refuse_unattended(requirements, before.undeliverable)
        fields["requirements"] = requirements
    would_be = before.with_changes(**fields)
    stricter = would_be.requirements_at(would_be.dropoff_window.opens_at)
    if stricter != would_be.requirements:
        fields["requirements"], would_be = stricter, would_be.with_changes(requirements=stricter)
    check_wishes(would_be.requirements)
    if would_be.demands != before.demands:
        _refuse_unlawful(would_be)
    check_order(would_be.requirements, would_be)
    tip = before.price.tip.amount if request.tip is None else request.tip
    refuse_lower_tip(before, tip)
    fields["price"] = _price(would_be, tip, zone, now, repriced=Editable.POINT in changed)
    return fields


def _refuse_unlawful(changed: Delivery) -> None:
    """Check that the law of another address allows what the merchant agreed to at the first.

    Raises
    ------
    Unprocessable
        ``cannot_be_left``; ``no_eligible_driver``, if only the merchant's own drivers may carry the goods there.
    """
    attended = changed.demands is not None and changed.demands.attended
    refuse_unattended(changed.requirements, changed.undeliverable, attended=attended)
    own = partial(drivers.has_own, account_id(changed.merchant_id))
    refuse_without_drivers(changed.goods, changed.demands, own)


def _moved(before: Delivery, window: Window, way: Way, zone: Zone, now: datetime) -> dict[str, Any]:
    """Return a delivery's times for another drop-off window.

    If the new window opens more than one promise after the pickup, the pickup moves with it, as for a new order. While
    a driver has the delivery, an earlier window is accepted if it can be reached, but ``due_at`` stays as it was.

    Raises
    ------
    Conflict
        If a driver has the delivery and would have to wait with the goods.
    Unprocessable
        As ``check_window`` and ``check_reachable``, or if the zone is closed.
    """
    check_window("dropoff_window", window, now)
    rules, pickup, promise = zone.settings.dispatch.rounds, before.pickup_window, promise_of(zone.settings, way)
    lead = timedelta(minutes=rules.lead_minutes)
    times: dict[str, Any] = {"dropoff_window": window, "way": way}
    if (opens := window.opens_at - promise) > max(now, pickup.opens_at):
        if before.state not in OPEN and opens > now + lead:
            detail = f"A driver has it already, but it need not be fetched before {written(opens - lead)}."
            raise Conflict("too_late_to_change", f"{detail} Cancel it and order it again.", "/dropoff_window")
        pickup = pickup_before(window, promise, way, now)
        search = timedelta(minutes=rules.search_minutes)
        times["plan_from"] = max(before.created_at, opens - lead)
        times["search_until"] = max(before.search_until, opens + search)
    check_reachable(pickup, window, way, now)
    check_hours(pickup, window, zone, now, asked=True)
    due = due_at(window.closes_at, pickup.opens_at, way, now)
    times["due_at"] = due if before.state in OPEN else max(due, before.due_at or due)
    return {**times, "pickup_window": pickup}


def _farther(before: Delivery, way: Way, now: datetime) -> dict[str, Any]:
    """Return a delivery's times for another drop-off in the same window; a longer way makes it due later.

    Raises
    ------
    Unprocessable
        ``dropoff_too_soon``, if the window could be kept before the change and can't be after it.
    """
    if _can_keep(before, before.way, now) and not _can_keep(before, way, now):
        check_reachable(before.pickup_window, before.dropoff_window, way, now)
    longer = max(timedelta(0), way.takes - before.way.takes)
    return {"way": way, "due_at": (before.due_at or before.dropoff_window.closes_at) + longer}


def _can_keep(delivery: Delivery, way: Way, now: datetime) -> bool:
    return max(now, delivery.pickup_window.opens_at) + way.takes <= delivery.dropoff_window.closes_at


def _price(delivery: Delivery, tip: int, zone: Zone, now: datetime, *, repriced: bool) -> Price:
    """Return the price of a changed delivery; a driver who has it is never paid less than they accepted it for.

    Only a change of the drop-off changes the price; after any other change the promised price stays.
    """
    before = delivery.price.agreed
    if not repriced:
        return delivery.price.with_tip(tip)
    after = many.drop_off_before(delivery)
    tariff = tariff_of(zone, account_id(delivery.merchant_id), now)
    price = price_of_change(delivery, tariff, travel_times(zone.settings.travel), after).with_tip(tip)
    if price.tip.currency != before.tip.currency:
        detail = f"The zone's prices are now in {price.tip.currency}, this delivery's in {before.tip.currency}."
        raise Conflict("currency_changed", detail)
    if delivery.state not in OPEN and price.pay_total.amount < before.pay_total.amount:
        return price.model_copy(update={"pay": before.pay})
    return price


def _changed_people(contacts: DeliveryContacts, request: DeliveryChange, after: Delivery) -> DeliveryContacts:
    """Return the contacts for the vault: with the new contact and notes, and a PIN if and only if one is required."""
    people = contacts
    if request.dropoff.contact:
        people = people.with_changes(dropoff=request.dropoff.contact)
    if request.dropoff.notes is not None:
        people = people.with_notes(request.dropoff.notes)
    if after.requirements.pin != bool(people.pin):
        people = people.with_changes(pin=new_pin(after.requirements))
    return people


def tip(delivery_id: str, merchant_id: str, request: TipRequest, key: str, clock: Clock) -> Delivery:
    """Tip a delivery after the hand-over, once per Idempotency-Key; the ledger books it on its event.

    Raises
    ------
    Conflict
        If it was not delivered, or was delivered more than 14 days ago.
    Unprocessable
        If the tip is in another currency, or the key was used for another tip.
    """
    deliveries.get_of_merchant(delivery_id, merchant_id)
    tip_id = derived_id("tip", delivery_id, key)

    def decide(delivery: Delivery) -> Delivery:
        amount = Money(amount=request.amount, currency=request.currency or delivery.price.tip.currency)
        return delivery.tip_later(tip_id, amount, clock.now(), merchant_id)

    return deliveries.change(delivery_id, decide)


def redeliver_once(
    delivery_id: str,
    merchant: Merchant,
    request: RedeliveryRequest,
    key: str,
    answer: Callable[[Delivery], dict[str, Any]],
    clock: Clock,
    context: Any = None,
) -> Answered:
    """Create another delivery of an order that was returned or failed, once per Idempotency-Key.

    Its contacts are a copy under their own token, so that the two deliveries are erased independently.

    Raises
    ------
    Conflict
        If the first did not end without a hand-over, was ordered again already, or the external id was used before.
    Gone
        If its contacts were erased.
    Unprocessable
        As for a new order.
    """
    new_id = derived_id("dlv", merchant.id, key, "redelivery", delivery_id, request.external_id)
    payload = {"redelivery_of": delivery_id, **intake.payload_of(request)}

    def act() -> dict[str, Any]:
        before = deliveries.get_of_merchant(delivery_id, merchant.id)
        before.redelivered(new_id)
        if before.erasure:
            raise Gone("erased", "The data of its customer is erased or soon will be; a new try is a new delivery.")
        contacts = vault.contacts(before.contacts_token)
        order = _order_again(before, contacts, request)
        return answer(intake.create(merchant, order, merchant.id, clock, new_id, redelivery_of=before))

    deliveries.get_of_merchant(delivery_id, merchant.id)
    try:
        return answered_once(merchant.id, key, payload, act, context)
    except Conflict:
        made = deliveries.get_many([new_id]).get(new_id)
        if made is None:
            raise
        return Answered(answer(made), replayed=True)


def _order_again(before: Delivery, contacts: DeliveryContacts, request: RedeliveryRequest) -> DeliveryRequest:
    """Return a new order for the same delivery, with the changes that the request asks for."""
    return DeliveryRequest(
        external_id=request.external_id,
        order_number=before.order_number,
        pickup=Place(contact=contacts.pickup, point=before.pickup),
        dropoff=request.dropoff or Place(contact=contacts.dropoff, point=before.dropoff),
        pickup_window=request.pickup_window,
        dropoff_window=request.dropoff_window,
        parcel=before.parcel,
        goods=before.goods,
        requirements=before.requirements,
        **details_of(before),
        undeliverable=request.undeliverable or before.undeliverable,
        priority=request.priority,
        tip=request.tip,
    )
