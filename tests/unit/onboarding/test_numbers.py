"""Numbers that applicants give: taxpayer numbers, routing numbers, ages."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.errors import Unprocessable
from crowdship.onboarding.bank import BankAccountInput, check_routing_number, payable_from
from crowdship.onboarding.requests import refuse_impossible_age
from crowdship.onboarding.tax import TaxFormInput, TinKind, masked, read_tin
from crowdship.vault.applicants import BankAccount

TAX_FORM = {
    "name": "Nia Okoro",
    "classification": "individual",
    "address": {"street": "1 Main Street", "city": "Chicago", "state": "IL", "zip": "60601"},
    "tin_kind": "ssn",
    "tin": "123-45-6789",
    "signed_by": "Nia Okoro",
    "certified": True,
}


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("123-45-678", TinKind.SSN),
        ("000-12-3456", TinKind.SSN),
        ("666-12-3456", TinKind.SSN),
        ("123-00-4567", TinKind.SSN),
        ("123-45-0000", TinKind.SSN),
        ("900-49-1234", TinKind.SSN),
        ("07-1234567", TinKind.EIN),
        ("12-34567x9", TinKind.EIN),
        ("١٢٣٤٥٦٧٨٩", TinKind.SSN),
    ],
)
def test_a_number_that_is_never_given_out_is_refused_and_not_repeated(written, kind):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - its text is looked at
        read_tin(written, kind)
    assert written not in str(refusal.value)


def test_an_itin_is_written_in_the_box_of_the_ssn():
    assert read_tin("912 70 1234", TinKind.SSN) == "912701234"


def test_a_form_that_nobody_certified_is_none():
    TaxFormInput.model_validate(TAX_FORM)
    for change in ({"certified": False}, {"tin": "12345"}, {"classification": "partnership"}, {"tin_kind": "itin"}):
        with pytest.raises(ValidationError) as refusal:
            TaxFormInput.model_validate({**TAX_FORM, **change})
        assert "123-45-6789" not in str(refusal.value)


@pytest.mark.parametrize("number", ["021000021", "011401533", "091000019", "122105155"])
def test_routing_numbers_of_banks_are_taken(number):
    assert check_routing_number(number) == number


@given(st.sampled_from(["021000021", "011401533", "122105155"]), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number, place, by):
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(ValueError, match="no bank"):
        check_routing_number(wrong)


@pytest.mark.parametrize("number", ["000000000", "500000005"])
def test_a_right_check_digit_alone_makes_no_bank(number):
    with pytest.raises(ValueError, match="no bank"):
        check_routing_number(number)


@pytest.mark.parametrize("account", ["123", "1" * 18, "12-34", "١٢٣٤٥"])
def test_an_account_number_has_4_to_17_digits(account):
    given_account = {"holder": "Nia", "kind": "checking", "routing_number": "021000021", "account_number": account}
    with pytest.raises(ValidationError):
        BankAccountInput.model_validate(given_account)


def account(day):
    at = datetime(2026, 11, 30, 18, tzinfo=UTC)
    return BankAccount(
        id="pii_1",
        holder="Nia",
        kind="checking",
        routing_number="021000021",
        account_number="123456",
        given_at=at,
        payable_from=day,
    )


def test_the_first_account_counts_at_once_and_a_change_from_the_next_period_on():
    now = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    assert payable_from(now, None) == date(2026, 11, 30)
    assert payable_from(now, account(date(2026, 1, 1))) == date(2026, 12, 1)


def test_changing_again_brings_no_earlier_day():
    now = datetime(2026, 11, 30, 18, tzinfo=UTC)
    assert payable_from(now, account(date(2026, 12, 5))) == date(2026, 12, 5)


@given(st.text(alphabet="0123456789", min_size=4, max_size=17))
def test_a_mask_shows_four_characters_at_most_and_keeps_the_length(number):
    shown = masked(number)
    assert len(shown) == len(number)
    assert sum(one != "•" for one in shown) == 4
    assert number.endswith(shown[-4:])


@pytest.mark.parametrize("born_on", [date(2008, 12, 1), date(1900, 1, 1), date(2030, 1, 1)])
def test_who_is_not_of_age_is_refused(born_on):
    with pytest.raises(Unprocessable, match="18 or older") as refused:
        refuse_impossible_age(born_on, date(2026, 11, 30))
    assert str(born_on) not in refused.value.detail, "refusals are logged"


def test_the_eighteenth_birthday_is_early_enough():
    refuse_impossible_age(date(2008, 11, 30), date(2026, 11, 30))
