"""Drivers as recipients of notices: their browsers' subscriptions, and their phone, which is in the vault."""

from collections.abc import Callable
from typing import Any

from crowdship.adapters.observability import logger
from crowdship.claims import service as claims
from crowdship.dispatch.offers import service as offering
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.drivers.applications import ApplicationFacts
from crowdship.notify.drivers.claims import ClaimNotice
from crowdship.notify.drivers.facts import PapersFacts, RouteFacts
from crowdship.notify.drivers.payouts import PayoutFacts
from crowdship.notify.drivers.standing import StandingFacts
from crowdship.notify.drivers.surge import Crew
from crowdship.notify.drivers.tax import TaxFacts
from crowdship.notify.notices import Addressed, Facts, Notice
from crowdship.notify.push import service as subscriptions
from crowdship.notify.texts import NoticeTexts
from crowdship.onboarding import service as onboarding
from crowdship.onboarding.views import report_of
from crowdship.routes import service as routes
from crowdship.standing import service as standing
from crowdship.standing.case import Case
from crowdship.vault import service as vault
from crowdship.zones import service as zones


def _crew(zone_id: str) -> Crew:
    on_duty = tuple(driver.id for driver in drivers.on_duty(zone_id))
    return Crew(zones.get(zone_id).settings.time_zone, on_duty)


READ: dict[str, Callable[[DomainEvent], Any]] = {
    "offer": lambda event: offering.get_offer(event.subject),
    "route": lambda event: routes.of(event.data["driver_id"]),
    "message": lambda event: None,
    "incentive": lambda event: None,
    "block": lambda event: None,
    "surge": lambda event: _crew(event.subject),
    "driver": lambda event: drivers.get(event.data["driver_id"]),
    "document": lambda event: drivers.get(event.data["driver_id"]),
    "standing": lambda event: standing.get(event.subject),
    "tax": lambda event: None,
    "application": lambda event: onboarding.get(event.subject),
    "claim": lambda event: claims.get(event.subject),
    "payout": lambda event: None,
    "pay_floor": lambda event: None,
}
"""Reading of the thing that a notice is about, by the first word of its event's type."""


def _of_standing(event: DomainEvent, case: Case) -> Facts:
    said = "stop" if event.data["change"] == "suspended_for_safety" else "answer" if case.appeal else "reasons"
    return StandingFacts.of(event, case, standing.words_of([case]).get(case.token(said)))


FACTS: dict[str, Callable[[DomainEvent, Any], Facts]] = {
    "route": lambda event, route: RouteFacts(stops=len(route.stops)),
    "driver": lambda event, driver: PapersFacts.of(event),
    "document": lambda event, driver: PapersFacts.of(event),
    "standing": _of_standing,
    "tax": lambda event, about: TaxFacts.of(event),
    "claim": lambda event, claim: ClaimNotice.of(event, claim),
    "payout": lambda event, about: PayoutFacts.of(event),
    "application": lambda event, application: ApplicationFacts.of(event, report_of(application)),
}
"""Fields of a notice's texts, from its event and the thing, by the first word of the event's type."""


def addressed(notice: Notice[Any], event: DomainEvent, clock: Clock) -> list[Addressed]:
    """Return the drivers who are to be told of an event.

    Raises
    ------
    NotFound
        If there is no such driver or offer.
    """
    about = READ[event.type.partition(".")[0]](event)
    if not notice.is_due(event, about, clock.now()):
        logger.info("notice overtaken", event_id=event.id, type=event.type)
        return []
    told = tuple(notice.told(event, about))
    if Channel.PUSH not in notice.channels:
        return [found for driver_id in told if (found := _by_phone(notice, driver_id, event, about))]
    browsers = subscriptions.of_drivers(told)
    return [Addressed(driver_id, {}, subscriptions=browsers.get(driver_id, ())) for driver_id in told]


def _by_phone(notice: Notice[Any], driver_id: str, event: DomainEvent, about: Any) -> Addressed | None:
    driver = drivers.get(driver_id)
    try:
        person = vault.person(driver.person_token)
    except Gone:
        logger.info("driver erased, no notice", event_id=event.id, driver_id=driver.id)
        return None
    addresses = {Channel.SMS: person.phone, Channel.EMAIL: person.email}
    return Addressed(driver.id, addresses, NoticeTexts(notice, FACTS[event.type.partition(".")[0]](event, about)))
