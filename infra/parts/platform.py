"""The resources that the rooms of one stack share."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

from aws_cdk import Aws, CfnParameter, Fn, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from infra.parts.alarm import Alarms
from infra.parts.bus import Bus
from infra.parts.layers import Layers
from infra.parts.reference import camel, reference, tell
from infra.parts.stage_stack import StageStack
from infra.parts.table import Table
from infra.settings import Settings

if TYPE_CHECKING:
    from infra.parts.function import RoomFunction


class Platform:
    """Tables, secrets, bus and API of other stacks by reference; layers and clock of the stack's own.

    Parameters
    ----------
    stack : StageStack
        The stack that the rooms are in.
    settings : Settings
        The deployment.

    Attributes
    ----------
    functions : dict of str to RoomFunction
        The stack's functions by ``<audience>/<subject>``; each adds itself.
    queues : dict of str to Queue
        The stack's queues by name without the stage; each adds itself.
    without_policy : list of Queue
        Queues that share one policy.
    """

    def __init__(self, stack: StageStack, settings: Settings) -> None:
        self.stack = stack
        self.settings = settings
        self.layers = Layers(stack, settings)
        self.alarms = Alarms(stack, settings)
        self.functions: dict[str, RoomFunction] = {}
        self.queues: dict[str, sqs.Queue] = {}
        self.without_policy: list[sqs.Queue] = []
        self.table = cache(self._table)

    def _table(self, name: str) -> Table:
        return Table(self.stack, self.settings, name)

    def reference(self, name: str) -> str:
        """Return a value that another stack published."""
        return reference(self.stack, self.settings, name)

    def finish(self) -> None:
        """Complete the stack once its rooms are there: one policy for queues without one, the queues' addresses."""
        self._refuse_plain_http()
        self.tell(**{f"{camel(name)}QueueUrl": queue.queue_url for name, queue in self.queues.items()})

    def _refuse_plain_http(self) -> None:
        if not self.without_policy:
            return
        refused = iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sqs:*"],
            resources=["*"],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        policy = sqs.QueuePolicy(self.stack, f"{self.stack.part}EncryptedOnly", queues=list(self.without_policy))
        policy.document.add_statements(refused)

    def tell(self, **outputs: str) -> None:
        """Give the stack outputs."""
        tell(self.stack, **outputs)

    @cached_property
    def bus(self) -> Bus:
        """The event bus."""
        return Bus(self.stack, self.settings)

    @cached_property
    def pages_url(self) -> str:
        """The address of the pages, without a slash at the end."""
        return self.reference("PagesUrl")

    @cached_property
    def clock_environment(self) -> dict[str, str]:
        """The environment variable about business time, which on a local stack may be set and run fast."""
        if not self.settings.local:
            return {}
        return {"CLOCK_FILE": self._parameter("ClockFile", "", "File that sets the business time")}

    def _parameter(self, name: str, default: str, description: str) -> str:
        return CfnParameter(self.stack, name, default=default, description=description).value_as_string


def api_url(stack: Stack, settings: Settings, api_id: str) -> str:
    """Return the address of the HTTP API of this id, without a slash at the end."""
    if not settings.local:
        return f"https://{api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}"
    # The emulator serves all APIs under its own address, which only whoever starts it knows.
    return Fn.join("", [emulator_endpoint(stack), "/_aws/execute-api/", api_id, "/$default"])


def emulator_endpoint(stack: Stack) -> str:
    """Return the address of the emulator, without a slash at the end; only stacks of the local stage know one."""
    known = stack.node.try_find_child("Endpoint")
    if not isinstance(known, CfnParameter):
        known = CfnParameter(stack, "Endpoint", default="http://127.0.0.1:4566", description="Address of the emulator")
    return known.value_as_string
