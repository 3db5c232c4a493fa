"""Audit of a zone: read its settings, its drivers and the law of its place."""

from crowdship.dispatch.classification.rules import audit
from crowdship.dispatch.classification.views import ClassificationAudit
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.law.book import LAW
from crowdship.zones import service as zones
from crowdship.zones.law import jurisdictions_in

MOST_DRIVERS = 20_000
"""The most drivers that are read for an audit."""


def of_zone(zone_id: str, clock: Clock) -> ClassificationAudit:
    """Return the audit of a zone.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    zone, now = zones.latest(zone_id), clock.now()
    crew, complete = drivers.of_zone(zone_id, MOST_DRIVERS)
    law = LAW.all_in_force(jurisdictions_in(zone.settings), now)
    return audit(zone, crew, law, now, complete=complete)
