"""Steps of the onboarding workflow; its state machine sends ``{"step": "...", ...}``, its schedule a sweep."""

from collections.abc import Callable
from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import logger, metrics
from crowdship.adapters.tracing import tracer
from crowdship.onboarding import workflow
from crowdship.onboarding.executions import Executions
from crowdship.onboarding.screening.registry import provider

clock = clock_from()

STEPS: dict[str, Callable[[str], dict[str, Any] | None]] = {
    "next": lambda id: workflow.next_step(id, clock),
    "order": lambda id: workflow.order(id, provider(), clock),
    "remind": lambda id: workflow.remind(id, clock),
    "notice": lambda id: workflow.notice(id, clock),
    "end_wait": lambda id: workflow.end_wait(id, clock),
}


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    """Do one step of an application's workflow, or start again what stands still."""
    logger.info("step", given=event)
    if event.get("step") == "sweep":
        return workflow.sweep(Executions.configured().start, clock)
    return STEPS[event["step"]](event["application_id"])
