"""The people at the stops of a route as their driver sees them. Pure."""

from datetime import datetime
from typing import Self

from pydantic import Field

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.sight import may_see
from crowdship.kernel.events import Value
from crowdship.shipment.stop_kind import StopKind
from crowdship.vault.model import Contact, DeliveryContacts


class StopContact(Value):
    """Whom a driver meets at a stop; what the driver does not see is null or empty.

    An e-mail address is never shown, and a customer's phone number neither: `call` gives a number that connects.
    """

    name: str = Field(description="Of a customer only the first name, until the pickup")
    company: str | None
    phone: str | None = Field(description="Of the shop; null for a customer")
    address: str | None = Field(description="Null for a customer until the pickup")
    notes: str

    @classmethod
    def of_shop(cls, contact: Contact) -> Self:
        """Return the view of the people at the pickup."""
        return cls(
            name=contact.name,
            company=contact.company,
            phone=contact.phone,
            address=contact.address,
            notes=contact.notes,
        )

    @classmethod
    def of_customer(cls, contact: Contact, *, seen: bool) -> Self:
        """Return the view of a customer: whole if the driver may see them now, else the first name."""
        if not seen:
            return cls(name=contact.name.split()[0], company=None, phone=None, address=None, notes="")
        return cls(name=contact.name, company=contact.company, phone=None, address=contact.address, notes=contact.notes)


def shown_at(
    kind: StopKind, delivery: Delivery, contacts: DeliveryContacts | None, now: datetime
) -> StopContact | None:
    """Return the view of the contact at a stop of a delivery; None if they were erased, or another driver is there."""
    if contacts is None or (kind is StopKind.PICKUP and delivery.transfer_point is not None):
        return None
    if kind is StopKind.DROPOFF:
        return StopContact.of_customer(contacts.dropoff, seen=may_see(delivery, now))
    return StopContact.of_shop(contacts.pickup)
