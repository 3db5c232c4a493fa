"""State machines of Step Functions: their log, what they may call, their alarms, and the calls of functions in them."""

from collections.abc import Iterable
from typing import Any

from aws_cdk import Duration, Fn, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.parts.function import LOGS_KEPT
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.reference import arn


def call_of(
    scope: Construct, name: str, function: lambda_.IFunction, payload: dict[str, Any], **properties: Any
) -> tasks.LambdaInvoke:
    """Return the state that calls a function and goes on with what it answers."""
    return tasks.LambdaInvoke(
        scope,
        name,
        lambda_function=function,
        payload=sfn.TaskInput.from_object(payload),
        payload_response_only=True,
        **properties,
    )


def state_machine(
    scope: Construct,
    platform: Platform,
    ids: tuple[str, str],
    name: str,
    log_path: tuple[str, str],
    definition: sfn.IChainable,
    functions: Iterable[lambda_.IFunction],
    *,
    timeout: Duration | None = None,
    has_maps: bool = False,
) -> sfn.StateMachine:
    """Return a state machine with its log, whose data stay out of the log.

    Parameters
    ----------
    ids : tuple of str
        Ids of the log and of the machine in their room.
    name : str
        Name in AWS, with the stage.
    log_path : tuple of str
        Room and subject in the name of the log.
    functions : iterable of IFunction
        Functions that it calls.
    has_maps : bool
        Whether it has distributed Maps, whose executions it starts under names of their own.
    """
    log_id, machine_id = ids
    log = logs.LogGroup(
        scope,
        log_id,
        log_group_name="/" + platform.settings.path(*log_path),
        retention=LOGS_KEPT,
        removal_policy=RemovalPolicy.DESTROY,
    )
    machine = sfn.StateMachine(
        scope,
        machine_id,
        state_machine_name=name,
        definition_body=sfn.DefinitionBody.from_chainable(definition),
        logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL, include_execution_data=False),
        tracing_enabled=not platform.settings.local,  # the emulator has no X-Ray
        timeout=timeout,
    )
    for function in functions:
        accept_wildcard(machine, f"{function.function_arn}:*", "CDK grants a function together with its versions")
    accept_wildcard(machine, "*", "Log delivery and X-Ray know no resource names")
    if has_maps:
        # As the CDK names them: by the last part of the machine's ARN.
        own = Fn.select(6, Fn.split(":", machine.state_machine_arn))
        for executions in (":*", "/*:*"):
            of_maps = arn("states", f"execution:{own}{executions}")
            accept_wildcard(machine, of_maps, "Executions of its Maps are named as they start")
    return machine


def alarm_on(
    scope: Construct, platform: Platform, machine: sfn.StateMachine, prefix: str, outcomes: Iterable[str], text: str
) -> None:
    """Raise an alarm ``<prefix><outcome>`` for each execution that ends so."""
    for outcome in outcomes:
        metric = machine.metric(f"Executions{outcome}", statistic="Sum", period=Duration.minutes(5))
        platform.alarms.above(scope, f"{prefix}{outcome}", metric, 0, text)
