import json

import boto3
import pytest

from functions.bus import publish
from tests.contracts import sample, validate_event


@pytest.fixture
def queue_url(aws, monkeypatch):
    """A queue behind a rule, as a consumer has it."""
    publish._bus.cache_clear()
    monkeypatch.setenv("BUS_NAME", "crowdship")
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name="crowdship")
    events.put_rule(Name="all", EventBusName="crowdship", EventPattern=json.dumps({"source": ["crowdship"]}))
    events.put_targets(Rule="all", EventBusName="crowdship", Targets=[{"Id": "1", "Arn": arn}])
    yield url
    publish._bus.cache_clear()


def test_a_consumer_behind_a_rule_gets_events_that_keep_their_contract(queue_url):
    publish.handler(sample("lambda/deliveries.stream"), None)
    messages = boto3.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)["Messages"]
    envelopes = [json.loads(message["Body"]) for message in messages]
    assert {envelope["detail-type"] for envelope in envelopes} == {
        "delivery.created",
        "delivery.offered",
        "delivery.failed",
        "delivery.returning",
    }
    for envelope in envelopes:
        validate_event(envelope["detail"])


def test_a_bus_that_is_not_there_fails_the_batch(queue_url, monkeypatch):
    monkeypatch.setenv("BUS_NAME", "elsewhere")
    with pytest.raises(Exception, match="elsewhere"):
        publish.handler(sample("lambda/deliveries.stream"), None)
