from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Gone, Unauthorized
from crowdship.kernel.ids import new_id
from crowdship.tracking.page.token import link_expiry, read_token, tracking_token

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
DELIVERY = "dlv_0123456789abcdefghjkmnpq"


def test_a_token_leads_to_its_delivery():
    delivery_id = new_id("dlv")
    assert read_token("secret", tracking_token("secret", delivery_id, LATER), NOW) == delivery_id


def test_a_token_is_short_and_ends_with_a_letter_or_digit():
    for _ in range(50):
        token = tracking_token("secret", new_id("dlv"), LATER)
        assert len(token) == 52
        assert token[-1].isalnum()


def test_every_maker_makes_the_same_token():
    assert tracking_token("secret", DELIVERY, link_expiry(NOW)) == tracking_token("secret", DELIVERY, link_expiry(NOW))


def test_a_token_ends():
    token = tracking_token("secret", DELIVERY, LATER)
    assert read_token("secret", token, LATER - timedelta(seconds=1)) == DELIVERY
    with pytest.raises(Gone, match="2026-11-22T15:00:00Z"):
        read_token("secret", token, LATER)


def test_another_secret_opens_nothing():
    with pytest.raises(Unauthorized):
        read_token("other", tracking_token("secret", DELIVERY, LATER), NOW)


@given(position=st.integers(0, 51), letter=st.sampled_from("0aZ-_=.é"))
def test_one_changed_character_is_found_out(position, letter):
    token = tracking_token("secret", DELIVERY, LATER)
    altered = token[:position] + letter + token[position + 1 :]
    if altered != token:
        with pytest.raises(Unauthorized):
            read_token("secret", altered, NOW)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text):
    with pytest.raises(Unauthorized):
        read_token("secret", text, NOW)


def test_only_deliveries_have_links():
    with pytest.raises(ValueError, match="dlv_"):
        tracking_token("secret", "drv_1", LATER)
