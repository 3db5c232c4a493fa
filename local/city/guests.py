"""Ways for people to look at a city at work, and to take part: the console, and a driver whom nobody plays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from local.city.plans.plan import CityPlan, PlannedDriver
from local.city.town import Town

GUEST = "guest"


def guest_of(plan: CityPlan) -> PlannedDriver:
    """Return a driver for a person at the keyboard, who lives where the plan's first shop is."""
    return PlannedDriver(GUEST, "Guest Driver", plan.shops[0].point, timedelta(0), timedelta(0))


def invitations(town: Town, plan: CityPlan) -> Iterator[str]:
    """Register the guest, unless that was done before, and yield a line for each page that a person may open."""
    pages = town.stack.pages_url
    yield f"the console: {pages}/console/  {town.at_the_console}"
    if plan.shops:
        guest = guest_of(plan)
        town.hire([guest])
        account = town.register.drivers[GUEST]
        place = f"{guest.home.lat:.4f},{guest.home.lon:.4f}"
        yield (
            f"a driver whom nobody plays: {pages}/driver/#place={place}  user {account.driver_id}, "
            f"password {account.password}"
        )
