"""The event log: the same as the webhooks, in the order of arrival, and nothing is skipped."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from crowdship.kernel.clock import FixedClock
from crowdship.kernel.cursors import cursor_of
from crowdship.kernel.errors import Gone, NotFound, Unprocessable
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput, Scope
from crowdship.notify.log_keys import KEPT
from crowdship.notify.service import on_event
from crowdship.notify.webhooks.bodies import webhook_body
from crowdship.notify.webhooks.event_log import service as event_log
from crowdship.notify.webhooks.event_log.service import SETTLING, append, read
from tests.contracts import sample
from tests.integration.notify.test_endpoints import Caller
from tests.integration.settlement.test_functions import function


@pytest.fixture
def settled(wall):
    return lambda: wall.advance(SETTLING + timedelta(seconds=1))


def ids(span):
    return [logged.message.id for logged in span.events]


def test_the_log_tells_what_the_webhooks_tell_byte_by_byte(
    departed, endpoint, queue, send, shop, merchant, clock, wall, settled
):
    on_event(departed, clock, wall)
    send(queue.take())
    settled()
    [logged] = read(merchant.id, wall).events
    headers, body = shop.seen[0]
    assert (logged.message.id, logged.message.body.encode()) == (headers["webhook-id"], body)
    assert body == webhook_body(departed)


def test_through_the_api_the_payload_is_the_body(departed, merchant, clock):
    machine = FixedClock(datetime.now(UTC) - SETTLING - timedelta(seconds=2))
    append(departed, machine)
    key = merchants.issue_key(merchant.id, frozenset({Scope.READ}), clock)
    api = Caller(function("merchant/event_log"), key)
    status, page = api("GET", "/v1/events")
    assert status == 200
    [told] = page["events"]
    assert told["id"] == departed.id
    again = json.dumps(told["payload"], separators=(",", ":"), ensure_ascii=False).encode()
    assert again == webhook_body(departed)
    assert page["more"] is False
    assert api("GET", "/v1/events", cursor=page["cursor"])[1]["events"] == []
    assert api("GET", "/v1/events", types="delivery.delivered")[1]["events"] == []
    assert api("GET", "/v1/events", types="delivery.teleported")[1]["code"] == "no_such_type"
    assert api("GET", "/v1/events", cursor="%%%")[1]["code"] == "bad_cursor"
    writer = Caller(api.module, merchants.issue_key(merchant.id, frozenset({Scope.WRITE}), clock))
    assert writer("GET", "/v1/events")[1]["code"] == "key_scope"


def test_the_same_event_twice_is_in_the_log_once(departed, merchant, clock, wall, settled, queue):
    on_event(departed, clock, wall)
    wall.advance(timedelta(minutes=3))
    on_event(departed, clock, wall)
    settled()
    assert ids(read(merchant.id, wall)) == [departed.id]


def test_what_is_too_young_is_not_told_yet(departed, merchant, wall, settled):
    append(departed, wall)
    early = read(merchant.id, wall)
    assert (early.events, early.more) == ((), False)
    settled()
    assert ids(read(merchant.id, wall, cursor=cursor_of(early.position))) == [departed.id]


def test_a_cursor_leads_over_days_and_nobody_elses_events_are_there(events, merchant, clock, wall, settled):
    other = merchants.sign_up(MerchantInput(name="Other", billing_email="other@example.com"), clock)
    for event in events.values():
        append(event, wall)
        wall.advance(timedelta(days=2))
    seen, cursor = [], None
    while True:
        span = read(merchant.id, wall, cursor=cursor, limit=1)
        seen += ids(span)
        cursor = cursor_of(span.position)
        if not span.more:
            break
    assert seen == [event.id for event in events.values()]
    assert read(other.id, wall).events == ()


def test_events_of_some_types_or_of_one_delivery(events, delivery, merchant, wall, settled):
    for event in events.values():
        append(event, wall)
        wall.advance(timedelta(seconds=1))
    settled()
    assert [e.message.type for e in read(merchant.id, wall, types=["delivery.delivered"]).events] == [
        "delivery.delivered"
    ]
    first = read(merchant.id, wall, delivery_id=delivery.id, limit=3)
    assert (ids(first), first.more) == ([event.id for event in events.values()][:3], True)
    rest = read(merchant.id, wall, delivery_id=delivery.id, cursor=cursor_of(first.position))
    assert (ids(rest), rest.more) == ([events["delivery.delivered"].id], False)
    with pytest.raises(NotFound, match="no_such_delivery"):
        read("mer_other", wall, delivery_id=delivery.id)


def test_a_search_for_a_rare_type_leads_on_even_if_a_page_is_empty(events, merchant, wall, settled, monkeypatch):
    monkeypatch.setattr(event_log, "MOST_LOOKED_AT", 2)
    for event in events.values():
        append(event, wall)
        wall.advance(timedelta(seconds=1))
    settled()
    first = read(merchant.id, wall, types=["delivery.delivered"])
    assert (first.events, first.more) == ((), True)
    second = read(merchant.id, wall, types=["delivery.delivered"], cursor=cursor_of(first.position))
    assert ids(second) == [events["delivery.delivered"].id]


def test_the_cursor_of_a_quiet_merchant_stays_young(merchant, wall):
    cursor = cursor_of(read(merchant.id, wall).position)
    wall.advance(KEPT - timedelta(days=1))
    cursor = cursor_of(read(merchant.id, wall, cursor=cursor).position)
    wall.advance(KEPT - timedelta(days=1))
    read(merchant.id, wall, cursor=cursor)
    wall.advance(KEPT)
    with pytest.raises(Gone, match="cursor_expired"):
        read(merchant.id, wall, cursor=cursor)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "MTIz", "Ω", "LTEyMzQ1Njc4OTAxMg"])
def test_what_is_no_cursor_is_refused(merchant, wall, cursor):
    with pytest.raises(Unprocessable, match="bad_cursor"):
        read(merchant.id, wall, cursor=cursor or "-")


@pytest.mark.parametrize("seed", range(8))
def test_a_reader_who_follows_the_cursor_misses_nothing_however_late_and_skewed_appends_are(
    departed, merchant, wall, seed
):
    """Appends become visible up to 3 s after their moment, by clocks that are up to a second off."""
    chance = random.Random(seed)
    begin = wall.now()
    appends = []
    for number in range(40):
        at = chance.uniform(0, 60)
        stamp, visible = at + chance.uniform(-1, 1), at + chance.uniform(0, 3)
        appends.append((visible, stamp, departed.model_copy(update={"id": f"evt_{number}"})))
    appends.sort(key=lambda entry: entry[0])
    seen, cursor, now = [], None, 0.0
    while now < 90:
        while appends and appends[0][0] <= now:
            _, stamp, event = appends.pop(0)
            append(event, FixedClock(begin + timedelta(seconds=stamp)))
        span = read(
            merchant.id,
            FixedClock(begin + timedelta(seconds=now + chance.uniform(-1, 1))),
            cursor=cursor,
            limit=chance.choice([1, 3, 100]),
        )
        seen += ids(span)
        cursor = cursor_of(span.position)
        now += chance.uniform(0, 4) if not span.more else 0
    assert len(seen) == len(set(seen)) == 40


def test_what_is_not_for_merchants_is_not_in_the_log(merchant, clock, wall, settled, queue):
    event = sample("delivery.reopened")
    event["data"]["merchant_id"] = merchant.id
    on_event(DomainEvent.model_validate(event), clock, wall)
    settled()
    assert read(merchant.id, wall).events == ()
