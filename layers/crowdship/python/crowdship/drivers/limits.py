"""The limit of hours on duty that the law of a zone sets. Pure."""

from datetime import datetime

from crowdship.drivers.hours import DrivingLimit
from crowdship.law.book import LAW
from crowdship.zones.law import jurisdictions_in
from crowdship.zones.model import ZoneSettings


def driving_limit(settings: ZoneSettings, now: datetime) -> DrivingLimit | None:
    """Return the strictest limit of the jurisdictions that a zone touches, or None if none has one."""
    codes = jurisdictions_in(settings)
    hours = LAW.strictest("driving_limit_hours", codes, now)
    rest = LAW.strictest("driving_limit_rest_hours", codes, now)
    # A limit without a rest that ends the count is one of any 24 hours.
    return DrivingLimit(hours=hours.number, rest_hours=rest.number if rest else 24) if hours else None
