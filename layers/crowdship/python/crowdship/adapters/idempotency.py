"""The Idempotency-Key: requests with the same key count as one request."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)
from pydantic import StringConstraints

from crowdship.adapters.settings import settings
from crowdship.kernel import retention
from crowdship.kernel.errors import Conflict, Unprocessable

IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
"""A key that a caller chooses: visible ASCII."""

KEPT_S = int(retention.ANSWERS.total_seconds())
"""Wall seconds for which an answer is remembered."""

_layer: DynamoDBPersistenceLayer | None = None


class Answered(NamedTuple):
    """An answer, and whether it is a repeated one."""

    body: dict[str, Any]
    replayed: bool

    @property
    def headers(self) -> dict[str, str | list[str]]:
        """The header that marks a repeated answer; draft-ietf-httpapi-idempotency-key-header does not name one."""
        return {"Idempotent-Replayed": "true"} if self.replayed else {}


def answered_once(
    scope: str, key: str, payload: Any, act: Callable[[], dict[str, Any]], context: Any = None
) -> Answered:
    """Run ``act`` as ``once`` does; return its answer and whether it is a repeated one."""
    ran = False

    def acting() -> dict[str, Any]:
        nonlocal ran
        ran = True
        return act()

    return Answered(once(scope, key, payload, acting, context), not ran)


def once(scope: str, key: str, payload: Any, act: Callable[[], dict[str, Any]], context: Any = None) -> dict[str, Any]:
    """Run ``act`` once per key and answer every repetition with its first result.

    A refusal frees the key. After a crash the key is free once the invocation must have ended. ``act`` then runs again
    and must recognise what its first run created.

    Parameters
    ----------
    scope : str
        The owner of the key, so that two callers may choose the same one.
    payload : JSON value
        The request. Another payload under the same key is refused.
    context : LambdaContext, optional
        Tells when this invocation must have ended; from then on a key that it left behind is free.

    Raises
    ------
    Unprocessable
        If the key was used for something else.
    Conflict
        If the first request is still running.
    """
    global _layer
    if _layer is None:
        _layer = DynamoDBPersistenceLayer(table_name=settings().table("idempotency"))
    config = IdempotencyConfig(
        event_key_jmespath="key", payload_validation_jmespath="payload", expires_after_seconds=KEPT_S
    )
    if context is not None:
        config.register_lambda_context(context)

    @idempotent_function(
        data_keyword_argument="request", persistence_store=_layer, config=config, key_prefix="crowdship"
    )
    def run(request: dict[str, Any]) -> dict[str, Any]:
        return act()

    try:
        answer: dict[str, Any] = run(request={"key": f"{scope}#{key}", "payload": payload})
    except IdempotencyValidationError as error:
        raise Unprocessable(
            "key_reused",
            f"Idempotency-Key {key} was used for another request; use a new key for a new request.",
        ) from error
    except IdempotencyAlreadyInProgressError as error:
        raise Conflict("still_running", f"The first request with key {key} is still running; ask again.") from error
    return answer
