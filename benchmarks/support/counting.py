"""Counts of what the platform did in a while: calls, runs of functions, events, lines of log."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.support.stage import drain
from benchmarks.support.wire import PHONE, Tally, Wire
from infra.routes import ROUTES
from local.running import RunningStack
from local.scenarios.scene import Scene

LINE_OVERHEAD = 26


TASK_STATES = ("TaskStateEntered", "ChoiceStateEntered", "MapStateEntered", "MapIterationStarted")


AUDIENCES = frozenset(route.function.split("/")[0] for route in ROUTES)
"""Audiences of the API; the functions of others answer no call."""


@dataclass
class Runs:
    """Runs of a function: their number, duration and log."""

    invocations: int = 0
    milliseconds: float = 0.0
    log_bytes: int = 0
    memory_mb: int = 0

    @property
    def mean_ms(self) -> float:
        """Mean duration of a run, milliseconds."""
        return self.milliseconds / self.invocations if self.invocations else 0.0


@dataclass
class Window:
    """The counts of a while in which one thing was done some times."""

    times: int
    runs: dict[str, Runs]
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Pattern:
    """Matchers of a rule on the bus: of the events' type, and of fields of their data."""

    types: list[Any]
    where: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, pattern: dict[str, Any]) -> "Pattern":
        """Return the pattern of a rule."""
        return cls(pattern["detail-type"], pattern.get("detail", {}).get("data", {}))

    def takes(self, kind: str, data: dict[str, Any]) -> bool:
        """Return whether the rule takes an event."""
        fields = all(name in data and _matches(wanted, data[name]) for name, wanted in self.where.items())
        return fields and _matches(self.types, kind)


@dataclass(frozen=True)
class Platform:
    """The facts of a running platform that its prices are worked out from."""

    functions: dict[str, str]
    """Log group by function."""

    consumers: frozenset[str]
    """Functions that work a queue off."""

    apis: frozenset[str]
    rules: dict[str, list[Pattern]]
    """Rules of each queue on the bus, by the function that consumes it."""

    rooms: dict[str, str] = field(default_factory=dict)
    """Room by function."""

    @classmethod
    def of(cls, stack: RunningStack) -> "Platform":
        """Return what a running stack is."""
        lambda_, bus = stack.client("lambda"), stack.client("events")
        found = [f for page in lambda_.get_paginator("list_functions").paginate() for f in page["Functions"]]
        ours = [one for one in found if one.get("LoggingConfig", {}).get("LogGroup", "").startswith("/crowdship/")]
        functions = {one["FunctionName"]: one["LoggingConfig"]["LogGroup"] for one in ours}
        mappings = lambda_.list_event_source_mappings()["EventSourceMappings"]
        queues = {
            one["EventSourceArn"]: one["FunctionArn"].split(":")[6]
            for one in mappings
            if ":sqs:" in one["EventSourceArn"]
        }
        rules = defaultdict(list)
        name = stack.outputs["BusName"]
        for rule in bus.list_rules(EventBusName=name)["Rules"]:
            for target in bus.list_targets_by_rule(Rule=rule["Name"], EventBusName=name)["Targets"]:
                if target["Arn"] in queues:
                    rules[queues[target["Arn"]]].append(Pattern.of(json.loads(rule["EventPattern"])))
        apis = frozenset(one for one in functions if one.split("-")[2] in AUDIENCES)
        rooms = {one["FunctionName"]: one["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for one in ours}
        return cls(functions, frozenset(queues.values()), apis, rules, rooms)

    def room_of(self, function: str) -> str:
        """Return the room of a function; phones upload proofs."""
        return "proof" if function == PHONE else self.rooms[function]


def _matches(matchers: list[Any], value: Any) -> bool:
    for matcher in matchers:
        if not isinstance(matcher, dict):
            found = value == matcher
        elif "prefix" in matcher:
            found = str(value).startswith(matcher["prefix"])
        else:
            found = not str(value).startswith(matcher["anything-but"]["prefix"])
        if found:
            return True
    return False


@contextmanager
def window(platform: Platform, scene: Scene, times: int, wire: Wire | None = None) -> Iterator[Window]:
    """Yield what is filled with all that happens until everything has come to rest."""
    drain(scene.stack)
    if wire:
        wire.fresh()
    began = int(time.time() * 1000)
    found = Window(times, {})
    yield found
    drain(scene.stack)
    time.sleep(0.3)
    found.runs = read_logs(platform, scene.stack, began)
    if wire:
        found.tally = wire.fresh()


def read_logs(platform: Platform, stack: RunningStack, since_ms: int) -> dict[str, Runs]:
    """Return what the functions' logs tell about their runs."""
    logs = stack.client("logs")
    found: dict[str, Runs] = defaultdict(Runs)
    for function, group in platform.functions.items():
        token: dict[str, str] = {}
        while True:
            try:
                page = logs.filter_log_events(logGroupName=group, startTime=since_ms, limit=10_000, **token)
            except logs.exceptions.ResourceNotFoundException:
                break
            for event in page["events"]:
                count_line(found[function], event["message"])
            if not page.get("nextToken") or token.get("nextToken") == page["nextToken"]:
                break
            token = {"nextToken": page["nextToken"]}
    return {function: runs for function, runs in found.items() if runs.invocations}


def count_line(runs: Runs, line: str) -> None:
    """Count one line of a function's log."""
    runs.log_bytes += len(line.encode()) + LINE_OVERHEAD
    if line.startswith("REPORT "):
        told = dict(part.split(": ", 1) for part in line.split("\t") if ": " in part)
        runs.invocations += 1
        runs.milliseconds += float(told["Billed Duration"].split()[0])
        runs.memory_mb = int(told["Memory Size"].split()[0])
