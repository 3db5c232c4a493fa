"""Erasure of what people wrote, together with their other personal data."""

from collections.abc import Callable

from crowdship.contact import emergencies, messages
from crowdship.drivers import erasure
from crowdship.drivers.model import Driver


def erase_person(
    driver_id: str,
    remove_sign_in: Callable[[str], None],
    forget_browsers: Callable[[str], None],
    forget_positions: Callable[[str], None],
) -> Driver:
    """Erase a driver's personal data, sign-in, browsers and positions, and what they wrote.

    Raises
    ------
    Conflict
        If the driver is on duty.
    """
    driver = erasure.erase_person(driver_id, remove_sign_in, forget_browsers, forget_positions)
    messages.erase_of_driver(driver_id)
    emergencies.erase_notes(driver_id)
    return driver
