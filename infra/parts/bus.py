"""The event bus as consumers refer to it: by its name, which never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

from infra.parts.reference import arn
from infra.settings import Settings

if TYPE_CHECKING:
    from infra.parts.queue import WorkQueue

SOURCE = "crowdship"
UNDELIVERABLE = "bus"
"""The dead letters of rules are in ``<UNDELIVERABLE>-dead``, which is with the bus in the shared stack."""


class Bus:
    """The bus, for the rules of one stack."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        self._bus = events.EventBus.from_event_bus_name(stack, "Bus", settings.named())
        dead = arn("sqs", settings.named(f"{UNDELIVERABLE}-dead"))
        self.undeliverable = sqs.Queue.from_queue_arn(stack, "Undeliverable", dead)

    def tells(
        self,
        work: WorkQueue,
        *types: str,
        livemode: bool | None = None,
        where: Mapping[str, list[Any]] | None = None,
        rule: str = "Rule",
    ) -> None:
        """Send events of some types to a queue.

        Parameters
        ----------
        work : WorkQueue
            The queue; the rule becomes a part of it.
        types : str
            Types of events: ``delivery.created``, or ``delivery.*`` for all types with that prefix.
        livemode : bool, optional
            Only live events (True) or only test events (False); all if left out.
        where : mapping of str to list, optional
            Matchers of further fields of the events' data, by name, as an event pattern writes them.
        rule : str
            The rule's name within the queue, for one that is told by several.
        """
        matchers = [
            events.Match.prefix(kind.removesuffix("*")) if kind.endswith("*") else events.Match.exact_string(kind)
            for kind in types
        ]
        data = {**({} if livemode is None else {"livemode": [livemode]}), **(where or {})}
        told = events.Rule(
            work,
            rule,
            event_bus=self._bus,
            description=f"{', '.join(types)} -> {work.name}",
            event_pattern=events.EventPattern(
                source=[SOURCE],
                detail_type=events.Match.any_of(*matchers),
                detail={"data": data} if data else None,
            ),
        )
        told.add_target(targets.SqsQueue(work.queue, dead_letter_queue=self.undeliverable))
