"""Orders as merchants send them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, field_validator

from crowdship.deliveries.delivery.values import ExternalId, OrderNumber
from crowdship.deliveries.editing import Editable
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.sandbox import Sandbox, SandboxInput
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.money import CurrencyCode
from crowdship.merchants.model import Merchant
from crowdship.pricing.terms import STAFF_REASONS, CancelReason
from crowdship.shipment.goods import Goods
from crowdship.shipment.options import Priority, Undeliverable
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import OrderDetails, OrderDetailsChange, Requirements, details_of
from crowdship.shipment.windows import Window
from crowdship.vault.model import Contact, DeliveryContacts, Notes

DEFAULT_PARCEL = Parcel(weight_g=2000)


MOST_TIP = 100_000
"""Minor units."""

MOST_DROPOFFS = 15
MOST_ROWS = 100
QUOTE_ID = r"^qot_[0-9a-z]{1,40}$"


class Spot(Value):
    """An end of a delivery, given by its point alone."""

    point: Point


class Place(Spot):
    """An end of a delivery: its point and its contact."""

    contact: Contact


class Dropoff(OrderDetails):
    """One drop-off of an order.

    Parameters
    ----------
    external_id : str
        The merchant's own id, unique among its deliveries.
    order_number : str or None
        The number by which drivers, customers and shops know the order, if it is not the external id.
    dropoff_window : Window or None
        The zone's promise if left out.
    goods : Goods or None
        The category of goods that have rules of their own; requirements of the category are added.
    undeliverable : Undeliverable
        What the driver does with goods that can't be handed over.
    tip : int
        Minor units of the zone's currency.
    tip_currency : str or None
        The currency of the tip; the order is refused if it is not the zone's.
    sandbox : SandboxInput or None
        For test keys only: how the delivery ends; it is delivered if left out.
    """

    external_id: ExternalId = Field(examples=["order-1042"])
    order_number: OrderNumber | None = Field(default=None, examples=["#1042"])
    dropoff: Place
    dropoff_window: Window | None = None
    parcel: Parcel = DEFAULT_PARCEL
    requirements: Requirements = Requirements()
    goods: Goods | None = None
    undeliverable: Undeliverable = Undeliverable.RETURN
    tip: int = Field(default=0, ge=0, le=MOST_TIP)
    tip_currency: CurrencyCode | None = None
    sandbox: SandboxInput | None = None


class DeliveryRequest(Dropoff):
    """A delivery that a merchant asks for.

    Parameters
    ----------
    pickup : Place or None
        The merchant's store if left out.
    pickup_window : Window or None
        From now if left out.
    quote_id : str or None
        The quote to use. Price and windows are the quote's, and so are parcel, requirements, priority and goods if they
        are left out. Values that are given must equal those of the quote.
    """

    pickup: Place | None = None
    pickup_window: Window | None = None
    priority: Priority = Priority.NORMAL
    quote_id: str | None = Field(default=None, pattern=QUOTE_ID)


class QuoteRequest(Value):
    """A request for the price of a delivery; as a request for a delivery, but without contacts."""

    pickup: Spot | None = Field(default=None, description="The merchant's store if left out")
    dropoff: Spot
    pickup_window: Window | None = None
    dropoff_window: Window | None = None
    parcel: Parcel = DEFAULT_PARCEL
    requirements: Requirements = Requirements()
    priority: Priority = Priority.NORMAL
    goods: Goods | None = None


class JobRequest(Value):
    """Several drop-offs from one pickup, priced in the listed order; drivers visit them in the best order.

    Parameters
    ----------
    pickup : Place or None
        The merchant's store if left out.
    pickup_window : Window or None
        From now if left out.
    """

    pickup: Place | None = None
    pickup_window: Window | None = None
    priority: Priority = Priority.NORMAL
    dropoffs: tuple[Dropoff, ...] = Field(min_length=2, max_length=MOST_DROPOFFS)

    def requests(self) -> list[DeliveryRequest]:
        """Return a delivery request for each drop-off, with the shared fields."""
        shared = {"pickup": self.pickup, "pickup_window": self.pickup_window, "priority": self.priority}
        return [DeliveryRequest.model_validate({**dict(dropoff), **shared}) for dropoff in self.dropoffs]


class BulkRequest(Value):
    """Many deliveries at once; each is created or refused by itself."""

    deliveries: tuple[Annotated[DeliveryRequest | dict[str, Any], Field(union_mode="left_to_right")], ...] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        description="Each is a body of `POST /v1/deliveries`; an invalid one is refused in its own row",
    )


def sandbox_of(request: Dropoff, merchant: Merchant) -> Sandbox | None:
    """Return the test settings of a delivery, None if it is a live one.

    Raises
    ------
    Unprocessable
        If a live key asks for a test.
    """
    if not merchant.livemode:
        return Sandbox(**(request.sandbox or SandboxInput()).model_dump())
    if request.sandbox:
        detail = "Only a test key may set how a delivery ends; leave the field out, or use a test key."
        raise Unprocessable("sandbox_with_live_key", detail, "/sandbox")
    return None


class CancelRequest(Value):
    """The reason why a delivery is cancelled."""

    reason: CancelReason

    def by_merchant(self) -> CancelReason:
        """Return the reason if a merchant may give it.

        Raises
        ------
        Unprocessable
            If only staff may give it.
        """
        if self.reason in STAFF_REASONS:
            detail = f"Only staff may give the reason {self.reason}; give another one, or ask staff to cancel."
            raise Unprocessable("wrong_reason", detail, "/reason")
        return self.reason


class ReadySignal(Value):
    """The moment from which the goods can be fetched.

    Parameters
    ----------
    ready_at : datetime or None
        Now if left out; a later signal replaces an earlier one.
    """

    ready_at: Moment | None = None

    @field_validator("ready_at")
    @classmethod
    def _in_our_times(cls, ready_at: datetime | None) -> datetime | None:
        if ready_at and not 2000 <= ready_at.year < 3000:
            raise ValueError("ready_at must be in the years 2000 to 2999")
        return ready_at


class DropoffChange(Value):
    """A change of the drop-off; a field that is left out stays as it is.

    Parameters
    ----------
    contact : Contact or None
        The whole contact, notes included.
    notes : str or None
        The contact's notes alone.
    """

    contact: Contact | None = None
    notes: Notes | None = None
    point: Point | None = None


class DeliveryChange(OrderDetailsChange):
    """A change of a delivery by its merchant; a field that is left out stays as it is.

    Parameters
    ----------
    parcel : Parcel or None
        The whole parcel.
    requirements : Requirements or None
        Changed field by field; requirements of the goods' category stay.
    """

    dropoff: DropoffChange = DropoffChange()
    dropoff_window: Window | None = None
    parcel: Parcel | None = None
    requirements: Requirements | None = None
    tip: int | None = Field(default=None, ge=0, le=MOST_TIP)

    def requirements_of(self, delivery: Delivery) -> Requirements | None:
        """Return the delivery's new requirements, None if the change names none."""
        if self.requirements is None:
            return None
        wished = self.requirements.over(delivery.requirements)
        return delivery.with_changes(requirements=wished).requirements_at(delivery.dropoff_window.opens_at)

    def differing(self, delivery: Delivery, contacts: DeliveryContacts) -> frozenset[Editable]:
        """Return the parts whose values differ from the present ones."""
        asked = {
            Editable.CONTACT: (self.dropoff.contact, contacts.dropoff),
            Editable.NOTES: (self.dropoff.notes, contacts.dropoff.notes),
            Editable.POINT: (self.dropoff.point, delivery.dropoff),
            Editable.DROPOFF_WINDOW: (self.dropoff_window, delivery.dropoff_window),
            Editable.PARCEL: (self.parcel, delivery.parcel),
            Editable.REQUIREMENTS: (self.requirements_of(delivery), delivery.requirements),
            Editable.ORDER_DETAILS: (self.details_of(delivery), details_of(delivery)),
            Editable.TIP: (self.tip, delivery.price.tip.amount),
        }
        return frozenset(part for part, (new, old) in asked.items() if new is not None and new != old)


class TipRequest(Value):
    """A tip after the hand-over.

    Parameters
    ----------
    amount : int
        Minor units.
    currency : str or None
        The currency of the amount; the tip is refused if it is not the delivery's.
    """

    amount: int = Field(ge=1, le=MOST_TIP)
    currency: CurrencyCode | None = None


class RedeliveryRequest(Value):
    """A new order for a delivery that was returned or failed; fields left out are as before, or have their default.

    Parameters
    ----------
    external_id : str
        A new id, as each delivery has its own.
    dropoff : Place or None
        Another drop-off, if the first was wrong.
    """

    external_id: ExternalId = Field(examples=["order-1042-again"])
    dropoff: Place | None = None
    pickup_window: Window | None = None
    dropoff_window: Window | None = None
    undeliverable: Undeliverable | None = None
    priority: Priority = Priority.NORMAL
    tip: int = Field(default=0, ge=0, le=MOST_TIP)
