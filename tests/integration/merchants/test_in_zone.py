"""Merchants that may order in a zone are found page by page."""

import pytest

from crowdship.kernel.clock import FixedClock
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput
from tests.city import NOON

pytestmark = pytest.mark.usefixtures("aws")


def signed_up(number, **changes):
    made = merchants.sign_up(
        MerchantInput(name=f"Shop {number}", billing_email=f"shop{number}@example.com"), FixedClock(NOON)
    )
    merchants.change(made.id, lambda merchant: (merchant.with_changes(**changes), None))
    return made.id


def in_zone(zone_id, limit):
    found, after, pages = [], None, 0
    while pages == 0 or after:
        page, after = merchants.page_in_zone(zone_id, after, limit)
        found += [merchant.id for merchant in page]
        pages += 1
    return found, pages


@pytest.mark.parametrize(("limit", "pages"), [(1, 6), (2, 3), (5, 2), (100, 1)])
def test_those_that_may_send_from_the_zone_and_are_active_are_found_whatever_the_page(limit, pages):
    anywhere, here = signed_up(1), signed_up(2, zone_ids=("loop", "pilsen"))
    signed_up(3, zone_ids=("pilsen",))
    signed_up(4, active=False)
    signed_up(5, zone_ids=("loop",), active=False)
    assert in_zone("loop", limit) == (sorted([anywhere, here]), pages)


def test_without_any_merchant_the_only_page_is_empty():
    assert merchants.page_in_zone("loop", None, 10) == ([], None)
