"""The workflow of applications: it orders, tells and waits, and there is no state in which it decides."""

import json
from typing import Any

import pytest

from crowdship.onboarding.application import Act
from tests.unit.infra.conftest import Synthesised


@pytest.fixture(scope="session")
def states(prod: Synthesised) -> dict[str, Any]:
    machines = prod.all("AWS::StepFunctions::StateMachine").values()
    (machine,) = (one for one in machines if one["StateMachineName"].endswith("onboarding"))
    parts = machine["DefinitionString"]["Fn::Join"][1]
    states: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "arn" for part in parts))["States"]
    return states


def test_every_act_has_its_state_and_leads_back_to_the_question_what_comes_next(states: dict[str, Any]) -> None:
    choice = states["What comes next?"]
    chosen = {one["StringEquals"]: one["Next"] for one in choice["Choices"]}

    assert chosen.keys() == set(Act) - {Act.NOTHING}
    assert {states[name]["Next"] for name in chosen.values()} == {"Look what comes next"}
    assert states[choice["Default"]]["Type"] == "Succeed"


def test_no_step_decides_about_a_person(states: dict[str, Any]) -> None:
    steps = {one["Parameters"]["step"] for one in states.values() if one["Type"] == "Task"}

    assert steps == {"next", "order", "remind", "notice", "end_wait"}


def test_nothing_is_paid_while_time_passes(states: dict[str, Any]) -> None:
    wait = states["Wait for the moment"]

    assert (wait["Type"], wait["TimestampPath"]) == ("Wait", "$.until")


def test_a_provider_that_does_not_answer_is_asked_again_later_and_later(states: dict[str, Any]) -> None:
    retries = states["Order the background check"]["Retry"]
    (retry,) = (one for one in retries if one["ErrorEquals"] == ["ScreeningUnavailable"])

    assert (retry["IntervalSeconds"], retry["BackoffRate"], retry["MaxAttempts"]) == (5, 3, 6)
    assert all(
        any(one["ErrorEquals"] == ["States.ALL"] for one in state["Retry"])
        for state in states.values()
        if state["Type"] == "Task"
    )


def test_what_stands_still_is_looked_for_by_a_rule(prod: Synthesised) -> None:
    rules = prod.all("AWS::Events::Rule").values()
    (sweep,) = (one for one in rules if "workflows of applications" in one.get("Description", ""))

    assert sweep["ScheduleExpression"] == "rate(15 minutes)"
    assert sweep["Targets"][0]["Input"] == '{"step":"sweep"}'


def test_no_function_of_applicants_may_write_a_drivers_row_but_those_of_drivers_and_staff(prod: Synthesised) -> None:
    roles = {function["Role"]["Fn::GetAtt"][0]: name for name, function in prod.functions.items()}
    drivers = prod.functions["tasks/onboarding"]["Environment"]["Variables"]["DRIVERS_TABLE"]["Ref"]
    writing = {
        roles[who]
        for who, statement in prod.statements()
        if "dynamodb:PutItem" in statement["Action"] and drivers in json.dumps(statement["Resource"])
    }

    assert not {"provider/screening", "tasks/onboarding"} & writing
