"""What a Shopify order asks for."""

import json

import pytest

from crowdship.intake.sources.shopify import order_of
from crowdship.kernel.errors import Unprocessable


def nowhere(address):
    raise Unprocessable("no_coordinates", "There is nobody to ask.")


def from_shopify(data):
    return order_of(data, nowhere)


def order(phone="+13125550123", country="US", **changes):
    address = {
        "name": "Kim Lee",
        "phone": phone,
        "country_code": country,
        "address1": "9 Lake View",
        "latitude": 41.01,
        "longitude": -87.01,
    }
    return {"id": 1, "currency": "USD", "shipping_address": address, **changes}


@pytest.mark.parametrize(
    ("phone", "country", "number"),
    [
        ("+1 (312) 555-0123", "US", "+13125550123"),
        ("(312) 555-0123", "US", "+13125550123"),
        ("1-312-555-0123", "CA", "+13125550123"),
        ("07700 900123", "GB", "+447700900123"),
        ("+44 (0)7700 900123", "GB", "+447700900123"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("0301/234567", "DE", "+49301234567"),
        ("+49 301 234567", "US", "+49301234567"),
    ],
)
def test_a_phone_in_its_countrys_format_is_that_countrys(phone, country, number):
    assert from_shopify(order(phone, country)).dropoff.contact.phone == number


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("(312) 555-0123", None),
        ("(312) 555-0123", "XX"),
        ("(312) 555-0123", "DE"),
        ("06 12 34 56 78", "US"),
        ("555-0123", "US"),
        ("+1 312 555 0123 / +1 312 555 0199", "US"),
        ("ask Kim", "US"),
        ("", "US"),
        (None, "US"),
    ],
)
def test_a_phone_that_could_be_anybodys_is_refused_and_not_repeated(phone, country):
    with pytest.raises(Unprocessable, match="phone_not_international") as refusal:
        from_shopify(order(phone, country))
    assert "555" not in refusal.value.detail


def test_the_orders_own_phone_serves_if_the_address_has_none_that_does():
    asked = {**order(None), "phone": "+1 312 555 0199"}
    assert from_shopify(asked).dropoff.contact.phone == "+13125550199"


def test_the_orders_own_phone_is_not_taken_for_one_of_the_country_it_ships_to():
    with pytest.raises(Unprocessable, match="phone_not_international"):
        from_shopify({**order(None), "phone": "(312) 555-0123"})


@pytest.mark.parametrize(
    ("tip", "currency", "minor"),
    [("4.50", "USD", 450), ("500", "JPY", 500), ("500.00", "JPY", 500), ("1.250", "KWD", 1250), (None, "USD", 0)],
)
def test_a_tip_is_read_in_its_currencys_smallest_unit(tip, currency, minor):
    request = from_shopify(order(currency=currency, total_tip_received=tip))
    assert (request.tip, request.tip_currency) == (minor, currency)


@pytest.mark.parametrize("tip", [None, "", "4.505", "-1", "NaN", "Infinity", "1e999999", [], {}, True, "9" * 5000])
def test_a_tip_that_is_none_costs_no_order(tip):
    assert from_shopify(order(total_tip_received=tip)).tip == 0


@pytest.mark.parametrize("currency", [None, "", "usd dollars", 5, [], "US"])
def test_a_tip_in_no_currency_costs_no_order(currency):
    assert from_shopify(order(currency=currency, total_tip_received="4.50")).tip == 0


@pytest.mark.parametrize("number", ["Kim Lee", None, "", 0, -5, 1.5, True, [], {}, "4242 Lake", "1" * 40])
def test_an_order_without_a_usable_id_is_refused_without_saying_what_was_in_it(number):
    with pytest.raises(Unprocessable, match="not_an_order") as refusal:
        from_shopify(order(id=number))
    told = json.dumps([refusal.value.detail, str(refusal.value)])
    assert not [word for word in ("Kim", "4242", "Lake") if word in told]


@pytest.mark.parametrize(
    ("given", "known_as"),
    [({"name": "#1042", "order_number": 1042}, "#1042"), ({"order_number": 1042}, "#1042"), ({"name": "  "}, None)],
)
def test_the_number_that_people_know_goes_beside_the_id(given, known_as):
    asked = from_shopify(order(**given))
    assert (asked.external_id, asked.order_number) == ("1", known_as)


def test_the_company_at_the_address_is_told_with_the_person():
    to = {**order()["shipping_address"], "company": "Lund & Sons"}
    contact = from_shopify(order(shipping_address=to)).dropoff.contact
    assert (contact.name, contact.company) == ("Kim Lee", "Lund & Sons")
