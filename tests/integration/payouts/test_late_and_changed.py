"""News, answers and records that come late, twice or differently; accounts and holds that changed meanwhile."""

from contextlib import suppress
from datetime import timedelta

import pytest

from crowdship.onboarding import service as onboarding
from crowdship.onboarding.bank import BankAccountInput
from crowdship.payouts import deciding, holding, queries, service
from crowdship.payouts.bank import returns
from crowdship.payouts.holds import HoldCode
from crowdship.payouts.instant import service as instant
from crowdship.payouts.instant.views import InstantOrder
from crowdship.payouts.model import PayoutState, reference_of
from crowdship.payouts.provider import Accepted, NewsState, PaymentRailUnavailable, PayoutNews, Speed
from crowdship.payouts.runs import steps
from crowdship.payouts.runs.model import PayoutsUndecided
from crowdship.payouts.views import DecisionRequest
from crowdship.settlement import booking
from crowdship.vault import service as vault
from crowdship.vault.applicants import BankAccount, bank_account_token
from tests.faults import Died, failing_call
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.payouts.conftest import ACCOUNT, payout_of, settle
from tests.integration.settlement.conftest import run_cycle
from tests.integration.settlement.test_cycle import DAY, TODAY, balance_of
from tests.unit.settlement.test_postings import closed, usd

pytestmark = pytest.mark.usefixtures("aws")

OTHER = {**ACCOUNT, "account_number": "87654321"}


def decide(payout, what, provider, clock, by="ana", **more):
    return deciding.decide(payout.id, DecisionRequest(decision=what, note="because", **more), by, provider, clock)


def outcome(bank, clock, line):
    [taken] = returns.take_in(line.encode(), 0, "ana", bank, clock).lines
    return str(taken.outcome)


def next_days(count, provider, clock, bucket=None, first=TODAY):
    """Settle a number of days, each on the day after it."""
    for days in range(count):
        clock.advance(timedelta(days=1))
        settle(first + timedelta(days=days), provider, clock, bucket)


class Asked:
    """A provider of instant pay that is made to answer, to say nothing, or to be slow."""

    collects = False

    def __init__(self, *answers):
        self.answers = list(answers)

    def transfer(self, instruction):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_news_before_the_answer_makes_no_instant_payout_a_slow_one(driver, clock):
    provider = Asked(PaymentRailUnavailable("no answer"), Accepted(transfer_id="po_1", speed=Speed.INSTANT))
    ask = InstantOrder(amount=usd(800))
    payout = instant.order(driver, "key-1", ask, provider, clock)
    told = PayoutNews(payout_id=payout.id, transfer_id="po_1", state=NewsState.IN_TRANSIT, at=clock.now())
    assert service.take_news(told, clock).state is PayoutState.INSTRUCTED
    answered = instant.order(driver, "key-1", ask, provider, clock)
    assert (answered.state, answered.degraded_by) == (PayoutState.IN_TRANSIT, None)
    assert balance_of("platform:instant_pay_fees", DAY, TODAY) == -50


def test_the_fee_of_a_slow_payout_goes_back_once_wherever_the_process_ends_and_whatever_comes_then(driver, clock):
    slow = Accepted(transfer_id="po_1", degraded_by="instant_payouts_unsupported")
    payout = instant.order(driver, "key-1", InstantOrder(amount=usd(800)), Asked(PaymentRailUnavailable()), clock)
    told = PayoutNews(payout_id=payout.id, state=NewsState.FAILED, code="account_closed", at=clock.now())
    tables, ended, number = saved_tables(), False, 0
    while not ended:
        number += 1
        restore_tables(tables)
        with failing_call(number, dies=True) as calls, suppress(Died):
            service.send(payout.id, Asked(slow), clock)
        ended = calls.failed is None
        assert service.take_news(told, clock).state is PayoutState.FAILED
        assert balance_of("platform:instant_pay_fees", DAY, TODAY) == 0
        assert balance_of(f"driver:{driver}:payable", DAY, TODAY) == -800
    assert number > 3


def test_a_slow_payout_that_arrived_at_once_is_noted_as_paid_and_its_fee_goes_back(driver, clock):
    paid = Accepted(transfer_id="po_1", state=NewsState.PAID, degraded_by="limit")
    payout = instant.order(driver, "key-1", InstantOrder(amount=usd(800)), Asked(paid), clock)
    assert (payout.state, payout.degraded_by) == (PayoutState.PAID, "limit")
    assert balance_of("platform:instant_pay_fees", DAY, TODAY) == 0
    assert balance_of("platform:payouts_in_flight", DAY, TODAY) == 0


def test_a_payout_that_was_held_for_weeks_counts_as_paid_too(driver, bank, bucket, clock):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, bank, clock, bucket)
    clock.advance(timedelta(days=30))
    holding.lift(driver, "clm_1")
    settle(TODAY + timedelta(days=29), bank, clock, bucket)
    assert payout_of(driver).state is PayoutState.IN_TRANSIT
    clock.advance(timedelta(days=7))
    assert steps.count_as_paid(bank, clock) == 1
    assert payout_of(driver).state is PayoutState.PAID
    assert steps.count_as_paid(bank, clock) == 0


def test_one_payout_that_can_not_be_counted_keeps_no_other_in_transit(driver, bank, bucket, clock, monkeypatch):
    booking.post(closed(number=2, driver_id="drv_1"))
    settle(DAY, bank, clock, bucket)
    clock.advance(timedelta(days=7))
    stuck, take = payout_of("drv_1"), service.take_news

    def take_news(news, *more):
        if news.payout_id == stuck.id:
            raise RuntimeError("this one can't be read")
        return take(news, *more)

    monkeypatch.setattr(service, "take_news", take_news)
    with pytest.raises(ExceptionGroup, match="could not be counted"):
        steps.count_as_paid(bank, clock)
    assert payout_of(driver).state is PayoutState.PAID


def test_a_release_does_not_cover_an_account_that_is_changed_after_it(driver, bank, bucket, clock):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, bank, clock, bucket)
    assert decide(payout_of(driver), "release", bank, clock).state is PayoutState.PENDING
    clock.advance(timedelta(days=1))
    onboarding.give_bank_account(driver, BankAccountInput(**OTHER), clock)
    settle(TODAY, bank, clock, bucket)
    held = payout_of(driver)
    assert (held.state, held.hold_code) == (PayoutState.HELD, "account_changed")


def test_a_release_covers_an_account_that_was_changed_before_it(driver, rail, clock, fake_rail):
    onboarding.give_bank_account(driver, BankAccountInput(**OTHER), clock)
    settle(DAY, rail, clock)
    assert payout_of(driver).hold_code == "account_changed"
    assert decide(payout_of(driver), "release", rail, clock).state is PayoutState.PAID


def test_a_release_does_not_cover_a_hold_that_comes_after_it(driver, bank, bucket, clock):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, bank, clock, bucket)
    decide(payout_of(driver), "release", bank, clock)
    clock.advance(timedelta(days=1))
    holding.hold(driver, HoldCode.CLAIM, "clm_2", "more are missing", "claims", clock)
    settle(TODAY, bank, clock, bucket)
    assert (payout_of(driver).state, payout_of(driver).hold_code) == (PayoutState.HELD, "claim")


def test_a_hold_that_staff_make_longer_holds_longer(driver, rail, clock, fake_rail):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, rail, clock)
    decide(payout_of(driver), "hold", rail, clock, until=TODAY + timedelta(days=1))
    decide(payout_of(driver), "hold", rail, clock, until=TODAY + timedelta(days=9))
    holding.lift(driver, "clm_1")
    next_days(3, rail, clock)
    assert driver not in fake_rail.paid


def test_a_hold_of_staff_whose_payout_was_canceled_ends_with_the_next_release(driver, rail, clock, fake_rail):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, rail, clock)
    decide(payout_of(driver), "hold", rail, clock)
    holding.lift(driver, "clm_1")
    decide(payout_of(driver), "cancel", rail, clock)
    next_days(1, rail, clock)
    assert payout_of(driver, TODAY).hold_code == "staff", "one person's cancel pays nothing out"
    assert decide(payout_of(driver, TODAY), "release", rail, clock).state is PayoutState.PAID
    booking.post(closed(number=2, driver_id=driver).model_copy(update={"time": clock.now()}))
    next_days(1, rail, clock, first=TODAY + timedelta(days=1))
    assert fake_rail.paid[driver] == 1600


def test_the_first_of_two_who_release_a_payout_from_one_hold_asked_for_no_other(driver, rail, clock):
    for number in range(2, 9):
        booking.post(closed(number=number, driver_id=driver))
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, rail, clock)
    decide(payout_of(driver), "release", rail, clock, by="ana")
    decide(payout_of(driver), "hold", rail, clock, by="ben")
    assert decide(payout_of(driver), "release", rail, clock, by="ben").state is PayoutState.HELD


def test_a_late_correction_leaves_the_account_alone_that_was_given_since(driver, bank, bucket, clock):
    settle(DAY, bank, clock, bucket)
    clock.advance(timedelta(days=1))
    onboarding.give_bank_account(driver, BankAccountInput(**OTHER), clock)
    line = f"{reference_of(payout_of(driver).id)},C01,account_number=99887766"
    assert outcome(bank, clock, line) == "not_applied"
    assert vault.record(bank_account_token(driver), BankAccount).account_number == "87654321"


def test_a_late_return_does_not_hold_pay_from_the_account_that_was_given_since(driver, bank, bucket, clock):
    settle(DAY, bank, clock, bucket)
    clock.advance(timedelta(days=1))
    onboarding.give_bank_account(driver, BankAccountInput(**OTHER), clock)
    clock.advance(timedelta(days=1))
    assert outcome(bank, clock, f"{reference_of(payout_of(driver).id)},R02") == "returned"
    assert holding.holds_of(driver).holds == ()
    again = TODAY + timedelta(days=2)
    clock.advance(timedelta(days=1))
    settle(again, bank, clock, bucket)
    assert payout_of(driver, again).state is PayoutState.IN_TRANSIT


def test_one_driver_who_can_not_be_paid_keeps_no_other_of_the_batch_from_the_pay(driver, rail, clock, monkeypatch):
    booking.post(closed(number=2, driver_id="drv_1"))
    run_cycle(DAY, clock)
    make = service.make_due
    first = min(driver, "drv_1")

    def make_due(driver_id, *more):
        if driver_id == first:
            raise RuntimeError("nothing can be read of this one")
        make(driver_id, *more)

    monkeypatch.setattr(service, "make_due", make_due)
    steps.open_run(DAY, clock)
    steps.take_in(DAY, None)
    steps.make_batches(DAY)
    with pytest.raises(ExceptionGroup, match="could not be paid"):
        steps.pay_batch(DAY, 0, rail, clock)
    assert [one.state for one in queries.made_by_run(DAY)] == [PayoutState.PAID]
    with pytest.raises(PayoutsUndecided):
        steps.finish(DAY, clock)
    monkeypatch.undo()
    steps.pay_batch(DAY, 0, rail, clock)
    assert {total.count for total in steps.finish(DAY, clock).totals} == {2}
