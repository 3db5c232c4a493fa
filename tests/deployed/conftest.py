"""The stack on this machine: used as it runs, or brought up for these tests and down again after them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local import scenarios
from local import stack as platform
from local.receivers import Receivers
from local.running import RunningStack
from tests.api_clients import Network, ok

HERE = Path(__file__).parent
LAST = "test_dead_letters.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the stack, and put last what leaves alarms ringing for a minute."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.deployed)
    items.sort(key=lambda item: item.path == HERE / LAST)


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    """The platform as its sources now say; it is left running only if it ran before."""
    ran = platform.running_emulator() is not None
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
    return receivers


def alarms_in(stack: RunningStack, state: str) -> list[str]:
    """Return the names of the alarms in a state."""
    pages = stack.client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue=state)
    return [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
