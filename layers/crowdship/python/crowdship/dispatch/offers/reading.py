"""Use case of drivers: read the offers that they can still answer, and which ones are gone."""

from collections.abc import Mapping

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.sight import area_of
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import Offer
from crowdship.dispatch.offers.trips import Trip, added_trip
from crowdship.dispatch.offers.views import GoneOffer, OfferList, OfferView
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.incentives.expected import extra_parts
from crowdship.kernel.clock import Clock
from crowdship.routes import service as routing
from crowdship.routes.stops import stops_of
from crowdship.tracking import service as tracking
from crowdship.travel.current import travel_at
from crowdship.zones import service as zones


def offers_of(driver_id: str, clock: Clock) -> OfferList:
    """Return a driver's offers, each with its trip from where the driver is now."""
    offers, gone = offering.standing_offers(driver_id, clock)
    driver = drivers.get(driver_id) if offers else None
    found = deliveries.get_many(delivery_id for offer in offers for delivery_id in offer.delivery_ids)
    views = (_view(offer, driver, found, clock) for offer in offers if driver)
    return OfferList(offers=tuple(views), gone=tuple(map(GoneOffer.of, gone)))


def _view(offer: Offer, driver: Driver, found: Mapping[str, Delivery], clock: Clock) -> OfferView:
    extra = extra_parts(
        offer.zone_id, driver, len(offer.delivery_ids), offer.made_at, zones.get(offer.zone_id).settings.tiers
    )
    return OfferView.of(offer, driver.id, found, _trip(offer, driver, found, clock), extra)


def _trip(offer: Offer, driver: Driver, found: Mapping[str, Delivery], clock: Clock) -> Trip:
    now, zone, route = clock.now(), zones.get(offer.zone_id), routing.of(driver.id, offer.zone_id)
    # By the areas: from several places, exact lengths of ways would give the doors away.
    bundle = [_with_area(found[delivery_id]) for delivery_id in offer.delivery_ids]
    return added_trip(
        route.stops,
        [stops_of(delivery, zone.settings.travel) for delivery in bundle],
        tracking.start_of(driver.id, bundle[0].pickup, now),
        routing.capacity_of(driver),
        travel_at(zone, now),
        zone.settings.dispatch.weights.lateness,
    )


def _with_area(delivery: Delivery) -> Delivery:
    return delivery.with_changes(dropoff=area_of(delivery.dropoff))
