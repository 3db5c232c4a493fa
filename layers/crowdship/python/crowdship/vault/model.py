"""Personal data of people at pickups and drop-offs, and of drivers."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints, ValidationInfo, WithJsonSchema, model_validator

from crowdship.kernel.context import is_stored
from crowdship.kernel.events import Aggregate, Value
from crowdship.vault.phones import LONGEST, phone_number


def _international(written: str, info: ValidationInfo) -> str:
    return written if is_stored(info) else phone_number(written).e164


Phone = Annotated[
    str,
    AfterValidator(_international),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": LONGEST,
            "description": "With + and the country's code; kept in E.164",
            "examples": ["+13125550123"],
        }
    ),
]
"""A phone number that is written with ``+``; it is kept in E.164."""

_OF_EMAIL = r"[^@\s\x00-\x1f\x7f]+"

Email = Annotated[str, StringConstraints(pattern=rf"^{_OF_EMAIL}@{_OF_EMAIL}\.{_OF_EMAIL}$", max_length=254)]
"""An e-mail address; only its form is checked: one @ between two parts, and a dot in the second."""


def _one_line(written: object) -> object:
    """Return a text with a space in place of each control character, so that it may be used in an e-mail's subject."""
    if not isinstance(written, str):
        return written
    return "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in written)


LONGEST_NAME, LONGEST_ADDRESS, LONGEST_NOTES = 120, 300, 280
"""The most characters of each text; readers of other systems' formats cut texts to these."""

ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_NAME, strip_whitespace=True), BeforeValidator(_one_line)
]
"""A name or the like, in one line."""

AddressText = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_ADDRESS, strip_whitespace=True), BeforeValidator(_one_line)
]
"""A postal address in one line."""


Notes = Annotated[str, StringConstraints(max_length=LONGEST_NOTES)]
"""Notes for the driver at the door."""


class Contact(Value):
    """A person at an address.

    An extension behind the phone number is moved to the notes, where the driver sees it.

    Parameters
    ----------
    company : str or None
        Company at the address, as its sign says, if the person is at work.
    """

    name: ShortText
    company: ShortText | None = None
    phone: Phone
    email: Email | None = None
    address: AddressText
    notes: Notes = ""

    @model_validator(mode="before")
    @classmethod
    def _keep_extension(cls, given: Any, info: ValidationInfo) -> Any:
        if not isinstance(given, dict) or is_stored(info):
            return given
        phone, notes = given.get("phone"), given.get("notes", "")
        if not isinstance(phone, str) or not isinstance(notes, str):
            return given
        try:
            number = phone_number(phone)
        except ValueError:
            return given
        told = "; ".join(part for part in (notes, f"phone extension {number.extension}") if part)
        if number.extension is None or len(told) > LONGEST_NOTES:
            return given
        return {**given, "phone": number.e164, "notes": told}


class DeliveryContacts(Aggregate):
    """Contacts at both ends of a delivery, the PIN that the customer tells the driver, and who received the goods."""

    pickup: Contact
    dropoff: Contact
    pin: str | None = None
    received_by: str | None = None


class KeptMessage(Aggregate):
    """A message of a shop that could not be processed. It names people, so it is kept here until a retry or its expiry.

    Parameters
    ----------
    headers : dict of str to str
        Headers of the message without the signature; names in lower case.
    body : str
        The bytes, compressed with zlib, in base64.
    """

    headers: dict[str, str]
    body: str


class Person(Aggregate):
    """The personal data of a driver."""

    name: ShortText
    phone: Phone
    email: Email
