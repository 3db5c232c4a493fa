"""Use case of places: where an address is."""

from crowdship.adapters import settings
from crowdship.intake.places.amazon import AmazonPlaces
from crowdship.intake.places.model import Address, Geocoder
from crowdship.intake.places.store import PlaceRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point


def configured() -> Geocoder | None:
    """Return the geocoder of this deployment; None if it has none."""
    return AmazonPlaces() if settings.geocoder() == "amazon" else None


def locate(address: Address, near: Point | None, geocoder: Geocoder | None, wall: Clock) -> Point:
    """Return the point of an address; found points are cached for all merchants.

    Parameters
    ----------
    near : Point or None
        A point near which the address is likely to be, to choose among several of the same name.

    Raises
    ------
    Unprocessable
        If there is no geocoder, or its result is not certain: a driver is never sent to a guessed point.
    """
    if geocoder is None:
        raise Unprocessable("no_coordinates", "The order has no coordinates, and this deployment has no geocoder.")
    now = wall.now()
    if known := PlaceRow.known(address.key, now):
        return known
    found = geocoder.find(address, near)
    if found is None:
        raise Unprocessable("address_not_found", "The order has no coordinates, and its address is not certain.")
    PlaceRow.keep(address.key, found, now)
    return found
