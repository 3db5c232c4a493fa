"""BigCommerce: messages that name an order, and the orders as its API, imitated on this machine, has them."""

import json
import socket

import boto3
import pytest
import requests

from crowdship.adapters import secrets
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.intake.shops import account as source_account
from crowdship.intake.shops import ignored
from crowdship.intake.sources.model import SourceAnswer
from crowdship.kernel.errors import Gone, Unauthorized, Unavailable, Unprocessable
from crowdship.merchants import sources
from crowdship.merchants.connections import ShopApi, SourceName
from crowdship.vault import service as vault
from local.imitations.bigcommerce import Answer
from local.tools.openapi import load
from tests.faults import Lost, each_call_failing
from tests.integration.intake.shops import FETCHED, RECORDED, Shops

pytestmark = pytest.mark.usefixtures("aws")
NAME = "bigcommerce"
ORDER_ID = RECORDED[NAME]["order"]["id"]
NO_PHONE = {"billing_address": {**RECORDED[NAME]["order"]["billing_address"], "phone": ""}}


@pytest.fixture
def shops(bigcommerce, monkeypatch):
    monkeypatch.setattr(ignored.logger, "warning", lambda *words, **fields: None)
    return Shops(bigcommerce)


def rows(table):
    return boto3.client("dynamodb").scan(TableName=f"crowdship-{table}")["Items"]


def listed(shops):
    return ignored.page(shops.merchant.id, SourceName.BIGCOMMERCE, None, 50).messages


def test_the_order_that_a_message_names_becomes_a_delivery_and_its_people_are_in_the_vault(shops):
    made = shops.made(NAME)
    assert (made.external_id, made.dropoff.lat, made.timeline[0].actor) == (str(ORDER_ID), 41.012, NAME)
    contact = vault.contacts(made.contacts_token).dropoff
    assert (contact.name, contact.address) == ("Émile Ruiz", "18 Canal Row, Flat 3, 60601 Testville")
    assert contact.name not in made.model_dump_json()


def test_a_message_without_the_connections_secret_asks_the_shop_nothing(shops):
    shops.api.put(shops.order(NAME))
    for secret in ("x", sources.new_signing_secret(), shops.secrets["webhook"], "härte"):
        with pytest.raises(Unauthorized, match="bad_signature"):
            shops.tell(shops.api.message(ORDER_ID), secret)
    assert shops.api.asked == []


@pytest.mark.parametrize("producer", ["stores/other", "stores/", "", None])
def test_a_message_of_another_store_is_refused(shops, producer):
    body = {**json.loads(shops.api.message(ORDER_ID)), "producer": producer}
    with pytest.raises(Unauthorized, match="wrong_shop"):
        shops.tell(json.dumps(body).encode())
    assert shops.api.asked == []


def test_a_message_that_comes_again_makes_no_second_delivery_and_neither_does_another_of_the_same_state(shops):
    shops.api.put(shops.order(NAME))
    first = shops.tell(shops.api.message(ORDER_ID, "store/order/created"))
    assert shops.tell(shops.api.message(ORDER_ID, "store/order/created")) == first
    assert shops.tell(shops.api.message(ORDER_ID, "store/order/statusUpdated")) == first
    assert deliveries.get(first.delivery_id).stored_version == 1


def test_a_message_with_a_hash_that_was_seen_still_brings_a_change_of_the_order(shops):
    made, message = shops.made(NAME), shops.api.message(ORDER_ID)
    shops.tell(message)
    shops.api.put(shops.order(NAME, status_id=5))
    assert shops.tell(message) == SourceAnswer(delivery_id=made.id, acknowledged="cancelled")


def test_a_late_message_about_an_old_state_finds_the_order_as_it_is_now(shops):
    shops.api.put(shops.order(NAME, status_id=1))
    early = shops.api.message(ORDER_ID, "store/order/created", created_at=1)
    made = shops.made(NAME)
    assert shops.tell(early) == SourceAnswer(delivery_id=made.id)


def test_an_old_state_that_was_fetched_before_a_newer_one_was_handled_undoes_nothing(shops):
    old = shops.order(NAME, status_id=5)
    made = shops.made(NAME)
    assert shops.post(NAME, old) == SourceAnswer(ignored="stale")
    assert deliveries.get(made.id).state is State.CREATED


# -- an API that does not answer


@pytest.mark.parametrize(
    ("failure", "retry_after"),
    [
        (Answer(500), "60"),
        (Answer(503), "60"),
        (Answer(429, {"X-Rate-Limit-Time-Reset-Ms": "15001"}), "16"),
        (Answer(429, {"X-Rate-Limit-Time-Reset-Ms": "soon"}), "60"),
        (Answer(302, {"Location": "https://example.com/"}), "60"),
        (Answer(200, body=b"<html>a proxy</html>"), "60"),
    ],
)
@pytest.mark.parametrize("before", [0, 2])
def test_while_the_api_does_not_answer_the_message_has_to_come_again_and_then_makes_its_order(
    shops, failure, retry_after, before
):
    shops.api.put(shops.order(NAME))
    message = shops.api.message(ORDER_ID)
    shops.api.failures.extend([Answer(200, body=b"{}")] * before + [failure])
    with pytest.raises(Unavailable, match="shop_unavailable") as unavailable:
        shops.tell(message)
    assert unavailable.value.headers == {"Retry-After": retry_after}
    assert (listed(shops), rows("deliveries")) == ((), [])
    assert shops.tell(message).delivery_id


def test_an_api_that_nobody_serves_is_one_that_does_not_answer(shops):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gone = ShopApi(url=f"http://127.0.0.1:{port}/stores/b4ker1", headers={})
    clock = shops.city.clock
    shops.secrets[NAME] = sources.connect(shops.merchant.id, SourceName.BIGCOMMERCE, "b4ker1", clock, clock, api=gone)
    with pytest.raises(Unavailable, match="shop_unavailable"):
        shops.tell(shops.api.message(ORDER_ID))


def test_a_token_that_is_refused_is_told_to_the_merchant_and_the_order_is_made_once_there_is_a_right_one(shops):
    shops.connect_fetched(token="a-token-of-yesterday")
    assert shops.post(NAME, shops.order(NAME)) == SourceAnswer(ignored="shop_refused_us")
    (one,) = listed(shops)
    assert (one.external_id, one.can_retry, one.harmless) == (str(ORDER_ID), True, False)
    with pytest.raises(Unprocessable, match="shop_refused_us"):
        source_account.retry(shops.merchant.id, NAME, one.message_id, shops.city.clock)
    shops.connect_fetched()
    assert source_account.retry(shops.merchant.id, NAME, one.message_id, shops.city.clock).delivery_id


def test_an_order_that_the_shop_does_not_have_is_told(shops):
    assert shops.tell(shops.api.message(99)) == SourceAnswer(ignored="no_such_order")
    assert [(one.external_id, one.code) for one in listed(shops)] == [("99", "no_such_order")]


@pytest.mark.parametrize("lost", Lost)
def test_a_message_whose_handling_dies_at_any_call_leaves_one_delivery_when_it_comes_again(bigcommerce, lost):
    for faulty in each_call_failing(lost, at_least=5):
        shops = Shops(bigcommerce)
        bigcommerce.put(shops.order(NAME))
        with faulty:
            shops.tell(bigcommerce.message(ORDER_ID))
        again = shops.tell(bigcommerce.message(ORDER_ID, created_at=2))
        assert deliveries.get(again.delivery_id).state is State.CREATED


# -- what made nothing


def test_an_order_that_makes_nothing_is_tried_again_as_the_shop_has_it_then(shops):
    assert shops.post(NAME, shops.order(NAME, **NO_PHONE)) == SourceAnswer(ignored="phone_not_international")
    (one,) = listed(shops)
    shops.api.put(shops.order(NAME))
    done = source_account.retry(shops.merchant.id, NAME, one.message_id, shops.city.clock)
    assert deliveries.get(done.delivery_id).external_id == str(ORDER_ID)
    with pytest.raises(Gone):
        source_account.retry(shops.merchant.id, NAME, one.message_id, shops.city.clock)


def test_neither_a_secret_nor_anything_about_people_is_kept_of_a_message_that_made_nothing(shops):
    shops.post(NAME, shops.order(NAME, **NO_PHONE))
    (kept,) = [json.loads(row["body"]["S"]) for row in rows("vault") if '"headers"' in row["body"]["S"]]
    assert kept["headers"] == {}
    _, message = ignored.kept(shops.merchant.id, SourceName.BIGCOMMERCE, listed(shops)[0].message_id)
    assert json.loads(message.body).keys() == {"scope", "store_id", "data", "created_at", "producer", "hash"}


@pytest.mark.parametrize("scope", ["store/order/message/created", "store/product/updated", "store/order/transaction"])
def test_other_events_ask_the_shop_nothing_and_are_everyday_life(shops, scope):
    assert shops.tell(shops.api.message(ORDER_ID, scope)) == SourceAnswer(ignored="other_topic")
    assert shops.api.asked == []
    assert all(one.harmless for one in listed(shops))


# -- the connection


def test_a_shop_that_was_disconnected_is_asked_nothing_and_what_opened_its_api_is_forgotten(shops):
    sources.disconnect(shops.merchant.id, SourceName.BIGCOMMERCE)
    assert shops.post(NAME, shops.order(NAME)) == SourceAnswer(ignored="not_connected")
    assert shops.api.asked == []
    kept = secrets.secret_fields(sources.secret_name(shops.merchant.id, NAME))
    assert kept.keys() == {"accepted"}


def test_the_former_secret_of_a_connection_is_good_for_a_day(shops):
    former = shops.secrets[NAME]
    shops.connect_fetched()
    shops.api.put(shops.order(NAME))
    assert shops.tell(shops.api.message(ORDER_ID), former).delivery_id
    shops.city.later(hours=25)
    with pytest.raises(Unauthorized, match="bad_signature"):
        shops.tell(shops.api.message(ORDER_ID), former)


def test_in_aws_no_token_travels_in_the_clear(shops, monkeypatch):
    monkeypatch.setenv("STAGE", "prod")
    with pytest.raises(Unprocessable, match="plain_http"):
        shops.connect_fetched()


def test_the_imitation_lets_nobody_in_without_the_token(bigcommerce):
    address = f"{bigcommerce.api_path.removesuffix('v3/')}v2/orders/{ORDER_ID}"
    assert requests.get(address, timeout=5).status_code == 401


def test_the_shop_is_answered_503_with_the_seconds_to_wait_while_its_api_does_not_answer(shops):
    shops.api.put(shops.order(NAME))
    shops.api.failures.append(Answer(503))
    path, proof = f"/v1/sources/{NAME}/{shops.merchant.id}/orders", next(iter(FETCHED.HEADERS)).lower()
    event = {
        "version": "2.0",
        "routeKey": f"POST /v1/sources/{NAME}/{{merchant_id}}/orders",
        "rawPath": path,
        "headers": {"content-type": "application/json", proof: shops.secrets[NAME]},
        "pathParameters": {"merchant_id": shops.merchant.id},
        "requestContext": {"http": {"method": "POST", "path": path}, "requestId": "rid", "stage": "$default"},
        "body": shops.api.message(ORDER_ID).decode(),
        "isBase64Encoded": False,
    }
    answer = load("merchant/sources").handler(event, None)
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "60")
    assert json.loads(answer["body"])["code"] == "shop_unavailable"
