"""Cancellation terms: shares of charge and pay, by who caused the cancellation and how far the delivery had come."""

from enum import StrEnum

from pydantic import Field

from crowdship.kernel.events import Value


class CancelReason(StrEnum):
    """Reasons for a cancellation; codes, because free text would carry personal data into events."""

    CUSTOMER_CHANGED_MIND = "customer_changed_mind"
    OUT_OF_STOCK = "out_of_stock"
    SHOP_CLOSED = "shop_closed"
    DUPLICATE = "duplicate"
    WRONG_ADDRESS = "wrong_address"
    TAKES_TOO_LONG = "takes_too_long"
    OTHER = "other"
    DRIVER_AT_FAULT = "driver_at_fault"
    PLATFORM_AT_FAULT = "platform_at_fault"


class Fault(StrEnum):
    """Parties that can cause a cancellation."""

    MERCHANT = "merchant"
    CUSTOMER = "customer"
    DRIVER = "driver"
    PLATFORM = "platform"


FAULT_OF: dict[CancelReason, Fault] = {
    CancelReason.CUSTOMER_CHANGED_MIND: Fault.CUSTOMER,
    CancelReason.WRONG_ADDRESS: Fault.CUSTOMER,
    CancelReason.OUT_OF_STOCK: Fault.MERCHANT,
    CancelReason.SHOP_CLOSED: Fault.MERCHANT,
    CancelReason.DUPLICATE: Fault.MERCHANT,
    CancelReason.OTHER: Fault.MERCHANT,
    CancelReason.TAKES_TOO_LONG: Fault.PLATFORM,
    CancelReason.DRIVER_AT_FAULT: Fault.DRIVER,
    CancelReason.PLATFORM_AT_FAULT: Fault.PLATFORM,
}
"""The party that causes a cancellation for each reason."""

STAFF_REASONS = frozenset({CancelReason.DRIVER_AT_FAULT, CancelReason.PLATFORM_AT_FAULT})
"""Reasons that only staff may give, because they decide who pays and have to be investigated."""


def fault_of(reason: CancelReason, *, late: bool) -> Fault:
    """Return the party that caused a cancellation.

    Parameters
    ----------
    late : bool
        Whether the promise is missed or will be. Only then ``takes_too_long`` is the platform's fault, else it is the
        merchant's.
    """
    if reason is CancelReason.TAKES_TOO_LONG and not late:
        return Fault.MERCHANT
    return FAULT_OF[reason]


class Stage(StrEnum):
    """Stages of a delivery at which it can be cancelled."""

    WAITING = "waiting"
    ASSIGNED = "assigned"
    EN_ROUTE_TO_PICKUP = "en_route_to_pickup"
    AT_PICKUP = "at_pickup"
    ON_BOARD = "on_board"


class Shares(Value):
    """Percents of the pinned charge and of the pinned pay that are due."""

    charge: int = Field(ge=0, le=100)
    pay: int = Field(ge=0, le=100)


NOTHING = Shares(charge=0, pay=0)
QUARTER = Shares(charge=25, pay=25)
HALF = Shares(charge=50, pay=50)
WHOLE = Shares(charge=100, pay=100)


class StageShares(Value):
    """Shares by stage. Nothing is due while no driver has the delivery; on board the way back is due as well."""

    assigned: Shares = QUARTER
    en_route_to_pickup: Shares = QUARTER
    at_pickup: Shares = HALF
    on_board: Shares = WHOLE

    def at(self, stage: Stage) -> Shares:
        """Return the shares of a stage."""
        found: Shares = NOTHING if stage is Stage.WAITING else getattr(self, stage)
        return found


PLATFORM_DEFAULT = StageShares(
    assigned=Shares(charge=0, pay=25),
    en_route_to_pickup=Shares(charge=0, pay=25),
    at_pickup=Shares(charge=0, pay=50),
    on_board=Shares(charge=0, pay=100),
)
DRIVER_DEFAULT = StageShares(assigned=NOTHING, en_route_to_pickup=NOTHING, at_pickup=NOTHING, on_board=NOTHING)


class CancellationTerms(Value):
    """Shares by the party that caused the cancellation: a zone's setting, pinned when a delivery is created.

    Parameters
    ----------
    merchant, customer : StageShares
        By default the merchant pays, also for the customer, and the driver is paid for the way.
    driver : StageShares
        By default nothing is charged or paid.
    platform : StageShares
        By default the merchant pays nothing, and the platform pays the driver.
    """

    merchant: StageShares = StageShares()
    customer: StageShares = StageShares()
    driver: StageShares = DRIVER_DEFAULT
    platform: StageShares = PLATFORM_DEFAULT

    def shares(self, fault: Fault, stage: Stage) -> Shares:
        """Return the shares for a party and a stage."""
        by_stage: StageShares = getattr(self, fault)
        return by_stage.at(stage)
