"""A zone with a shop and drivers on the running platform, for benchmarks to work in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.support.report import console
from local.imitations.receivers import Receivers
from local.running import NotRunningError, RunningStack
from local.scenarios.scene import Scene

LONGEST_DRAIN_S = 60.0


@contextmanager
def stage(name: str) -> Iterator[Scene]:
    """Yield a stage of a benchmark's own.

    Raises
    ------
    SystemExit
        If the platform does not run, or not in real time.
    """
    try:
        stack = RunningStack.load()
    except NotRunningError as error:
        raise SystemExit(str(error)) from None
    if stack.clock.speed != 1:
        raise SystemExit(f"the clock runs at {stack.clock.speed:g} times the wall's: `make down`, then `make up`")
    with Receivers() as receivers, Scene(f"benchmark-{name}", stack, receivers, tell) as scene:
        yield scene


def tell(sentence: str) -> None:
    """Print what a scene says."""
    console.print(f"  {sentence}", markup=False)


def drain(stack: RunningStack, longest_s: float = LONGEST_DRAIN_S) -> None:
    """Wait until no function has anything left to do, but for ticks that are not due yet.

    Raises
    ------
    RuntimeError
        If that takes too long.
    """
    queues = stack.client("sqs")
    urls = [url for name, url in stack.outputs.items() if name.endswith("QueueUrl") and "Dead" not in name]
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    deadline = time.monotonic() + longest_s
    calm = 0
    while calm < 4:  # an event is in no queue while it is on the bus
        time.sleep(0.25)
        left = 0
        for url in urls:
            told = queues.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
            left += sum(int(told[name]) for name in names)
        calm = 0 if left else calm + 1
        if time.monotonic() > deadline:
            raise RuntimeError(f"{left} messages are still in the queues after {longest_s:.0f} s")


def cancel(scene: Scene, delivery: dict[str, Any]) -> None:
    """Take an order back, so that it does not stand in the way of the next."""
    scene.staff.post(f"/v1/staff/deliveries/{delivery['id']}/cancel", {"reason": "other"})
