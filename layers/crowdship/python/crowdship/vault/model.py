"""People: who hands over, who receives, who drives."""

from typing import Annotated

from pydantic import StringConstraints

from crowdship.kernel.events import Aggregate, Value

E164 = r"^\+[1-9]\d{6,14}$"

Phone = Annotated[str, StringConstraints(pattern=E164)]
"""E.164, for example +14155550123."""

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
"""An e-mail address: one @ between two parts; only a sent message proves more."""

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]


Notes = Annotated[str, StringConstraints(max_length=280)]
"""What the driver should know at the door."""


class Contact(Value):
    """A person at an address.

    Parameters
    ----------
    company : str or None
        Whose door it is, where the person is at work: what stands on the sign.
    """

    name: ShortText
    company: ShortText | None = None
    phone: Phone
    email: Email | None = None
    address: Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
    notes: Notes = ""


class DeliveryContacts(Aggregate):
    """Both ends of a delivery, the PIN that the customer tells the driver, and who took the goods in the end."""

    pickup: Contact
    dropoff: Contact
    pin: str | None = None
    received_by: str | None = None


class KeptMessage(Aggregate):
    """What a shop sent and could not be done: it names people, so it is kept here until it is tried again or forgotten.

    Parameters
    ----------
    headers : dict of str to str
        What came along, without the signature; names in lower case.
    body : str
        The bytes, packed with zlib, in base64.
    """

    headers: dict[str, str]
    body: str


class Person(Aggregate):
    """A driver as a person."""

    name: ShortText
    phone: Phone
    email: Email
