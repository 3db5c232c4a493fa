"""Rules about Stripe: what its answers and events mean. Names and codes are those of its API reference."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from crowdship.kernel.events import Value
from crowdship.payouts.provider import NewsState, PayoutNews

CURRENCIES = frozenset({"AUD", "CAD", "EUR", "GBP", "NZD", "USD"})
"""Currencies whose minor unit at Stripe is that of ISO 4217, and whose payouts may have any number of them."""

DEGRADING = frozenset(
    {
        "instant_payouts_unsupported",
        "instant_payouts_limit_exceeded",
        "instant_payouts_currency_disabled",
        "instant_payouts_config_disabled",
        "payout_method_not_supported",
    }
)
"""Codes by which Stripe refuses to pay at once what it would pay later."""

UNDECIDED_STATUS = frozenset({401, 403, 409, 429})
"""Statuses that say nothing of a payout: a wrong key, a key in use by a request that still runs, too many requests."""

UNDECIDED_CODES = frozenset({"balance_insufficient", "lock_timeout", "idempotency_key_in_use", "rate_limit"})
"""Codes of refusals that are not the payout's fault: it may be sent again later."""

LOWEST_SERVER_ERROR = 500


def is_decided(status: int | None, error_type: str | None, code: str | None) -> bool:
    """Return whether an error says for good that nothing was done.

    An idempotency key with other content (``idempotency_error``) decides nothing: money may have moved under it.

    Examples
    --------
    >>> is_decided(400, "invalid_request_error", "account_closed"), is_decided(500, "api_error", None)
    (True, False)
    """
    if status is None or status >= LOWEST_SERVER_ERROR or status in UNDECIDED_STATUS:
        return False
    return error_type != "idempotency_error" and code not in UNDECIDED_CODES


STATES = {
    "pending": NewsState.IN_TRANSIT,
    "in_transit": NewsState.IN_TRANSIT,
    "paid": NewsState.PAID,
    "failed": NewsState.FAILED,
    "canceled": NewsState.CANCELED,
}
"""States by Stripe's status of a payout."""

EVENTS = {
    "payout.created": None,
    "payout.updated": None,
    "payout.paid": NewsState.PAID,
    "payout.failed": NewsState.FAILED,
    "payout.canceled": NewsState.CANCELED,
}
"""Events about payouts, with the state that each tells; None is that of the payout in it."""


class ToldPayout(Value):
    """A payout in an event; other fields are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    id: str = Field(min_length=1, max_length=100)
    object: Literal["payout"]
    status: str = Field(max_length=50)
    failure_code: str | None = Field(default=None, max_length=100)
    metadata: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it


class ToldEvent(Value):
    """An event as Stripe signs it; other fields are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    id: str = Field(min_length=1, max_length=100)
    type: str = Field(min_length=1, max_length=100)
    created: int = Field(ge=0, le=10**10)
    data: dict[str, Any]


def news_of(event: ToldEvent) -> PayoutNews | None:
    """Return what an event tells of a payout of ours; None if it is about something else.

    Raises
    ------
    pydantic.ValidationError
        If the payout in it can't be read.
    """
    if event.type not in EVENTS:
        return None
    payout = ToldPayout.model_validate(event.data.get("object"))
    state = EVENTS[event.type] or STATES.get(payout.status)
    ours = payout.metadata.get("payout_id")
    if state is None or not ours:
        return None
    return PayoutNews(
        payout_id=ours,
        transfer_id=payout.id,
        state=state,
        code=payout.failure_code,
        reason=reason_of(payout.failure_code),
        at=datetime.fromtimestamp(event.created, UTC),
    )


def transfer_in(event: ToldEvent) -> str | None:
    """Return the id of the transfer that funded the payout of an event."""
    metadata: Mapping[str, str] = event.data.get("object", {}).get("metadata", {})
    return metadata.get("transfer_id")


FAILURES = {
    "account_closed": "The bank account is closed.",
    "account_frozen": "The bank account is frozen.",
    "bank_account_restricted": "The bank account takes no transfers of this kind.",
    "bank_account_unusable": "The bank account can't be used.",
    "bank_ownership_changed": "The bank account is no longer valid, because its bank has a new owner.",
    "could_not_process": "The bank could not process the payout.",
    "debit_not_authorized": "The bank account does not allow the transfer.",
    "declined": "The bank declined the payout.",
    "incorrect_account_holder_address": "The bank does not know the holder's address.",
    "incorrect_account_holder_name": "The bank does not know the holder's name.",
    "incorrect_account_holder_tax_id": "The bank does not know the holder's tax number.",
    "insufficient_funds": "There is not enough money at Stripe.",
    "invalid_account_number": "The bank account's number is wrong.",
    "invalid_currency": "The bank account is not kept in this currency.",
    "no_account": "There is no such bank account.",
    "unsupported_card": "The card takes no payouts.",
}
"""Failures of payouts by Stripe's code, in the words that people read."""


def reason_of(code: str | None) -> str | None:
    """Return the reason of a failure in words."""
    return None if code is None else FAILURES.get(code, f"Stripe gives the code {code}.")
