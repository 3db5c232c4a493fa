"""Use cases of messages from shops: a message is received, and an ignored message is tried again."""

from typing import Any

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.idempotency import once
from crowdship.adapters.observability import logger
from crowdship.intake import erasure
from crowdship.intake.places import service as places
from crowdship.intake.places.model import Address, Geocoder
from crowdship.intake.shops import fetching, ignored
from crowdship.intake.shops import orders as shop_orders
from crowdship.intake.shops.ignored import IgnoredView
from crowdship.intake.shops.sites import same_site
from crowdship.intake.sources.model import (
    About,
    Cancellation,
    Erasure,
    Farewell,
    Inquiry,
    Message,
    Nothing,
    Order,
    OrderSource,
    Shop,
    SourceAnswer,
    Wish,
)
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Forbidden, Refusal, Unauthorized, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.hours import OpeningHours
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.connections import Source
from crowdship.merchants.model import Merchant
from crowdship.zones import service as zones

WALL = RunningClock()

NOT_BROUGHT = frozenset({"collected_by_customer", "nothing_to_ship"})
"""Codes of orders that need no delivery; if one was created earlier, it is cancelled."""


def receive(
    source: OrderSource,
    merchant_id: str,
    message: Message,
    clock: Clock,
    context: Any = None,
    *,
    wall: Clock = WALL,
    geocoder: Geocoder | None = None,
    caller: str = "",
) -> SourceAnswer:
    """Do what a message of a connected system asks for, once; ignored messages are listed and sent to the merchant.

    Parameters
    ----------
    wall : Clock
        The wall clock, by which signatures expire.
    geocoder : Geocoder or None
        The geocoder for addresses without coordinates; this deployment's if left out.
    caller : str
        The IP address that the message comes from.

    Raises
    ------
    Unauthorized
        If the sender is not verified: the signature does not match or is too old, the secret is wrong, or the merchant
        has no such system.
    TooManyRequests
        If the caller has asked for too many systems that do not exist.
    Unavailable
        If the message only names an order and the shop's API does not answer: the shop sends the message again.
    Unprocessable, Conflict, Forbidden
        If it can't be done. A forgiving source gets the code in a successful answer instead, as it would only repeat
        it.
    """
    if source.is_ping(message):
        return SourceAnswer(acknowledged="ping")
    secrets = sources.secrets_for_stranger(merchant_id, source.NAME, wall.now(), caller)
    source.verify(message, secrets, wall.now())
    merchant = merchants.get(merchant_id)
    connected, shop = merchant.source(source.NAME), source.shop(message)
    if connected and not same_site(connected.shop, shop):
        raise Unauthorized("wrong_shop", f"{shop or 'An unnamed shop'} is not connected; {connected.shop} is.")
    message = message.without(next(iter(source.HEADERS)))  # the proof of the sender is not stored
    about = source.about(message)
    try:
        whole = source.whole(message, fetching.asking(merchant.id, source.NAME, connected=connected is not None))
        about = about if whole is message else source.about(whole)
        return _handle(source, merchant, whole, about, clock, wall, geocoder or places.configured(), context)
    except (Unprocessable, Conflict, Forbidden) as refusal:
        # The first request may still fail; then only a repetition of the message can bring the order.
        if refusal.code == "still_running":
            raise
        ignored.note(merchant.id, source.NAME, message, about, refusal, clock, wall.now())
        shop_orders.remember(merchant.id, source.NAME, about, wall.now())
        if not source.FORGIVING:
            raise
        return SourceAnswer(ignored=refusal.code)


def retry(
    source: OrderSource,
    merchant_id: str,
    message_id: str,
    clock: Clock,
    context: Any = None,
    *,
    wall: Clock = WALL,
    geocoder: Geocoder | None = None,
) -> IgnoredView:
    """Try an ignored message again, as it was sent; its sender was verified when it arrived.

    An order that the message only names is fetched as the shop has it now.

    Raises
    ------
    NotFound, Gone
        If the message or its body is not stored.
    Unprocessable, Conflict, Forbidden
        If it still can't be done; the list then shows the new reason.
    Unavailable
        If the shop's API does not answer.
    """
    merchant = merchants.get(merchant_id)
    noted, message = ignored.kept(merchant_id, source.NAME, message_id)
    about = source.about(message)
    connected = merchant.source(source.NAME) is not None
    try:
        whole = source.whole(message, fetching.asking(merchant_id, source.NAME, connected=connected))
        about = about if whole is message else source.about(whole)
        answer = _handle(source, merchant, whole, about, clock, wall, geocoder or places.configured(), context)
    except (Unprocessable, Conflict, Forbidden) as refusal:
        if refusal.code != "still_running":
            ignored.note(merchant_id, source.NAME, message, about, refusal, clock, wall.now())
        raise
    return ignored.done(noted, answer.delivery_id, clock, wall.now())


def _handle(
    source: OrderSource,
    merchant: Merchant,
    message: Message,
    about: About,
    clock: Clock,
    wall: Clock,
    geocoder: Geocoder | None,
    context: Any,
) -> SourceAnswer:
    connected = merchant.source(source.NAME)
    near = merchant.store.point if merchant.store else None
    shop_orders.refuse_stale(merchant.id, source.NAME, about)

    def locate(address: Address) -> Point:
        merchant.must_be_active()
        return places.locate(address, near, geocoder, wall)

    try:
        wish = source.wish(message, locate, _shop(merchant, connected, clock))
    except Unprocessable as refusal:
        if refusal.code == "delivery_date_over" and shop_orders.is_known(merchant.id, about):
            # The shop saved an order again whose delivery day is past.
            raise Unprocessable("unchanged", refusal.detail) from refusal
        if refusal.code not in NOT_BROUGHT or about.external_id is None or not shop_orders.is_known(merchant.id, about):
            raise
        wish = Cancellation(about.external_id)  # its items were removed, or the customer now collects them
    if connected is None and not isinstance(wish, Farewell):
        raise Unprocessable("not_connected", f"{merchant.id} has no {source.NAME} source any more.")
    match wish:
        case Order() | Cancellation():
            pass
        case Nothing():
            return shop_orders.apply(merchant, source.NAME, wish, about, clock, wall.now())
        case _:
            return _keep_privacy(source, merchant, wish, clock)
    asked = wish

    def act() -> dict[str, Any]:
        return shop_orders.apply(merchant, source.NAME, asked, about, clock, wall.now()).model_dump()

    key = source.message_key(message)
    return SourceAnswer.model_validate(once(f"{source.NAME}#{merchant.id}", key, "", act, context))


def _shop(merchant: Merchant, connected: Source | None, clock: Clock) -> Shop:
    """Return what is known of the shop: from its own settings, else from the account and the zone."""
    if connected is None:
        return Shop(store=merchant.store, now=clock.now())
    hours = merchant.hours or _hours_of_zone(merchant)
    return Shop(
        settings=connected.settings,
        store=merchant.store,
        hours=hours,
        time_zone=connected.settings.time_zone or (hours.time_zone if hours else None),
        connected_at=connected.connected_at,
        now=clock.now(),
    )


def _hours_of_zone(merchant: Merchant) -> OpeningHours | None:
    try:
        return zones.containing(merchant.store.point, "/pickup/point").settings.hours if merchant.store else None
    except Refusal:
        return None


def _keep_privacy(source: OrderSource, merchant: Merchant, wish: Wish, clock: Clock) -> SourceAnswer:
    """Erase personal data, disconnect the shop, or log a customer's request for staff; all are idempotent."""
    match wish:
        case Erasure():
            erasure.ask_for_orders(merchant.id, wish.external_ids, clock)
            return SourceAnswer(acknowledged="erasure")
        case Farewell():
            sources.disconnect(merchant.id, source.NAME)
            return SourceAnswer(acknowledged="farewell")
        case Inquiry():
            logger.warning("a customer wants to know what is kept about them", merchant_id=merchant.id)
            return SourceAnswer(acknowledged="inquiry")
        case _:
            raise AssertionError(f"{wish} is an order's")
