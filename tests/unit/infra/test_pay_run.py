import json
from typing import Any

import pytest

from benchmarks.money import machines
from tests.unit.infra.conftest import Synthesised


@pytest.fixture(scope="session")
def states(prod: Synthesised) -> dict[str, Any]:
    machines = prod.all("AWS::StepFunctions::StateMachine").values()
    (machine,) = (one for one in machines if one["StateMachineName"].endswith("pay-run"))
    parts = machine["DefinitionString"]["Fn::Join"][1]
    states: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "arn" for part in parts))["States"]
    return states


@pytest.fixture(scope="session")
def pay(states: dict[str, Any]) -> dict[str, Any]:
    paying: dict[str, Any] = states["Each batch"]["ItemProcessor"]["States"]["Pay"]
    return paying


def test_the_steps_come_in_the_order_in_which_money_may_move(states: dict[str, Any]) -> None:
    steps, name = [], "Open the run"
    while name:
        state = states[name]
        steps.append(state.get("Parameters", {}).get("step", name))
        if state["Type"] == "Choice":
            (done,) = state["Choices"]
            name = done["Next"]
        else:
            name = state.get("Next")

    assert steps == [
        *("open", "take_in", "Are there more statements?", "batches", "Each batch"),
        *("file", "note_filed", "Is more in the file?", "finish"),
    ]


def test_a_simulation_walks_through_the_steps_as_the_machine_does(states: dict[str, Any], pay: dict[str, Any]) -> None:
    known = [state["Parameters"]["step"] for state in states.values() if "step" in state.get("Parameters", {})]
    assert sorted([*known, pay["Parameters"]["step"]]) == sorted(machines.PAY_RUN)
    (retry,) = (retry for retry in pay["Retry"] if retry["ErrorEquals"] == ["PaymentRailUnavailable"])
    assert retry["MaxAttempts"] == machines.PAY_RETRIES


def test_pages_are_read_until_the_last(states: dict[str, Any]) -> None:
    assert states["Are there more statements?"]["Default"] == "Take in statements"
    assert states["Is more in the file?"]["Default"] == "Note what the file sent"


def test_batches_run_as_executions_of_their_own_and_no_more_at_once_than_the_rail_takes(
    states: dict[str, Any],
) -> None:
    batches = states["Each batch"]

    assert batches["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert batches["MaxConcurrency"] == 5
    assert batches["ItemSelector"] == {"period.$": "$.period", "batch.$": "$$.Map.Item.Value"}


def test_a_rail_that_cannot_be_reached_is_tried_again_later_and_later(pay: dict[str, Any]) -> None:
    (retry,) = (retry for retry in pay["Retry"] if retry["ErrorEquals"] == ["PaymentRailUnavailable"])

    assert (retry["IntervalSeconds"], retry["BackoffRate"], retry["MaxAttempts"]) == (2, 2, 5)


def test_a_lambda_that_cannot_be_reached_is_tried_again(pay: dict[str, Any]) -> None:
    assert any("Lambda.ServiceException" in retry["ErrorEquals"] for retry in pay["Retry"])


def test_a_batch_that_fails_stops_no_other(pay: dict[str, Any]) -> None:
    (catch,) = pay["Catch"]

    assert catch["ErrorEquals"] == ["States.ALL"]
