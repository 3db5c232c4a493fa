"""Events leave in order, each once the bus has the one before; what the bus does not take is kept itself."""

import json

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from crowdship.adapters.publishing import (
    GIVE_UP_AFTER_S,
    MAX_BYTES,
    MAX_ENTRIES,
    BusUnavailable,
    LostEvents,
    Outgoing,
    Publisher,
    calls_for,
)
from crowdship.kernel.events import DomainEvent
from tests.contracts import events_of_stream, sample, validate_event

NOW = 1_795_460_460.0


class Bus:
    """EventBridge: refuses entries by the type of their event, each so often, and calls with too many bytes."""

    def __init__(self):
        self.entries, self.refusals, self.calls, self.most_bytes = [], {}, [], MAX_BYTES

    def refuse(self, kind, code="ThrottlingException", times=1000):
        self.refusals[kind] = [code] * times

    def put_events(self, Entries):  # noqa: N803 - EventBridge's own name
        self.calls.append([entry["DetailType"] for entry in Entries])
        if sum(len(entry["Detail"]) for entry in Entries) > self.most_bytes:
            told = {"Error": {"Code": "ValidationException", "Message": "Total size of the entries is over the limit."}}
            raise ClientError(told, "PutEvents")
        results = [self._result(entry) for entry in Entries]
        return {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}

    def _result(self, entry):
        refusals = self.refusals.get(entry["DetailType"])
        if refusals:
            return {"ErrorCode": refusals.pop(), "ErrorMessage": "no"}
        self.entries.append(entry)
        return {"EventId": "1"}

    @property
    def types(self):
        return [entry["DetailType"] for entry in self.entries]


class Queue:
    def __init__(self):
        self.messages = []

    def send_message(self, QueueUrl, MessageBody):  # noqa: N803 - SQS's own names
        self.messages.append(json.loads(MessageBody))

    @property
    def types(self):
        return [event["type"] for message in self.messages for event in json.loads(message["events"])]


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def kept():
    return Queue()


@pytest.fixture
def publisher(bus, kept):
    return Publisher("crowdship", bus, LostEvents(kept, "lost"), sleep=lambda seconds: None)


def records():
    return sample("lambda/deliveries.stream")["Records"]


ALL = ["delivery.created", "delivery.offered", "delivery.failed", "delivery.returning"]


def test_every_write_of_a_batch_reaches_the_bus_in_order(publisher, bus):
    assert publisher.publish_records(records(), NOW) is None
    assert bus.types == ALL
    assert {(entry["Source"], entry["EventBusName"]) for entry in bus.entries} == {("crowdship", "crowdship")}


def test_what_is_in_the_stream_keeps_the_contracts():
    for event in events_of_stream(records()):
        validate_event(event.model_dump(mode="json"))


def test_a_write_that_left_the_version_alone_announces_nothing(publisher, bus):
    touched = records()[1]
    touched["dynamodb"]["OldImage"] = touched["dynamodb"]["NewImage"]
    publisher.publish_records([touched], NOW)
    assert bus.entries == []


def test_a_deletion_announces_nothing(publisher, bus):
    record = records()[1]
    del record["dynamodb"]["NewImage"]
    publisher.publish_records([record], NOW)
    assert bus.entries == []


def test_only_what_was_refused_is_put_again(publisher, bus):
    bus.refuse("delivery.offered", times=2)
    assert publisher.publish_records(records(), NOW) is None
    assert sorted(bus.types) == sorted(ALL)


def test_what_the_bus_refuses_for_now_comes_again_from_there_on(publisher, bus, kept):
    bus.refuse("delivery.offered")
    assert publisher.publish_records(records(), NOW) == records()[1]["dynamodb"]["SequenceNumber"]
    assert "delivery.failed" not in bus.types, "it is of the same subject and must not overtake"
    assert kept.messages == []


def test_a_batch_of_which_nothing_gets_out_fails(publisher, bus):
    bus.refuse("delivery.created")
    with pytest.raises(BusUnavailable, match="ThrottlingException"):
        publisher.publish_records(records(), NOW)


def test_what_the_bus_will_never_take_is_kept_and_holds_up_nothing(publisher, bus, kept):
    bus.refuse("delivery.offered", "MalformedDetail", times=1)
    assert publisher.publish_records(records(), NOW) is None
    assert bus.types == [kind for kind in ALL if kind != "delivery.offered"]
    assert kept.types == ["delivery.offered"]
    validate_event(json.loads(kept.messages[0]["events"])[0])


def test_an_event_too_large_for_the_bus_is_kept_itself_and_the_others_get_out(publisher, bus, kept):
    batch = records()
    image = batch[1]["dynamodb"]["NewImage"]
    events = json.loads(image["events"]["S"])
    events[0]["data"]["note"] = "x" * (MAX_BYTES + 1)
    image["events"]["S"] = json.dumps(events)
    assert publisher.publish_records(batch, NOW) is None
    assert bus.types == [kind for kind in ALL if kind != "delivery.offered"]
    assert json.loads(kept.messages[0]["events"]) == events


def test_an_event_that_the_stream_would_soon_forget_is_kept_itself(publisher, bus, kept):
    bus.refuse("delivery.offered")
    assert publisher.publish_records(records(), NOW + GIVE_UP_AFTER_S) is None
    assert kept.types == ["delivery.offered"]
    assert bus.types == [kind for kind in ALL if kind != "delivery.offered"]


@pytest.mark.parametrize("written", ['[{"type":"delivery.created"}]', "not JSON", "7"])
def test_a_record_that_is_no_event_is_kept_as_it_is_and_holds_up_nothing(publisher, bus, kept, written):
    batch = records()
    batch[0]["dynamodb"]["NewImage"]["events"]["S"] = written
    assert publisher.publish_records(batch, NOW) is None
    assert bus.types == ALL[1:]
    assert kept.messages[0]["events"] == written


@given(st.lists(st.tuples(st.sampled_from("abcdefghijklmn"), st.sampled_from([1, 100, 30_000, 300_000])), max_size=60))
def test_a_call_holds_what_the_bus_takes_and_the_events_of_a_subject_are_in_calls_of_their_own(written):
    outgoing = [
        Outgoing.of(
            DomainEvent(
                id=f"evt_{number}",
                type="t",
                time="2026-01-01T00:00:00Z",
                subject=subject,
                sequence=number + 1,
                data={"x": "é" * (size // 2)},
            ),
            "crowdship",
        )
        for number, (subject, size) in enumerate(written)
    ]
    calls = list(calls_for(outgoing))
    assert [one for call in calls for one in call] == outgoing
    for call in calls:
        assert len(call) <= MAX_ENTRIES
        assert len(call) == 1 or sum(one.size for one in call) <= MAX_BYTES
        assert len({one.event.subject for one in call}) == len(call)
