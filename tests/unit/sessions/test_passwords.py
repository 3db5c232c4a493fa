"""Rules of a new password."""

import pytest

from crowdship.kernel.errors import Unprocessable
from crowdship.sessions.passwords import RULES, must_be_strong


@pytest.mark.parametrize("password", ["Aa1!aaaaaaaa", "Aa1 aaaaaaaa", "Correct-horse-7-battery"])
def test_a_password_that_keeps_the_rules_is_taken(password):
    must_be_strong(password, "/answer")


@pytest.mark.parametrize(
    ("password", "lacks"),
    [
        ("Aa1!aaaaaaa", "at least 12 characters"),
        ("AA1!AAAAAAAA", "a lower-case letter"),
        ("aa1!aaaaaaaa", "an upper-case letter"),
        ("Aaa!aaaaaaaa", "a digit"),
        ("Aa1éaaaaaaaa", "one of the characters"),
        (" Aa1!aaaaaaaa", "no space at its beginning or end"),
    ],
)
def test_a_password_that_breaks_one_is_refused_with_all_rules_and_that_one(password, lacks):
    with pytest.raises(Unprocessable) as refused:
        must_be_strong(password, "/answer")
    assert refused.value.code == "weak_password"
    assert all(rule in refused.value.detail for rule, _ in RULES)
    ((pointer, detail),) = refused.value.errors
    assert pointer == "/answer"
    assert lacks in detail
    assert password not in str(refused.value)
