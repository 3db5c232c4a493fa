"""Calls of a merchant about its endpoints: through the functions, with an API key.

Longer than other files, because its tests share one merchant with an endpoint and the queue behind it.
"""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from svix.webhooks import Webhook as SvixWebhook

from crowdship.adapters.secrets import secret_fields
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput, Scope
from crowdship.notify.sendings import InFlight
from crowdship.notify.service import on_event
from crowdship.notify.webhooks.bodies import WebhookMessage
from crowdship.notify.webhooks.delivery.retries import WebhookJob
from crowdship.notify.webhooks.delivery.service import Fate
from crowdship.notify.webhooks.endpoints import secrets
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import FAILING_FOR, EndpointChange, EndpointInput
from crowdship.notify.webhooks.endpoints.secrets import secret_name
from crowdship.notify.webhooks.endpoints.store import EndpointRow
from crowdship.notify.webhooks.event_log.service import SETTLING
from crowdship.notify.webhooks.replay import service as replays
from crowdship.notify.webhooks.replay.model import ReplayInput, ReplayJob
from tests.integration.settlement.test_functions import Context, ask, function

BASE = "/v1/account/endpoints"


class Caller:
    """A merchant's system."""

    def __init__(self, module, key):
        self.module, self.key = module, key

    def __call__(self, method, path, body=None, **query):
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": "application/json", "authorization": f"Bearer {self.key}"},
            "queryStringParameters": query or None,
            "requestContext": {"http": {"method": method, "path": path}, "requestId": "rid", "stage": "$default"},
            "body": json.dumps(body) if body is not None else None,
            "isBase64Encoded": False,
        }
        answer = self.module.handler(event, Context())
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def key(merchant, clock):
    return merchants.issue_key(merchant.id, frozenset(Scope), clock)


@pytest.fixture
def api(key, queue):
    return Caller(function("merchant/webhooks"), key)


def send_all(queue, send, wall):
    """Work off the queue, moving the clock; return the fates."""
    fates = []
    while queue.jobs:
        job = queue.take()
        wall.advance(timedelta(seconds=max(0.0, job.due_at - wall.now().timestamp())))
        fates.append(send(job))
    return fates


def replay_all(queue, wall):
    """Work off the pages of replays, moving the clock."""
    while queue.pages:
        page, delay = queue.pages.pop(0)
        wall.advance(timedelta(seconds=delay))
        replays.replay_page(page, wall)


# -- endpoints


def test_a_merchant_keeps_its_endpoints_itself(api):
    status, made = api("POST", BASE, {"url": "https://a.example/hooks", "events": ["delivery.delivered"]})
    assert status == 201
    assert made["signing_secret"].startswith("whsec_")
    path = f"{BASE}/{made['endpoint_id']}"
    told = {name: value for name, value in made.items() if name != "signing_secret"}
    assert api("GET", BASE) == (200, {"endpoints": [told]})
    assert api("PATCH", path, {"description": "till", "events": ["delivery.*"]})[1] == {
        **told,
        "description": "till",
        "events": ["delivery.*"],
    }
    assert api("PATCH", path, {"active": False})[1]["disabled_because"] == "by_hand"
    assert api("DELETE", path) == (200, {"endpoints": []})
    assert api("GET", path)[1]["code"] == "no_such_endpoint"


def test_a_deleted_endpoint_leaves_no_secret(api, merchant):
    _, made = api("POST", BASE, {"url": "https://a.example/hooks"})
    api("DELETE", f"{BASE}/{made['endpoint_id']}")
    assert secret_fields(secret_name(merchant.id, made["endpoint_id"]), fresh=True) == {}


def test_there_are_ten_endpoints_at_most(api):
    for _ in range(10):
        assert api("POST", BASE, {"url": "https://a.example/hooks"})[0] == 201
    assert api("POST", BASE, {"url": "https://a.example/hooks"})[1]["code"] == "too_many_endpoints"


def test_two_that_are_added_at_once_do_not_make_eleven(api, merchant, monkeypatch):
    for _ in range(9):
        assert api("POST", BASE, {"url": "https://a.example/hooks"})[0] == 201
    write, again = secrets.write, []

    def overtaken(held, signing):
        write(held, signing)
        if not again:
            again.append(held.id)
            assert api("POST", BASE, {"url": "https://b.example/hooks"})[0] == 201

    monkeypatch.setattr(secrets, "write", overtaken)
    assert api("POST", BASE, {"url": "https://a.example/hooks"})[1]["code"] == "too_many_endpoints"
    assert len(api("GET", BASE)[1]["endpoints"]) == 10
    assert secret_fields(secret_name(merchant.id, again[0]), fresh=True) == {}, "nothing is left of the eleventh"


def test_a_merchant_who_deletes_one_has_room_for_another(api):
    made = [api("POST", BASE, {"url": "https://a.example/hooks"})[1]["endpoint_id"] for _ in range(10)]
    for endpoint_id in made[:3]:
        assert api("DELETE", f"{BASE}/{endpoint_id}")[0] == 200
        assert api("POST", BASE, {"url": "https://a.example/hooks"})[0] == 201
    assert api("POST", BASE, {"url": "https://a.example/hooks"})[1]["code"] == "too_many_endpoints"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "https://user@a.example/"}, "/url"),
        ({"url": "https://a.example/", "events": ["delivery.teleported"]}, "/events/0"),
        ({"url": "https://a.example/", "events": []}, "/events"),
        ({"url": "https://a.example/", "description": ""}, "/description"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_pointed_at(api, body, pointer):
    status, problem = api("POST", BASE, body)
    assert status == 422
    assert problem["errors"][0]["pointer"] == pointer


def test_no_merchant_finds_anothers_endpoint(api, clock, endpoint):
    other = merchants.sign_up(MerchantInput(name="Other", billing_email="other@example.com"), clock)
    stranger = Caller(api.module, merchants.issue_key(other.id, frozenset(Scope), clock))
    path = f"{BASE}/{endpoint[0].id}"
    for method, rest, body in (
        ("GET", "", None),
        ("PATCH", "", {"active": False}),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", {}),
        ("POST", "/test", None),
        ("GET", "/attempts", None),
        ("POST", "/replay", {"event_id": "evt_1"}),
        ("GET", "/replays/rpl_1", None),
    ):
        status, problem = stranger(method, path + rest, body)
        assert (status, problem["code"]) == (404, "no_such_endpoint"), rest
    assert stranger("GET", BASE) == (200, {"endpoints": []})


def test_a_key_for_deliveries_manages_no_endpoints(api, merchant, clock):
    key = merchants.issue_key(merchant.id, frozenset({Scope.READ, Scope.WRITE}), clock)
    assert Caller(api.module, key)("GET", BASE)[1]["code"] == "key_scope"


def test_only_the_events_that_an_endpoint_wants_are_sent(events, merchant, queue, clock, wall, other_shop):
    endpoints.add(merchant.id, EndpointInput(url=other_shop.url, events=("delivery.delivered",)), wall)
    for event in events.values():
        on_event(event, clock, wall)
    assert [job.message.type for job in queue.jobs] == ["delivery.delivered"]


# -- rotation


def test_both_verifiers_take_both_secrets_while_one_takes_over(job, endpoint, send, shop, wall):
    _, new, _ = endpoints.rotate_secret(job.merchant_id, job.endpoint_id, timedelta(hours=24), wall)
    assert send(job) is Fate.DELIVERED
    headers, body = shop.seen[0]
    assert len(headers["webhook-signature"].split()) == 2
    lowered = {name.lower(): value for name, value in headers.items()}
    for secret in (endpoint[1], new):
        for verifier in (Webhook, SvixWebhook):
            verifier(secret).verify(body, lowered)  # raises if not


def test_after_its_time_the_old_secret_signs_no_more(job, endpoint, send, shop, wall):
    _, new, _ = endpoints.rotate_secret(job.merchant_id, job.endpoint_id, timedelta(hours=24), wall)
    past = wall.now()
    wall.advance(timedelta(hours=24))
    send(job)
    headers, body = shop.seen[0]
    assert len(headers["webhook-signature"].split()) == 1
    headers["webhook-timestamp"], held = str(int(past.timestamp())), headers["webhook-timestamp"]
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint[1]).verify(body, headers)
    assert held != headers["webhook-timestamp"]
    assert secret_fields(secret_name(job.merchant_id, job.endpoint_id))["signing"][0]["secret"] == new


def test_a_sender_that_knew_the_old_secret_learns_the_new_one_at_once(job, events, send, shop, wall):
    send(job)  # the secrets are now cached for five minutes
    _, new, _ = endpoints.rotate_secret(job.merchant_id, job.endpoint_id, timedelta(0), wall)
    send(job.model_copy(update={"message": WebhookMessage.of(events["delivery.delivered"])}))
    headers, body = shop.seen[1]
    assert Webhook(new).verify(body, headers)


def test_rotating_tells_until_when_the_old_secret_signs(api, endpoint):
    path = f"{BASE}/{endpoint[0].id}/rotate-secret"
    before = datetime.now(UTC)
    status, told = api("POST", path, {})
    assert status == 200
    assert told["signing_secret"] != endpoint[1]
    until = datetime.fromisoformat(told["others_until"])
    assert timedelta(hours=23, minutes=59) < until - before < timedelta(hours=24, minutes=1)
    assert api("POST", path, {"overlap_hours": 0})[1]["others_until"] is None


# -- an endpoint's health


def test_an_endpoint_that_asks_to_slow_down_gets_nothing_else_meanwhile(job, events, queue, send, shop, wall):
    shop.answer((429, {"Retry-After": "120"}))
    assert send(job) is Fate.RETRIED
    other = job.model_copy(update={"message": WebhookMessage.of(events["delivery.delivered"])})
    assert send(other) is Fate.WAITING
    assert len(shop.seen) == 1
    waiting = queue.jobs[-1]
    assert 120 <= waiting.due_at - wall.now().timestamp() <= 144
    assert waiting.attempt == 1
    assert send_all(queue, send, wall) == [Fate.DELIVERED, Fate.DELIVERED]
    assert EndpointRow.load(job.merchant_id, job.endpoint_id).not_before is None


def test_a_hanging_endpoint_is_left_alone(job, events, queue, send, shop, wall):
    shop.answer("hang")
    assert send(job) is Fate.RETRIED
    assert send(job.model_copy(update={"message": WebhookMessage.of(events["delivery.delivered"])})) is Fate.WAITING
    assert len(shop.seen) == 1


def test_five_days_of_failures_disable_the_endpoint_and_the_merchant_gets_mail(
    job, events, queue, send, shop, clock, wall
):
    shop.answer(500, 500)
    assert send(job) is Fate.RETRIED
    wall.advance(FAILING_FOR)
    assert send(queue.take()) is Fate.RETRIED
    disabled = EndpointRow.load(job.merchant_id, job.endpoint_id)
    assert disabled.disabled_because == "failing"
    assert send(queue.take().model_copy(update={"due_at": 0.0})) is Fate.DROPPED


def test_the_mail_is_sent_once_and_says_which_endpoint(job, send, shop, clock, wall):
    shop.answer(410)
    assert send(job) is Fate.STOPPED
    row = EndpointRow.find(f"ENDPOINTS#{job.merchant_id}", job.endpoint_id)
    [told] = json.loads(row.events)
    assert told["data"]["because"] == "gone"
    event = DomainEvent.model_validate(told)
    for _ in range(2):
        on_event(event, clock, wall)
    assert boto3.client("ses").get_send_quota()["SentLast24Hours"] == 1


def test_nobody_gets_mail_for_what_they_did_themselves(job, endpoint, clock, wall):
    off = endpoints.change(job.merchant_id, job.endpoint_id, EndpointChange(active=False), clock, wall)
    row = EndpointRow.find(f"ENDPOINTS#{job.merchant_id}", off.id)
    [told] = json.loads(row.events)
    assert told["data"]["because"] == "by_hand"
    assert boto3.client("ses").get_send_quota()["SentLast24Hours"] == 0


# -- tests and the delivery log


def test_a_test_event_is_signed_sent_once_and_in_the_log(api, endpoint, queue, send, shop):
    path = f"{BASE}/{endpoint[0].id}"
    shop.answer(200, 500)
    _, first = api("POST", f"{path}/test")
    assert send(queue.take()) is Fate.DELIVERED
    headers, body = shop.seen[0]
    assert Webhook(endpoint[1]).verify(body, headers)["type"] == "endpoint.test"
    _, second = api("POST", f"{path}/test")
    assert send(queue.take()) is Fate.DEAD
    assert (queue.jobs, queue.dead) == ([], [])
    status, log = api("GET", f"{path}/attempts")
    assert status == 200
    assert {(line["event_id"], line["state"], line["status"]) for line in log["attempts"]} == {
        (first["event_id"], "delivered", 200),
        (second["event_id"], "given_up", 500),
    }
    assert EndpointRow.load(endpoint[0].merchant_id, endpoint[0].id).failing_since is None


def test_a_disabled_endpoint_can_be_tested(api, endpoint, queue, send, shop):
    path = f"{BASE}/{endpoint[0].id}"
    api("PATCH", path, {"active": False})
    api("POST", f"{path}/test")
    assert send(queue.take()) is Fate.DELIVERED


def test_the_delivery_log_is_paged_from_the_newest_and_filtered(api, events, merchant, endpoint, send, shop, wall):
    path = f"{BASE}/{endpoint[0].id}/attempts"
    wall.moment = datetime.now(UTC) - timedelta(days=3)
    shop.answer(200, 500, 200, 503)
    for event in events.values():
        job = WebhookJob(message=WebhookMessage.of(event), merchant_id=merchant.id, endpoint_id=endpoint[0].id)
        send(job)
        wall.advance(timedelta(hours=20))
    seen, cursor = [], {}
    while True:
        _, page = api("GET", path, limit="1", **cursor)
        seen += page["attempts"]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert [line["status"] for line in seen] == [503, 200, 500, 200]
    assert [line["type"] for line in seen] == [*events][::-1]
    _, retrying = api("GET", path, state="retrying")
    assert [line["status"] for line in retrying["attempts"]] == [503, 500]
    assert api("GET", path, cursor="nonsense")[1]["code"] == "bad_cursor"
    assert api("GET", path, state="maybe")[0] == 422


# -- replay


@pytest.fixture
def outage(events, endpoint, queue, send, shop, clock, wall):
    """Four events: the first came through, then the endpoint said 410."""
    shop.answer(200, 410)
    for event in events.values():
        on_event(event, clock, wall)
        wall.advance(timedelta(minutes=1))
        send_all(queue, send, wall)
    assert len(shop.seen) == 2
    return [event.id for event in events.values()]


def test_what_an_endpoint_missed_is_sent_again_once_it_is_active(outage, api, endpoint, queue, send, shop, wall, clock):
    path = f"{BASE}/{endpoint[0].id}"
    since = (wall.now() - timedelta(hours=1)).isoformat()
    assert api("POST", f"{path}/replay", {"since": since})[1]["code"] == "endpoint_disabled"
    missed_since = api("PATCH", path, {"active": True})[1]["missed_since"]
    assert missed_since is not None
    asked = ReplayInput(since=datetime.fromisoformat(since))
    begun = replays.replay(endpoint[0].merchant_id, endpoint[0].id, asked, wall)
    assert begun.state == "running"
    assert EndpointRow.load(endpoint[0].merchant_id, endpoint[0].id).missed_since is None
    replay_all(queue, wall)
    assert send_all(queue, send, wall) == [Fate.DELIVERED] * 3
    assert shop.ids[2:] == outage[1:]
    _, told = api("GET", f"{path}/replays/{begun.id}")
    assert (told["state"], told["read"], told["queued"]) == ("finished", 4, 3)


def test_a_replay_that_is_asked_for_twice_is_one(outage, endpoint, queue, wall, clock):
    known = endpoint[0]
    endpoints.change(known.merchant_id, known.id, EndpointChange(active=True), clock, wall)
    asked = ReplayInput(since=wall.now() - timedelta(hours=1))
    first = replays.replay(known.merchant_id, known.id, asked, wall)
    assert replays.replay(known.merchant_id, known.id, asked, wall).id == first.id
    with pytest.raises(Exception, match="replay_running"):
        replays.replay(known.merchant_id, known.id, ReplayInput(since=wall.now() - timedelta(hours=2)), wall)
    replay_all(queue, wall)  # the echo of the first page does nothing
    assert len(queue.jobs) == 3


def test_a_replay_with_what_came_through_sends_all(outage, endpoint, queue, send, shop, wall, clock):
    known = endpoint[0]
    endpoints.change(known.merchant_id, known.id, EndpointChange(active=True), clock, wall)
    asked = ReplayInput(since=wall.now() - timedelta(hours=1), include_delivered=True)
    replays.replay(known.merchant_id, known.id, asked, wall)
    replay_all(queue, wall)
    assert send_all(queue, send, wall) == [Fate.DELIVERED] * 4
    assert shop.ids[2:] == outage


def test_a_replay_goes_page_by_page(outage, endpoint, queue, wall, clock, monkeypatch):
    monkeypatch.setattr(replays, "PAGE", 2)
    known = endpoint[0]
    endpoints.change(known.merchant_id, known.id, EndpointChange(active=True), clock, wall)
    begun = replays.replay(known.merchant_id, known.id, ReplayInput(since=wall.now() - timedelta(hours=1)), wall)
    with pytest.raises(InFlight):
        replays.replay_page(ReplayJob(endpoint_id=known.id, replay_id=begun.id, step=1), wall)
    replay_all(queue, wall)
    done = replays.replay_of(known.merchant_id, known.id, begun.id)
    assert (done.state, done.read, done.queued) == ("finished", 4, 3)


def test_a_replay_until_now_waits_until_the_log_has_settled(outage, endpoint, queue, wall, clock):
    known = endpoint[0]
    endpoints.change(known.merchant_id, known.id, EndpointChange(active=True), clock, wall)
    begun = replays.replay(known.merchant_id, known.id, ReplayInput(since=wall.now() - timedelta(hours=1)), wall)
    page, _ = queue.pages.pop(0)
    replays.replay_page(page, wall)
    assert replays.replay_of(known.merchant_id, known.id, begun.id).state == "running"
    assert queue.pages[0][1] >= SETTLING.total_seconds()


def test_a_replay_to_an_endpoint_that_is_disabled_meanwhile_stops(outage, endpoint, queue, wall, clock):
    known = endpoint[0]
    endpoints.change(known.merchant_id, known.id, EndpointChange(active=True), clock, wall)
    begun = replays.replay(known.merchant_id, known.id, ReplayInput(since=wall.now() - timedelta(hours=1)), wall)
    endpoints.change(known.merchant_id, known.id, EndpointChange(active=False), clock, wall)
    replay_all(queue, wall)
    assert replays.replay_of(known.merchant_id, known.id, begun.id).state == "stopped"
    assert queue.jobs == []


def test_one_event_is_sent_again_by_its_id_though_it_came_through(
    api, departed, endpoint, queue, send, shop, clock, wall
):
    on_event(departed, clock, wall)
    assert send(queue.take()) is Fate.DELIVERED
    path = f"{BASE}/{endpoint[0].id}/replay"
    first = api("POST", path, {"event_id": departed.id})
    assert first[0] == 202
    assert api("POST", path, {"event_id": departed.id}) == first
    assert send_all(queue, send, wall) == [Fate.DELIVERED]
    assert shop.ids == [departed.id] * 2
    assert shop.seen[0][1] == shop.seen[1][1]
    assert api("POST", path, {"event_id": "evt_none"})[1]["code"] == "no_such_event"
    assert api("POST", path, {"event_id": departed.id, "since": "2026-01-01T00:00:00Z"})[0] == 422
    assert api("POST", path, {})[0] == 422


def test_a_replay_of_what_is_being_retried_is_no_second_copy(departed, endpoint, queue, send, shop, clock, wall):
    shop.answer(500)
    on_event(departed, clock, wall)
    assert send(queue.take()) is Fate.RETRIED
    replays.replay(endpoint[0].merchant_id, endpoint[0].id, ReplayInput(event_id=departed.id), wall)
    fates = send_all(queue, send, wall)
    assert sorted(fates) == [Fate.DELIVERED, Fate.REPEATED]
    assert len(shop.seen) == 2


def test_staff_do_the_same_for_a_merchant(endpoint, queue, send, shop):
    staff = function("console/webhooks")
    path = f"/v1/staff/merchants/{endpoint[0].merchant_id}/endpoints"
    assert ask(staff, "GET", path)[1]["endpoints"][0]["endpoint_id"] == endpoint[0].id
    assert ask(staff, "POST", path, body={"url": "https://b.example/hooks"})[0] == 201
    own = f"{path}/{endpoint[0].id}"
    assert ask(staff, "POST", f"{own}/test")[0] == 202
    assert send(queue.take()) is Fate.DELIVERED
    assert ask(staff, "GET", f"{own}/attempts")[1]["attempts"][0]["type"] == "endpoint.test"
    assert ask(staff, "PATCH", own, body={"active": False})[1]["active"] is False
    assert ask(staff, "POST", f"{own}/rotate-secret", body={})[0] == 200
    assert ask(staff, "POST", "/v1/staff/merchants/mer_none/endpoints", body={"url": "https://b.example/"})[0] == 404
    assert ask(staff, "GET", path, group="drivers")[0] == 403
    assert ask(staff, "DELETE", own)[0] == 200
