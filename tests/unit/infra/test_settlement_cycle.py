import json
from typing import Any

import pytest

from benchmarks.money import machines
from tests.unit.infra.conftest import Synthesised


@pytest.fixture(scope="session")
def states(prod: Synthesised) -> dict[str, Any]:
    machines = prod.all("AWS::StepFunctions::StateMachine").values()
    (machine,) = (one for one in machines if one["StateMachineName"].endswith("settlement-cycle"))
    parts = machine["DefinitionString"]["Fn::Join"][1]
    states: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "arn" for part in parts))["States"]
    return states


def steps_from(states: dict[str, Any], name: str | None) -> list[str]:
    """Return what is done from a state on, by the steps of the function, following what happens by default."""
    steps = []
    while name:
        state = states[name]
        for inner in state.get("ItemProcessor", {}).get("States", {}).values():
            if "step" in inner.get("Parameters", {}):
                steps.append(f"each {inner['Parameters']['step']}")
        if state["Type"] == "Task":
            steps.append(state["Parameters"].get("step", name))
        name = state.get("Next") or state.get("Default")
    return steps


def test_the_steps_come_in_the_order_in_which_money_may_move(states: dict[str, Any]) -> None:
    closing = ["each book", "close", "each sum", "plan", "each state", "finish"]
    assert steps_from(states, "Open that period") == ["open", *closing, "start"]
    assert tuple(step.removeprefix("each ") for step in ("open", *closing)) == machines.CLOSE


def test_a_period_that_is_compared_is_neither_booked_nor_closed_nor_paid(states: dict[str, Any]) -> None:
    (compare, _) = states["Is a period asked for?"]["Choices"]
    assert compare["Variable"] == "$.compare"
    assert steps_from(states, compare["Next"])[:5] == ["reopen", "each sum", "plan", "each state", "finish"]
    (end,) = states["Was it only compared?"]["Choices"]
    assert (end["Variable"], end["IsPresent"]) == ("$$.Execution.Input.compare", True)
    assert states[end["Next"]]["Type"] == "Succeed"


@pytest.mark.parametrize("name", ["Book closings whose events were lost", "Sum each shard", "State each part"])
def test_pieces_of_a_day_are_worked_through_side_by_side_in_batches(states: dict[str, Any], name: str) -> None:
    pieces = states[name]
    assert pieces["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    assert pieces["ItemsPath"] == "$.items"
    assert pieces["ItemBatcher"] == {"MaxItemsPerBatchPath": "$.at_once", "BatchInput": {"period.$": "$.period"}}
    (call,) = pieces["ItemProcessor"]["States"].values()
    assert call["Parameters"]["items.$"] == "$.Items"
    assert call["Parameters"]["period.$"] == "$.BatchInput.period"


def test_without_a_period_the_cycle_chooses_it(states: dict[str, Any]) -> None:
    assert states["Open that period"]["Parameters"] == {"step": "open", "period.$": "$.period"}
    assert states["Open yesterday's period"]["Parameters"] == {"step": "open"}
    assert states["Is a period asked for?"]["Default"] == "Open yesterday's period"


def test_a_cycle_that_does_not_finish_wakes_somebody(prod: Synthesised) -> None:
    watched = {
        alarm["MetricName"]
        for alarm in prod.all("AWS::CloudWatch::Alarm").values()
        if alarm.get("Namespace") == "AWS/States"
    }

    assert watched == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}


def test_a_ledger_that_does_not_balance_wakes_somebody(prod: Synthesised) -> None:
    (alarm,) = (
        alarm
        for alarm in prod.all("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "TrialBalanceDifference"
    )

    assert alarm["Dimensions"] == [{"Name": "service", "Value": "settlement"}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
