"""Carry out erasures that waited, and keep on what a hold needs; called every few minutes."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.intake import erasure, retention
from crowdship.proof.images import ImageStore

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many erasures are in each state, and how many records were kept on."""
    try:
        counts = erasure.carry_out_waiting(ImageStore.configured(), clock)
    finally:
        # Neither waits for the other: what a hold needs ends in days, and who asked to be erased waits as well.
        kept_on = retention.keep_held(clock)
    return {**counts, "kept_on": kept_on}
