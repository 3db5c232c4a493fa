import json
import time

import boto3
import pytest

from functions.tasks import publish
from tests.contracts import sample, validate_event

TYPES = {"delivery.created", "delivery.offered", "delivery.failed", "delivery.returning"}


@pytest.fixture
def queues(aws, monkeypatch):
    """A queue behind a rule, as a consumer has it, and that of kept events."""
    publish._publisher.cache_clear()
    events, sqs = boto3.client("events"), boto3.client("sqs")
    seen, lost = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("seen", "lost"))
    monkeypatch.setenv("BUS_NAME", "crowdship")
    monkeypatch.setenv("LOST_QUEUE_URL", lost)
    arn = sqs.get_queue_attributes(QueueUrl=seen, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name="crowdship")
    events.put_rule(Name="all", EventBusName="crowdship", EventPattern=json.dumps({"source": ["crowdship"]}))
    events.put_targets(Rule="all", EventBusName="crowdship", Targets=[{"Id": "1", "Arn": arn}])
    yield seen, lost
    publish._publisher.cache_clear()


def batch():
    found = sample("lambda/deliveries.stream")
    for record in found["Records"]:
        record["dynamodb"]["ApproximateCreationDateTime"] = time.time()
    return found


def received(url):
    messages = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def test_a_consumer_behind_a_rule_gets_events_that_keep_their_contract(queues):
    assert publish.handler(batch(), None) == {"batchItemFailures": []}
    envelopes = received(queues[0])
    assert {envelope["detail-type"] for envelope in envelopes} == TYPES
    for envelope in envelopes:
        validate_event(envelope["detail"])


def test_a_bus_that_is_not_there_fails_the_batch(queues, monkeypatch):
    monkeypatch.setenv("BUS_NAME", "elsewhere")
    with pytest.raises(Exception, match="elsewhere"):
        publish.handler(batch(), None)
    assert received(queues[1]) == []


def test_events_that_were_kept_reach_their_consumers_by_a_replay(queues, monkeypatch):
    seen, _ = queues
    old = batch()
    for record in old["Records"]:
        record["dynamodb"]["ApproximateCreationDateTime"] -= 24 * 3600
    monkeypatch.setenv("BUS_NAME", "elsewhere")
    assert publish.handler(old, None) == {"batchItemFailures": []}
    assert received(seen) == []

    monkeypatch.setenv("BUS_NAME", "crowdship")
    publish._publisher.cache_clear()
    assert publish.handler({"replay": True}, None) == {"replayed": 4, "left": 0}
    assert {envelope["detail-type"] for envelope in received(seen)} == TYPES
    assert publish.handler({"replay": True}, None) == {"replayed": 0, "left": 0}


def test_a_replay_leaves_what_it_can_not_read_and_what_the_bus_still_refuses(queues, monkeypatch):
    _, lost = queues
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=lost, MessageBody="a record's place in a stream")
    sqs.send_message(QueueUrl=lost, MessageBody=json.dumps({"why": "?", "events": sample_events()}))
    monkeypatch.setenv("BUS_NAME", "elsewhere")
    assert publish.handler({"replay": True}, None) == {"replayed": 0, "left": 2}


def sample_events():
    return sample("lambda/deliveries.stream")["Records"][0]["dynamodb"]["NewImage"]["events"]["S"]
