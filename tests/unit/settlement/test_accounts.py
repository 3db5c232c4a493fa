import pytest

from crowdship.settlement.accounts import (
    CHART,
    DRIVER_PAYABLE,
    AccountType,
    OwnerKind,
    Side,
    kind_of,
    owner_id,
    owner_of,
)
from crowdship.settlement.trial_balance import trial_balance
from tests.unit.settlement.test_recorded_postings import causes


def account_of(kind):
    """Return the name of an account of a kind, whoever owns it."""
    return kind.group if kind.owner is OwnerKind.PLATFORM else kind.of("x_1")


@pytest.mark.parametrize("kind", CHART, ids=lambda kind: kind.group)
def test_an_account_is_found_in_the_chart_by_its_name(kind):
    assert kind_of(account_of(kind)) is kind


@pytest.mark.parametrize(
    "account",
    [
        "",
        ":",
        "fees",
        "platform",
        "platform:fees:more",
        "platform:x_1:fees",
        "driver:payable",
        "driver:x_1:y_1:payable",
    ],
)
def test_what_has_the_wrong_number_of_parts_is_not_in_the_chart(account):
    with pytest.raises(ValueError, match="chart of accounts"):
        kind_of(account)


def test_assets_grow_by_debits_and_what_is_owed_or_earned_by_credits():
    assert {kind.normal_side for kind in CHART if kind.type is AccountType.ASSET} == {Side.DEBIT}
    assert DRIVER_PAYABLE.normal_side is Side.CREDIT
    assert {kind.normal_side for kind in CHART if kind.type is AccountType.INCOME} == {Side.CREDIT}


def test_an_account_names_its_owner():
    assert owner_of("driver:x_1:payable") == "driver:x_1"
    assert (owner_id("driver:x_1"), owner_id(owner_of("platform:fees"))) == ("x_1", "")


BOOKED_ELSEWHERE = {
    "driver:held",
    "platform:collections_in_flight",
    "platform:sales_tax",
    "platform:claims",
    "platform:bad_debt",
}
"""Accounts whose postings other rooms make."""


def test_each_account_of_the_chart_is_used_by_some_cause():
    groups = {group.account for group in trial_balance(p for _, p in causes() if p).groups}
    assert groups == {kind.group for kind in CHART} - BOOKED_ELSEWHERE
