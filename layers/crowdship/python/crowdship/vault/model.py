"""Personal data: contacts of deliveries, comments on them, drivers as persons, and messages of shops."""

import unicodedata
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.language import LanguageTag
from crowdship.kernel.reading import is_stored
from crowdship.kernel.retention import DRIVER_NOTES
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
"""A phone number: written with ``+`` and the country's code, stored in E.164."""

_OF_EMAIL = r"[^@\s\x00-\x1f\x7f]+"

Email = Annotated[str, StringConstraints(pattern=rf"^{_OF_EMAIL}@{_OF_EMAIL}\.{_OF_EMAIL}$", max_length=254)]
"""An e-mail address: one @ between two parts. Whether it exists is not checked."""


def _one_line(written: object) -> object:
    """Return a text with a space for each control character, because it may become part of a mail's subject."""
    if not isinstance(written, str):
        return written
    return "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in written)


LONGEST_NAME, LONGEST_ADDRESS, LONGEST_NOTES = 120, 300, 500
"""Characters that the texts may have; readers of other systems' formats cut to these lengths."""

ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_NAME, strip_whitespace=True), BeforeValidator(_one_line)
]
"""A name or a similar text, in one line."""

AddressText = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_ADDRESS, strip_whitespace=True), BeforeValidator(_one_line)
]
"""A postal address in one line."""


Notes = Annotated[str, StringConstraints(max_length=LONGEST_NOTES)]
"""Hints for the driver at the door."""


class Contact(Value):
    """A person at an address.

    The extension of a phone number is moved to the notes, where the driver sees it.

    Parameters
    ----------
    company : str or None
        Name on the sign at the door, if the person is at work.
    language : str or None
        The language to write to the person in, as BCP 47 has it; that of the merchant's messages if it is left out, or
        if we have no texts in it.
    """

    name: ShortText
    company: ShortText | None = None
    phone: Phone
    email: Email | None = None
    address: AddressText
    notes: Notes = ""
    language: LanguageTag | None = Field(default=None, examples=["es-MX"])

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


class Kept(Aggregate):
    """Personal data with its end.

    Parameters
    ----------
    kept_until : datetime or None
        The moment after which it is deleted; None keeps it until it is erased.
    """

    kept_until: Moment | None = None

    def kept_to(self, until: datetime) -> Self:
        """Return it with an end that is no earlier than ``until``."""
        return self.with_changes(kept_until=max(self.kept_until or until, until))


class DeliveryContacts(Kept):
    """Contacts at both ends of a delivery, the PIN that the customer tells the driver, and the name of the receiver."""

    pickup: Contact
    dropoff: Contact
    pin: str | None = None
    received_by: str | None = None

    def with_notes(self, notes: str) -> Self:
        """Return the contacts with other notes for the driver at the drop-off."""
        return self.with_changes(dropoff=self.dropoff.model_copy(update={"notes": notes}))


CommentText = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class Comment(Aggregate):
    """A customer's comment on a delivery, which may say anything about its driver."""

    text: CommentText


def comment_token(delivery_id: str) -> str:
    """Return the token of the comment on a delivery, the same whether or not there is one."""
    return derived_id("pii", "comment", delivery_id)


class RemarkTexts(Value):
    """The texts that a driver wrote at one step of a delivery, which came in at a moment."""

    step: str
    at: Moment
    condition_note: str | None = None
    note: str | None = None


class DriverNotes(Kept):
    """All texts that drivers wrote on one delivery, in the order in which they came in."""

    texts: tuple[RemarkTexts, ...] = ()

    def with_texts(self, texts: RemarkTexts) -> Self:
        """Return the notes with the texts of one more step."""
        return self.with_changes(texts=(*self.texts, texts)).kept_to(texts.at + DRIVER_NOTES)


def notes_token(delivery_id: str) -> str:
    """Return the token of the drivers' notes on a delivery, the same whether or not there are any."""
    return derived_id("pii", "remarks", delivery_id)


LONGEST_MESSAGE = 1000

MessageText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_MESSAGE, strip_whitespace=True)]


class Writing(Aggregate):
    """A text that somebody wrote to somebody, or about an emergency."""

    text: MessageText


def writing_token(*of: str) -> str:
    """Return the token of the text that belongs to something, the same whether or not there is one."""
    return derived_id("pii", "writing", *of)


class KeptMessage(Aggregate):
    """A shop's message that had no effect. It names people, so it is kept here until it is tried again or expires.

    Parameters
    ----------
    headers : dict of str to str
        Headers of the request without the signature; names in lower case.
    body : str
        Body of the request, compressed with zlib, in base64.
    """

    headers: dict[str, str]
    body: str


class Person(Aggregate):
    """Name, phone and e-mail address of a driver."""

    name: ShortText
    phone: Phone
    email: Email
