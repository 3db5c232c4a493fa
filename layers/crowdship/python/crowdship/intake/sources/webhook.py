"""Any other system, such as a point of sale: our own order format, signed as Standard Webhooks specify."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from crowdship.intake.orders.model import DeliveryRequest
from crowdship.intake.sources.model import About, Ask, Locate, Message, Order, Shop, Wish, fault
from crowdship.intake.sources.reading import json_object, part_of
from crowdship.kernel import signatures
from crowdship.kernel.errors import Unprocessable
from crowdship.merchants.connections import Connection, SourceName

NAME: SourceName = SourceName.WEBHOOK
TITLE: str = "system that signs its orders"
SUMMARY: str = (
    "Turn an order that is signed as Standard Webhooks specify into a delivery; a repeated message changes nothing."
)
STAFF_PATH: str = "webhook-source"
CONNECTION: type[Connection] | None = None
CHOOSES_SECRET: bool = False
HEADERS: Mapping[str, str] = {
    "webhook-signature": (
        "As in Standard Webhooks: `v1,` and the base64 HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<raw body>`; "
        "several may be given, separated by spaces"
    ),
    "webhook-id": "The message's id, the same on every repetition",
    "webhook-timestamp": "Unix seconds of this attempt, within five minutes of ours",
}
CONTENT_TYPES: tuple[str, ...] = ("application/json",)
FETCHES: bool = False
FORGIVING: bool = False
"""Programmers who write our format want to see their errors."""


def is_ping(message: Message) -> bool:
    """Return False: every message of such a system is signed."""
    return False


def verify(message: Message, secrets: Sequence[str], now: datetime) -> None:
    """Check that one of the secrets signed the message, within five minutes; raise Unauthorized."""
    signature, message_id, timestamp = (message.header(name) for name in HEADERS)
    signatures.verify(secrets, message_id, timestamp, signature, message.body, now)


def shop(message: Message) -> str | None:
    """Return None: only the signature says which system sends the message."""
    return None


def whole(message: Message, ask: Ask) -> Message:
    """Return the message as it is: it has the order in it."""
    return message


def message_key(message: Message) -> str:
    """Return the message's id, the same on every retry."""
    return message.header("webhook-id")


def about(message: Message) -> About:
    """Return the order that a message is about; our format has no time of the last change."""
    external_id = part_of(message.body).raw("external_id")
    return About(external_id if isinstance(external_id, str) and 0 < len(external_id) <= 100 else None)


def wish(message: Message, locate: Locate, shop: Shop | None = None) -> Wish:
    """Return the order; raise Unprocessable with a pointer to every wrong field."""
    data = json_object(message.body, "malformed_json")
    try:
        return Order(DeliveryRequest.model_validate(data))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        wrong = [("/" + "/".join(map(str, one["loc"])), one["msg"]) for one in faults]
        count = f"{len(wrong)} {'field is' if len(wrong) == 1 else 'fields are'} wrong"
        raise Unprocessable("invalid_request", f"{count}; {fault(error)}", errors=wrong) from error
