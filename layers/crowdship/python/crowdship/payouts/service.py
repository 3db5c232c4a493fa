"""Use cases of payouts: make one, bring it on its way, and take in what is told of it. All may be repeated."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, StaleWrite
from crowdship.payouts import holding
from crowdship.payouts.holds import HoldCode
from crowdship.payouts.instant.model import MOST_PARTS
from crowdship.payouts.model import RUN, Payout, PayoutState, StatementPart, payout_id_for
from crowdship.payouts.postings import fee_back_posting, posting_of
from crowdship.payouts.provider import (
    Accepted,
    NewsState,
    PayoutNews,
    PayoutProvider,
    PayoutRejected,
    arrives_on,
)
from crowdship.payouts.store import (
    NameRow,
    PayoutRow,
    made,
    rows_of_change,
    waiting_of,
)
from crowdship.payouts.telling import after_news
from crowdship.payouts.withholding import withholding
from crowdship.settlement import booking
from crowdship.settlement.ledger import BooksDontBalance, Posting

NEEDS_AN_ACCOUNT = frozenset({"no_account", "no_bank_account"})
"""Codes of a bank file's refusal that an account mends: the payout waits for one instead of failing."""


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


def some(payout_ids: Iterable[str]) -> list[Payout]:
    """Return the payouts that exist among some ids, in no order."""
    return PayoutRow.load_many(payout_ids)


def open_of(driver_id: str) -> list[Payout]:
    """Return a driver's payouts that need something, the oldest first."""
    return waiting(driver_id)[1]


def waiting(driver_id: str) -> tuple[list[StatementPart], list[Payout]]:
    """Return a driver's statements that are in no payout, and the payouts that need something, the oldest first."""
    parts, ids = waiting_of(driver_id)
    return parts, sorted(PayoutRow.load_many(ids), key=lambda payout: (payout.made_at, payout.id))


def make_due(driver_id: str, period: date, clock: Clock) -> None:
    """Make a driver's payouts of all statements that no payout has claimed, by currency, in the run of a period."""
    while _one_made(driver_id, period, clock):
        pass


def _one_made(driver_id: str, period: date, clock: Clock) -> bool:
    parts, _ = waiting_of(driver_id)
    if not parts:
        return False
    currency = parts[0].amount.currency
    some = [part for part in parts if part.amount.currency == currency][:MOST_PARTS]
    number = 0
    while PayoutRow.load(payout_id_for(driver_id, period, currency, number)):
        number += 1
    payout_id = payout_id_for(driver_id, period, currency, number)
    payout = Payout.due(payout_id, driver_id, period, tuple(some), clock.now())
    work = UnitOfWork()
    made(payout, work)
    try:
        work.commit()
    except StaleWrite:
        logger.info("claimed_meanwhile", driver_id=driver_id, period=str(period))
        if waiting_of(driver_id)[0] == parts:
            raise
    return True


def instruct(payout_id: str, period: date, clock: Clock, provider: PayoutProvider | None = None) -> Payout:
    """Book a payout out of the driver's account, unless something holds it; one that was instructed stays so.

    Parameters
    ----------
    period : date
        The period whose run looks; it decides on an account that was changed.
    provider : PayoutProvider or None
        If it takes bank files, a payout that no file can hold waits or fails before money moves in the books.
    """

    def attempt() -> Payout:
        payout = find(payout_id)
        if payout.state not in {PayoutState.PENDING, PayoutState.HELD}:
            return payout
        now, today = clock.now(), clock.now().date()
        if wait := holding.reason_of(payout, period, today):
            return _keep(payout, payout.held(wait.code, wait.until, RUN, now), clock)
        free = payout.unheld(RUN, now) if payout.state is PayoutState.HELD else payout
        tax = withholding(payout.driver_id, now, payout.amount)
        collects = provider is not None and provider.collects
        ready = free.instructed(arrives_on(today, payout.speed), tax, RUN, now, period if collects else None)
        refused = provider.unwritable(ready.instruction) if provider and collects else None
        if refused and refused.code in NEEDS_AN_ACCOUNT:
            return _keep(payout, payout.held(HoldCode.NO_ACCOUNT, None, RUN, now), clock)
        return _keep(payout, ready, clock)

    return persistently(attempt)


def send(payout_id: str, provider: PayoutProvider, clock: Clock) -> Payout:
    """Tell a provider that takes no files of an instructed payout; note its answer.

    The provider knows a repeated payout by its id, so a call that stops anywhere and is repeated pays once.

    Raises
    ------
    PaymentRailUnavailable
        If the provider did not say whether it took it; then it stays instructed.
    BooksDontBalance
        If the payout was given back while the provider took it.
    """
    payout = find(payout_id)
    if payout.state is not PayoutState.INSTRUCTED or provider.collects:
        return payout
    try:
        answer = provider.transfer(payout.instruction)
    except PayoutRejected as refusal:
        return refuse(payout_id, refusal, clock)
    return accept(payout_id, answer, clock)


def accept(payout_id: str, answer: Accepted, clock: Clock) -> Payout:
    """Note that a provider took a payout.

    Raises
    ------
    BooksDontBalance
        If it was given back before: the money has left twice, and a person must look.
    """

    def attempt() -> Payout:
        payout = find(payout_id)
        if payout.state in {PayoutState.PAID, PayoutState.RETURNED}:
            return payout
        if payout.state is PayoutState.IN_TRANSIT:
            return _keep(payout, payout.paid(clock.now()), clock) if answer.state is NewsState.PAID else payout
        if payout.state is not PayoutState.INSTRUCTED:
            raise BooksDontBalance(f"{payout_id} was taken as {answer.transfer_id}, but it is {payout.state} here")
        after = payout.accepted(answer, clock.now())
        if not after.degraded_by:
            return _keep(payout, after, clock)
        # The fee goes back in the transaction that notes the slower speed: either is known only with the other.
        sent = payout.accepted(answer.model_copy(update={"state": NewsState.IN_TRANSIT}), clock.now())
        sent = _keep(payout, sent, clock, fee_back_posting(sent, clock.now()))
        return _keep(sent, sent.paid(clock.now()), clock) if answer.state is NewsState.PAID else sent

    return persistently(attempt)


def refuse(payout_id: str, refusal: PayoutRejected, clock: Clock, by: str = "provider") -> Payout:
    """Note that a provider refused an instructed payout: the money is due to the driver again."""

    def attempt() -> Payout:
        payout = find(payout_id)
        if payout.state is not PayoutState.INSTRUCTED:
            return payout
        after = payout.back(PayoutState.FAILED, clock.now(), by, refusal.code, refusal.reason)
        return _keep(payout, after, clock)

    return persistently(attempt)


def take_news(news: PayoutNews, clock: Clock, by: str = "provider") -> Payout | None:
    """Take in what a provider tells of a payout; return it, or None if nobody knows the payout.

    What contradicts the payout's state changes nothing, is counted, and needs a person.
    """
    payout_id = news.payout_id or (NameRow.by_transfer(news.transfer_id) if news.transfer_id else None)
    if payout_id is None or PayoutRow.load(payout_id) is None:
        return None

    def attempt() -> Payout:
        payout = find(payout_id)
        after = after_news(payout, news, clock.now(), by)
        if after is None:
            logger.error("payout_contradicted", payout_id=payout_id, state=payout.state, told=news.state)
            metrics.add_metric("PayoutsContradicted", MetricUnit.Count, 1)
            return payout
        return payout if after is payout else _keep(payout, after, clock)

    return persistently(attempt)


def cancel(payout_id: str, by: str, reason: str, clock: Clock) -> Payout:
    """Cancel a payout that was not instructed: its money is due again on the day it is booked in.

    Raises
    ------
    Conflict
        If it was instructed before.
    """

    def attempt() -> Payout:
        payout = find(payout_id)
        if payout.state is PayoutState.CANCELED:
            return payout
        after = payout.canceled(by, reason, clock.now())
        return _keep(payout, after, clock)

    return persistently(attempt)


def change(payout_id: str, decide: Callable[[Payout], Payout], clock: Clock) -> Payout:
    """Return a payout after a change that moves no money."""

    def attempt() -> Payout:
        payout = find(payout_id)
        after = decide(payout)
        return payout if after is payout else _keep(payout, after, clock)

    return persistently(attempt)


def _keep(before: Payout, after: Payout, clock: Clock, posting: Posting | None = None) -> Payout:
    """Write a change of a payout together with what it books; return it as it is stored then.

    Parameters
    ----------
    posting : Posting or None
        What is booked with a change that books nothing by itself.
    """
    if after is before:
        return before
    rows, gone = rows_of_change(before, after)
    posting = posting_of(before, after, clock.now()) or posting
    if posting:
        booking.book(posting, *rows, without=gone)
    else:
        work = UnitOfWork()
        for row in rows:
            work.store(row)
        for row in gone:
            work.delete(row)
        work.commit()
    return find(before.id)


def changed_since(payout: Payout, period: date, clock: Clock) -> PayoutRejected | None:
    """Return why an instructed payout must not be written into a file now: its account was changed meanwhile."""
    wait = holding.reason_of(payout, period, clock.now().date())
    if wait is None:
        return None
    return PayoutRejected(wait.code, "the payout must wait since it was instructed; it comes with a later run")


def day_before(clock: Clock) -> date:
    """Return the period that a payout outside of a run is looked at for: the day before today."""
    return clock.now().date() - timedelta(days=1)
