"""Rules of news: what becomes of a payout after what a provider tells of it."""

from datetime import datetime

from crowdship.payouts.model import BACK, ON_THE_WAY, PROVIDER, Payout, PayoutState
from crowdship.payouts.provider import Accepted, NewsState, PayoutNews, Speed


def after_news(payout: Payout, news: PayoutNews, now: datetime, by: str = PROVIDER) -> Payout | None:
    """Return a payout after what a provider tells of it; the same payout if that is known, None if it contradicts.

    News may come late, twice and out of order: ``in_transit`` after ``paid`` tells nothing, ``failed`` after ``paid``
    means that the money came back. ``paid`` after the money came back contradicts, unless it is older than that. News
    names no speed, so ``in_transit`` before the answer to an instant payout leaves it open: the answer says whether it
    is instant, and the fee depends on that.
    """
    state = payout.state
    if state in {PayoutState.PENDING, PayoutState.HELD}:
        return None
    if news.state is NewsState.IN_TRANSIT and news.code:
        return None  # the provider could not do what it should, such as take money back from a connected account
    if news.state is NewsState.IN_TRANSIT:
        if state is PayoutState.INSTRUCTED and payout.speed is Speed.STANDARD:
            return payout.accepted(Accepted(transfer_id=news.transfer_id or payout.transfer_id or payout.id), now)
        return payout
    if news.state is NewsState.PAID:
        if state in ON_THE_WAY:
            return payout.paid(now, by)
        known = state is PayoutState.PAID or (payout.decided_at is not None and news.at <= payout.decided_at)
        return payout if known else None
    if state in BACK:
        return payout
    if state is PayoutState.PAID:
        return payout.back(PayoutState.RETURNED, now, by, news.code, news.reason)
    gone = PayoutState.CANCELED if news.state is NewsState.CANCELED else PayoutState.FAILED
    return payout.back(gone, now, by, news.code, news.reason)
