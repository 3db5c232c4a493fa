"""Credentials of drivers: facts that some goods demand."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from crowdship.drivers.credentials import Credential, Credentials, with_credential, without_credential
from crowdship.kernel.errors import Conflict

DAY = date(2026, 6, 1)
READ = TypeAdapter(Credentials)


def test_a_credential_counts_through_its_last_day() -> None:
    assert Credential(name="alcohol_certificate", valid_until=DAY).counts(DAY)
    assert not Credential(name="alcohol_certificate", valid_until=DAY).counts(date(2026, 6, 2))


def test_a_credential_without_a_last_day_does_not_run_out() -> None:
    assert Credential(name="age_21").counts(date(2099, 1, 1))


def test_a_credential_that_is_granted_again_takes_the_place_of_the_old_one() -> None:
    old = (Credential(name="age_21"), Credential(name="alcohol_certificate", valid_until=DAY))
    new = Credential(name="alcohol_certificate", valid_until=date(2028, 6, 1))
    assert with_credential(old, new) == (Credential(name="age_21"), new)


def test_a_credential_is_taken_away_by_its_name() -> None:
    assert without_credential((Credential(name="age_21"),), "age_21") == ()


def test_a_credential_that_is_named_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="name each credential once"):
        READ.validate_python(({"name": "age_21"}, {"name": "age_21"}))


def test_one_credential_too_many_is_refused_as_the_driver_could_never_be_read_again() -> None:
    most = tuple(Credential(name=f"fact_{number}") for number in range(60))
    with pytest.raises(Conflict, match="too_many_credentials"):
        with_credential(most, Credential(name="one_more"))
    assert len(with_credential(most, Credential(name="fact_7", valid_until=date(2027, 1, 1)))) == 60
