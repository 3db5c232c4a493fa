"""Use cases of payouts: send one, or reverse a refused one. Both may be repeated and then change nothing."""

import json
from typing import Any

from crowdship.adapters.observability import logger
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, StaleWrite
from crowdship.settlement import store
from crowdship.settlement.ledger import BooksDontBalance
from crowdship.settlement.payouts.model import Payout, PayoutProvider, PayoutRejected, PayoutState
from crowdship.settlement.payouts.postings import payout_posting, reversal_posting
from crowdship.settlement.store import PayoutRow


def find(payout_id: str) -> Payout:
    """Return a payout.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = PayoutRow.load(payout_id)
    if found is None:
        raise NotFound("no_such_payout", f"There is no payout {payout_id}.")
    return found


def pay(payout_id: str, provider: PayoutProvider, clock: Clock) -> Payout:
    """Send a payout: reserve it in the ledger, give it to the provider, note that it was sent.

    The provider knows a repeated payout by its id, so a run that stops after any of the three steps and is repeated
    pays once.

    Raises
    ------
    NotFound
        If there is no such payout.
    PayoutRejected
        If the provider refuses it, or it is held.
    PaymentRailUnavailable
        If the provider did not say whether it was sent.
    BooksDontBalance
        If the payout was marked as failed while the provider sent it.
    """
    pending = find(payout_id)
    if pending.state is not PayoutState.PENDING:
        return pending
    store.book(payout_posting(pending, clock.now()))
    if pending.held:
        raise PayoutRejected("held for a period, because the bank account was changed")
    transfer_id = provider.transfer(pending)
    sent = pending.sent(transfer_id, clock.now())
    try:
        store.write(PayoutRow.of(sent))
    except StaleWrite:
        return _sent_by_another_run(payout_id, transfer_id)
    return sent


def _sent_by_another_run(payout_id: str, transfer_id: str) -> Payout:
    current = find(payout_id)
    if current.state is not PayoutState.SENT:
        raise BooksDontBalance(f"the provider sent {payout_id} as {transfer_id}, but it is {current.state} here")
    return current


def compensate(payout_id: str, error: dict[str, Any], clock: Clock) -> Payout:
    """Reverse a refused payout: the ledger's reversal and the payout's failure are one write.

    Parameters
    ----------
    error : dict
        ``Error`` and ``Cause`` as the state machine caught them. Only a refusal is reversed. After any other error the
        money may have left, so the payout stays pending and is sent again under the same key.

    Raises
    ------
    NotFound
        If there is no such payout.
    """
    refused = find(payout_id)
    if refused.state is not PayoutState.PENDING:
        return refused
    if error.get("Error") != PayoutRejected.__name__:
        logger.error("payout_undecided", payout_id=payout_id, error=error)
        return refused
    now = clock.now()
    store.book(reversal_posting(refused, now), PayoutRow.of(refused.failed(_reason(error), now)))
    return find(payout_id)


def _reason(error: dict[str, Any]) -> str:
    """Return the provider's reason, from the cause that Lambda gives the state machine as JSON."""
    cause = str(error.get("Cause", ""))
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause or "refused"
