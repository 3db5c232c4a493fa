"""Kinds of stops of a shipment."""

from enum import StrEnum


class StopKind(StrEnum):
    """The kind of a stop."""

    PICKUP = "pickup"
    DROPOFF = "dropoff"
    RETURN = "return"
