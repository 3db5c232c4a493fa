"""Executions of the daily state machines in Step Functions: the settlement cycle and the pay run."""

import json
from datetime import date
from typing import Any

import boto3
from botocore.exceptions import ClientError

UNFINISHED = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})


class Executions:
    """Starter of a machine; an execution's name is made from the period and the attempt, so each runs once.

    Parameters
    ----------
    state_machine_arn : str
        ARN of the state machine.
    name : str
        What the names of its executions begin with.
    """

    def __init__(self, state_machine_arn: str, name: str = "settle") -> None:
        self._arn = state_machine_arn
        self._name = name
        self._client = boto3.client("stepfunctions")

    def start(self, period: date, attempt: int) -> tuple[str, bool]:
        """Return the ARN of an attempt's execution, and whether this call started it."""
        return self._begin(f"{self._name}-{period}-{attempt}", {"period": period.isoformat()})

    def compare(self, period: date, on: date) -> bool:
        """Start to compare a finished period with its postings, once a day; return whether this call started it."""
        return self._begin(f"compare-{period}-{on}", {"period": period.isoformat(), "compare": True})[1]

    def _begin(self, name: str, given: dict[str, Any]) -> tuple[str, bool]:
        try:
            started = self._client.start_execution(stateMachineArn=self._arn, name=name, input=json.dumps(given))
        except self._client.exceptions.ExecutionAlreadyExists:
            return f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}", False
        return str(started["executionArn"]), True

    def has_failed(self, execution_arn: str) -> bool:
        """Return whether an execution ended without success, or is too old for Step Functions to know."""
        try:
            execution = self._client.describe_execution(executionArn=execution_arn)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return True
            raise
        return execution["status"] in UNFINISHED
