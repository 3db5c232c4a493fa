"""Search for staff: deliveries by their ids and numbers, drivers by id, or by the beginning of a name or plate."""

from collections.abc import Iterable
from itertools import islice

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.views import DeliveryLine
from crowdship.dispatch.overview.views import DriverName, DriverNames, Found, FoundDriver
from crowdship.drivers import service as drivers
from crowdship.kernel.errors import Unprocessable
from crowdship.vault import service as vault
from crowdship.vault.words import SHORTEST, matches

MOST_FOUND = 20

MOST_LOOKED_AT = 100
"""Drivers that are compared with a beginning."""


def search(asked: str) -> Found:
    """Return the deliveries and drivers that a text means, 20 of each at most.

    Raises
    ------
    Unprocessable
        If it has too few characters besides spaces.
    """
    asked = asked.strip()
    if len(asked) < SHORTEST:
        raise Unprocessable("too_short", f"Give {SHORTEST} characters at least, without spaces around.", "/query/q")
    return Found(deliveries=_deliveries(asked), drivers=_drivers(asked))


def names(driver_ids: Iterable[str]) -> DriverNames:
    """Return the names of the drivers that exist among some ids, whether they are on duty or not."""
    known = drivers.get_many(driver_ids)
    name_of = vault.names_of(driver.person_token for driver in known.values())
    lines = (DriverName(driver_id=one.id, name=name_of.get(one.person_token)) for one in known.values())
    return DriverNames(drivers=tuple(sorted(lines, key=lambda line: line.driver_id)))


def _deliveries(asked: str) -> tuple[DeliveryLine, ...]:
    by_id = deliveries.get_many([asked]).values() if asked.startswith("dlv_") else ()
    found = {delivery.id: delivery for delivery in (*by_id, *deliveries.called(asked, MOST_FOUND))}
    return tuple(DeliveryLine.of(delivery) for delivery in islice(found.values(), MOST_FOUND))


def _drivers(asked: str) -> tuple[FoundDriver, ...]:
    by_id = [asked] if asked.startswith("drv_") else []
    found = drivers.get_many([*by_id, *vault.found(asked, MOST_LOOKED_AT)])
    names = vault.names_of(driver.person_token for driver in found.values())
    lines = (
        FoundDriver(
            driver_id=driver.id,
            name=names.get(driver.person_token),
            zone_id=driver.duty and driver.duty.zone_id,
            on_duty=driver.duty is not None,
        )
        for driver in found.values()
        if driver.id in by_id or matches(asked, names.get(driver.person_token, ""), driver.vehicle.plate)
    )
    return tuple(sorted(lines, key=lambda line: (not line.on_duty, line.name or "", line.driver_id))[:MOST_FOUND])
