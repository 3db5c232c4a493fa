"""The number and the company that people know reach those who need them; the external id stays the key."""

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.views import DeliveryView
from crowdship.dispatch.offers import answers
from crowdship.intake.shops import ignored
from crowdship.notify.customers.facts import DeliveryFacts
from crowdship.notify.customers.notices import DELIVERED, NEARLY_THERE, OUT_FOR_DELIVERY
from crowdship.notify.customers.writing import CustomerTexts
from crowdship.stops import service as stops
from crowdship.tracking.page.service import customer_view
from crowdship.vault import service as vault
from tests.integration.intake.shops import RECORDED, Shops

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def shops(monkeypatch):
    monkeypatch.setattr(ignored.logger, "warning", lambda *words, **fields: None)
    return Shops()


@pytest.mark.parametrize(("name", "field", "number"), [("shopify", "name", "#1042"), ("woocommerce", "number", "A-77")])
def test_customer_driver_and_merchant_read_the_number_they_know(shops, name, field, number):
    made = shops.made(name, **{field: number})
    assert made.external_id == str(RECORDED[name]["id"])
    assert DeliveryView.of(made, "https://x", None).order_number == number
    assert customer_view(made.id, shops.city.clock).order_number == number
    facts = DeliveryFacts.of(made, merchant_name="Bakery", customer_name="Kim", link="https://x", pin=None)
    now = shops.city.clock.now()
    told = [CustomerTexts(DELIVERED.name, facts).sms(now)]
    told += [
        CustomerTexts(notice.name, facts).letter(now).text for notice in (OUT_FOR_DELIVERY, NEARLY_THERE, DELIVERED)
    ]
    assert all(number in text and made.external_id not in text for text in told)
    driver = shops.city.driver()
    shops.city.tick()
    (offer,) = shops.city.offers(driver)
    answers.accept(driver.id, offer.id, shops.city.clock)
    assert {stop.order_number for stop in stops.route_view(driver.id, shops.city.clock).stops} == {number}


def test_the_company_is_on_the_drivers_stop_and_in_the_vault_alone(shops):
    to = {**RECORDED["shopify"]["shipping_address"], "company": "Lund & Sons"}
    made = shops.made("shopify", shipping_address=to)
    assert vault.contacts(made.contacts_token).dropoff.company == "Lund & Sons"
    assert "Lund" not in made.model_dump_json()


def test_without_a_number_the_external_id_is_read(shops):
    made = deliveries.get(shops.post("webhook", shops.order("webhook")).delivery_id)
    assert (made.order_number, customer_view(made.id, shops.city.clock).order_number) == (
        None,
        made.external_id,
    )
