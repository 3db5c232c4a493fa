"""Sessions of challenges in the emulator end with their time."""

import json
from types import SimpleNamespace

from local.emulator.challenges import Challenges

ADA = {"Username": "ada"}
COGNITO = SimpleNamespace(_user_pools={"p": {"_clients": {"c": {}}}}, _resolve_user=lambda pool, name: (ADA, None))
ANSWER = {
    "ChallengeName": "SOFTWARE_TOKEN_MFA",
    "ClientId": "c",
    "Session": "s",
    "ChallengeResponses": {"USERNAME": "ada"},
}


def asked(clock, **client):
    challenges = Challenges(COGNITO, lambda: clock[0])
    told = {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "s"}
    challenges.remember(client, "c", ADA, (200, {}, json.dumps(told)))
    return challenges


def test_a_session_holds_for_three_minutes_also_after_a_wrong_code():
    clock = [0.0]
    challenges = asked(clock)
    clock[0] = 179
    assert challenges.refusal(ANSWER) is None
    assert challenges.refusal(ANSWER) is None
    clock[0] = 181
    assert challenges.refusal(ANSWER) == "Invalid session for the user, session is expired."


def test_a_session_holds_for_as_long_as_its_app_client_says():
    clock = [0.0]
    challenges = asked(clock, AuthSessionValidity=10)
    clock[0] = 599
    assert challenges.refusal(ANSWER) is None


def test_a_session_of_one_challenge_answers_no_other_and_none_of_another_client():
    challenges = asked([0.0])
    assert challenges.refusal({**ANSWER, "ChallengeName": "NEW_PASSWORD_REQUIRED"}) == "Invalid session for the user."
    assert challenges.refusal({**ANSWER, "ClientId": "d"}) == "Invalid session for the user."
    challenges.use(ANSWER)
    assert challenges.refusal(ANSWER) == "Invalid session for the user."
