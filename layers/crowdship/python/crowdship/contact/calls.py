"""Use cases of calls: a customer or a driver gets a number that connects them with the other one."""

from datetime import timedelta

from crowdship.adapters.observability import logger
from crowdship.contact.relay import registry
from crowdship.contact.relay.model import RelayNumber, RelayProvider, RelayUnavailable
from crowdship.contact.times import contact_ends_at, refuse_contact
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Unavailable
from crowdship.kernel.ids import derived_id
from crowdship.vault import service as vault

DIALLED_WITHIN = timedelta(minutes=15)
"""A number connects for this long, and never past the end of the contact. Asking again moves its end."""

AGAIN_S = 30


def are_offered() -> bool:
    """Return whether this stage connects calls."""
    return registry.is_chosen()


def of_customer(delivery_id: str, clock: Clock, wall: Clock, relay: RelayProvider | None = None) -> RelayNumber:
    """Return the number by which the customer of a delivery reaches its driver; see ``_connect``."""
    return _connect(deliveries.get(delivery_id), clock, wall, relay)


def of_driver(
    delivery_id: str, driver_id: str, clock: Clock, wall: Clock, relay: RelayProvider | None = None
) -> RelayNumber:
    """Return the number by which a driver reaches the customer of their delivery; see ``_connect``."""
    return _connect(deliveries.get_of_driver(delivery_id, driver_id), clock, wall, relay)


def _connect(delivery: Delivery, clock: Clock, wall: Clock, relay: RelayProvider | None) -> RelayNumber:
    """Return the number that connects the customer and the driver of a delivery, the same for both.

    Raises
    ------
    Conflict
        If the stage connects no calls, or it is too early or too late.
    Gone
        If the customer or the driver was erased.
    Unavailable
        If the provider gives no number now.
    """
    if not are_offered():
        raise Conflict("no_calls_here", "Calls are not connected here; write a message instead.")
    now, ends_at = clock.now(), contact_ends_at(delivery)
    refuse_contact(delivery, now)
    driver = drivers.get(str(delivery.driver_id))
    phones = vault.contacts(delivery.contacts_token).dropoff.phone, vault.person(driver.person_token).phone
    expires_at = min(now + DIALLED_WITHIN, ends_at) if ends_at else now + DIALLED_WITHIN
    # The provider lives by wall time, which a local platform's business time may outrun.
    lasts = timedelta(seconds=clock.wall_seconds(expires_at - now))
    session_id = derived_id("call", delivery.id, driver.id)
    try:
        number = (relay or registry.provider()).number_for(session_id, phones, wall.now() + lasts)
    except RelayUnavailable as error:
        logger.warning("no relay number", delivery_id=delivery.id, detail=str(error))
        detail = f"No call can be connected now; try again in {AGAIN_S} s, or write a message."
        raise Unavailable("calls_unavailable", detail, AGAIN_S) from error
    return RelayNumber(number=number, expires_at=expires_at)
