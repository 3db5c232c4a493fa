"""Use case of intake: a system sends an order by itself."""

from typing import Any

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch import service as dispatch
from crowdship.intake import erasure
from crowdship.intake import service as intake
from crowdship.intake.places import service as places
from crowdship.intake.places.model import Geocoder
from crowdship.intake.sources.model import (
    Cancellation,
    Erasure,
    Farewell,
    Inquiry,
    Message,
    Nothing,
    Order,
    OrderSource,
    SourceAnswer,
    Wish,
)
from crowdship.kernel.clock import Clock, RunningClock
from crowdship.kernel.errors import Conflict, NotFound, Refusal, Unauthorized, Unprocessable
from crowdship.kernel.idempotency import once
from crowdship.kernel.observability import MetricUnit, logger, metrics
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.model import Merchant

WALL = RunningClock()


def receive(
    source: OrderSource,
    merchant_id: str,
    message: Message,
    clock: Clock,
    context: Any = None,
    *,
    wall: Clock = WALL,
    geocoder: Geocoder | None = None,
) -> SourceAnswer:
    """Do what a signed message asks for, once.

    Parameters
    ----------
    wall : Clock
        Wall time, by which signatures expire.
    geocoder : Geocoder or None
        Who is asked where an address is; this deployment's if left out.

    Raises
    ------
    Unauthorized
        If the signature does not cover these bytes, is too old, or the merchant has no such system.
    Unprocessable, Conflict
        If it can't be done. A forgiving source is answered with the code instead, as it would only send it again.
    """
    if source.is_ping(message):
        return SourceAnswer(acknowledged="ping")
    source.verify(message, sources.accepted_secrets(merchant_id, source.NAME, wall.now()), wall.now())
    merchant = merchants.get(merchant_id)
    try:
        return _do(source, merchant, message, clock, wall, geocoder or places.configured(), context)
    except (Unprocessable, Conflict) as refusal:
        _note(source, merchant_id, refusal)
        # What is at work still may die of it: then only the same message can bring the order again.
        if not source.FORGIVING or refusal.code == "still_running":
            raise
        return SourceAnswer(ignored=refusal.code)


def _note(source: OrderSource, merchant_id: str, refusal: Refusal) -> None:
    logger.warning(
        "message of a source ignored",
        source=str(source.NAME),
        code=refusal.code,
        detail=refusal.detail,
        merchant_id=merchant_id,
    )
    metrics.add_metric("SourceMessagesIgnored", MetricUnit.Count, 1)


def _do(
    source: OrderSource,
    merchant: Merchant,
    message: Message,
    clock: Clock,
    wall: Clock,
    geocoder: Geocoder | None,
    context: Any,
) -> SourceAnswer:
    connected, shop = merchant.source(source.NAME), source.shop(message)
    if connected and connected.shop != shop:
        raise Unauthorized("wrong_shop", f"{shop or 'No shop'} is not connected; {connected.shop} is.")
    near = merchant.store.point if merchant.store else None
    wish = source.wish(message, lambda address: places.locate(address, near, geocoder, wall))
    if connected is None and not isinstance(wish, Farewell):
        raise Unprocessable("not_connected", f"{merchant.id} has no {source.NAME} source any more.")
    if not isinstance(wish, Order | Cancellation):
        return _keep_privacy(source, merchant, wish)

    def act() -> dict[str, Any]:
        placed = (
            _place(merchant, wish, source, clock) if isinstance(wish, Order) else _cancel(merchant, wish, source, clock)
        )
        return placed.model_dump()

    return SourceAnswer.model_validate(
        once(f"{source.NAME}#{merchant.id}", source.message_key(message), "", act, context)
    )


def _place(merchant: Merchant, order: Order, source: OrderSource, clock: Clock) -> SourceAnswer:
    try:
        delivery = intake.create(merchant, order.request, source.NAME, clock)
    except Conflict as conflict:
        # Another message, the same order: it was changed, or the shop was connected anew.
        try:
            delivery = deliveries.find_external(merchant.id, order.request.external_id)
        except NotFound:
            raise conflict from None
        if delivery.state is State.CANCELLED:
            told = f"external_id {delivery.external_id} was called off as {delivery.id}; send it under a new one."
            raise Conflict("was_cancelled", told, "/external_id") from None
    return SourceAnswer(delivery_id=delivery.id)


def _cancel(merchant: Merchant, cancellation: Cancellation, source: OrderSource, clock: Clock) -> SourceAnswer:
    try:
        known = deliveries.find_external(merchant.id, cancellation.external_id)
    except NotFound:
        return SourceAnswer(ignored="no_such_delivery")
    called_off = dispatch.cancel(known.id, source.NAME, cancellation.reason, clock)
    return SourceAnswer(delivery_id=called_off.id, acknowledged="cancelled")


def _keep_privacy(source: OrderSource, merchant: Merchant, wish: Wish) -> SourceAnswer:
    """Do what may be done twice; a request for data goes to staff, through the log."""
    match wish:
        case Erasure():
            erasure.erase_orders(merchant.id, wish.external_ids)
            return SourceAnswer(acknowledged="erasure")
        case Farewell():
            sources.disconnect(merchant.id, source.NAME)
            return SourceAnswer(acknowledged="farewell")
        case Inquiry():
            logger.warning("a customer wants to know what is kept about them", merchant_id=merchant.id)
            return SourceAnswer(acknowledged="inquiry")
        case Nothing():
            return SourceAnswer(ignored=wish.code)
        case _:
            raise AssertionError(f"{wish} is an order's")
