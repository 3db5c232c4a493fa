"""Payout providers: which one a stage has is a setting, and each is a class and an entry in the registry."""

import pytest

from crowdship.adapters import secrets
from crowdship.adapters.providers import Registration
from crowdship.payouts import queries
from crowdship.payouts.model import PayoutState
from crowdship.payouts.provider import Accepted, PaymentRailUnavailable, PayoutRejected
from crowdship.payouts.rail import HttpRail
from crowdship.payouts.registry import PROVIDERS, provider
from tests.integration.payouts.banking import instruction
from tests.integration.payouts.conftest import settle
from tests.integration.settlement.test_cycle import DAY, a_day

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def secret(monkeypatch):
    secrets._secrets.__globals__["_provider"] = None
    monkeypatch.setenv("PAYMENT_RAIL_SECRET_ARN", "the-provider")

    def write(**fields):
        secrets.write_secret_fields("the-provider", fields)

    return write


class Ledgerbank:
    """A provider that knows drivers by an account of the platform at a bank."""

    def __init__(self, account):
        self.account, self.sent = account, {}

    collects = False

    def transfer(self, instruction):
        self.sent[instruction.payout_id] = instruction.amount
        return Accepted(transfer_id=f"{self.account}/{instruction.payout_id}")


def test_the_rail_is_the_provider_unless_a_stage_names_another(secret):
    secret(url="https://rail.example.com", api_key="k")
    assert isinstance(provider(), HttpRail)


def test_a_provider_that_is_registered_pays_the_drivers_of_a_stage_that_names_it(secret, monkeypatch, clock):
    monkeypatch.setitem(PROVIDERS, "ledgerbank", Registration(("account",), Ledgerbank))
    monkeypatch.setenv("PAYOUT_PROVIDER", "ledgerbank")
    secret(account="acc-7", url="https://not.asked")
    a_day(clock)
    bank = provider()
    settle(DAY, bank, clock)
    payouts = list(queries.made_by_run(DAY))
    assert {payout.id: payout.amount for payout in payouts} == bank.sent
    assert {(payout.state, payout.transfer_id) for payout in payouts} == {
        (PayoutState.IN_TRANSIT, f"acc-7/{payout_id}") for payout_id in bank.sent
    }


def test_a_provider_that_nobody_registered_is_refused_with_those_that_there_are(secret, monkeypatch):
    monkeypatch.setenv("PAYOUT_PROVIDER", "pigeons")
    with pytest.raises(LookupError, match=r"'pigeons'; it must be one of \['nacha', 'rail', 'stripe'\]"):
        provider()


@pytest.mark.parametrize("fields", [{"url": "https://rail.example.com"}, {"api_key": "", "url": "https://a.b"}, {}])
def test_a_secret_that_lacks_a_field_of_the_provider_is_refused_with_its_name(secret, fields):
    secret(**fields)
    with pytest.raises(LookupError, match=r"lacks .*'api_key'.* it must hold url and api_key"):
        provider()


def test_a_report_of_the_rail_is_read_line_by_line(rail):
    report = b"""reference,code,amount,currency,on,corrected
NWNXQRDAKDQC3RN,R02,800,USD,2026-03-05,
NWNXQRDAKDQC3RN,C01,,,,account_number=4711
NWNXQRDAKDQC3RN,R02,much,USD,2026-03-05,
,R02,,,,"""
    closed, corrected, damaged, nameless = rail.returns_in(report)
    assert (closed.reference, closed.code, closed.amount.amount, closed.fault) == ("NWNXQRDAKDQC3RN", "R02", 800, None)
    assert corrected.corrections == {"account_number": "4711"}
    assert damaged.fault
    assert nameless.fault
    assert [one.line for one in (closed, corrected, damaged, nameless)] == [2, 3, 4, 5]


@pytest.mark.parametrize("content", [b"", b"code,amount\nR02,1", b"\xff\xfe"])
def test_what_is_no_report_of_the_rail_says_so(content, rail):
    [told] = rail.returns_in(content)
    assert told.fault


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, "paid"),
        ({"state": None}, "paid"),
        ({"state": "paid"}, "paid"),
        ({"state": "in_transit"}, "in_transit"),
        ({"state": "pending"}, "in_transit"),
        ({"state": "processing"}, "in_transit"),
    ],
)
def test_only_a_transfer_that_the_rail_calls_paid_or_gives_no_state_has_arrived(told, state, rail, fake_rail):
    fake_rail.tells["drv_1"] = told
    assert rail.transfer(instruction(1)).state == state


@pytest.mark.parametrize("state", ["failed", "returned", "canceled"])
def test_a_transfer_that_failed_before_the_rail_was_asked_again_is_refused(state, rail, fake_rail):
    fake_rail.tells["drv_1"] = {"state": state, "reason": "the bank said no"}
    with pytest.raises(PayoutRejected, match="the bank said no") as refused:
        rail.transfer(instruction(1))
    assert refused.value.code == state


def test_a_transfer_without_an_id_was_not_taken(rail, fake_rail):
    fake_rail.tells["drv_1"] = {"transfer_id": None}
    with pytest.raises(PaymentRailUnavailable):
        rail.transfer(instruction(1))
