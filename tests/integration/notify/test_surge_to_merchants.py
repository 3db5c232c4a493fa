"""A surge is announced to the merchants that may order in its zone: in their event logs, and to their endpoints."""

import json
from datetime import timedelta

import pytest

from crowdship.adapters.bus import SOURCE
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput, Mode, sandbox_id
from crowdship.notify.service import on_event, on_message
from crowdship.notify.webhooks.announcing import service as announcing
from crowdship.notify.webhooks.delivery.service import Fate
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import EndpointInput
from crowdship.notify.webhooks.event_log.service import SETTLING, read
from functions.events import notify as function
from tests.contracts import sample
from tests.integration.notify.outbox import back_on_the_queue, queued


@pytest.fixture
def surge(world):
    return DomainEvent.model_validate(sample("surge.changed"))


@pytest.fixture
def others(world, clock):
    """Further merchants: two that may order in the zone, one of another zone, and one that staff deactivated."""
    changes = {
        "anywhere": {},
        "here": {"zone_ids": ("san-francisco", "oakland")},
        "elsewhere": {"zone_ids": ("oakland",)},
        "deactivated": {"active": False},
    }
    made = {}
    for name, change in changes.items():
        made[name] = merchants.sign_up(MerchantInput(name=name, billing_email=f"{name}@example.com"), clock)
        merchants.change(made[name].id, lambda known, change=change: (known.with_changes(**change), None))
    return made


@pytest.fixture
def logged(wall):
    """Return what a merchant's event log has."""

    def logged(merchant_id):
        wall.advance(SETTLING + timedelta(seconds=1))
        return [entry.message for entry in read(merchant_id, wall).events]

    return logged


def play(event, clock, wall):
    """Take an event in, and what is put on the queue for it, and return the number of messages."""
    on_event(event, clock, wall)
    count = 1
    while queued():
        on_message(back_on_the_queue(), clock, wall)
        count += 1
    return count


def bodies(messages):
    return [json.loads(message.body)["data"] for message in messages]


def test_a_surge_is_in_the_log_of_each_active_merchant_that_may_order_in_the_zone(
    surge, merchant, others, clock, wall, queue, logged
):
    play(surge, clock, wall)
    for known in (merchant, others["anywhere"], others["here"]):
        [data] = bodies(logged(known.id))
        order = {"subject": surge.subject, "sequence": surge.sequence}
        assert data == {**surge.data, **order, "merchant_id": known.id}
    assert logged(others["elsewhere"].id) == logged(others["deactivated"].id) == []


def test_an_endpoint_is_sent_the_surge_signed_for_its_own_merchant(
    surge, merchant, endpoint, others, other_shop, clock, wall, queue, send, shop, logged
):
    endpoints.add(others["here"].id, EndpointInput(url=other_shop.url, events=("surge.changed",)), wall)
    play(surge, clock, wall)
    assert [send(job) for job in queue.jobs] == [Fate.DELIVERED, Fate.DELIVERED]
    for known, heard in ((merchant, shop), (others["here"], other_shop)):
        [(headers, body)] = heard.seen
        [message] = logged(known.id)
        assert (headers["webhook-id"], body) == (message.id, message.body.encode())
        assert json.loads(body)["data"]["merchant_id"] == known.id
    assert shop.ids != other_shop.ids, "an id names one message, and these differ"


def test_an_endpoint_that_asked_for_other_events_or_hears_of_the_sandbox_is_not_sent_it(
    surge, merchant, shop, clock, wall, queue, logged
):
    endpoints.add(merchant.id, EndpointInput(url=shop.url, events=("delivery.*", "invoice.*")), wall)
    endpoints.add(merchant.id, EndpointInput(url=f"{shop.url}/test", mode=Mode.TEST), wall)
    play(surge, clock, wall)
    assert queue.jobs == []
    assert len(logged(merchant.id)) == 1
    assert logged(sandbox_id(merchant.id)) == []


def test_the_same_surge_twice_is_in_each_log_once_and_sent_once(
    surge, merchant, endpoint, others, clock, wall, queue, send, shop, logged
):
    play(surge, clock, wall)
    wall.advance(timedelta(minutes=3))
    play(surge, clock, wall)
    assert [send(job) for job in queue.jobs] == [Fate.DELIVERED, Fate.REPEATED]
    assert len(shop.seen) == 1
    assert [len(logged(known.id)) for known in (merchant, *others.values())] == [1, 1, 1, 0, 0]


def test_two_announcements_of_a_zone_are_two_events_of_each_merchant(surge, merchant, clock, wall, queue, logged):
    ended = surge.model_copy(update={"id": "evt_2", "sequence": 4, "data": {**surge.data, "percent": 100}})
    play(surge, clock, wall)
    wall.advance(timedelta(seconds=1))
    play(ended, clock, wall)
    assert [(data["sequence"], data["percent"]) for data in bodies(logged(merchant.id))] == [(3, 125), (4, 100)]


@pytest.mark.parametrize(("size", "messages"), [(1, 6), (2, 3), (5, 2), (50, 1)])
def test_many_merchants_are_told_page_by_page_each_once(
    surge, merchant, others, clock, wall, queue, logged, monkeypatch, size, messages
):
    monkeypatch.setattr(announcing, "PAGE", size)
    assert play(surge, clock, wall) == messages
    assert [len(logged(known.id)) for known in (merchant, *others.values())] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("calls", range(4))
def test_what_stops_in_the_middle_ends_alike_when_the_queue_brings_it_again(
    surge, merchant, endpoint, others, clock, wall, queue, send, shop, logged, monkeypatch, calls
):
    told = announcing.enqueue_all
    left = [calls]

    def dies(event, wall):
        if left[0] == 0:
            left[0] = -1
            raise ConnectionError("the machine went away")
        left[0] -= 1
        told(event, wall)

    monkeypatch.setattr(announcing, "enqueue_all", dies)
    monkeypatch.setattr(announcing, "PAGE", 2)
    pending, deaths = [_sent(surge)], 0
    while pending:
        try:
            on_message(pending[0], clock, wall)
            pending.pop(0)
        except ConnectionError:
            deaths += 1
        pending += [message.body for message in queued()]
        queued().clear()
    assert deaths == (1 if calls < 3 else 0)
    assert [len(logged(known.id)) for known in (merchant, *others.values())] == [1, 1, 1, 0, 0]
    assert Fate.DELIVERED in [send(job) for job in queue.jobs]
    assert len(shop.seen) == 1


def _sent(event):
    return json.dumps({"source": SOURCE, "detail": event.model_dump(mode="json")})


def test_the_function_takes_the_event_from_the_bus_and_the_rest_from_its_own_queue(
    surge, merchant, others, queue, monkeypatch, logged, clock
):
    monkeypatch.setattr(announcing, "PAGE", 3)
    record = {"messageId": "1", "eventSource": "aws:sqs", "body": _sent(surge)}
    assert function.handler({"Records": [record]}, None) == {"batchItemFailures": []}
    record["body"] = back_on_the_queue()
    assert function.handler({"Records": [record]}, None) == {"batchItemFailures": []}
    assert queued() == []
    assert [len(logged(known.id)) for known in (merchant, *others.values())] == [1, 1, 1, 0, 0]
