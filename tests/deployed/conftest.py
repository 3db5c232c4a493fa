"""The stack on this machine: used as it runs, or brought up for these tests and down again after them."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import pytest

from local import scenarios
from local import stack as platform
from local.city.town import staff_of
from local.emulator.server import running_emulator
from local.imitations.receivers import Receivers
from local.running import RunningStack
from tests.api_calls import ok
from tests.api_clients import Network

HERE = Path(__file__).parent
STORIES = HERE / "test_scenarios.py"
AFTERWARDS = [
    STORIES,
    *(HERE / f"test_{name}.py" for name in ("events_on_the_bus", "settlement_cycle", "fuzz", "races", "dead_letters")),
]
"""In this order: stories are played meanwhile, and waited for before anybody looks at what all tests share; what
keeps the whole platform busy comes after what waits for it, and last what leaves alarms ringing for a minute."""

BEGIN_FIRST = ("late-positions", "self-service")
"""Stories that wait longest, for clocks and for caches."""

STORIES_AT_ONCE = 4


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the stack, and put it in order."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.deployed)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[int, int]:
    """Return when an item's turn is; stories that are played alone come after those that are played side by side."""
    if item.path not in AFTERWARDS:
        return 0, 0
    name = item.callspec.params["name"] if item.path == STORIES and isinstance(item, pytest.Function) else None
    alone = 0 if name is None or not _is_played_alone(name) else 2 if scenarios.jumps_ahead(name) else 1
    return AFTERWARDS.index(item.path) + 1, alone


def _is_played_alone(name: str) -> bool:
    """Return whether a story closes the books or sets the clock forward, which others would feel."""
    return scenarios.closes_books(name) or scenarios.jumps_ahead(name)


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    """The platform as its sources now say; it is left running only if it ran before."""
    ran = running_emulator() is not None
    try:
        yield platform.up()
    finally:
        if not ran:
            platform.down()


@pytest.fixture(scope="session")
def ringing(stack: RunningStack) -> frozenset[str]:
    """The alarms that rang before any test had done anything."""
    return frozenset(alarms_in(stack, "ALARM"))


@pytest.fixture(scope="session")
def network(stack: RunningStack, ringing: frozenset[str]) -> Iterator[Network]:
    """The platform with a member of the staff signed in."""
    network = Network(stack)
    yield network
    network.close()


@dataclass
class Former:
    """A shop whose key was in use when it was revoked."""

    key: str
    revoked_at: float


@pytest.fixture(scope="session", autouse=True)
def former(network: Network) -> Former:
    """Revoked as early as can be, because who knows a key may take it for half a minute."""
    shop = network.shop(network.zone("former"), "Former Shop")
    assert shop.api("GET", "/v1/deliveries", query={"external_id": "none"}).status_code == 404
    ok(network.staff("DELETE", f"/v1/staff/merchants/{shop.id}/keys/{shop.key_id}"))
    return Former(shop.key, time.monotonic())


@pytest.fixture(scope="session")
def receivers(stack: RunningStack) -> Receivers:
    """The scenarios' webhook endpoints and bank: functions remember for minutes where the bank is."""
    receivers = scenarios.shared_receivers()
    receivers.connect_bank(stack)
    receivers.connect_relay(stack)
    receivers.connect_screening(stack)
    receivers.connect_tin_matching(stack)
    return receivers


class Stories:
    """Stories that are played side by side, each in a zone of its own: they mostly wait."""

    def __init__(self, stack: RunningStack, names: list[str]) -> None:
        self._stack = stack
        self._told: dict[str, list[str]] = {name: [] for name in names}
        self._pool = ThreadPoolExecutor(STORIES_AT_ONCE)
        side_by_side = (name for name in names if not _is_played_alone(name))
        together = sorted(side_by_side, key=lambda name: name not in BEGIN_FIRST)
        self._played = {name: self._pool.submit(self._play, name) for name in together}

    def _play(self, name: str) -> None:
        scenarios.run(name, self._stack, self._told[name].append)

    def end_of(self, name: str) -> None:
        """Wait for the end of a story, tell it, and raise what it raised."""
        try:
            if _is_played_alone(name):
                wait(self._played.values())
                self._play(name)
            else:
                self._played[name].result()
        finally:
            print(*self._told[name], sep="\n")

    def close(self) -> None:
        """Begin no other, and wait for those that are played."""
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session", autouse=True)
def stories(request: pytest.FixtureRequest, network: Network, receivers: Receivers) -> Iterator[Stories]:
    """The stories that were asked for: they begin at once, whichever tests come before theirs."""
    asked = [item.callspec.params["name"] for item in request.session.items if item.path == STORIES]
    staff_of(network.stack)  # there before all of them make the same one
    stories = Stories(network.stack, asked)
    yield stories
    stories.close()


def alarms_in(stack: RunningStack, state: str) -> list[str]:
    """Return the names of the alarms in a state."""
    pages = stack.client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue=state)
    return [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
