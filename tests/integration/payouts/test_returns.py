"""Returns, corrections, news of providers, holds and decisions of staff."""

from datetime import timedelta

import pytest

from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.onboarding import service as onboarding
from crowdship.onboarding.bank import BankAccountInput
from crowdship.payouts import deciding, holding, news, service
from crowdship.payouts.bank import returns
from crowdship.payouts.holds import HoldCode
from crowdship.payouts.model import PayoutState, reference_of
from crowdship.payouts.provider import NewsState, PayoutNews
from crowdship.payouts.views import DecisionRequest
from crowdship.settlement import booking
from crowdship.vault import service as vault
from crowdship.vault.applicants import BankAccount, bank_account_token
from tests.integration.payouts.conftest import ACCOUNT, payout_of, settle
from tests.integration.settlement.test_cycle import DAY, TODAY, balance_of
from tests.unit.settlement.test_postings import closed

pytestmark = pytest.mark.usefixtures("aws")


def paid_by(bank, bucket, clock, driver, period=DAY):
    settle(period, bank, clock, bucket)
    return payout_of(driver, period)


def outcomes(bank, clock, *lines, start=0):
    taken = returns.take_in("\n".join(lines).encode(), start, "ana", bank, clock)
    return [str(line.outcome) for line in taken.lines]


def account(driver):
    return vault.record(bank_account_token(driver), BankAccount)


def test_a_return_gives_the_money_back_and_stops_payouts_until_another_account_is_given(driver, bank, bucket, clock):
    payout = paid_by(bank, bucket, clock, driver)
    reference = reference_of(payout.id)
    assert outcomes(bank, clock, f"{reference},R02") == ["returned"]
    back = service.find(payout.id)
    assert (back.state, back.code, back.reason) == (PayoutState.FAILED, "R02", "the account is closed")
    assert balance_of(f"driver:{driver}:payable", DAY, TODAY) == -800
    clock.advance(timedelta(days=1))
    settle(TODAY, bank, clock, bucket)
    assert (payout_of(driver, TODAY).state, payout_of(driver, TODAY).hold_code) == ("held", "account_refused")
    onboarding.give_bank_account(driver, BankAccountInput(**ACCOUNT), clock)
    clock.advance(timedelta(days=1))
    settle(TODAY + timedelta(days=1), bank, clock, bucket)
    assert payout_of(driver, TODAY).state is PayoutState.HELD, "the same account would be refused again"
    onboarding.give_bank_account(driver, BankAccountInput(**{**ACCOUNT, "account_number": "87654321"}), clock)
    for days in (2, 3):
        clock.advance(timedelta(days=1))
        settle(TODAY + timedelta(days=days), bank, clock, bucket)
    assert payout_of(driver, TODAY).state is PayoutState.IN_TRANSIT


def test_the_same_file_again_changes_nothing(driver, bank, bucket, clock):
    payout = paid_by(bank, bucket, clock, driver)
    reference = reference_of(payout.id)
    assert outcomes(bank, clock, f"{reference},R01", f"{reference},C01,account_number=99887766") == [
        "returned",
        "corrected",
    ]
    after = service.find(payout.id)
    assert outcomes(bank, clock, f"{reference},R01", f"{reference},C01,account_number=99887766") == ["known", "known"]
    assert service.find(payout.id) == after


def test_a_record_that_can_not_be_used_keeps_no_other_from_being_taken_in(driver, bank, bucket, clock):
    payout = paid_by(bank, bucket, clock, driver)
    reference = reference_of(payout.id)
    lines = ("broken", "000000000000000,R01", f"{reference},R99", f"{reference},C02", f"{reference},R01")
    assert outcomes(bank, clock, *lines) == ["unreadable", "unmatched", "unknown_code", "not_applied", "returned"]


def test_a_file_in_parts_is_taken_in_as_a_whole(driver, bank, bucket, clock, monkeypatch):
    payout = paid_by(bank, bucket, clock, driver)
    monkeypatch.setattr(returns, "LINES_AT_ONCE", 1)
    lines = "\n".join(["broken", f"{reference_of(payout.id)},R01"]).encode()
    first = returns.take_in(lines, 0, "ana", bank, clock)
    assert (first.next_start, first.counts) == (1, {"unreadable": 1})
    second = returns.take_in(lines, first.next_start, "ana", bank, clock)
    assert (second.next_start, second.counts) == (None, {"returned": 1})


def test_a_file_without_records_is_refused(bank, clock):
    with pytest.raises(Unprocessable, match="no record"):
        returns.take_in(b"", 0, "ana", bank, clock)


@pytest.mark.parametrize(
    ("correction", "field", "value"),
    [
        ("C01,account_number=99887766", "account_number", "99887766"),
        ("C02,routing_number=011000015", "routing_number", "011000015"),
        ("C05,kind=savings", "kind", "savings"),
    ],
)
def test_a_correction_is_applied_before_the_next_file_without_a_hold(
    correction, field, value, driver, bank, bucket, clock
):
    payout = paid_by(bank, bucket, clock, driver)
    assert outcomes(bank, clock, f"{reference_of(payout.id)},{correction}") == ["corrected"]
    assert getattr(account(driver), field) == value
    assert service.find(payout.id).state is PayoutState.IN_TRANSIT, "the money stays where it is"
    booking.post(closed(number=2, driver_id=driver).model_copy(update={"time": clock.now()}))
    clock.advance(timedelta(days=1))
    settle(TODAY, bank, clock, bucket)
    assert payout_of(driver, TODAY).state is PayoutState.IN_TRANSIT


def test_a_correction_that_would_make_no_account_is_listed_and_changes_nothing(driver, bank, bucket, clock):
    payout = paid_by(bank, bucket, clock, driver)
    before = account(driver)
    assert outcomes(bank, clock, f"{reference_of(payout.id)},C02,routing_number=123456789") == ["not_applied"]
    assert account(driver) == before


def test_a_paid_payout_may_still_come_back(driver, rail, clock):
    settle(DAY, rail, clock)
    payout = payout_of(driver)
    assert payout.state is PayoutState.PAID
    told = PayoutNews(transfer_id=payout.transfer_id, state=NewsState.FAILED, code="account_closed", at=clock.now())
    for _ in range(2):
        assert service.take_news(told, clock).state is PayoutState.RETURNED
    assert balance_of("platform:cash", DAY, TODAY) == 0
    assert balance_of("platform:payouts_in_flight", DAY, TODAY) == 0
    assert service.take_news(PayoutNews(transfer_id="trf_no", state=NewsState.PAID, at=clock.now()), clock) is None


class Stripe:
    """A provider that tells by events."""

    collects = False

    def __init__(self, told):
        self._told = told

    def news_in(self, body, signature):
        return self._told


def test_an_event_about_a_closed_account_stops_payouts_to_it(driver, rail, clock):
    settle(DAY, rail, clock)
    payout = payout_of(driver)
    told = PayoutNews(payout_id=payout.id, state=NewsState.FAILED, code="account_closed", at=clock.now())
    assert news.take_in(b"", "", Stripe(told), clock).state is PayoutState.RETURNED
    assert [hold.code for hold in holding.holds_of(driver).holds] == [HoldCode.ACCOUNT_REFUSED]
    assert news.take_in(b"", "", Stripe(None), clock) is None


def decision(what, **more):
    return DecisionRequest(decision=what, note="because", **more)


def test_a_claim_holds_payouts_until_it_is_lifted(driver, rail, clock, fake_rail):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, rail, clock)
    assert (payout_of(driver).state, payout_of(driver).hold_code) == (PayoutState.HELD, "claim")
    assert len(holding.lift(driver, "clm_1").holds) == 0
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    assert fake_rail.paid[driver] == 800


def test_a_hold_with_an_end_ends_by_itself(driver, rail, clock, fake_rail):
    holding.hold(driver, HoldCode.STAFF, "look", "look at it", "ana", clock, until=TODAY + timedelta(days=1))
    settle(DAY, rail, clock)
    assert driver not in fake_rail.paid
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    assert fake_rail.paid[driver] == 800


def test_staff_release_a_small_payout_alone_and_it_goes_at_once(driver, rail, clock, fake_rail):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, rail, clock)
    payout = payout_of(driver)
    assert deciding.decide(payout.id, decision("release"), "ana", rail, clock).state is PayoutState.PAID
    assert fake_rail.paid[driver] == 800
    with pytest.raises(Conflict, match="only a held one"):
        deciding.decide(payout.id, decision("release"), "ana", rail, clock)


def test_a_large_payout_is_released_by_two_people(driver, rail, clock, fake_rail):
    for number in range(2, 9):
        booking.post(closed(number=number, driver_id=driver))
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, rail, clock)
    payout = payout_of(driver)
    first = deciding.decide(payout.id, decision("release"), "ana", rail, clock)
    assert (first.state, first.release_asked_by) == (PayoutState.HELD, "ana")
    with pytest.raises(Conflict, match="another person"):
        deciding.decide(payout.id, decision("release"), "Ana", rail, clock)
    assert deciding.decide(payout.id, decision("release"), "ben", rail, clock).state is PayoutState.PAID
    assert fake_rail.paid[driver] == 6400


def test_a_payout_whose_account_is_refused_is_not_released(driver, bank, bucket, clock):
    payout = paid_by(bank, bucket, clock, driver)
    outcomes(bank, clock, f"{reference_of(payout.id)},R03")
    clock.advance(timedelta(days=1))
    settle(TODAY, bank, clock, bucket)
    with pytest.raises(Conflict, match="another bank account"):
        deciding.decide(payout_of(driver, TODAY).id, decision("release"), "ana", bank, clock)


def test_a_held_payout_that_is_canceled_is_due_on_the_next_statement(driver, rail, clock, fake_rail):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, rail, clock)
    payout = payout_of(driver)
    for _ in range(2):
        assert deciding.decide(payout.id, decision("cancel"), "ana", rail, clock).state is PayoutState.CANCELED
    holding.lift(driver, "clm_1")
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    assert fake_rail.paid[driver] == 800
    assert balance_of(f"driver:{driver}:payable", DAY, TODAY, TODAY + timedelta(days=1)) == 0


def test_staff_hold_what_was_not_sent_and_retry_what_nobody_answered(driver, rail, clock, fake_rail):
    fake_rail.stumbles[driver] = [503, 503]
    with pytest.raises(Exception, match="neither sent nor refused"):
        settle(DAY, rail, clock)
    payout = payout_of(driver)
    with pytest.raises(Conflict, match="only one that was not sent"):
        deciding.decide(payout.id, decision("hold"), "ana", rail, clock)
    with pytest.raises(Conflict, match="the provider was told"):
        deciding.decide(payout.id, decision("cancel"), "ana", rail, clock)
    assert deciding.decide(payout.id, decision("retry"), "ana", rail, clock).state is PayoutState.INSTRUCTED
    assert deciding.decide(payout.id, decision("retry"), "ana", rail, clock).state is PayoutState.PAID
    with pytest.raises(Conflict, match="next statement"):
        deciding.decide(payout.id, decision("retry"), "ana", rail, clock)


def test_a_hold_ends_on_a_day_to_come(driver, clock, rail):
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "goods are missing", "claims", clock)
    settle(DAY, rail, clock)
    with pytest.raises(Unprocessable, match="not to come"):
        deciding.decide(payout_of(driver).id, decision("hold", until=DAY), "ana", rail, clock)
    held = deciding.decide(payout_of(driver).id, decision("hold"), "ana", rail, clock)
    assert (held.hold_code, held.held_until) == ("staff", None)
