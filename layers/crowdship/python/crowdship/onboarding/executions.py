"""Executions of the onboarding workflow in OnboardingStep Functions."""

import json
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from crowdship.adapters.observability import logger
from crowdship.adapters.settings import settings
from crowdship.onboarding.application import Application


class Executions:
    """Starter of the workflow.

    Each execution is named by the application and its last event, so that a change starts one, however often it is
    asked for. An execution that is started beside another one does no harm: every step reads what is stored first.

    Parameters
    ----------
    state_machine_arn : str
        ARN of the workflow's state machine.
    """

    def __init__(self, state_machine_arn: str, client: Any = None) -> None:
        self._arn = state_machine_arn
        self._client = client or boto3.client("stepfunctions")

    @classmethod
    def configured(cls) -> "Executions":
        """Return the starter of the machine named by ``ONBOARDING_WORKFLOW_ARN``."""
        return cls(settings().onboarding_workflow)

    def start(self, application: Application, suffix: str = "") -> bool:
        """Start the workflow of an application that has something to do; return whether this call started it.

        A start that fails is logged and no more: the change is stored, and the sweep starts what stands still.

        Parameters
        ----------
        suffix : str
            Part of the name of an execution that is started again for the same event.
        """
        if application.due_at is None:
            return False
        name = f"{application.id}-{application.sequence}{suffix}"
        given = json.dumps({"application_id": application.id})
        try:
            self._client.start_execution(stateMachineArn=self._arn, name=name, input=given)
        except self._client.exceptions.ExecutionAlreadyExists:
            return False
        except (BotoCoreError, ClientError) as error:
            logger.error("workflow_not_started", application_id=application.id, why=type(error).__name__)
            return False
        return True
