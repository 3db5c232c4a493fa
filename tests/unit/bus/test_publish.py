import pytest

from crowdship.kernel.bus import events_of_stream
from functions.bus import publish
from tests.contracts import sample, validate_event


class Bus:
    def __init__(self, refuse=0):
        self.entries = []
        self.refuse = refuse

    def put_events(self, Entries):  # noqa: N803 - EventBridge's own name
        self.entries += Entries
        refused = [{"ErrorCode": "ThrottlingException"}] * self.refuse
        return {"FailedEntryCount": self.refuse, "Entries": refused + [{"EventId": "1"}] * (len(Entries) - self.refuse)}


@pytest.fixture
def bus(monkeypatch):
    monkeypatch.setenv("BUS_NAME", "crowdship")
    bus = Bus()
    monkeypatch.setattr(publish, "_bus", lambda: bus)
    return bus


def test_every_write_of_a_batch_reaches_the_bus_in_order(bus):
    publish.handler(sample("lambda/deliveries.stream"), None)
    assert [entry["DetailType"] for entry in bus.entries] == [
        "delivery.created",
        "delivery.offered",
        "delivery.failed",
        "delivery.returning",
    ]
    assert {(entry["Source"], entry["EventBusName"]) for entry in bus.entries} == {("crowdship", "crowdship")}


def test_what_is_in_the_stream_keeps_the_contracts():
    for event in events_of_stream(sample("lambda/deliveries.stream")["Records"]):
        validate_event(event.model_dump(mode="json"))


def test_a_write_that_left_the_version_alone_announces_nothing(bus):
    records = sample("lambda/deliveries.stream")["Records"]
    touched = records[1]["dynamodb"]
    touched["OldImage"] = touched["NewImage"]
    publish.handler({"Records": [records[1]]}, None)
    assert bus.entries == []


def test_a_deletion_announces_nothing(bus):
    record = sample("lambda/deliveries.stream")["Records"][1]
    del record["dynamodb"]["NewImage"]
    publish.handler({"Records": [record]}, None)
    assert bus.entries == []


def test_one_refused_event_fails_the_batch(bus):
    bus.refuse = 1
    with pytest.raises(RuntimeError, match="ThrottlingException"):
        publish.handler(sample("lambda/deliveries.stream"), None)


def test_a_record_that_is_no_event_fails_the_batch(bus):
    batch = sample("lambda/deliveries.stream")
    batch["Records"][0]["dynamodb"]["NewImage"]["events"]["S"] = '[{"type":"delivery.created"}]'
    with pytest.raises(ValueError, match="validation"):
        publish.handler(batch, None)
    assert bus.entries == []
