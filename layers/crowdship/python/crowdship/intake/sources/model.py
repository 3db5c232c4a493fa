"""What all sources have in common: a signed message, and what it asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic import ConfigDict, ValidationError

from crowdship.intake.model import DeliveryRequest
from crowdship.intake.phones import international
from crowdship.intake.places.model import Address
from crowdship.kernel.errors import Unauthorized, Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.http import read_json
from crowdship.kernel.signatures import equal, hmac_base64
from crowdship.merchants.model import SourceName
from crowdship.pricing.terms import CancelReason

GRAMS_WITHOUT_WEIGHT = 2000


@dataclass(frozen=True)
class Message:
    """A request as it came in, from nobody knows whom."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header, whatever its case; empty if it is missing."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Order:
    """Make a delivery, once."""

    request: DeliveryRequest


@dataclass(frozen=True)
class Cancellation:
    """Call a delivery off, as long as that is possible."""

    external_id: str
    reason: CancelReason = CancelReason.CUSTOMER_CHANGED_MIND


@dataclass(frozen=True)
class Erasure:
    """Forget the people of some orders."""

    external_ids: tuple[str, ...]


@dataclass(frozen=True)
class Farewell:
    """The shop is gone: disconnect it."""


@dataclass(frozen=True)
class Inquiry:
    """Somebody wants to know what is kept about them: a matter for staff."""


@dataclass(frozen=True)
class Nothing:
    """Nothing is to be done, for a reason that has a code."""

    code: str


type Wish = Order | Cancellation | Erasure | Farewell | Inquiry | Nothing
type Locate = Callable[[Address], Point]
"""Tells where an address is, or refuses."""


class OrderSource(Protocol):
    """What a module in this folder has."""

    NAME: SourceName
    HEADERS: tuple[str, ...]
    """What it sends along, the signature first."""
    FORGIVING: bool
    """Whether an order that can't be delivered is answered 200: a shop would only send it again, and then give up."""

    def is_ping(self, message: Message) -> bool:
        """Return whether it only asks if anybody is there, unsigned."""
        ...

    def verify(self, message: Message, secrets: Sequence[str], now: datetime) -> None:
        """Check that one of the secrets signed the message; raise Unauthorized if not."""
        ...

    def shop(self, message: Message) -> str | None:
        """Return which shop says that it sends this; None if it doesn't say."""
        ...

    def message_key(self, message: Message) -> str:
        """Return what is the same whenever the same message comes again; raise Unprocessable if there is nothing."""
        ...

    def wish(self, message: Message, locate: Locate) -> Wish:
        """Return what the message asks for; raise Unprocessable if that can't be, and say why."""
        ...


class SourceAnswer(Value):
    """What became of a shop's order, or of another message of the shop.

    Parameters
    ----------
    ignored : str or None
        The code of the reason why it made nothing.
    acknowledged : str or None
        What kind of message was acted upon, if it was no new order.
    """

    delivery_id: str | None = None
    ignored: str | None = None
    acknowledged: str | None = None


class Lenient(Value):
    """A part of somebody else's format: what we don't know is not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def check_hmac(header: str, message: Message, secrets: Sequence[str]) -> None:
    """Check a header that is the base64 HMAC-SHA256 of the raw body.

    Raises
    ------
    Unauthorized
        If it is so under none of the secrets.
    """
    given = message.header(header)
    if not any(equal(hmac_base64(secret.encode(), message.body), given) for secret in secrets):
        raise Unauthorized("bad_signature", f"{header} does not match the body; check the secret and send raw bytes.")


def parsed[T: Value](kind: type[T], data: Any, code: str, what: str) -> T:
    """Return a part of a message; what is wrong with it is said without the value.

    Raises
    ------
    Unprocessable
        With the code, if it is not what its sender documents.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise Unprocessable(code, f"The body is no {what} we can read: {fault(error)}") from error


def fault(error: ValidationError) -> str:
    """Return what is wrong, in one line."""
    faults = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)


def json_object(body: bytes, code: str) -> dict[str, Any]:
    """Return the JSON object that a body is.

    Raises
    ------
    Unprocessable
        With the code, if it is none.
    """
    try:
        value = read_json(body.decode())
    except ValueError as error:
        raise Unprocessable(code, f"The body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Unprocessable(code, f"The body is a JSON {type(value).__name__}; it must be an object.")
    return value


def phone_of(written: Sequence[tuple[str | None, str | None]], pointer: str) -> str:
    """Return the first number that is in international format, or in that of its country.

    Parameters
    ----------
    written : sequence of (number, country)
        What the order has, the best first; no country where a number need not be of the country shipped to.

    Raises
    ------
    Unprocessable
        If there is none: a number is never guessed.
    """
    for number, country in written:
        if found := international(number or "", country):
            return found
    told = "The order has no phone in international format, and none in that of the country it ships to."
    raise Unprocessable("phone_not_international", told, pointer)
