"""Use cases of offers: find, keep, end and withdraw them, and let their deliveries wait again."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import OPEN, State
from crowdship.dispatch.offers.model import Offer, OfferState
from crowdship.dispatch.store import DriverOfferRow, OfferRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound


def get_offer(offer_id: str) -> Offer:
    """Return an offer.

    Raises
    ------
    NotFound
        If there is none.
    """
    offer = OfferRow.load(offer_id)
    if offer is None:
        raise NotFound("no_such_offer", f"There is no offer {offer_id}.")
    return offer


def get_offers(offer_ids: Iterable[str]) -> dict[str, Offer]:
    """Return the offers that exist, by id."""
    return {offer.id: offer for offer in OfferRow.load_many(offer_ids)}


class Standing(NamedTuple):
    """The offers to a driver whose time is not over."""

    answerable: list[Offer]
    gone: list[Offer]


def standing_offers(driver_id: str, clock: Clock) -> Standing:
    """Return the offers that a driver can still answer, the one that runs out first first, and those that are gone.

    An offer is gone if it ended before its time by somebody else: another driver took it, or it was withdrawn.
    """
    now = clock.now()
    found = get_offers(DriverOfferRow.standing(driver_id, now))
    unanswered = [
        offer
        for offer in sorted(found.values(), key=lambda offer: (offer.expires_at, offer.id))
        if offer.driver_id != driver_id and all(answer.driver_id != driver_id for answer in offer.declines)
    ]
    return Standing(
        [offer for offer in unanswered if offer.state is OfferState.OPEN and offer.expires_at > now],
        [offer for offer in unanswered if offer.state in (OfferState.ACCEPTED, OfferState.WITHDRAWN)],
    )


def listed_for(driver_id: str) -> list[Offer]:
    """Return the offers to a driver that are still listed, the newest first."""
    found = get_offers(DriverOfferRow.listed(driver_id))
    return sorted(found.values(), key=lambda offer: (offer.made_at, offer.id), reverse=True)


def keep_offer(offer: Offer, work: UnitOfWork) -> None:
    """Add an offer's guarded write to a unit of work."""
    work.store(OfferRow.of(offer))


def list_offer(offer: Offer) -> None:
    """Put an offer on the list of every driver it asks; doing it twice changes nothing."""
    DriverOfferRow.write(offer)


def expire_offer(offer: Offer, now: datetime) -> None:
    """End an offer that nobody took in time."""
    work = UnitOfWork()
    expired = offer.expire(now)
    keep_offer(expired, work)
    reopen(expired, now, work)
    work.commit()


def reopen(offer: Offer, now: datetime, work: UnitOfWork) -> None:
    """Add the writes that let an ended offer's deliveries wait for other drivers."""
    for delivery in deliveries.get_many(offer.delivery_ids).values():
        if delivery.state is State.OFFERED and delivery.offer_id == offer.id:
            said_no = tuple(answer.driver_id for answer in offer.declines)
            silent = tuple(driver_id for driver_id in offer.asked if driver_id not in said_no)
            again = delivery.reopen(now, f"offer_{offer.state}", declined_by=said_no, unanswered_by=silent)
            deliveries.keep(again, work)


def withdraw(delivery: Delivery, now: datetime, reason: str, work: UnitOfWork) -> None:
    """Add the writes that take an offer back and let the rest of its bundle wait again."""
    offer = get_offer(delivery.offer_id or "")
    if offer.state is not OfferState.OPEN:
        return
    keep_offer(offer.withdraw(now, reason), work)
    for other in deliveries.get_many(offer.delivery_ids).values():
        if other.id != delivery.id and other.state in OPEN and other.offer_id == offer.id:
            deliveries.keep(other.reopen(now, reason), work)


def take_back_offer(delivery: Delivery, now: datetime, reason: str, work: UnitOfWork) -> Delivery:
    """Add the writes that withdraw the offer of a delivery; return it as it waits again."""
    if delivery.livemode:  # nobody was asked for a test
        withdraw(delivery, now, reason, work)
    return delivery.reopen(now, reason)


def explain(delivery: Delivery) -> Offer | None:
    """Return the offer in which a delivery was put to drivers last, with everyone's score; None if it never was."""
    return OfferRow.load(delivery.last_offer_id) if delivery.last_offer_id else None


def offers_of(delivery: Delivery) -> list[Offer]:
    """Return all offers that a delivery was ever in, the newest first."""
    newest = [delivery.last_offer_id] if delivery.last_offer_id else []
    ids = dict.fromkeys((*delivery.offer_ids, *newest))
    found = get_offers(ids)
    return [found[offer_id] for offer_id in reversed(ids) if offer_id in found]
