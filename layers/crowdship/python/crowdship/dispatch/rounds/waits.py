"""Reasons why a delivery waits for a driver, as codes. Pure."""

from enum import StrEnum

from crowdship.planner.matching import model as matching


class Wait(StrEnum):
    """Reasons why an open delivery is not offered now."""

    ZONE_PAUSED = "zone_paused"
    OFFER_STANDS = "offer_stands"
    """Drivers were asked, and the offer has not run out."""

    NO_DRIVER = "no_driver"
    """Nobody is on duty in the zone with a known position."""

    NOBODY_CAN_TAKE_IT = "nobody_can_take_it"
    """All drivers on duty are ineligible; the zone's plan has the reason of each."""

    READY_LATER = "ready_later"
    DRIVER_NEED_NOT_LEAVE = "driver_need_not_leave"
    DRIVER_ON_ANOTHER_TRIP = "driver_on_another_trip"
    KEPT_FOR_DEDICATED = "kept_for_dedicated"
    """A dedicated driver can be there soon; the zone's ``fleet.hold_minutes`` says how long the crowd is not asked."""

    NEXT_ROUND = "next_round"
    """It is planned in the zone's next round."""

    CHANGED_MEANWHILE = "changed_meanwhile"
    """Somebody else changed it while the round was carried out."""

    NOT_OPEN = "not_open"
    """It does not wait for a driver, or may not be planned yet."""


OF_THE_PLAN = {
    matching.NOBODY: Wait.NOBODY_CAN_TAKE_IT,
    matching.LATER: Wait.READY_LATER,
    matching.SOON: Wait.DRIVER_NEED_NOT_LEAVE,
    matching.BUSY: Wait.DRIVER_ON_ANOTHER_TRIP,
    Wait.ZONE_PAUSED: Wait.ZONE_PAUSED,
    Wait.KEPT_FOR_DEDICATED: Wait.KEPT_FOR_DEDICATED,
}
"""The code of each reason that a round's plan gives."""
