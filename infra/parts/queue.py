"""Work queues: each has one consumer, and a dead-letter queue with an alarm."""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept
from infra.parts.platform import Platform
from infra.parts.reference import camel

TRIES = 5
LOCAL_HURRY = 30

VISIBILITY_PER_TIMEOUT = 6
"""Recommended by AWS, as it leaves time for Lambda's own retries of a throttled batch."""


def _queue(scope: Construct, platform: Platform, name: str, *, own_policy: bool = True, **properties: Any) -> sqs.Queue:
    in_transit = not platform.settings.local  # the emulator speaks plain HTTP
    queue = sqs.Queue(
        scope,
        camel(name),
        queue_name=platform.settings.named(name),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=in_transit and own_policy,
        **properties,
    )
    if in_transit and not own_policy:
        platform.without_policy.append(queue)
    platform.queues[name] = queue
    return queue


def _wait_here(wait: int, platform: Platform) -> int:
    """Return a wait in seconds, shortened on a local stage, whose clock runs up to thirty times as fast."""
    return -(-wait // LOCAL_HURRY) if platform.settings.local else wait


def dead_letters(scope: Construct, platform: Platform, name: str, *, own_policy: bool = False) -> sqs.Queue:
    """Return the queue ``<name>-dead``, which keeps messages that failed for good; the first one raises an alarm."""
    queue = _queue(scope, platform, f"{name}-dead", retention_period=Duration.days(14), own_policy=own_policy)
    platform.alarms.above(
        scope,
        f"{camel(name)}DeadLetters",
        queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="Maximum"),
        0,
        f"Work of '{name}' failed for good. See queue {platform.settings.named(name)}-dead and docs/operations.md.",
    )
    return queue


def failures_of(scope: Construct, platform: Platform, name: str) -> sqs.Queue:
    """Return the dead-letter queue of a stream, a rule or a schedule."""
    queue = dead_letters(scope, platform, name, own_policy=True)
    accept(queue, "SQS3", "This is a dead-letter queue itself; a stream, rule or schedule sends to it")
    return queue


class WorkQueue(Construct):
    """A queue and the function that consumes it.

    Parameters
    ----------
    name : str
        Name of the work; the queue is ``crowdship-<stage>-<name>``.
    consumer : RoomFunction
        Gets ``batch_size`` messages at a time, and returns those that failed.
    most_at_once : int
        Concurrent batches; keeps a burst from taking all of the account's concurrency.
    visible_after : int, optional
        Seconds after which an unfinished message is delivered again; six times the consumer's timeout if left out.
    wait : int
        The most seconds to wait until a batch is full.
    delay : int
        Seconds after which a message is delivered for the first time.
    """

    def __init__(
        self,
        scope: Construct,
        platform: Platform,
        name: str,
        consumer: RoomFunction,
        *,
        batch_size: int = 10,
        most_at_once: int = 20,
        visible_after: int | None = None,
        wait: int = 0,
        delay: int = 0,
    ) -> None:
        super().__init__(scope, f"{camel(name)}Work")
        self.name = name
        self.dead = dead_letters(self, platform, name)
        self.queue = _queue(
            self,
            platform,
            name,
            visibility_timeout=Duration.seconds(visible_after or VISIBILITY_PER_TIMEOUT * consumer.timeout),
            retention_period=Duration.days(4),
            delivery_delay=Duration.seconds(_wait_here(delay, platform)) if delay else None,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=TRIES),
        )
        consumer.function.add_event_source(
            sources.SqsEventSource(
                self.queue,
                batch_size=batch_size,
                max_concurrency=most_at_once,
                report_batch_item_failures=True,
                max_batching_window=Duration.seconds(_wait_here(wait, platform)) if wait else None,
            )
        )

    def filled_by(self, *functions: RoomFunction) -> None:
        """Allow functions to send to the queue, whose URL they find in ``<NAME>_QUEUE_URL``."""
        for function in functions:
            function.may_send_to(self.queue, f"{self.name.upper()}_QUEUE_URL")
