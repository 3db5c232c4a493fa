"""Limits on tries in the table, and what becomes of Cognito's refusals."""

from base64 import b64decode
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from crowdship.adapters.observability import logger
from crowdship.adapters.settings import settings
from crowdship.drivers.identity import SignIns
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Conflict, Refusal, TooManyRequests, Unauthorized, Unavailable, Unprocessable
from crowdship.sessions import service as sessions
from crowdship.sessions.cognito import UserPool, wrong_credentials
from crowdship.sessions.model import Session
from crowdship.sessions.store import TriesRow
from crowdship.sessions.tries import CODES_FOR_A_NAME, FROM_AN_ADDRESS, OF_A_NAME, tries_of
from crowdship.sessions.views import AnswerInput, NewPasswordInput, SignInInput
from tests.city import driver_input

pytestmark = pytest.mark.usefixtures("aws")

ADDRESS = "192.0.2.1"
OWN = "Own-password-22"


@pytest.fixture
def wall():
    return FixedClock(datetime(2026, 6, 1, 12, tzinfo=UTC))


class Door:
    """A user pool that knows one password and nothing else; the deployed tests have a real one."""

    def sign_in(self, username, password):
        if (username, password) != ("drv_1", OWN):
            raise wrong_credentials()
        return Session("drv_1", ("drivers",), "access", 3600, "refresh")


@pytest.fixture
def pool():
    return Door()


@pytest.fixture
def stubbed():
    cognito = boto3.client("cognito-idp", region_name="us-east-1", config=Config(signature_version=UNSIGNED))
    with Stubber(cognito) as answers:
        yield UserPool("client", cognito), answers


def sign_in(pool, wall, password=OWN, username="drv_1", address=ADDRESS):
    return sessions.sign_in(SignInInput(username=username, password=password), address, pool, wall)


def refused(code, act):
    with pytest.raises(Refusal) as told:
        act()
    assert told.value.code == code
    return told.value


def test_without_a_cookie_there_is_no_session_and_the_refusal_clears_it():
    told = refused("no_session", lambda: sessions.refresh(None, None))
    assert "Max-Age=0" in told.headers["Set-Cookie"]
    sessions.sign_out(None, None)


def test_wrong_tries_of_a_name_end_after_the_burst_from_whatever_address_and_come_back(pool, wall):
    for number in range(OF_A_NAME.burst):
        refused("wrong_credentials", lambda at=number: sign_in(pool, wall, "wrong", address=f"192.0.2.{at}"))
    told = refused("too_many_attempts", lambda: sign_in(pool, wall))
    assert int(told.headers["Retry-After"]) == OF_A_NAME.interval_s
    wall.advance(timedelta(seconds=OF_A_NAME.interval_s))
    assert sign_in(pool, wall).groups == ("drivers",)


def test_wrong_tries_from_an_address_end_after_its_burst_whatever_the_name(pool, wall):
    for number in range(FROM_AN_ADDRESS.burst):
        refused("wrong_credentials", lambda at=number: sign_in(pool, wall, "wrong", username=f"drv_{at}x"))
    refused("too_many_attempts", lambda: sign_in(pool, wall))
    assert sign_in(pool, wall, address="192.0.2.2").groups == ("drivers",)


def test_whoever_signs_in_properly_uses_up_nothing(pool, wall):
    for _ in range(OF_A_NAME.burst + 2):
        assert sign_in(pool, wall).groups == ("drivers",)
    for one in tries_of("drv_1", ADDRESS):
        assert int(TriesRow.find(one.key, "RATE").full_at_us) <= round(wall.now().timestamp() * 1e6)


def test_codes_are_mailed_a_few_times_and_those_who_do_not_exist_are_treated_alike(stubbed, wall):
    pool, answers = stubbed
    for _ in range(CODES_FOR_A_NAME.burst):
        answers.add_client_error("forgot_password", "UserNotFoundException")
        sessions.send_code("drv_nobody", ADDRESS, pool, wall)
    refused("too_many_attempts", lambda: sessions.send_code("drv_nobody", ADDRESS, pool, wall))


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("NotAuthorizedException", "Incorrect username or password.", "wrong_credentials"),
        ("NotAuthorizedException", "Password attempts exceeded", "too_many_attempts"),
        ("UserNotFoundException", "User does not exist.", "wrong_credentials"),
        ("PasswordResetRequiredException", "", "wrong_credentials"),
        ("TooManyRequestsException", "", "sign_in_unavailable"),
        ("InternalErrorException", "", "sign_in_unavailable"),
        ("SomethingNewException", "", "sign_in_unavailable"),
    ],
)
def test_what_cognito_refuses_at_the_password_is_said_without_saying_who_exists(stubbed, wall, code, message, expected):
    pool, answers = stubbed
    answers.add_client_error("initiate_auth", code, message)
    refused(expected, lambda: sign_in(pool, wall))


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("new_password", "NotAuthorizedException", "challenge_over"),
        ("new_password", "InvalidPasswordException", "weak_password"),
        ("totp", "NotAuthorizedException", "challenge_over"),
        ("totp", "CodeMismatchException", "wrong_code"),
        ("totp", "ExpiredCodeException", "wrong_code"),
    ],
)
def test_what_cognito_refuses_of_an_answer_says_whether_to_begin_anew(stubbed, wall, kind, code, expected):
    pool, answers = stubbed
    answers.add_client_error("respond_to_auth_challenge", code)
    request = AnswerInput(username="drv_1", kind=kind, session="s" * 20, answer=OWN)
    refused(expected, lambda: sessions.answer(request, ADDRESS, pool, wall))


@pytest.mark.parametrize("code", ["TooManyRequestsException", "InternalErrorException"])
def test_a_session_outlives_a_failure_of_cognito(stubbed, code):
    pool, answers = stubbed
    answers.add_client_error("initiate_auth", code)
    told = refused("sign_in_unavailable", lambda: sessions.refresh("token", pool))
    assert isinstance(told, Unavailable)
    assert "Set-Cookie" not in told.headers


def test_a_failure_of_cognito_uses_up_no_try(stubbed, wall):
    pool, answers = stubbed
    for _ in range(OF_A_NAME.burst + 1):
        answers.add_client_error("initiate_auth", "InternalErrorException")
        refused("sign_in_unavailable", lambda: sign_in(pool, wall))


def test_a_pool_that_is_not_reached_is_said_to_be_so(wall):
    class Unreachable:
        def initiate_auth(self, **_request):
            raise EndpointConnectionError(endpoint_url="https://cognito")

    refused("sign_in_unavailable", lambda: sign_in(UserPool("client", Unreachable()), wall))


def test_a_session_that_ended_already_is_signed_out_again(stubbed):
    pool, answers = stubbed
    answers.add_client_error("revoke_token", "NotAuthorizedException")
    sessions.sign_out("token", pool)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("CodeMismatchException", Unauthorized), ("LimitExceededException", TooManyRequests)],
)
def test_a_mailed_code_that_is_wrong_or_was_tried_too_often_is_refused(stubbed, wall, code, kind):
    pool, answers = stubbed
    answers.add_client_error("confirm_forgot_password", code)
    request = NewPasswordInput(username="drv_1", code="123456", new_password=OWN)
    with pytest.raises(kind):
        sessions.replace_password(request, ADDRESS, pool, wall)
    weak = NewPasswordInput(username="drv_1", code="123456", new_password="weak")
    with pytest.raises(Unprocessable, match="weak_password"):
        sessions.replace_password(weak, ADDRESS, pool, wall)


def test_a_code_that_does_not_show_the_secret_turns_nothing_on(stubbed, wall):
    pool, answers = stubbed
    answers.add_response("associate_software_token", {"SecretCode": "JBSWY3DPEHPK3PXP"})
    told = sessions.begin_totp("drv_1", "access", pool)
    assert b64decode(told.secret)
    answers.add_client_error("verify_software_token", "EnableSoftwareTokenMFAException")
    refused("wrong_code", lambda: sessions.turn_totp_on("drv_1", "access", "123456", ADDRESS, pool, wall))
    answers.add_response("verify_software_token", {"Status": "ERROR"})
    refused("wrong_code", lambda: sessions.turn_totp_on("drv_1", "access", "123456", ADDRESS, pool, wall))
    answers.assert_no_pending_responses()


def test_refusals_and_logs_have_no_secret_of_the_request(stubbed, wall, monkeypatch):
    logged = []
    for level in ("info", "warning", "error"):
        monkeypatch.setattr(logger, level, lambda *told, **more: logged.append(f"{told}{more}"))
    pool, answers = stubbed
    for code in ("NotAuthorizedException", "SomethingNewException"):
        answers.add_client_error("initiate_auth", code, f"drv_secret {OWN}")
        with pytest.raises(Refusal) as refusal:
            sign_in(pool, wall, OWN, "drv_secret")
        told = refusal.value
        assert told.__cause__ is None
        assert told.__suppress_context__
        assert not [text for text in (*logged, told.detail) if OWN in text or "drv_secret" in text]


def test_an_e_mail_address_that_signs_somebody_else_in_is_refused():
    cognito = boto3.client("cognito-idp", region_name="us-east-1")
    with Stubber(cognito) as answers:
        answers.add_client_error("admin_create_user", "AliasExistsException")
        with pytest.raises(Conflict, match="email_in_use"):
            SignIns("us-east-1_people", cognito).invite("drv_1", driver_input())


def test_calls_by_which_people_sign_in_are_signed_with_no_credentials_of_ours():
    assert settings().stage
    signed = {}
    cognito = boto3.client("cognito-idp", region_name="us-east-1", config=Config(signature_version=UNSIGNED))
    cognito.meta.events.register("before-send.cognito-idp", lambda request, **_: signed.update(request.headers))
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it answers
        cognito.revoke_token(ClientId="client", Token="token")
    assert signed
    assert "Authorization" not in signed
