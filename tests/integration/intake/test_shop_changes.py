"""A change in a shop reaches the delivery while it is allowed, and does no harm after that.

Longer than other files, because its tests share one table of what each shop sends for each change.
"""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch import cancellation
from crowdship.dispatch.offers import answers
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import DeliveryChange
from crowdship.intake.shops import ignored
from crowdship.intake.sources.model import SourceAnswer
from crowdship.kernel.errors import Conflict
from crowdship.merchants import service as merchants
from crowdship.merchants.connections import SourceName
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from crowdship.vault import service as vault
from tests.city import City
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.intake.shops import RECORDED, Shops

pytestmark = pytest.mark.usefixtures("aws", "quiet")
FORGIVING = ("shopify", "woocommerce", "bigcommerce")
GONE = {
    "shopify": [
        {"cancelled_at": "2026-06-01T12:10:00Z", "cancel_reason": "customer"},
        {"financial_status": "refunded"},
        {"financial_status": "voided"},
    ],
    "woocommerce": [{"status": status} for status in ("cancelled", "refunded", "failed", "trash", "wc-cancelled")]
    + [{"refunds": [{"total": "-12.50"}, {"total": "-20.00"}]}],
    "bigcommerce": [
        *({"status_id": status} for status in (4, 5, 6)),
        {"is_deleted": True},
        {"refunded_amount": "32.5000"},
    ],
}
EVERY_END = [(name, gone) for name in FORGIVING for gone in GONE[name]]


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(ignored.logger, "warning", lambda *words, **fields: None)


@pytest.fixture
def shops(bigcommerce):
    return Shops(bigcommerce)


def to(name, **parts):
    """Return what an order has where its address is, with other lines."""
    if name == "bigcommerce":
        (address,) = RECORDED[name]["shipping_addresses"]
        return {"shipping_addresses": [{**address, **parts}]}
    field = "shipping_address" if name == "shopify" else "shipping"
    return {field: {**RECORDED[name][field], **parts}}


def moved(name):
    """Return the order with another street and another place."""
    if name == "shopify":
        return to(name, address1="40 Canal Row", latitude=41.013)
    if name == "bigcommerce":
        place = {"_crowdship_lat": "41.013", "_crowdship_lon": "-87.008"}
        fields = [{"name": name, "value": value} for name, value in place.items()]
        return to(name, street_1="40 Canal Row", form_fields=fields)
    meta = [
        {**one, "value": "41.013"} if one["key"] == "_crowdship_lat" else one for one in RECORDED[name]["meta_data"]
    ]
    return {**to(name, address_1="40 Canal Row"), "meta_data": meta}


def untimed(name, order):
    """Return an order without the time of its last change."""
    if name == "bigcommerce":
        return {**order, "order": {**order["order"], "date_modified": None}}
    return {field: value for field, value in order.items() if field not in ("updated_at", "date_modified_gmt")}


def with_driver(shops, name, steps):
    """Return a delivery and its driver, after some steps of it."""
    made, driver = shops.made(name), shops.city.driver()
    shops.city.tick()
    (offer,) = shops.city.offers(driver)
    answers.accept(driver.id, offer.id, shops.city.clock)
    for step, stop in steps:
        shops.later(minutes=1)
        if stop is None:
            step(made.id, driver.id, None, shops.city.clock)
        else:
            step(made.id, driver.id, stop, None, shops.city.clock)
    return deliveries.get(made.id), driver


AT_SHOP = ((stops.depart, StopKind.PICKUP), (stops.arrive, StopKind.PICKUP))
ON_BOARD = (*AT_SHOP, (stops.pick_up, None))
BY_STAGE = [(), AT_SHOP[:1], AT_SHOP, ON_BOARD, (*ON_BOARD, (stops.depart, StopKind.DROPOFF))]


def contact_of(made):
    return vault.contacts(made.contacts_token).dropoff


@pytest.mark.parametrize("name", FORGIVING)
def test_a_corrected_address_and_phone_reach_the_delivery_before_it_is_picked_up(shops, name):
    made = shops.made(name)
    told = shops.post(name, shops.order(name, **moved(name)))
    assert told == SourceAnswer(delivery_id=made.id, acknowledged="changed")
    changed = deliveries.get(made.id)
    assert changed.dropoff.lat == 41.013
    assert contact_of(changed).address.startswith("40 Canal Row")
    shops.post(name, shops.order(name, **to(name, phone="+13125550111")))
    assert contact_of(deliveries.get(made.id)).phone == "+13125550111"


def test_a_signed_webhook_with_a_known_external_id_changes_the_order_as_well(shops):
    made = shops.made("webhook")
    told = shops.post("webhook", shops.order("webhook", tip=500))
    assert told == SourceAnswer(delivery_id=made.id, acknowledged="changed")
    assert deliveries.get(made.id).price.tip.amount == 500


@pytest.mark.parametrize("name", FORGIVING)
def test_an_update_that_changes_nothing_writes_no_delivery_and_undoes_no_change_of_the_merchants_own(shops, name):
    made = shops.made(name)
    by_hand = DeliveryChange.model_validate({"dropoff": {"notes": "the blue door"}})
    changes.change(made.id, made.merchant_id, by_hand, shops.city.clock)
    before = deliveries.get(made.id)
    assert shops.post(name, shops.order(name, tags="packed")) == SourceAnswer(delivery_id=made.id)
    assert deliveries.get(made.id).stored_version == before.stored_version
    assert contact_of(before).notes == "the blue door"


@pytest.mark.parametrize("name", FORGIVING)
def test_on_board_a_new_phone_is_taken_and_a_new_address_is_said_not_to_be(shops, name):
    made, _ = with_driver(shops, name, ON_BOARD)
    assert shops.post(name, shops.order(name, **to(name, phone="+13125550111"))).acknowledged == "changed"
    told = shops.post(name, shops.order(name, **moved(name)))
    assert told == SourceAnswer(ignored="too_late_to_change")
    after = deliveries.get(made.id)
    assert (after.dropoff, contact_of(after).address) == (made.dropoff, contact_of(made).address)
    (listed,) = ignored.page(made.merchant_id, SourceName(name), None, 10).messages
    assert (listed.code, listed.harmless) == ("too_late_to_change", False)


def test_a_tip_that_can_not_be_lowered_keeps_no_address_from_being_corrected(shops):
    made, _ = with_driver(shops, "shopify", ())
    told = shops.post("shopify", shops.order("shopify", total_tip_received="1.00", **moved("shopify")))
    assert told == SourceAnswer(ignored="tip_lowered")
    after = deliveries.get(made.id)
    assert (after.dropoff.lat, after.price.tip) == (41.013, made.price.tip)


@pytest.mark.parametrize(("name", "gone"), EVERY_END)
@pytest.mark.parametrize("steps", BY_STAGE[:3], ids=len)
def test_an_order_that_is_called_off_or_refunded_before_the_pickup_is_not_delivered(shops, name, gone, steps):
    made, _ = with_driver(shops, name, steps)
    told = shops.post(name, shops.order(name, **gone))
    assert told == SourceAnswer(delivery_id=made.id, acknowledged="cancelled")
    assert deliveries.get(made.id).state is State.CANCELLED


@pytest.mark.parametrize(("name", "gone"), EVERY_END)
@pytest.mark.parametrize("steps", BY_STAGE[3:], ids=len)
def test_no_refund_or_cancellation_in_a_shop_turns_a_driver_round_with_goods_on_board(shops, name, gone, steps):
    made, _ = with_driver(shops, name, steps)
    assert shops.post(name, shops.order(name, **gone)) == SourceAnswer(ignored="goods_on_board")
    after = deliveries.get(made.id)
    assert (after.state, after.cancellation, after.price) == (made.state, None, made.price)


@pytest.mark.parametrize("name", FORGIVING)
def test_goods_that_are_picked_up_while_a_cancellation_is_handled_are_not_turned_round(shops, name, monkeypatch):
    """The table is asked before the pickup, the delivery is written after it."""
    made, driver = with_driver(shops, name, AT_SHOP)
    look = cancellation.cancel

    def first_picked_up(*given, **more):
        stops.pick_up(made.id, driver.id, None, shops.city.clock)
        return look(*given, **more)

    monkeypatch.setattr(cancellation, "cancel", first_picked_up)
    assert shops.post(name, shops.order(name, **GONE[name][0])) == SourceAnswer(ignored="goods_on_board")
    assert deliveries.get(made.id).state is State.PICKED_UP


def test_a_part_of_the_money_back_calls_nothing_off(shops):
    shopify, woo = shops.made("shopify"), shops.made("woocommerce")
    shops.post("shopify", shops.order("shopify", financial_status="partially_refunded"))
    shops.post("woocommerce", shops.order("woocommerce", refunds=[{"total": "-5.00"}]))
    assert {deliveries.get(made.id).state for made in (shopify, woo)} == {State.CREATED}


@pytest.mark.parametrize("status", ["on-hold", "pending"])
def test_an_order_that_is_put_on_hold_goes_on_and_the_merchant_is_told(shops, status):
    made = shops.made("woocommerce")
    assert shops.post("woocommerce", shops.order("woocommerce", status=status)) == SourceAnswer(ignored="order_on_hold")
    assert deliveries.get(made.id).state is State.CREATED


@pytest.mark.parametrize("status", ["completed", "our-own"])
def test_a_shops_own_progress_is_no_news(shops, status):
    shops.made("woocommerce")
    shops.post("woocommerce", shops.order("woocommerce", status=status))
    (listed,) = ignored.page(shops.merchant.id, SourceName.WOOCOMMERCE, None, 10).messages
    assert listed.harmless


@pytest.mark.parametrize(
    ("name", "gone"), [*((name, GONE[name][0]) for name in FORGIVING), ("woocommerce", {"status": "trash"})]
)
def test_a_cancellation_that_overtakes_its_order_is_remembered(shops, name, gone):
    order = shops.order(name)
    assert shops.post(name, shops.order(name, **gone)) == SourceAnswer(ignored="no_such_delivery")
    assert shops.post(name, order) == SourceAnswer(ignored="stale")
    assert shops.post(name, untimed(name, order)) == SourceAnswer(ignored="was_cancelled")


def test_an_order_that_the_shop_takes_up_again_is_delivered(shops):
    shops.post("woocommerce", shops.order("woocommerce", status="cancelled"))
    assert shops.made("woocommerce").state is State.CREATED


@pytest.mark.parametrize(("name", "topic"), [("shopify", "orders/delete"), ("woocommerce", "order.deleted")])
def test_a_deleted_order_is_called_off_and_never_made_if_it_comes_later(shops, name, topic):
    made = shops.made(name)
    shops.post(name, {"id": RECORDED[name]["id"]}, topic=topic)
    assert deliveries.get(made.id).state is State.CANCELLED
    shops.post(name, {"id": 99}, topic=topic)
    late = {**RECORDED[name], "id": 99, "updated_at": None, "date_modified_gmt": None}
    assert shops.post(name, late) == SourceAnswer(ignored="was_cancelled")


def test_a_deleted_order_is_not_revived_by_a_message_that_was_under_way(shops):
    shops.post("woocommerce", shops.order("woocommerce", status="pending"))
    paid = shops.order("woocommerce")
    shops.post("woocommerce", {"id": RECORDED["woocommerce"]["id"]}, topic="order.deleted")
    assert shops.post("woocommerce", paid) == SourceAnswer(ignored="was_cancelled")


def test_a_delivered_order_that_is_saved_after_its_day_is_no_news(shops):
    shops.settings("woocommerce", time_zone="America/Chicago")
    meta = [*RECORDED["woocommerce"]["meta_data"], {"key": "delivery_date", "value": "2026-06-02"}]
    shops.made("woocommerce", meta_data=meta)
    shops.later(days=3)
    assert shops.post("woocommerce", shops.order("woocommerce", meta_data=meta)) == SourceAnswer(ignored="unchanged")
    (listed,) = ignored.page(shops.merchant.id, SourceName.WOOCOMMERCE, None, 10).messages
    assert listed.harmless


@pytest.mark.parametrize("name", FORGIVING)
def test_a_cancellation_that_comes_while_its_order_is_made_is_not_lost(shops, name, monkeypatch):
    from crowdship.intake.orders import service as intake

    make, order = intake.create, shops.order(name)
    gone = shops.order(name, **GONE[name][0])

    def overtaken(*given, **more):
        monkeypatch.setattr(intake, "create", make)
        assert shops.post(name, gone) == SourceAnswer(ignored="no_such_delivery")
        return make(*given, **more)

    monkeypatch.setattr(intake, "create", overtaken)
    told = shops.post(name, order)
    assert deliveries.get(told.delivery_id).state is State.CANCELLED


@pytest.mark.parametrize("name", FORGIVING)
def test_a_stale_update_changes_nothing(shops, name):
    made, old = shops.made(name), shops.order(name)
    shops.post(name, shops.order(name, **moved(name)))
    assert shops.post(name, old) == SourceAnswer(ignored="stale")
    assert deliveries.get(made.id).dropoff.lat == 41.013


SHOPIFY_TOPICS = (
    *("orders/create", "orders/updated", "orders/edited", "orders/cancelled", "orders/delete"),
    *("customers/redact", "customers/data_request", "shop/redact", "products/create", "refunds/create", ""),
)
WOO_TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored", "product.deleted", "")
REPLAYED = [("shopify", topic) for topic in SHOPIFY_TOPICS] + [("woocommerce", topic) for topic in WOO_TOPICS]


@pytest.mark.parametrize(("name", "topic"), REPLAYED)
def test_a_captured_order_does_no_harm_under_another_topic_and_id(shops, name, topic):
    order = shops.order(name)
    made = deliveries.get(shops.post(name, order).delivery_id)
    shops.post(name, order, topic=topic or "x", message_id="another")
    after = deliveries.get(made.id)
    assert (after.state, after.stored_version) == (State.CREATED, made.stored_version)
    assert contact_of(after)
    assert merchants.get(shops.merchant.id).source(SourceName(name))


@pytest.mark.parametrize("topic", SHOPIFY_TOPICS)
def test_a_captured_wish_of_privacy_does_nothing_but_what_it_says(shops, topic):
    made = shops.made("shopify")
    others = {"shop_id": 1, "shop_domain": "bakery.myshopify.com", "customer": {"id": 1}, "orders_to_redact": []}
    for body in (others, {**others, "orders_requested": [1], "data_request": {"id": 5}}):
        shops.post("shopify", body, topic=topic or "x")
    assert merchants.get(shops.merchant.id).source(SourceName.SHOPIFY)
    assert deliveries.get(made.id).state is State.CREATED


@pytest.mark.parametrize(
    "more",
    [
        {"invoice_url": "https://x", "status": "open"},
        {"abandoned_checkout_url": "https://x"},
        {"order_id": 5},
        {"admin_graphql_api_id": "gid://shopify/DraftOrder/1"},
        {"order_edit": {"order_id": 5}},
    ],
)
def test_what_only_looks_like_an_order_makes_none(shops, more):
    assert shops.post("shopify", shops.order("shopify", **more), topic="orders/create").delivery_id is None


def test_what_tries_an_order_again_is_what_the_shop_changes(shops):
    from crowdship.deliveries.states import FailureReason
    from crowdship.intake.orders.model import RedeliveryRequest

    made, driver = with_driver(shops, "woocommerce", AT_SHOP)
    stops.fail(made.id, driver.id, FailureReason.PICKUP_CLOSED, made.pickup, None, shops.city.clock)
    again = changes.redeliver_once(
        made.id,
        shops.merchant,
        RedeliveryRequest(external_id="again"),
        "k",
        lambda new: {"id": new.id},
        shops.city.clock,
    ).body["id"]
    shops.post("woocommerce", shops.order("woocommerce", status="cancelled"))
    assert deliveries.get(again).state is State.CANCELLED


MESSAGES = st.lists(
    st.sampled_from(["same", "moved", "phone", "cancelled", "refunded", "hold", "deleted", "stale"]), max_size=6
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stage=st.sampled_from(BY_STAGE), messages=MESSAGES)
def test_whatever_a_shop_sends_goods_on_board_go_to_the_customer_and_the_charge_stays(aws, quiet, stage, messages):
    saved = saved_tables()
    try:
        shops = Shops()
        old = shops.order("woocommerce")
        made, _ = with_driver(shops, "woocommerce", stage)
        bodies = {
            "same": {},
            "moved": moved("woocommerce"),
            "phone": to("woocommerce", phone="+13125550111"),
            "cancelled": {"status": "cancelled"},
            "refunded": {"status": "refunded"},
            "hold": {"status": "on-hold"},
        }
        for message in messages:
            if message == "deleted":
                shops.post("woocommerce", {"id": RECORDED["woocommerce"]["id"]}, topic="order.deleted")
            elif message == "stale":
                shops.post("woocommerce", old)
            else:
                shops.post("woocommerce", shops.order("woocommerce", **bodies[message]))
        after = deliveries.get(made.id)
        if made.has_left_shop:
            assert (after.state, after.dropoff, after.cancellation) == (made.state, made.dropoff, None)
            assert after.price == made.price
        elif {"cancelled", "refunded", "deleted"} & set(messages):
            assert after.state is State.CANCELLED
        else:
            assert after.state is made.state
    finally:
        restore_tables(saved)


def test_staff_and_merchants_can_still_have_goods_on_board_brought_back():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(order.id, driver.id, None, city.clock)
    with pytest.raises(Conflict, match="goods_on_board"):
        cancellation.cancel(order.id, "shopify", "other", city.clock, only_before_pickup=True)
    assert cancellation.cancel(order.id, "staff", "other", city.clock).state is State.RETURNING


def test_json_that_is_none_is_listed_under_no_order(shops):
    assert shops.post("shopify", b"{", topic="orders/create") == SourceAnswer(ignored="not_an_order")
    (listed,) = ignored.page(shops.merchant.id, SourceName.SHOPIFY, None, 10).messages
    assert (listed.external_id, listed.can_retry) == (None, True)
    assert "{" not in json.dumps(listed.detail)


NOTHING_LEFT = {
    "shopify": [
        {"line_items": [{"id": 1, "requires_shipping": True, "quantity": 1, "current_quantity": 0}]},
        {"shipping_lines": [{"code": "Pickup", "title": "Pickup in store"}]},
    ],
    "woocommerce": [{"shipping_lines": [{"method_id": "local_pickup", "method_title": "Local pickup"}]}],
    "bigcommerce": [
        {"status_id": 8},
        to("bigcommerce", shipping_method="Pickup in store"),
        {"products": [{**RECORDED["bigcommerce"]["products"][0], "quantity_refunded": 2}]},
        {"products": [{**RECORDED["bigcommerce"]["products"][0], "order_pickup_method_id": 13}]},
    ],
}


@pytest.mark.parametrize(("name", "left"), [(name, left) for name in FORGIVING for left in NOTHING_LEFT[name]])
def test_a_delivery_whose_order_asks_for_none_any_more_is_called_off(shops, name, left):
    made = shops.made(name)
    assert shops.post(name, shops.order(name, **left)).acknowledged == "cancelled"
    assert deliveries.get(made.id).state is State.CANCELLED


@pytest.mark.parametrize(("name", "left"), [(name, left) for name in FORGIVING for left in NOTHING_LEFT[name]])
def test_goods_on_board_go_on_if_the_order_asks_for_no_delivery_any_more(shops, name, left):
    made, _ = with_driver(shops, name, ON_BOARD)
    assert shops.post(name, shops.order(name, **left)).ignored == "goods_on_board"
    assert deliveries.get(made.id).state is State.PICKED_UP
