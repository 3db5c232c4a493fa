import boto3
import pytest

from crowdship.notify.webhooks.replay.dead_letters import replay_dead


@pytest.fixture
def queues(aws):
    sqs = boto3.client("sqs")
    return sqs, *(sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("things-dead", "things"))


def depth(sqs, url):
    attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(int(n) for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=attributes)["Attributes"].values())


def test_messages_move_as_they_are_and_none_is_left(queues):
    sqs, dead, alive = queues
    for n in range(25):
        attributes = {"why": {"DataType": "String", "StringValue": "x"}} if n % 2 else {}
        group = {"MessageGroupId": "ept_1"} if n % 3 else {}
        sqs.send_message(QueueUrl=dead, MessageBody=f"body {n}", MessageAttributes=attributes, **group)
    assert replay_dead(sqs, dead, alive) == 25
    assert (depth(sqs, dead), depth(sqs, alive)) == (0, 25)
    moved = {}
    while messages := sqs.receive_message(
        QueueUrl=alive,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["MessageGroupId"],
    ).get("Messages"):
        moved |= {message["Body"]: message for message in messages}
    assert len(moved) == 25
    assert "MessageAttributes" not in moved["body 0"]
    assert moved["body 1"]["MessageAttributes"]["why"]["StringValue"] == "x"
    assert moved["body 1"]["Attributes"] == {"MessageGroupId": "ept_1"}


def test_no_more_are_moved_than_asked_for(queues):
    sqs, dead, alive = queues
    for n in range(12):
        sqs.send_message(QueueUrl=dead, MessageBody=f"body {n}")
    assert replay_dead(sqs, dead, alive, limit=11) == 11
    assert (depth(sqs, dead), depth(sqs, alive)) == (1, 11)


def test_a_message_whose_copy_is_refused_stays(queues, monkeypatch):
    sqs, dead, alive = queues
    sqs.send_message(QueueUrl=dead, MessageBody="body")

    def refuse(**_):
        raise ConnectionError("no")

    monkeypatch.setattr(sqs, "send_message", refuse)
    with pytest.raises(ConnectionError):
        replay_dead(sqs, dead, alive)
    assert (depth(sqs, dead), depth(sqs, alive)) == (1, 0)
