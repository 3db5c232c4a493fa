"""Answers of drivers to offers: accept or decline."""

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch import assignment
from crowdship.dispatch.eligibility import SENTENCES, Ineligible, barred_by_law, is_full, off_work
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import DeclineReason, Offer, OfferState
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Forbidden, StaleWrite, counted
from crowdship.routes import service as routing
from crowdship.zones import service as zones


def accept(driver_id: str, offer_id: str, clock: Clock) -> Offer:
    """Let a driver take an offer: offer, deliveries and route change together or not at all.

    Returns
    -------
    Offer
        The offer as accepted; the deliveries are now on the driver's route.

    Raises
    ------
    Conflict
        If it is taken, expired, declined or withdrawn, or the vehicle can't hold it any more.
    """

    def attempt() -> Offer:
        now = clock.now()
        offer = offering.get_offer(offer_id)
        accepted = offer.accept(driver_id, now)
        if accepted is offer:
            return offer
        driver = drivers.get(driver_id)
        if why := off_work(driver, now):
            raise Forbidden("not_on_duty", f"{why} Offers are for drivers on duty with valid documents.")
        open_stops, limits = len(routing.of(driver_id).stops), zones.get(offer.zone_id).settings.dispatch.limits
        if is_full(open_stops, limits):
            open_now = counted(open_stops, "stop is", "stops are")
            detail = f"{open_now} open on your route; finish some, {limits.open_stops} are allowed."
            raise Conflict(Ineligible.ROUTE_FULL, detail)
        bundle = deliveries.get_many(offer.delivery_ids)
        if any(delivery.offer_id != offer.id or delivery.state is not State.OFFERED for delivery in bundle.values()):
            # The offer was read before somebody's write and its deliveries after it: look again, then it says which.
            raise StaleWrite(f"{offer.id} is {offer.state}, but its deliveries have moved on")
        # The driver may have lost a credential since the offer was made.
        if why := next((why for d in bundle.values() if (why := barred_by_law(driver, d, now))), None):
            raise Conflict(why, f"You can't take it: {SENTENCES[why]}. Ask staff about your credentials.")
        work = UnitOfWork()
        offering.keep_offer(accepted, work)
        assignment.put_on_route(
            driver, [bundle[delivery_id] for delivery_id in offer.delivery_ids], now, driver_id, work
        )
        work.commit()
        return accepted

    return persistently(attempt)


def decline(driver_id: str, offer_id: str, reason: DeclineReason, clock: Clock) -> Offer:
    """Note a driver's no; when all have said no, the deliveries wait for others again."""

    def attempt() -> Offer:
        now = clock.now()
        before = offering.get_offer(offer_id)
        after = before.decline(driver_id, reason, now)
        if after is not before:
            work = UnitOfWork()
            offering.keep_offer(after, work)
            if after.state is OfferState.DECLINED:
                offering.reopen(after, now, work)
            work.commit()
        return after

    return persistently(attempt)
