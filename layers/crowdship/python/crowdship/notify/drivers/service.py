"""Drivers as recipients of notices: their phone is in the vault."""

from crowdship.adapters.observability import logger
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import DomainEvent
from crowdship.notify.drivers.facts import RouteFacts
from crowdship.notify.notices import Addressed, Channel, Notice
from crowdship.routes import service as routes
from crowdship.routes.route import Route
from crowdship.vault import service as vault


def addressed(notice: Notice[Route], event: DomainEvent, clock: Clock) -> Addressed | None:
    """Return the driver that an event is about, or None if they need not be told any more.

    Raises
    ------
    NotFound
        If there is no such driver.
    """
    driver = drivers.get(event.data["driver_id"])
    route = routes.of(driver.id)
    if not notice.is_due(event, route, clock.now()):
        logger.info("notice overtaken", event_id=event.id, type=event.type, driver_id=driver.id)
        return None
    try:
        person = vault.person(driver.person_token)
    except Gone:
        logger.info("driver erased, no notice", event_id=event.id, driver_id=driver.id)
        return None
    addresses = {Channel.SMS: person.phone, Channel.EMAIL: person.email}
    return Addressed(driver.id, addresses, RouteFacts(stops=len(route.stops)))
