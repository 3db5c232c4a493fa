"""Replay of messages that were given up, from a dead-letter queue to their queue."""

from typing import Any

BATCH = 10


def replay_dead(sqs: Any, dead_url: str, queue_url: str, limit: int = 1000) -> int:
    """Move messages from a dead-letter queue back to the queue they came from, as they are.

    A message is deleted only after its copy was accepted. A crash in between doubles the message, and consumers
    recognise a repeated one. Any pair of standard queues will do, whether or not one is the other's redrive target.

    Parameters
    ----------
    sqs : boto3 SQS client
    limit : int
        Messages to move at most. It also ends the loop when replayed messages come back at once.

    Returns
    -------
    int
        Messages that were moved.
    """
    moved = 0
    while moved < limit:
        answer = sqs.receive_message(
            QueueUrl=dead_url,
            MaxNumberOfMessages=min(BATCH, limit - moved),
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["MessageGroupId"],
            VisibilityTimeout=60,
            WaitTimeSeconds=1,
        )
        messages = answer.get("Messages", [])
        if not messages:
            break
        for message in messages:
            sqs.send_message(
                QueueUrl=queue_url,
                MessageBody=message["Body"],
                MessageAttributes=_attributes(message.get("MessageAttributes", {})),
                **message.get("Attributes", {}),
            )
            sqs.delete_message(QueueUrl=dead_url, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def _attributes(received: dict[str, Any]) -> dict[str, Any]:
    """Return received attributes as they may be sent: without the empty lists that some endpoints add."""
    return {name: {key: value for key, value in field.items() if value} for name, field in received.items()}
