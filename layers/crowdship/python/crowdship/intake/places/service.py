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
    """Return where an address is; what was found once is remembered for all merchants.

    Parameters
    ----------
    near : Point or None
        Where of several places of the name the right one is likely to be.

    Raises
    ------
    Unprocessable
        If there is nobody to ask, or nobody knows for certain: a driver is never sent to a guess.
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
