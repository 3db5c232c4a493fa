"""Everything that goes over the running bus, for tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from local import tap
from local.running import RunningStack
from tests.api_calls import eventually


class Tap(tap.Tap):
    """Everything that went over the bus since this was opened."""

    def __init__(self, stack: RunningStack) -> None:
        super().__init__(stack)
        self.envelopes: list[dict[str, Any]] = []

    def read(self) -> list[dict[str, Any]]:
        """Return the events so far, in the order they came in."""
        self.envelopes += self.take()
        return [envelope["detail"] for envelope in self.envelopes]

    def wait_for(self, what: str, wanted: Callable[[dict[str, Any]], bool], count: int = 1) -> list[dict[str, Any]]:
        """Return the events that are wanted, once there are so many."""

        def look() -> list[dict[str, Any]] | None:
            found = [event for event in self.read() if wanted(event)]
            return found if len(found) >= count else None

        found = eventually(look, f"{what} on the bus")
        assert found
        return found

    def by_aggregate(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """Return the events by aggregate, each once and in the order of their sequence.

        A delivery and its proof share an id, as do a driver and their route: the kind is told by the type.
        """
        known = {event["id"]: event for event in self.read()}
        ordered: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for event in sorted(known.values(), key=lambda event: int(event["sequence"])):
            ordered[event["type"].partition(".")[0], event["subject"]].append(event)
        return ordered
