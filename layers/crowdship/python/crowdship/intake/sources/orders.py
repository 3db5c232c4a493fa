"""An order as read from any shop, and its conversion to our own format."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from crowdship.deliveries.delivery.values import LONGEST_NUMBER, OrderNumber
from crowdship.intake.orders.model import MOST_TIP, DeliveryRequest, Place
from crowdship.intake.places.model import Address
from crowdship.intake.sources.dates import refuse_unsure_offset, wanted_of, window_of, zone_of_shop
from crowdship.intake.sources.methods import Handling, handling_of, is_store
from crowdship.intake.sources.model import GRAMS_WITHOUT_WEIGHT, Locate, Shop
from crowdship.intake.sources.reading import cut, phone_of, text_of
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.shipment.parcel import HEAVIEST_G, Parcel
from crowdship.shipment.windows import Window
from crowdship.vault.model import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_NOTES, Contact, Email

LATITUDE, LONGITUDE, WEIGHT_G = "_crowdship_lat", "_crowdship_lon", "_crowdship_weight_g"
"""Names of order attributes that a shop may set where its system has no coordinates and no weight in grams."""

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_NUMBER: TypeAdapter[str] = TypeAdapter(OrderNumber)


@dataclass(frozen=True)
class ShopOrder:
    """The fields of a shop's order that are used. Optional fields that are missing or unusable are empty or None.

    Parameters
    ----------
    names : sequence of str
        Names of the recipient, the best first.
    street, street_2, town, region : str
        Lines of the address; the second is the flat, the floor, the entrance.
    phones : sequence of (number, country)
        Phones, the best first; the country is that of a number that may be in its national format.
    point : Point or None
        The coordinates that the shop gave.
    attributes : mapping of str to str
        Fields that checkout and plugins added.
    placed_at, offset : datetime, timedelta or None
        When it was placed, and the shop's offset from UTC then.
    """

    external_id: str
    number: str
    names: Sequence[str]
    company: str
    street: str
    street_2: str
    town: str
    region: str
    country: str | None
    phones: Sequence[tuple[str, str | None]]
    phone_pointer: str
    email: str
    notes: str
    point: Point | None
    weight_g: Decimal | None
    tip: Decimal | None
    currency: str
    attributes: Mapping[str, str]
    methods: Sequence[Sequence[str]]
    placed_at: datetime | None
    offset: timedelta | None

    def refuse_collected(self, shop: Shop) -> bool:
        """Check that the order is not collected; return whether order or settings say explicitly that it is not.

        Raises
        ------
        Unprocessable
            ``collected_by_customer``.
        """
        handling = handling_of(self.methods, self.attributes, shop.settings)
        if handling is Handling.COLLECTED:
            raise Unprocessable("collected_by_customer", "The customer fetches the order: its shipping is a pickup.")
        if handling is None and is_store(self.street, self.street_2, self.point, shop.store):
            detail = "The customer fetches the order: it is addressed to the merchant's own store."
            raise Unprocessable("collected_by_customer", detail)
        return handling is Handling.DELIVERED

    def request(self, locate: Locate, shop: Shop) -> DeliveryRequest:
        """Return the delivery that is asked for.

        Raises
        ------
        Unprocessable
            If it has no usable phone or address, or its delivery date can't be read or is past.
        """
        phone = phone_of(list(self.phones), self.phone_pointer)
        lines = [line for line in (self.street, self.street_2, self.town) if line]
        contact = Contact(
            name=next((name for name in self.names if name), "Customer"),
            company=cut(self.company, LONGEST_NAME) or None,
            phone=phone,
            email=usable(_EMAIL, self.email),
            address=cut(", ".join(lines), LONGEST_ADDRESS),
            notes=cut(self.notes, LONGEST_NOTES),
        )
        window = self.window(shop)
        point = self.point or locate(Address.of(self.street, self.town, self.region, country=self.country))
        tip, currency = minor_units(self.tip, self.currency)
        return DeliveryRequest(
            external_id=self.external_id,
            order_number=usable(_NUMBER, cut(self.number, LONGEST_NUMBER)),
            dropoff=Place(contact=contact, point=point),
            dropoff_window=window,
            parcel=Parcel(weight_g=grams(self.weight_g)),
            tip=tip,
            tip_currency=currency,
        )

    def window(self, shop: Shop) -> Window | None:
        """Return the window for which the order is placed, None for as soon as possible; raise as ``wanted_of``."""
        wanted = wanted_of(self.attributes, shop.settings, lambda: zone_of_shop(shop.time_zone, self.offset))
        if wanted is None:
            return None
        found = window_of(wanted, zone_of_shop(shop.time_zone, self.offset), shop.hours, shop.now)
        if shop.time_zone is None and self.offset is not None:
            refuse_unsure_offset(self.offset, self.placed_at or shop.now, found)
        return found


def usable(kind: TypeAdapter[str], text: str) -> str | None:
    """Return a text if it is valid for a type, else None."""
    try:
        return kind.validate_python(text)
    except ValidationError:
        return None


def grams(weight: Decimal | None) -> int:
    """Return a weight in whole grams; the default if it is missing, not positive or heavier than any parcel."""
    return int(weight) if weight is not None and 1 <= weight <= HEAVIEST_G else GRAMS_WITHOUT_WEIGHT


def minor_units(tip: Decimal | None, currency: str) -> tuple[int, str | None]:
    """Return a tip in minor units and its currency; 0 for an unusable tip, None for an unusable currency."""
    for amount in (tip or Decimal(0), Decimal(0)):
        try:
            minor = Money.of(amount, currency).amount
        except ValueError:
            continue
        return (minor if 0 <= minor <= MOST_TIP else 0), currency
    return 0, None


def attributes_of(pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Return texts by name; if a name comes twice the last counts, as in the shops.

    A list of one value is that value. Other lists and objects stay as JSON, so that a delivery date in one is refused
    as unreadable instead of being overlooked.
    """
    return {name: _attribute(value) for name, value in pairs if name}


def _attribute(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        return _attribute(value[0])
    if isinstance(value, list | dict) and value:
        return cut(json.dumps(value, ensure_ascii=False), LONGEST_ADDRESS)
    return text_of(value, LONGEST_ADDRESS)
