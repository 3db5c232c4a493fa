"""Options of a shipment: its priority, and what becomes of goods that can't be handed over."""

from enum import StrEnum


class Priority(StrEnum):
    """Urgency: an urgent delivery is put to a driver before the usual batch is full."""

    NORMAL = "normal"
    URGENT = "urgent"


class Undeliverable(StrEnum):
    """The merchant's wish for goods that can't be handed over."""

    RETURN = "return"
    LEAVE_AT_DOOR = "leave_at_door"
    DISPOSE = "dispose"
