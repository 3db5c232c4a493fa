"""What a shop sends in vain is told to its merchant, listed, counted, and can be tried again."""

import json
from contextlib import suppress

import boto3
import pytest

from crowdship.deliveries import service as deliveries
from crowdship.intake import accounts, erasure
from crowdship.intake.accounts import AccountChange
from crowdship.intake.shops import account as source_account
from crowdship.intake.shops import ignored
from crowdship.intake.shops.remembered import MOST_KEPT_BODIES
from crowdship.intake.sources.model import SourceAnswer
from crowdship.kernel.errors import Gone, NotFound, Refusal, Unprocessable
from crowdship.merchants.connections import SourceName
from crowdship.zones import service as zones
from tests.city import put_zone, settings
from tests.contracts import events_of_stream, validate_event
from tests.integration.intake.shops import MODULES, RECORDED, Shops

pytestmark = pytest.mark.usefixtures("aws")
NO_PHONE = {"billing": {**RECORDED["woocommerce"]["billing"], "phone": ""}}


@pytest.fixture
def shops(monkeypatch):
    monkeypatch.setattr(ignored.logger, "warning", lambda *words, **fields: None)
    return Shops()


def rows(table):
    return boto3.client("dynamodb").scan(TableName=f"crowdship-{table}")["Items"]


def told(shops):
    """Return the events that a stream would carry of what the intake's table now holds."""
    records = [{"dynamodb": {"NewImage": row}} for row in rows("intake")]
    return [event.model_dump(mode="json") for event in events_of_stream(records)]


def listed(shops, name="woocommerce", **page):
    return ignored.page(shops.merchant.id, SourceName(name), page.get("before"), page.get("limit", 50)).messages


@pytest.mark.parametrize("name", MODULES)
def test_an_order_that_makes_nothing_is_told_listed_and_counted_once_without_anybodys_name(shops, name):
    far = {"external_id": "till-9", "dropoff": {**RECORDED["webhook"]["dropoff"], "point": {"lat": 51.5, "lon": 0.1}}}
    if name == "webhook":
        body = shops.order(name, **far)
    else:
        nobody = {**RECORDED["shopify"]["shipping_address"], "phone": "none"}
        quiet = {"billing_address": None, "customer": None, "shipping_address": nobody}
        body = shops.order(name, **(quiet if name == "shopify" else NO_PHONE))
    raw = json.dumps(body).encode()
    events = []
    for _ in range(3):
        with suppress(Refusal):
            shops.post(name, raw)
        events += told(shops)
    (one,) = listed(shops, name)
    assert (one.times, one.can_retry, one.harmless) == (3, True, False)
    (event,) = events
    validate_event(event)
    assert (event["data"]["code"], event["data"]["message_id"]) == (one.code, one.message_id)
    assert source_account.read(shops.merchant.id, name, shops.city.clock).ignored == {one.code: 3}
    kept = json.dumps(rows("intake"))
    assert not [word for word in ("Canal", "Noor", "mile", "Park", "example.com", "0187", "0166") if word in kept]


def test_bad_json_under_a_right_signature_is_listed_too(shops):
    shops.post("woocommerce", b'{"id": 5,')
    assert [one.code for one in listed(shops)] == ["not_an_order"]
    assert len(told(shops)) == 1


def test_everyday_messages_are_listed_and_counted_and_nobody_is_told(shops):
    shops.post("woocommerce", shops.order("woocommerce", status="pending"))
    shops.post("woocommerce", shops.order("woocommerce"), topic="product.created")
    shops.made("woocommerce")
    shops.post("woocommerce", shops.order("woocommerce"))
    assert {one.code for one in listed(shops)} == {"not_to_be_delivered", "other_topic"}
    assert told(shops) == []
    counts = source_account.read(shops.merchant.id, "woocommerce", shops.city.clock).ignored
    assert counts == {"not_to_be_delivered": 1, "other_topic": 1, "unchanged": 1}
    for one in listed(shops):
        with pytest.raises(Gone, match="not_kept"):
            source_account.retry(shops.merchant.id, "woocommerce", one.message_id, shops.city.clock)


def test_the_list_goes_back_page_by_page(shops):
    for number in range(1, 6):
        shops.post("woocommerce", shops.order("woocommerce", id=number, **NO_PHONE))
    first = ignored.page(shops.merchant.id, SourceName.WOOCOMMERCE, None, 2)
    second = ignored.page(shops.merchant.id, SourceName.WOOCOMMERCE, first.next_before, 2)
    assert [one.external_id for one in (*first.messages, *second.messages)] == ["5", "4", "3", "2"]


def test_a_message_is_tried_again_once_it_can_be_done_and_its_text_is_then_forgotten(shops):
    shops.settings("woocommerce", date_keys=("When",))
    when = [*RECORDED["woocommerce"]["meta_data"], {"key": "When", "value": "06/07/2026"}]
    shops.post("woocommerce", shops.order("woocommerce", meta_data=when))
    (one,) = listed(shops)
    with pytest.raises(Unprocessable, match="delivery_date_unreadable"):
        source_account.retry(shops.merchant.id, "woocommerce", one.message_id, shops.city.clock)
    source_account.change_settings(
        shops.merchant.id,
        "woocommerce",
        source_account.ShopSettings.model_validate({"date_order": "month_first", "time_zone": "America/Chicago"}),
    )
    done = source_account.retry(shops.merchant.id, "woocommerce", one.message_id, shops.city.clock)
    made = deliveries.get(done.delivery_id)
    assert (made.external_id, f"{made.dropoff_window.opens_at:%m-%d}") == ("7315", "06-07")
    assert not done.can_retry
    assert not [row for row in rows("vault") if "zlib" in row["body"]["S"] or '"headers"' in row["body"]["S"]]
    with pytest.raises(Gone):
        source_account.retry(shops.merchant.id, "woocommerce", one.message_id, shops.city.clock)


def test_an_old_message_that_is_tried_again_undoes_nothing_newer(shops):
    shops.post("woocommerce", shops.order("woocommerce", **NO_PHONE))
    made = shops.made("woocommerce")
    (one,) = listed(shops)
    with pytest.raises(Unprocessable, match="stale"):
        source_account.retry(shops.merchant.id, "woocommerce", one.message_id, shops.city.clock)
    assert deliveries.get(made.id).stored_version == made.stored_version


def test_another_merchants_messages_do_not_exist(shops):
    shops.post("woocommerce", shops.order("woocommerce", **NO_PHONE))
    (one,) = listed(shops)
    with pytest.raises(NotFound, match="no_such_message"):
        ignored.kept("mer_other", SourceName.WOOCOMMERCE, one.message_id)
    with pytest.raises(NotFound, match="no_such_source"):
        source_account.messages(shops.merchant.id, "magento", None, 10)


def test_erasing_an_orders_people_erases_what_its_shop_sent_in_vain(shops):
    shops.post("shopify", shops.order("shopify", billing_address=None, customer=None, shipping_address={}))
    nobody = {**RECORDED["shopify"]["shipping_address"], "phone": ""}
    shops.post("shopify", shops.order("shopify", billing_address=None, customer=None, shipping_address=nobody))
    assert sum('"headers"' in row["body"]["S"] for row in rows("vault")) == 2
    erasure.ask_for_orders(shops.merchant.id, [str(RECORDED["shopify"]["id"])], shops.city.clock)
    assert rows("vault") == []
    for one in listed(shops, "shopify"):
        with pytest.raises(Gone, match="erased"):
            source_account.retry(shops.merchant.id, "shopify", one.message_id, shops.city.clock)


def test_of_one_order_so_many_messages_are_kept_and_no_more(shops):
    for number in range(MOST_KEPT_BODIES + 2):
        shops.post("woocommerce", shops.order("woocommerce", total=str(number), **NO_PHONE))
    assert len(rows("vault")) == MOST_KEPT_BODIES


def test_what_is_kept_of_a_message_says_when_it_is_forgotten(shops):
    shops.post("woocommerce", shops.order("woocommerce", **NO_PHONE))
    for row in (*rows("vault"), *rows("intake")):
        ahead_s = int(row["expires_at"]["N"]) - shops.city.clock.now().timestamp()
        assert 29 * 86400 < ahead_s < 91 * 86400


# -- orders at night

MORNINGS = {"time_zone": "America/Chicago", "week": [{"day": "tuesday", "opens": "08:00", "closes": "18:00"}]}


@pytest.mark.parametrize("who", ["zone", "store"])
def test_an_order_at_night_is_kept_for_the_next_opening(shops, who):
    """It is noon in UTC on a Monday; they open on Tuesday at 13:00 UTC."""
    if who == "zone":
        put_zone(settings().model_copy(update={"hours": AccountChange.model_validate({"hours": MORNINGS}).hours}))
        zones._cache.clear()
    else:
        accounts.change_account(shops.merchant.id, AccountChange.model_validate({"hours": MORNINGS}))
    made = shops.made("shopify")
    assert f"{made.pickup_window.opens_at:%dT%H:%M}" == "02T13:00"
    assert made.dropoff_window.closes_at > made.pickup_window.opens_at


@pytest.mark.parametrize("how", ["refuse", "too far"])
def test_an_order_at_night_that_is_not_kept_is_told(shops, how):
    day = "tuesday" if how == "refuse" else "friday"
    hours = {**MORNINGS, "week": [{**MORNINGS["week"][0], "day": day}]}
    accounts.change_account(shops.merchant.id, AccountChange.model_validate({"hours": hours}))
    shops.settings("shopify", when_closed="refuse" if how == "refuse" else "next_opening")
    assert shops.post("shopify", shops.order("shopify")) == SourceAnswer(ignored="store_closed")
    assert [event["data"]["code"] for event in told(shops)] == ["store_closed"]


def test_a_tip_in_another_currency_costs_no_order(shops):
    made = shops.made("shopify", currency="JPY", total_tip_received="500")
    assert made.price.tip.amount == 0
