"""The interface of a requirement, and what is known at the stop where it has to be met.

A module of this package holds one requirement. It defines ``Wish`` (the field by which an order asks for it) and
``REQUIREMENT`` (its rules), and where they are needed:

- ``Details``: what the merchant gives with the order for it,
- ``DetailsChange``: the same fields, all optional, for a change of the order,
- ``AppDetails``: what the driver's app is told besides,
- ``Capture``: what the driver's app sends for it,
- ``Evidence``: what is kept with the proof and shown to staff.

``registry`` puts the fields of all modules together.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crowdship.kernel.events import Value
from crowdship.shipment.stop_kind import StopKind

if TYPE_CHECKING:
    from crowdship.shipment.requirements.registry import Evidence, OrderDetails, Requirements


@dataclass(frozen=True)
class Visit:
    """One attempt of a driver to finish a stop.

    Parameters
    ----------
    stop : StopKind
        Pickup or drop-off.
    at : datetime
        When the attempt came in, business time.
    made_at : datetime or None
        When the device says that it was made, by our clock; None if the device's clock can't be right.
    today : date
        The local day at the stop.
    driver_id : str
        Who made it.
    requirements : Requirements
        Everything that is required.
    details : OrderDetails
        What the merchant gave with the order.
    capture : Value
        What the driver's app sent: it has the fields of ``Capture`` of each module that may be met at this stop.
    evidence : Evidence
        What was kept before this attempt.
    pictures : frozenset of str
        Kinds of the pictures that arrived.
    """

    stop: StopKind
    at: datetime
    made_at: datetime | None
    today: date
    driver_id: str
    requirements: "Requirements"
    details: "OrderDetails"
    capture: Value
    evidence: "Evidence"
    pictures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Gap:
    """Something that is still missing.

    Parameters
    ----------
    what : str
        A noun phrase, as in "Still missing: ...".
    pointer : str or None
        JSON pointer to where the driver's app sends it; None if it is sent by another request.
    """

    what: str
    pointer: str | None = None


class Requirement[Asked]:
    """The rules of one requirement; ``Asked`` is the type of its field. A requirement overrides what differs.

    Attributes
    ----------
    name : str
        The field of ``Requirements``.
    stops : frozenset of StopKind
        Where the driver has to meet it.
    needs_recipient : bool
        True if somebody has to be there; goods can then not be left at the door.
    """

    name: str
    stops: frozenset[StopKind] = frozenset({StopKind.DROPOFF})
    needs_recipient: bool = False

    def stricter(self, one: Asked, other: Asked) -> Asked:
        """Return what satisfies both of two wishes; goods may demand more than the merchant did."""
        return one or other

    def check_wish(self, asked: Asked) -> None:
        """Check what an order asks for, with what the law adds to it.

        Raises
        ------
        Unprocessable
            If it can't be met.
        """

    def check_order(self, details: "OrderDetails") -> None:
        """Check that an order that asks for it gives what it needs.

        Raises
        ------
        Unprocessable
            If it does not.
        """

    def tell_app(self, details: "OrderDetails") -> dict[str, Any]:
        """Return the fields that the driver's app gets besides the requirement itself, where it is asked for."""
        return {}

    def missing(self, asked: Asked, visit: Visit) -> Gap | None:
        """Return what is missing at a stop, or None if the requirement is met.

        Raises
        ------
        Unprocessable
            If what was sent is wrong, where that is told apart from what is missing.
        """

    def keep(self, asked: Asked, visit: Visit) -> dict[str, Any]:
        """Return the fields of the evidence that a successful visit changes."""
        return {}

    def kind(self, evidence: "Evidence") -> str | None:
        """Return the name under which ``proof.captured`` lists the evidence, or None if there is none."""
        return None
