"""Use cases of shops' orders: an order becomes a delivery, which follows the order's changes in the shop.

The table in ``sources/stages.py`` says which change has which effect.
"""

from datetime import datetime, timedelta

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.dispatch import cancellation
from crowdship.intake.orders import changes
from crowdship.intake.orders import service as intake
from crowdship.intake.orders.model import DeliveryChange, DeliveryRequest, DropoffChange
from crowdship.intake.orders.windows import SHORTEST_VISIT
from crowdship.intake.shops.remembered import SeenOrder, changed_parts, digests_of, seen_id
from crowdship.intake.sources.model import About, Cancellation, Nothing, Order, SourceAnswer
from crowdship.intake.sources.stages import Effect, ShopChange, effect_of, progress_of
from crowdship.intake.store import IgnoredCountRow, SeenOrderRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound, Refusal, Unprocessable
from crowdship.merchants.connections import SourceName
from crowdship.merchants.model import Merchant
from crowdship.merchants.shop_settings import WhenClosed
from crowdship.shipment.windows import Window
from crowdship.vault import service as vault
from crowdship.zones import service as zones

LONGEST_WAIT = timedelta(hours=48)
"""An order without a date that arrives while zone or store is closed waits at most this long for their opening."""

CLOSED = frozenset({"zone_closed", "zone_paused", "store_closed"})


def seen(merchant_id: str, source: SourceName, external_id: str) -> SeenOrder:
    """Return the record of a shop's order; an empty one for an unknown order."""
    order_id = seen_id(merchant_id, source, external_id)
    return SeenOrderRow.load(order_id) or SeenOrder(id=order_id)


def remember(merchant_id: str, source: SourceName, about: About, wall: datetime, **changed: object) -> SeenOrder | None:
    """Store the version of a message and other changes of its order's record."""
    external_id = about.external_id
    if external_id is None:
        return None

    def attempt() -> SeenOrder:
        before = seen(merchant_id, source, external_id)
        after = before.seeing(about).with_changes(**changed)
        if after != before:
            work = UnitOfWork()
            work.store(SeenOrderRow.kept(after, wall))
            work.commit()
        return after

    return persistently(attempt)


def refuse_stale(merchant_id: str, source: SourceName, about: About) -> None:
    """Check that no newer message of the same order was seen.

    Raises
    ------
    Unprocessable
        ``stale``, if a newer message of the same order was seen.
    """
    if about.external_id is None:
        return
    known = seen(merchant_id, source, about.external_id)
    if known.is_older(about) and about.version and known.version:
        detail = f"It is of {about.version:%Y-%m-%dT%H:%M:%SZ}; one of {known.version:%Y-%m-%dT%H:%M:%SZ} was seen."
        raise Unprocessable("stale", detail)


def apply(
    merchant: Merchant,
    source: SourceName,
    wish: Order | Cancellation | Nothing,
    about: About,
    clock: Clock,
    wall: datetime,
) -> SourceAnswer:
    """Do what a shop's message asks for, as far as the delivery's state allows.

    Raises
    ------
    Unprocessable, Conflict, Forbidden
        If it, or a part of it, was not done; with the code of the reason.
    """
    match wish:
        case Order():
            return _ordered(merchant, source, wish.request, about, clock, wall)
        case Cancellation():
            return _called_off(merchant, source, wish, about, clock, wall)
        case Nothing():
            known = _current(merchant.id, about.external_id or "")
            if wish.held and known and effect_of(ShopChange.HELD, progress_of(known)) is Effect.TELL:
                detail = f"The shop put the order on hold, but {known.id} goes on; cancel it if it must not."
                raise Conflict("order_on_hold", detail)
            raise Unprocessable(wish.code, "The message asks for nothing that the platform does.")


def is_known(merchant_id: str, about: About) -> bool:
    """Return whether a delivery of a message's order exists."""
    return about.external_id is not None and _current(merchant_id, about.external_id) is not None


def _current(merchant_id: str, external_id: str) -> Delivery | None:
    """Return the delivery of an order, the newest one if it was delivered again; None if there is none."""
    try:
        found = deliveries.find_external(merchant_id, external_id)
    except NotFound:
        return None
    while found.redelivered_as:
        found = deliveries.get(found.redelivered_as)
    return found


def _ordered(
    merchant: Merchant, source: SourceName, request: DeliveryRequest, about: About, clock: Clock, wall: datetime
) -> SourceAnswer:
    merchant.must_be_active()
    order = seen(merchant.id, source, request.external_id)
    known = _current(merchant.id, request.external_id)
    match effect_of(ShopChange.ORDERED, progress_of(known)):
        case Effect.TELL:
            detail = (
                f"Order {request.external_id} was cancelled as {known and known.id}; send it with a new external_id."
            )
            raise Conflict("was_cancelled", detail, "/external_id")
        case Effect.MAKE if order.called_off and not order.revived_by(about):
            detail = f"The shop cancelled order {request.external_id} before it arrived here."
            raise Conflict("was_cancelled", detail, "/external_id")
        case Effect.MAKE:
            return _make(merchant, source, request, about, clock, wall, revived=order.called_off)
    assert known
    parts = changed_parts(request, order.parts)
    of_other_ways = not order.parts and known.timeline[0].actor != source
    if not parts or of_other_ways:
        IgnoredCountRow.add(merchant.id, source, "unchanged", wall)
        remember(merchant.id, source, about, wall)
        return SourceAnswer(delivery_id=known.id)
    return _change(merchant, source, known, request, parts, about, clock, wall)


def _make(
    merchant: Merchant,
    source: SourceName,
    request: DeliveryRequest,
    about: About,
    clock: Clock,
    wall: datetime,
    *,
    revived: bool,
) -> SourceAnswer:
    try:
        made = _create(merchant, source, request, clock)
    except Conflict as conflict:
        # Another message of the same order was quicker.
        if (there := _current(merchant.id, request.external_id)) is None:
            raise conflict from None
        return SourceAnswer(delivery_id=there.id)
    back = {"called_off": False} if revived else {}
    order = remember(merchant.id, source, about, wall, parts=digests_of(request), **back)
    # A cancellation that came meanwhile found no delivery, but it set ``called_off`` before it looked for one.
    if order and order.called_off:
        cancellation.cancel(made.id, source, Cancellation(request.external_id).reason, clock, only_before_pickup=True)
        return SourceAnswer(delivery_id=made.id, acknowledged="cancelled")
    return SourceAnswer(delivery_id=made.id)


def _create(merchant: Merchant, source: SourceName, request: DeliveryRequest, clock: Clock) -> Delivery:
    """Create the delivery; an order without a date that arrives while closed is for the next opening."""
    try:
        return _create_with_or_without_tip(merchant, source, request, clock)
    except Unprocessable as refusal:
        scheduled = request.pickup_window or request.dropoff_window or request.quote_id
        if refusal.code not in CLOSED or scheduled or _when_closed(merchant, source) is not WhenClosed.NEXT_OPENING:
            raise
        window = next_opening(merchant, request, clock.now())
        if window is None:
            raise
        later = request.model_copy(update={"pickup_window": window})
        return _create_with_or_without_tip(merchant, source, later, clock)


def _when_closed(merchant: Merchant, source: SourceName) -> WhenClosed:
    # A system that writes our own format can name a window, so it gets the refusal.
    connected = merchant.source(source)
    if connected is None or source is SourceName.WEBHOOK:
        return WhenClosed.REFUSE
    return connected.settings.when_closed


def _create_with_or_without_tip(
    merchant: Merchant, source: SourceName, request: DeliveryRequest, clock: Clock
) -> Delivery:
    try:
        return intake.create(merchant, request, source, clock)
    except Unprocessable as refusal:
        if refusal.code != "wrong_currency" or source is SourceName.WEBHOOK:
            raise
        return intake.create(merchant, request.model_copy(update={"tip": 0, "tip_currency": None}), source, clock)


def next_opening(merchant: Merchant, request: DeliveryRequest, now: datetime) -> Window | None:
    """Return a pickup window at the next moment at which zone and store are both open; None if that is too far off.

    A zone whose orders are paused is closed until the pause ends, for which there has to be a moment.
    """
    pickup = intake.pickup_of(merchant, request)
    zone = zones.containing(pickup.point, "/pickup/point")
    settings, pause = zone.settings, zone.pause_at(now)
    at_store = merchant.store is not None and pickup.point == merchant.store.point
    latest, opens = now + LONGEST_WAIT, now
    if pause and pause.orders:
        if pause.until is None:
            return None
        opens = pause.until
    every = [hours for hours in (settings.hours, merchant.hours if at_store else None) if hours]
    while opens <= latest:
        nexts = [hours.next_open(opens) for hours in every]
        if any(moment is None for moment in nexts):
            return None
        later = max((moment for moment in nexts if moment), default=opens)
        if later == opens:
            closes = min((next(iter(hours.stretches(opens)))[1] for hours in every), default=latest)
            if closes - opens >= SHORTEST_VISIT:
                promised = opens + timedelta(minutes=settings.promise_minutes)
                return Window(opens_at=opens, closes_at=max(min(promised, closes), opens + SHORTEST_VISIT))
            later = closes
        opens = later
    return None


def _change(
    merchant: Merchant,
    source: SourceName,
    known: Delivery,
    request: DeliveryRequest,
    parts: frozenset[ShopChange],
    about: About,
    clock: Clock,
    wall: datetime,
) -> SourceAnswer:
    """Change the delivery as its order was changed, where its progress allows; raise the first refusal of the rest."""
    progress, digests = progress_of(known), digests_of(request)
    too_late = frozenset(part for part in parts if effect_of(part, progress) is Effect.TELL)
    asked = parts - too_late
    if ShopChange.ADDRESS in too_late:
        # The contact has the new street, which would contradict the old point.
        too_late |= parts & {ShopChange.CONTACT}
        asked -= {ShopChange.CONTACT}
    refusals: list[Refusal] = []
    if too_late:
        detail = f"{known.id} is {known.state}; too late to change: {', '.join(sorted(too_late))}."
        refusals.append(Conflict("too_late_to_change", detail))
    settled, changed = set(too_late), False
    # Each group is changed separately, so that a tip that can't be lowered does not prevent a new address.
    for group in _GROUPS:
        if wanted := group & asked:
            try:
                after = changes.change(known.id, merchant.id, _as_change(request, wanted), clock, source)
            except Refusal as refusal:
                refusals.append(refusal)
                continue
            changed |= after.sequence != known.sequence
            known, settled = after, settled | wanted
    # Parts that came too late are reported once; a part that was refused for another reason is tried again with the
    # next message.
    kept = seen(merchant.id, source, request.external_id).parts
    remember(merchant.id, source, about, wall, parts={**kept, **{str(part): digests[part] for part in settled}})
    if refusals:
        raise refusals[0]
    return SourceAnswer(delivery_id=known.id, acknowledged="changed" if changed else None)


_GROUPS = (
    frozenset({ShopChange.ADDRESS, ShopChange.CONTACT, ShopChange.NOTES}),
    frozenset({ShopChange.WINDOW}),
    frozenset({ShopChange.PARCEL}),
    frozenset({ShopChange.TIP}),
)


def _as_change(request: DeliveryRequest, parts: frozenset[ShopChange]) -> DeliveryChange:
    """Return some parts of an order as the body of a PATCH of its delivery."""
    to = request.dropoff
    person = parts & {ShopChange.ADDRESS, ShopChange.CONTACT}
    return DeliveryChange(
        dropoff=DropoffChange(
            contact=to.contact if person else None,
            notes=to.contact.notes if ShopChange.NOTES in parts else None,
            point=to.point if ShopChange.ADDRESS in parts else None,
        ),
        dropoff_window=request.dropoff_window if ShopChange.WINDOW in parts else None,
        parcel=request.parcel if ShopChange.PARCEL in parts else None,
        tip=request.tip if ShopChange.TIP in parts else None,
    )


def _called_off(
    merchant: Merchant, source: SourceName, wish: Cancellation, about: About, clock: Clock, wall: datetime
) -> SourceAnswer:
    # ``called_off`` is stored first; a concurrent order reads it after its delivery is created.
    remember(
        merchant.id,
        source,
        About(wish.external_id, about.version),
        wall,
        called_off=True,
        called_off_version=about.version,
    )
    known = _current(merchant.id, wish.external_id)
    match effect_of(ShopChange.CALLED_OFF, progress_of(known)):
        case Effect.REMEMBER:
            detail = f"There is no delivery of order {wish.external_id}; if the order arrives later, none is created."
            raise Conflict("no_such_delivery", detail)
        case _ if known is None:
            raise AssertionError(f"nothing of {wish} is remembered")
        case Effect.NOTHING:
            return SourceAnswer(delivery_id=known.id, acknowledged="cancelled")
        case Effect.CALL_OFF:
            called_off = cancellation.cancel(known.id, source, wish.reason, clock, only_before_pickup=True)
            return SourceAnswer(delivery_id=called_off.id, acknowledged="cancelled")
    if known.has_left_shop:
        detail = f"{known.id} is {known.state}: a driver delivers the goods; to get them back, cancel it by the API."
        raise Conflict("goods_on_board", detail)
    raise Conflict("wrong_state", f"{known.id} is {known.state}; it can't be cancelled any more.")


def forget(merchant_id: str, external_id: str) -> None:
    """Erase the records of an order in all sources, with its ignored messages."""
    forget_messages(merchant_id, external_id)
    for source in SourceName:
        order = seen(merchant_id, source, external_id)
        if order.stored_version:
            SeenOrderRow.forget(order.id)


def forget_messages(merchant_id: str, external_id: str) -> None:
    """Erase the ignored messages of an order, which name people."""
    for source in SourceName:
        for token in seen(merchant_id, source, external_id).kept:
            vault.erase(token)
