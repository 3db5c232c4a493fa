"""The common parts of all sources: a message, what it asks for, and the answer to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pydantic import ValidationError

from crowdship.intake.orders.model import DeliveryRequest
from crowdship.intake.places.model import Address
from crowdship.kernel.errors import Unauthorized, Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.hours import OpeningHours
from crowdship.kernel.signatures import equal, hmac_base64
from crowdship.merchants.connections import Connection, SourceName
from crowdship.merchants.model import Store
from crowdship.merchants.shop_settings import ShopSettings
from crowdship.pricing.terms import CancelReason

GRAMS_WITHOUT_WEIGHT = 2000
TAKEN_BEFORE_CONNECTION = timedelta(days=1)
"""An order placed more than this before the shop was connected counts as already handled by the shop."""


@dataclass(frozen=True)
class Message:
    """A request as it was received; its sender is not verified yet.

    Parameters
    ----------
    fetched : mapping or None
        The order as the shop's API answered it, if the body only names one; None if none was fetched.
    """

    headers: Mapping[str, str]
    body: bytes
    fetched: Mapping[str, Any] | None = None

    def header(self, name: str) -> str:
        """Return a header by its name in any case; empty if it is missing."""
        return self.headers.get(name.lower(), "")

    def without(self, name: str) -> "Message":
        """Return the message without a header."""
        return replace(self, headers={key: value for key, value in self.headers.items() if key != name.lower()})


@dataclass(frozen=True)
class Shop:
    """The shop that a message comes from, as far as it is known.

    Parameters
    ----------
    time_zone : str or None
        IANA name of the zone of its dates and times.
    connected_at : datetime or None
        When the shop was connected; older orders are refused.
    now : datetime
        Business time.
    """

    settings: ShopSettings = field(default_factory=ShopSettings)
    store: Store | None = None
    hours: OpeningHours | None = None
    time_zone: str | None = None
    connected_at: datetime | None = None
    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def refuse_old(self, placed_at: datetime | None) -> None:
        """Check that an order is not older than the connection.

        Raises
        ------
        Unprocessable
            ``older_than_connection``, if it is: a plugin saved it again.
        """
        if placed_at and self.connected_at and placed_at < self.connected_at - TAKEN_BEFORE_CONNECTION:
            detail = f"The order is of {placed_at:%Y-%m-%dT%H:%M:%SZ}, more than a day before the shop was connected."
            raise Unprocessable("older_than_connection", detail)


@dataclass(frozen=True)
class About:
    """The order that a message is about and the version of it; None for what the message does not say.

    Parameters
    ----------
    version : datetime or None
        When the shop changed the order last, according to this message; messages are ordered by it.
    """

    external_id: str | None = None
    version: datetime | None = None


@dataclass(frozen=True)
class Order:
    """Create a delivery of the order, or change the existing delivery to match it."""

    request: DeliveryRequest


@dataclass(frozen=True)
class Cancellation:
    """Cancel the delivery of an order, unless the goods are on board."""

    external_id: str
    reason: CancelReason = CancelReason.CUSTOMER_CHANGED_MIND


@dataclass(frozen=True)
class Erasure:
    """Erase the personal data of some orders."""

    external_ids: tuple[str, ...]


@dataclass(frozen=True)
class Farewell:
    """Disconnect the shop, which no longer exists."""


@dataclass(frozen=True)
class Inquiry:
    """A customer's request for their stored data, which staff answer."""


@dataclass(frozen=True)
class Nothing:
    """A message that asks for nothing, with the code of the reason.

    Parameters
    ----------
    held : bool
        Whether the shop has put the order on hold, for example until it is paid.
    """

    code: str
    held: bool = field(default=False, compare=False)


type Wish = Order | Cancellation | Erasure | Farewell | Inquiry | Nothing
type Locate = Callable[[Address], Point]
"""Returns where an address is; raises ``Unprocessable`` if it can't be found."""

type Ask = Callable[[str], Any]
"""Returns the JSON at a path of the shop's API, None where the API has nothing there; raises ``Unavailable`` if it does
not answer and ``Unprocessable`` if it refuses."""


class OrderSource(Protocol):
    """One kind of system that sends orders, as a module of this folder describes it.

    ``registry.py`` finds the module by its name, which is a line in ``merchants/connections.py``; nothing else in the
    layers and functions knows one kind from another.
    """

    NAME: SourceName
    TITLE: str
    """One system of the kind, as a sentence names it after "a"."""
    SUMMARY: str
    """The effect of its messages, as the OpenAPI document tells it."""
    STAFF_PATH: str
    """Last part of the path at which staff connect and disconnect it."""
    CONNECTION: type[Connection] | None
    """Fields that staff send to connect it; None if there are none."""
    CHOOSES_SECRET: bool
    """True if staff enter the secret that the system signs with; else the platform makes one and shows it once."""
    HEADERS: Mapping[str, str]
    """Headers of its messages with their meaning, for the OpenAPI document. The first one proves the sender."""
    CONTENT_TYPES: tuple[str, ...]
    """Content types of its messages."""
    FETCHES: bool
    """True if a message only names an order, which is then fetched from the shop's API."""
    FORGIVING: bool
    """True if an order that can't be delivered is answered 200, because the shop would send it again in vain and then
    stop.
    """

    def is_ping(self, message: Message) -> bool:
        """Return whether the message is the unsigned one by which the system tests the address."""
        ...

    def verify(self, message: Message, secrets: Sequence[str], now: datetime) -> None:
        """Check that the message was sent by somebody who knows one of the secrets; raise Unauthorized if not."""
        ...

    def shop(self, message: Message) -> str | None:
        """Return the shop that the message says it comes from; None if it doesn't say."""
        ...

    def whole(self, message: Message, ask: Ask) -> Message:
        """Return the message with its order; the order is fetched if the message only names it.

        Raises
        ------
        Unavailable
            If the shop's API does not answer, so that the shop has to send the message again.
        Unprocessable
            If the API answers that there is no such order, or refuses to show it.
        """
        ...

    def message_key(self, message: Message) -> str:
        """Return a key that is the same whenever this message comes again; raise Unprocessable if there is none."""
        ...

    def about(self, message: Message) -> About:
        """Return the order that the message is about, as far as its body says so; it never raises."""
        ...

    def wish(self, message: Message, locate: Locate, shop: Shop) -> Wish:
        """Return what the message asks for; raise Unprocessable with the reason if it can't be done.

        Only the body is signed, so the body decides what a message asks for. If a header contradicts it, the message
        asks for nothing.
        """
        ...


class SourceAnswer(Value):
    """The result of a shop's order, or of another message of the shop.

    Parameters
    ----------
    ignored : str or None
        The code of the reason why the message, or a part of it, was ignored.
    acknowledged : str or None
        The kind of change that was made, if the message was no new order.
    """

    delivery_id: str | None = None
    ignored: str | None = None
    acknowledged: str | None = None


def check_hmac(header: str, message: Message, secrets: Sequence[str]) -> None:
    """Check a header that is the base64 HMAC-SHA256 of the raw body.

    Raises
    ------
    Unauthorized
        If it matches with none of the secrets.
    """
    given = message.header(header)
    if not any(equal(hmac_base64(secret.encode(), message.body), given) for secret in secrets):
        raise Unauthorized("bad_signature", f"{header} does not match the body; check the secret and send raw bytes.")


def fault(error: ValidationError) -> str:
    """Return what is wrong, in one line."""
    faults = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
