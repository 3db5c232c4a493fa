import asyncio
import os
from datetime import timedelta

import boto3
import pytest
from standardwebhooks import Webhook

from crowdship.adapters.secrets import secret_fields, write_secret_fields
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.notify.sendings import LEASE, InFlight, Result
from crowdship.notify.service import on_event
from crowdship.notify.store import SendingRow
from crowdship.notify.webhooks.bodies import WebhookMessage
from crowdship.notify.webhooks.delivery import outbound
from crowdship.notify.webhooks.delivery.retries import RETRY_AFTER
from crowdship.notify.webhooks.delivery.service import Fate, send_webhook
from crowdship.notify.webhooks.delivery.store import AttemptRow
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import EndpointChange, EndpointInput
from crowdship.notify.webhooks.endpoints.secrets import secret_name
from crowdship.notify.webhooks.replay.dead_letters import replay_dead
from functions.tasks import send_webhook as function
from tests.contracts import sample


def attempts(event):
    return [
        made
        for sending in SendingRow.of_events([event.id])
        if sending.recipient.startswith("ept")
        for made in sending.attempts
    ]


def test_an_event_becomes_one_job_per_active_endpoint(
    departed, merchant, endpoint, other_shop, queue, clock, wall, shop, send
):
    second, _ = endpoints.add(merchant.id, EndpointInput(url=other_shop.url), wall)
    on_event(departed, clock, wall)
    assert {job.endpoint_id for job in queue.jobs} == {endpoint[0].id, second.id}
    assert queue.groups == [job.endpoint_id for job in queue.jobs]  # a fair queue's tenants
    for job in list(queue.jobs):
        assert send(job) is Fate.DELIVERED
    assert shop.ids == other_shop.ids == [departed.id]


def test_what_arrives_verifies_with_the_official_library(job, endpoint, send, shop, departed):
    assert send(job) is Fate.DELIVERED
    headers, body = shop.seen[0]
    told = Webhook(endpoint[1]).verify(body, headers)
    assert told["type"] == "delivery.en_route_to_dropoff"
    assert (told["data"]["subject"], told["data"]["sequence"]) == (departed.subject, departed.sequence)
    assert b"Ana" not in body
    assert b"4155550123" not in body


def test_a_bad_day_of_an_endpoint_ends_well(job, endpoint, queue, send, shop, wall):
    """500, then silence, then 429 with a wait, then 200: one message, four tries, the same id."""
    shop.answer(500, "hang", (429, {"Retry-After": "2000"}), 200)
    fates = [send(job)]
    while queue.jobs:
        job = queue.take()
        wall.advance(timedelta(seconds=max(0, job.due_at - wall.now().timestamp())))
        fates.append(send(job))
    assert fates == [Fate.RETRIED, Fate.RETRIED, Fate.RETRIED, Fate.DELIVERED]
    assert [(made.number, made.status, made.error) for made in attempts(job.message)] == [
        (1, 500, None),
        (2, None, "Timeout"),
        (3, 429, None),
        (4, 200, None),
    ]
    assert set(shop.ids) == {job.message.id}
    assert 5 <= queue.delays[0] <= 6
    assert 300 <= queue.delays[1] <= 360
    assert queue.delays[2] == 900  # asked for 2000 s, and hops there
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in shop.seen]
    assert stamps == sorted(set(stamps))


def test_a_wait_longer_than_the_queue_allows_hops_until_it_is_due(job, queue, send, shop, wall):
    due = wall.now() + timedelta(minutes=40)
    job = job.model_copy(update={"due_at": due.timestamp()})
    hops = 0
    while wall.now() < due:
        assert send(job) is Fate.WAITING
        job = queue.take()
        wall.advance(timedelta(seconds=queue.delays[-1]))
        hops += 1
    assert (hops, shop.seen) == (3, [])
    assert send(job) is Fate.DELIVERED


def test_faster_business_time_shortens_the_waits(job, queue, wall, shop):
    class Fast(FixedClock):
        def wall_seconds(self, duration):
            return duration.total_seconds() / 60

    shop.answer(500)
    late = job.model_copy(update={"attempt": 2, "tries": 2})
    asyncio.run(send_webhook(late, Fast(wall.now()), wall))
    assert 5 <= queue.delays[0] <= 6  # five minutes at sixty times the speed


def test_410_stops_the_endpoint_until_it_is_set_active_again(job, events, queue, send, shop, clock, wall):
    shop.answer(410)
    assert send(job) is Fate.STOPPED
    assert queue.jobs == []
    later = job.model_copy(update={"message": WebhookMessage.of(events["delivery.delivered"])})
    assert send(later) is Fate.DROPPED
    on_event(events["delivery.delivered"], clock, wall)
    assert queue.jobs == []
    endpoints.change(job.merchant_id, job.endpoint_id, EndpointChange(active=True), clock, wall)
    assert send(later) is Fate.DELIVERED


def test_after_the_last_try_it_is_put_aside_with_all_that_a_replay_needs(job, queue, send, shop, wall):
    shop.answer(*[500] * 10)
    fates = [send(job)]
    while queue.jobs:
        job = queue.take()
        wall.advance(timedelta(seconds=max(0, job.due_at - wall.now().timestamp())))
        fates.append(send(job))
    assert fates == [Fate.RETRIED] * len(RETRY_AFTER) + [Fate.DEAD]
    [sending] = SendingRow.of_events([job.message.id])
    assert sending.result is Result.DEAD
    [dead] = queue.dead
    assert send(dead) is Fate.DELIVERED
    assert [made.number for made in attempts(job.message)] == list(range(1, 12))


def test_the_same_job_twice_is_sent_once(job, send, shop):
    assert send(job) is Fate.DELIVERED
    assert send(job) is Fate.REPEATED
    assert len(shop.seen) == 1


def test_a_failed_try_that_comes_twice_is_followed_by_one_retry(job, queue, send, shop):
    shop.answer(500)
    assert send(job) is Fate.RETRIED
    assert send(job) is Fate.REPEATED
    assert len(queue.jobs) == 1


def test_two_senders_with_the_same_job_send_once(job, send, wall, shop):
    SendingRow.keep(SendingRow.load(job.message, job.endpoint_id).claim(1, wall.now()), wall.now())
    with pytest.raises(InFlight):
        send(job)
    assert shop.seen == []
    wall.advance(LEASE)
    assert send(job) is Fate.DELIVERED


def test_a_sender_that_died_after_posting_posts_again_rather_than_never(job, queue, send, wall, shop, monkeypatch):
    shop.answer(500, 500, 200)
    keep = AttemptRow.keep

    def die_with_the_result(sending, now):
        raise OSError("gone")

    monkeypatch.setattr(AttemptRow, "keep", die_with_the_result)
    with pytest.raises(OSError, match="gone"):
        send(job)
    monkeypatch.setattr(AttemptRow, "keep", keep)
    wall.advance(LEASE)
    assert send(job) is Fate.RETRIED
    assert len(queue.jobs) == 2  # the next try is there twice, and is made once
    wall.advance(timedelta(minutes=1))
    assert [send(queue.take()), send(queue.take())] == [Fate.DELIVERED, Fate.REPEATED]
    assert len(shop.seen) == 3


def test_an_endpoint_without_a_secret_waits_for_one(job, merchant, queue, send, shop, wall):
    name = secret_name(merchant.id, job.endpoint_id)
    fields = secret_fields(name)
    write_secret_fields(name, {"version": 1, "signing": []})
    assert send(job) is Fate.RETRIED
    assert shop.seen == []
    write_secret_fields(name, fields)
    wall.advance(timedelta(seconds=10))
    assert send(queue.take()) is Fate.DELIVERED
    assert attempts(job.message)[0].error == "NoSigningSecret"


@pytest.mark.parametrize("stage", ["prod", "sandbox"])
def test_in_aws_a_private_address_is_never_called(job, merchant, queue, send, shop, monkeypatch, stage):
    fields = secret_fields(secret_name(merchant.id, job.endpoint_id))
    monkeypatch.setenv("STAGE", stage)
    write_secret_fields(secret_name(merchant.id, job.endpoint_id), fields)
    assert send(job) is Fate.RETRIED
    assert attempts(job.message)[0].error == "NotHttps"
    assert shop.seen == []


def test_events_that_are_not_for_merchants_make_no_jobs(merchant, endpoint, queue, clock, wall):
    for name in ("delivery.reopened", "offer.made", "payout.sent"):
        event = sample(name)
        event["data"]["merchant_id"] = merchant.id
        on_event(DomainEvent.model_validate(event), clock, wall)
    assert queue.jobs == []


# --- through the function


class _Context:
    function_name = "send_webhook"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:send_webhook"
    aws_request_id = "1"

    @staticmethod
    def get_remaining_time_in_millis():
        return 30_000


def batch(*jobs):
    template = sample("lambda/webhooks.sqs")["Records"][0]
    bodies = [job if isinstance(job, str) else job.model_dump_json() for job in jobs]
    return {"Records": [{**template, "messageId": str(n), "body": body} for n, body in enumerate(bodies)]}


def test_a_hanging_endpoint_does_not_hold_up_another(job, merchant, other_shop, queue, shop, clock, monkeypatch):
    """Nine calls hang until the tenth is made: one after the other, the first would be timed out before."""
    monkeypatch.setattr(outbound, "TIMEOUT_S", 20.0)
    other, _ = endpoints.add(merchant.id, EndpointInput(url=other_shop.url))
    merchants._cache.clear()
    shop.answer(*[other_shop.called] * 9)
    hanging = [job.model_copy(update={"message": job.message.model_copy(update={"id": f"evt_{n}"})}) for n in range(9)]
    answer = function.handler(batch(*hanging, job.model_copy(update={"endpoint_id": other.id})), _Context())
    assert answer == {"batchItemFailures": []}
    assert other_shop.ids == [job.message.id]
    made = [made for job in hanging for made in attempts(job.message)]
    assert [(m.status, m.error) for m in made] == [(200, None)] * 9


def test_a_crash_leaves_that_message_and_only_that_on_the_queue(job, queue, shop):
    assert function.handler(batch(job, "not a job"), _Context()) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert len(shop.seen) == 1


def test_what_was_given_up_goes_back_and_arrives(job, shop, clock, wall, world):
    """The whole way over real queues: the last try fails, the message dies, an operator replays it."""
    shop.answer(503)
    last = job.model_copy(update={"attempt": 10, "tries": 10})
    assert asyncio.run(send_webhook(last, clock, wall)) is Fate.DEAD
    sqs = boto3.client("sqs")
    dead_url, queue_url = os.environ["WEBHOOKS_DEAD_QUEUE_URL"], os.environ["WEBHOOKS_QUEUE_URL"]
    assert replay_dead(sqs, dead_url, queue_url, limit=10) == 1
    assert replay_dead(sqs, dead_url, queue_url, limit=10) == 0
    [message] = sqs.receive_message(QueueUrl=queue_url, MessageAttributeNames=["All"])["Messages"]
    assert message["MessageAttributes"]["last_answer"]["StringValue"] == "503"
    assert function.handler(batch(message["Body"]), _Context()) == {"batchItemFailures": []}
    assert [made.status for made in attempts(job.message)] == [503, 200]
