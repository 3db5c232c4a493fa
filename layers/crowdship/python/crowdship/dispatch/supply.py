"""Drivers on duty in a zone, as planning sees them. Quotes use this module too, without loading a planner."""

from collections.abc import Collection, Mapping, Sequence

from crowdship.dispatch.eligibility import Available
from crowdship.dispatch.offers.model import Offer
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.routes import service as routing
from crowdship.routes.route import Route
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Position
from crowdship.zones.model import Zone


def available_in(zone: Zone, standing: Sequence[Offer]) -> list[Available]:
    """Return the drivers on duty in a zone whose position is known.

    Parameters
    ----------
    standing : sequence of Offer
        Offers that can still be answered; they tell which drivers have an answer to give.
    """
    on_duty = drivers.on_duty(zone.id)
    positions = tracking.newest(driver.id for driver in on_duty)
    routes = routing.of_many(on_duty)
    said_no = {(offer.id, answer.driver_id) for offer in standing for answer in offer.declines}
    asked = {driver_id for offer in standing for driver_id in offer.asked if (offer.id, driver_id) not in said_no}
    return known(on_duty, positions, routes, asked)


def known(
    crew: Sequence[Driver],
    positions: Mapping[str, Position],
    routes: Mapping[str, Route],
    asked: Collection[str] = frozenset(),
) -> list[Available]:
    """Return those drivers of a crew whose position is known; ``asked`` are those who have an offer to answer."""
    return [
        Available(
            driver=driver,
            at=positions[driver.id].fix.point,
            seen_at=positions[driver.id].received_at,
            route=routes[driver.id],
            capacity=routing.capacity_of(driver),
            asked_elsewhere=driver.id in asked,
        )
        for driver in crew
        if driver.id in positions
    ]
