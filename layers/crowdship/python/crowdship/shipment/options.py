"""Options of a shipment: its priority, and what becomes of goods that can't be handed over."""

from enum import StrEnum


class Priority(StrEnum):
    """How soon a delivery must be put to a driver."""

    NORMAL = "normal"
    URGENT = "urgent"


class Undeliverable(StrEnum):
    """What is to happen with goods that can't be handed over."""

    RETURN = "return"
    LEAVE_AT_DOOR = "leave_at_door"
    DISPOSE = "dispose"
