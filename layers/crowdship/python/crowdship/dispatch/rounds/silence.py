"""Silent drivers: the zone's tick raises and clears their alerts."""

from datetime import datetime

from crowdship.drivers import service as drivers
from crowdship.routes import service as routing
from crowdship.tracking import service as tracking


def watch(zone_id: str, now: datetime) -> datetime | None:
    """Raise and clear the alerts of a zone's silent drivers; return when to look again, None if nobody is under way."""
    crew = drivers.on_duty(zone_id)
    routes, seen = routing.of_many(crew), tracking.newest(driver.id for driver in crew)
    looks = [tracking.watch(seen[driver.id], routes[driver.id], now) for driver in crew if driver.id in seen]
    return min((look for look in looks if look), default=None)
