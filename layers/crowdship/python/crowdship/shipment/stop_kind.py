"""Kinds of stops of a shipment."""

from enum import StrEnum


class StopKind(StrEnum):
    """What happens at a stop."""

    PICKUP = "pickup"
    DROPOFF = "dropoff"
    RETURN = "return"
