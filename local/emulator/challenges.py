"""Sessions of challenges at sign-in: each is of one user and one challenge, and ends with its use or its time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CHECKED = frozenset({"NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"})
USUAL_MINUTES = 3
"""The life of a session for app clients that set no ``AuthSessionValidity``."""


@dataclass(frozen=True)
class Challenged:
    """A user who was asked something at sign-in."""

    client_id: str
    name: str
    user: dict[str, Any]
    until: float


class Challenges:
    """The sessions that wait for an answer, and those that were used.

    Parameters
    ----------
    cognito : module
        The emulator's service, whose answers are read and whose functions find users.
    clock : callable
        Returns seconds.
    """

    def __init__(self, cognito: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._cognito = cognito
        self._clock = clock
        self._waiting: dict[str, Challenged] = {}

    def remember(self, client: dict[str, Any], client_id: str, user: dict[str, Any], answer: Any) -> None:
        """Keep the session of an answer that asks something."""
        now = self._clock()
        for ended in [session for session, kept in self._waiting.items() if kept.until < now - 3600]:
            del self._waiting[ended]
        told = json.loads(answer[2])
        if told.get("ChallengeName") in CHECKED:
            until = now + 60 * int(client.get("AuthSessionValidity") or USUAL_MINUTES)
            self._waiting[told["Session"]] = Challenged(client_id, told["ChallengeName"], user, until)

    def refusal(self, request: dict[str, Any]) -> str | None:
        """Return what Cognito says to an answer with a wrong session; None if the session is right."""
        kept = self._waiting.get(str(request.get("Session")))
        named = (request.get("ClientId"), request.get("ChallengeName"))
        if not kept or (kept.client_id, kept.name) != named or not self._is_of(kept, request):
            return "Invalid session for the user."
        return "Invalid session for the user, session is expired." if kept.until < self._clock() else None

    def use(self, request: dict[str, Any]) -> None:
        """Forget a session, because its answer was taken."""
        self._waiting.pop(str(request.get("Session")), None)

    def _is_of(self, kept: Challenged, request: dict[str, Any]) -> bool:
        name = (request.get("ChallengeResponses") or {}).get("USERNAME")
        for pool in list(self._cognito._user_pools.values()):
            if kept.client_id in pool["_clients"]:
                user, _ = self._cognito._resolve_user(pool, name)
                return user is kept.user
        return False


def install() -> None:
    """Check the session of each answer to a challenge."""
    from ministack.services import cognito

    challenges = Challenges(cognito)
    ask = cognito._password_auth_result

    def asking(
        pool: dict[str, Any], pool_id: str, client_id: str, user: dict[str, Any], *rest: Any, **more: Any
    ) -> Any:
        answer = ask(pool, pool_id, client_id, user, *rest, **more)
        challenges.remember(pool["_clients"].get(client_id) or {}, client_id, user, answer)
        return answer

    def checking(respond: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        def checked(request: dict[str, Any]) -> Any:
            if request.get("ChallengeName") not in CHECKED:
                return respond(request)
            if refusal := challenges.refusal(request):
                return cognito.error_response_json("NotAuthorizedException", refusal, 400)
            answer = respond(request)
            if answer[0] == 200:
                challenges.use(request)
            return answer

        return checked

    cognito._password_auth_result = asking
    cognito._respond_to_auth_challenge = checking(cognito._respond_to_auth_challenge)
    cognito._admin_respond_to_auth_challenge = checking(cognito._admin_respond_to_auth_challenge)
