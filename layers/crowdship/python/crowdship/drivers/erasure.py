"""Erasure of a driver's personal data."""

from collections.abc import Callable

from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.errors import Conflict
from crowdship.vault import service as vault
from crowdship.vault.model import comment_token


def erase_person(
    driver_id: str,
    remove_sign_in: Callable[[str], None],
    forget_browsers: Callable[[str], None],
    forget_positions: Callable[[str], None],
) -> Driver:
    """Erase a driver's personal data and plate, comments on their deliveries, sign-in, browsers and positions.

    Parameters
    ----------
    remove_sign_in, forget_browsers, forget_positions : callable
        Take the driver's id.

    Raises
    ------
    Conflict
        If the driver is on duty.
    """
    driver = drivers.get(driver_id)
    if driver.duty is None:
        # The sign-in is removed first, so that a driver without a name can't go on duty.
        driver = drivers.close(driver_id)
    if driver.duty:
        raise Conflict(
            "on_duty", f"{driver_id} is on duty since {driver.duty.since}; the driver must go off duty first."
        )
    remove_sign_in(driver_id)
    # Before the name, which says under which words the driver is listed.
    drivers.forget_words(driver)
    forget_browsers(driver_id)
    forget_positions(driver_id)
    vault.erase(driver.person_token)
    for delivery_id in drivers.rated_deliveries(driver_id):
        vault.erase(comment_token(delivery_id))
    return drivers.get(driver_id)
