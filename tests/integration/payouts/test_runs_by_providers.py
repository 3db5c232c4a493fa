"""Pay runs by bank files and by Stripe: sent, and what bank and provider tell of them afterwards."""

from datetime import timedelta

import pytest

from crowdship.onboarding import service as onboarding
from crowdship.payouts import news
from crowdship.payouts import queries as payouts
from crowdship.payouts.bank import returns
from crowdship.payouts.bank.returns import ReturnOutcome
from crowdship.payouts.nacha.check import check
from crowdship.payouts.nacha.provider import FIELDS, connect
from crowdship.payouts.stripe.provider import StripeProvider
from crowdship.vault import service as vault
from crowdship.vault.applicants import BankAccount, bank_account_token
from local.imitations.bank import NachaBank, Rule
from local.imitations.receivers import STRIPE_PATH, Receivers
from local.imitations.stripe import STRIPE_KEY, Script
from local.imitations.stripe_events import WEBHOOK_SECRET, signed
from tests.integration.payouts.banking import keep_account
from tests.integration.payouts.conftest import settle
from tests.integration.settlement.test_cycle import DAY, a_day
from tests.unit.payouts.files import ORIGINATOR

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def nacha():
    return connect(**{field: getattr(ORIGINATOR, field) for field in FIELDS})


def states():
    return {payout.driver_id: str(payout.state) for payout in payouts.made_by_run(DAY)}


def test_a_run_writes_a_file_that_the_bank_takes_and_its_answers_are_taken_in_once(clock, nacha, bucket):
    for number, routing_number in ((1, "021000021"), (2, "011401533")):
        long_ago = {"payable_from": DAY - timedelta(days=30), "given_at": clock.now() - timedelta(days=30)}
        keep_account(number, routing_number=routing_number, **long_ago)
    a_day(clock)
    run = settle(DAY, nacha, clock, bucket)
    content = bucket().content(run.file.key)
    assert check(content.splitlines(keepends=True)) == []
    assert states() == {"drv_1": "in_transit", "drv_2": "in_transit"}

    operator = NachaBank(accounts={"5551200001": Rule("R02"), "5551200002": Rule("C02")})
    assert operator.take(content)
    (due,) = operator.days()
    answer = operator.due(due)
    taken = returns.take_in(answer, 0, "fay", nacha, clock)
    assert [(line.code, line.outcome) for line in taken.lines] == [
        ("R02", ReturnOutcome.RETURNED),
        ("C02", ReturnOutcome.CORRECTED),
    ]
    assert states()["drv_1"] in ("failed", "returned")
    assert vault.record(bank_account_token("drv_2"), BankAccount).routing_number == "021000021"

    again = returns.take_in(answer, 0, "fay", nacha, clock)
    assert {line.outcome for line in again.lines} == {ReturnOutcome.KNOWN}


def test_a_run_by_stripe_is_paid_and_a_payout_that_fails_days_later_comes_back_once(clock):
    with Receivers(0) as receivers:
        stripe = receivers.stripe
        stripe.now = clock.now()
        known = {driver_id: stripe.open_account() for driver_id in ("drv_1", "drv_2")}
        stripe.scripts[known["drv_1"]] = Script(
            fail_with="account_closed", fails_after=timedelta(days=3), events_each=2
        )
        url = f"{receivers.url}{STRIPE_PATH}"
        provider = StripeProvider(url, STRIPE_KEY, WEBHOOK_SECRET, account_of=known.get, plain_http_allowed=True)

        def hear():
            for event in stripe.outbox.taken():
                news.take_in(*signed(event), provider, clock)

        a_day(clock)
        settle(DAY, provider, clock)
        stripe.tick(clock.now() + timedelta(days=2))
        hear()
        assert states() == {"drv_1": "paid", "drv_2": "paid"}
        stripe.tick(clock.now() + timedelta(days=5))
        hear()
        assert states() == {"drv_1": "returned", "drv_2": "paid"}
        assert stripe.balances.total() == 0


def test_the_fixture_of_accounts_is_what_onboarding_reads():
    keep_account(7)
    assert onboarding.correct_bank_account("drv_7", {"account_number": "123456"}).account_number == "123456"
