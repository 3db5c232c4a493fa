"""Use case of providers: take in a signed event that tells of a payout."""

from typing import Protocol, runtime_checkable

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, Unavailable
from crowdship.payouts import service
from crowdship.payouts.bank.returns import hold_for_account
from crowdship.payouts.model import BACK, PROVIDER, Payout
from crowdship.payouts.provider import PaymentRailUnavailable, PayoutNews, PayoutProvider

ASK_AGAIN_S = 60
"""Seconds after which a provider sends an event again that could not be handled."""


@runtime_checkable
class TellsByEvents(Protocol):
    """A provider that tells of payouts by signed events."""

    def news_in(self, body: bytes, signature: str) -> PayoutNews | None:
        """Return what an event tells of a payout; None if it is about something else.

        Raises
        ------
        Unauthorized
            If the signature is wrong or too old.
        Unprocessable
            If the event can't be read.
        PaymentRailUnavailable
            If it can't be handled now.
        """
        ...


def take_in(body: bytes, signature: str, provider: PayoutProvider, clock: Clock) -> Payout | None:
    """Take in an event of the provider of this stage; return the payout that it tells of, or None.

    Raises
    ------
    NotFound
        If this stage pays by a provider that sends no events.
    Unavailable
        If the event can't be handled now; the provider sends it again.
    """
    if not isinstance(provider, TellsByEvents):
        raise NotFound("no_such_provider", "This stage is not paid by a provider that sends events.")
    try:
        news = provider.news_in(body, signature)
    except PaymentRailUnavailable as error:
        raise Unavailable("provider_unavailable", f"Send it again: {error}", ASK_AGAIN_S) from error
    if news is None:
        return None
    payout = service.take_news(news, clock, PROVIDER)
    if payout is None:
        logger.warning("payout_unknown", payout_id=news.payout_id, transfer_id=news.transfer_id)
        metrics.add_metric("PayoutNewsUnmatched", MetricUnit.Count, 1)
    elif payout.state in BACK:
        hold_for_account(payout, payout.code, PROVIDER, clock)
    return payout
