"""Calls of drivers about their training."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.kernel.language import LanguageTag
from crowdship.training import service as training
from crowdship.training.views import AnswersInput, AttemptView, ResultView, Trainings, TrainingView

Spoken = Annotated[LanguageTag | None, Query(description="The language of the texts; English if we have none in it")]

api = Api()
clock = clock_from()


@api.get("/v1/driver/trainings", tags=["driver"])
def list_trainings(language: Spoken = None) -> Trainings:
    """List all trainings, with the driver's state in each."""
    return training.trainings(api.caller(DRIVERS), language, clock)


@api.get("/v1/driver/trainings/<module>", tags=["driver"])
def read_training(module: str, language: Spoken = None) -> TrainingView:
    """Read the pages of a training."""
    return training.training(api.caller(DRIVERS), module, language, clock)


@api.post("/v1/driver/trainings/<module>/attempts", tags=["driver"])
def begin_attempt(module: str, language: Spoken = None) -> AttemptView:
    """Begin an attempt at the quiz, or get the one that waits for its answers; three in 24 hours."""
    return training.begin(api.caller(DRIVERS), module, language, clock)


@api.post("/v1/driver/trainings/<module>/attempts/<attempt_id>/answers", tags=["driver"])
def answer_attempt(module: str, attempt_id: str, body: Annotated[AnswersInput, Body()]) -> ResultView:
    """Answer all questions of an attempt; passing grants the credential, and the same answers again change nothing."""
    return training.answer(api.caller(DRIVERS), module, attempt_id, body.by_question, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
