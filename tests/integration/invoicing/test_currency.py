"""The currency of a merchant's bills is that of its zones."""

import pytest

from crowdship.intake import accounts
from crowdship.kernel.errors import Refusal
from crowdship.merchants import service as merchants
from crowdship.merchants.billing import Billing
from crowdship.merchants.views import TermsInput
from tests.city import City

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city():
    return City.open()


def test_a_merchant_is_not_billed_in_another_currency_than_its_zone_charges_in(city):
    accounts.change_terms(city.merchant.id, TermsInput(zone_ids=("testville",)))
    with pytest.raises(Refusal, match="other_currency") as refused:
        accounts.change_terms(city.merchant.id, TermsInput(billing=Billing(currency="EUR")))
    assert refused.value.pointer == "/billing/currency"
    assert "charges in USD" in refused.value.detail
    accounts.change_terms(city.merchant.id, TermsInput(billing=Billing(currency="USD")))


def test_an_order_from_a_zone_of_another_currency_is_refused(city):
    changed = accounts.change_terms(city.merchant.id, TermsInput(billing=Billing(currency="EUR")))
    city.merchant = changed
    with pytest.raises(Refusal, match="other_currency"):
        city.order()
    city.merchant = accounts.change_terms(city.merchant.id, TermsInput(billing=Billing()))
    assert city.order().price.tip.currency == "USD"
    assert merchants.get(city.merchant.id).billing.currency is None
