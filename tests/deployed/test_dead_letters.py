"""What fails for good is kept, rings an alarm, and comes back once its cause is mended.

A queue hands a failed message out again only after its visibility timeout, for most of them 90 seconds. Five times
that is no test, so the timeouts are shortened for its duration.
"""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from local.layers import ROOT
from local.running import RunningStack
from tests.api_calls import eventually
from tests.api_clients import Network
from tests.deployed.conftest import alarms_in

RETRY_AFTER_S = "1"
WORK = (
    "Wake",
    "Ticks",
    "Resequence",
    "Polish",
    "Notices",
    "Pushes",
    "Webhooks",
    "Replays",
    "Postings",
    "Measures",
    "Sandbox",
    "Observations",
    "Rewards",
    "Exports",
    "JournalExports",
    "Scores",
    "Conversations",
    "Reports",
    "Letters",
    "Engagements",
    "Floors",
    "TaxYears",
    "Simulations",
    "Invoices",
    "Tallies",
    "Mailings",
)


@pytest.fixture(scope="module")
def poison(network: Network) -> Iterator[str]:
    """Text in a message that no function can read; such messages are gone at the end."""
    stack, mark = network.stack, f"poison-{secrets.token_hex(6)}"
    sqs = stack.client("sqs")
    before = {name: attribute(stack, name, "VisibilityTimeout") for name in WORK}
    try:
        for name in WORK:
            sqs.set_queue_attributes(QueueUrl=url(stack, name), Attributes={"VisibilityTimeout": RETRY_AFTER_S})
        for name in WORK:
            sqs.send_message(QueueUrl=url(stack, name), MessageBody=f"{mark} for {name}")
        yield mark
    finally:
        for name, seconds in before.items():
            sqs.set_queue_attributes(QueueUrl=url(stack, name), Attributes={"VisibilityTimeout": seconds})
            remove(stack, f"{name}Dead", mark)


def url(stack: RunningStack, name: str) -> str:
    return stack.outputs[f"{name}QueueUrl"]


def attribute(stack: RunningStack, name: str, wanted: str) -> str:
    told = stack.client("sqs").get_queue_attributes(QueueUrl=url(stack, name), AttributeNames=[wanted])
    return str(told["Attributes"][wanted])


def look_into(stack: RunningStack, name: str, mark: str) -> list[dict[str, Any]]:
    """Return the messages with a mark that a queue holds, and leave them there."""
    sqs, found = stack.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=url(stack, name), MaxNumberOfMessages=10, VisibilityTimeout=5).get(
        "Messages"
    ):
        found += messages
    for message in found:
        sqs.change_message_visibility(
            QueueUrl=url(stack, name), ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )
    return [message for message in found if mark in message["Body"]]


def remove(stack: RunningStack, name: str, mark: str) -> None:
    for message in look_into(stack, name, mark):
        stack.client("sqs").delete_message(QueueUrl=url(stack, name), ReceiptHandle=message["ReceiptHandle"])


def on_duty(zone_id: str) -> dict[str, Any]:
    """Return an event that gives a zone something to look at."""
    return {
        "id": f"evt_{secrets.token_hex(6)}",
        "type": "driver.on_duty",
        "time": "2026-01-01T00:00:00Z",
        "subject": "drv_x",
        "sequence": 1,
        "data": {"driver_id": "drv_x", "zone_id": zone_id},
    }


def planned(stack: RunningStack, zone_id: str) -> list[Any]:
    """Return what a zone's ticks logged of their rounds."""
    logs = stack.client("logs")
    found = logs.filter_log_events(logGroupName="/crowdship/local/tasks/tick", filterPattern=f'"{zone_id}"')
    return [event for event in found["events"] if '"planned"' in event["message"]]


def redrive(name: str) -> str:
    """Run what ``make redrive QUEUE=...`` runs."""
    done = subprocess.run(
        [sys.executable, "-m", "local.tools.redrive", name], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_work_queue_is_tried(network: Network) -> None:
    suffix = "DeadQueueUrl"
    of_queues = {
        output.removesuffix(suffix)
        for output in network.stack.outputs
        if output.endswith(suffix) and output.replace("Dead", "") in network.stack.outputs
    }
    assert of_queues == set(WORK)


@pytest.mark.parametrize("name", WORK)
def test_a_poisoned_message_ends_in_the_dead_letter_queue(network: Network, poison: str, name: str) -> None:
    found = eventually(lambda: look_into(network.stack, f"{name}Dead", poison), f"the dead letter of {name}", 60, 0.5)
    assert [message["Body"] for message in found] == [f"{poison} for {name}"]


@pytest.mark.usefixtures("poison")
def test_the_alarm_of_each_rings(network: Network) -> None:
    def silent() -> set[str]:
        rings = " ".join(alarms_in(network.stack, "ALARM"))
        return {name for name in WORK if f"{name}DeadLetters" not in rings}

    eventually(lambda: not silent(), "all dead-letter alarms ring", 60, 1)


def test_a_dead_letter_is_worked_off_once_its_cause_is_mended(network: Network, poison: str) -> None:
    stack, zone_id = network.stack, f"late-{secrets.token_hex(6)}"
    event = on_duty(zone_id)
    stack.client("sqs").send_message(
        QueueUrl=url(stack, "Wake"), MessageBody=json.dumps({"source": "crowdship", "detail": event})
    )
    eventually(lambda: look_into(stack, "WakeDead", zone_id), "the event of a zone that is not there dies", 60, 0.5)
    remove(stack, "WakeDead", poison)
    network.open_zone(zone_id)
    assert "1 messages sent back to wake" in redrive("wake")

    eventually(lambda: planned(stack, zone_id), "the zone is woken by it, and planned", 30, 0.5)
    assert not look_into(stack, "WakeDead", zone_id)


def test_a_queue_that_is_not_there_is_told_with_those_that_are(network: Network) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local.tools.redrive", "no-such-queue"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert all(name.lower() in done.stdout for name in WORK)


def test_events_that_the_bus_did_not_take_get_out_by_a_replay(network: Network) -> None:
    stack, zone_id = network.stack, f"kept-{secrets.token_hex(6)}"
    network.open_zone(zone_id)
    kept = {"why": "refused for a day", "events": json.dumps([on_duty(zone_id)])}
    stack.client("sqs").send_message(QueueUrl=url(stack, "PublishDead"), MessageBody=json.dumps(kept))
    done = subprocess.run(
        [sys.executable, "-m", "local.tools.replay"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 messages replayed, 0 stay" in done.stdout
    eventually(lambda: planned(stack, zone_id), "the zone hears of it, and is planned", 30, 0.5)


def test_a_zone_whose_message_was_lost_is_looked_at_again_and_its_alarm_rings(network: Network) -> None:
    stack, zone_id = network.stack, f"lost-{secrets.token_hex(6)}"
    network.open_zone(zone_id)
    stack.client("dynamodb").put_item(
        TableName=stack.outputs["DispatchTable"],
        Item={
            "pk": {"S": f"ZONE#{zone_id}"},
            "sk": {"S": "TICK"},
            "version": {"N": "1"},
            "due_at": {"N": str(stack.clock.sim_now() - 600 * stack.clock.speed)},
            "due_for": {"S": "evt_whose_message_was_lost"},
        },
    )
    called = stack.client("lambda").invoke(
        FunctionName="crowdship-local-events-wake", Payload=json.dumps({"sweep": True})
    )
    assert zone_id in json.load(called["Payload"])["overdue"]
    eventually(lambda: planned(stack, zone_id), "the zone is planned", 30, 0.5)
    eventually(lambda: "ZonesOverdue" in " ".join(alarms_in(stack, "ALARM")), "the alarm of overdue zones rings", 60, 1)
