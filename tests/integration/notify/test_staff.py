"""What staff see of webhooks, and of an endpoint."""

from datetime import timedelta

import pytest

from crowdship.notify.service import on_event
from crowdship.notify.store import SendingRow
from crowdship.notify.webhooks.bodies import WebhookMessage
from crowdship.notify.webhooks.delivery.retries import WebhookJob
from tests.integration.settlement.test_functions import ask, function


@pytest.fixture
def staff_api(world):
    return function("console/webhooks")


def webhooks(staff_api, delivery_id):
    status, told = ask(staff_api, "GET", f"/v1/staff/deliveries/{delivery_id}/webhooks")
    assert status == 200
    return told["webhooks"]


def test_staff_see_every_attempt_of_a_deliverys_webhooks_in_the_order_of_events(
    staff_api, events, merchant, endpoint, delivery, send, shop, queue, wall
):
    shop.answer(500, 200, 503)
    first, last = events["delivery.en_route_to_dropoff"], events["delivery.delivered"]
    send(WebhookJob(message=WebhookMessage.of(first), merchant_id=merchant.id, endpoint_id=endpoint[0].id))
    retry = queue.take()
    wall.advance(timedelta(minutes=1))
    send(retry)
    send(WebhookJob(message=WebhookMessage.of(last), merchant_id=merchant.id, endpoint_id=endpoint[0].id))
    sent, waiting = webhooks(staff_api, delivery.id)
    assert (sent["event_id"], sent["type"], sent["result"]) == (first.id, first.type, "sent")
    assert [(made["number"], made["status"]) for made in sent["attempts"]] == [(1, 500), (2, 200)]
    assert sent["endpoint_id"] == endpoint[0].id
    assert (waiting["type"], waiting["result"]) == ("delivery.delivered", None)
    assert [made["status"] for made in waiting["attempts"]] == [503]


def test_what_a_customer_is_told_is_no_webhook(staff_api, departed, delivery, clock, wall, queue):
    on_event(departed, clock, wall)
    assert {sending.recipient for sending in SendingRow.of_events([departed.id])} == {"sms", "email"}
    assert webhooks(staff_api, delivery.id) == []


def test_a_delivery_that_is_not_there_has_no_webhooks(staff_api):
    status, problem = ask(staff_api, "GET", "/v1/staff/deliveries/dlv_none/webhooks")
    assert (status, problem["code"]) == (404, "no_such_delivery")


def test_only_staff_look_behind_webhooks(staff_api, delivery):
    path = f"/v1/staff/deliveries/{delivery.id}/webhooks"
    assert ask(staff_api, "GET", path, group="drivers")[0] == 403
    assert ask(staff_api, "POST", "/v1/staff/merchants/mer_1/endpoints/ept_1/test", group=None)[0] == 401
