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
from crowdship.kernel.access import Role
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Conflict, Refusal, TooManyRequests, Unauthorized, Unavailable, Unprocessable
from crowdship.sessions import service as sessions
from crowdship.sessions.cognito import UserPool, no_session, wrong_code, wrong_credentials
from crowdship.sessions.model import ChallengeKind, Session, challenge
from crowdship.sessions.sealing import Seal
from crowdship.sessions.store import TriesRow
from crowdship.sessions.tickets import IDLE_OF_STAFF, LONGEST, LONGEST_OF_STAFF, SET_UP, TO_ANSWER, Asked, Ticket
from crowdship.sessions.tries import CODES_FOR_A_NAME, FROM_AN_ADDRESS, OF_A_NAME, tries_of
from crowdship.sessions.views import AnswerInput, NewPasswordInput, SignInInput
from tests.city import driver_input

pytestmark = pytest.mark.usefixtures("aws")

ADDRESS = "192.0.2.1"
OWN = "Own-password-22"
SEAL = Seal("a secret of this test")


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
        yield UserPool("pool", "client", cognito), answers


def sign_in(pool, wall, password=OWN, username="drv_1", address=ADDRESS):
    return sessions.sign_in(SignInInput(username=username, password=password), address, pool, SEAL, wall)


def ticket(wall):
    """Return the cookie of a session that began now."""
    now = wall.now()
    return SEAL.close(Ticket(refresh_token="refresh", second_factor=False, began_at=now, seen_at=now), now)


def asked(wall, kind, session="cognito" * 4):
    """Return the session of a challenge as a page gets it."""
    return SEAL.close(Asked(kind=kind, session=session), wall.now())


def refused(code, act):
    with pytest.raises(Refusal) as told:
        act()
    assert told.value.code == code
    return told.value


def test_without_a_cookie_there_is_no_session_and_the_refusal_clears_it(wall):
    told = refused("no_session", lambda: sessions.refresh(None, None, SEAL, wall))
    assert "Max-Age=0" in told.headers["Set-Cookie"]
    sessions.sign_out(None, None, SEAL, wall)


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
    answers.add_client_error("admin_initiate_auth", code, message)
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
    answers.add_client_error("admin_respond_to_auth_challenge", code)
    request = AnswerInput(username="drv_1", kind=kind, session=asked(wall, kind), answer=OWN)
    refused(expected, lambda: sessions.answer(request, ADDRESS, pool, SEAL, wall))


@pytest.mark.parametrize("code", ["TooManyRequestsException", "InternalErrorException"])
def test_a_session_outlives_a_failure_of_cognito(stubbed, wall, code):
    pool, answers = stubbed
    answers.add_client_error("initiate_auth", code)
    told = refused("sign_in_unavailable", lambda: sessions.refresh(ticket(wall), pool, SEAL, wall))
    assert isinstance(told, Unavailable)
    assert "Set-Cookie" not in told.headers


def test_a_failure_of_cognito_uses_up_no_try(stubbed, wall):
    pool, answers = stubbed
    for _ in range(OF_A_NAME.burst + 1):
        answers.add_client_error("admin_initiate_auth", "InternalErrorException")
        refused("sign_in_unavailable", lambda: sign_in(pool, wall))


def test_a_pool_that_is_not_reached_is_said_to_be_so(wall):
    class Unreachable:
        def admin_initiate_auth(self, **_request):
            raise EndpointConnectionError(endpoint_url="https://cognito")

    refused("sign_in_unavailable", lambda: sign_in(UserPool("pool", "client", Unreachable()), wall))


def test_a_session_that_ended_already_is_signed_out_again(stubbed, wall):
    pool, answers = stubbed
    answers.add_client_error("revoke_token", "NotAuthorizedException")
    sessions.sign_out(ticket(wall), pool, SEAL, wall)


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
        answers.add_client_error("admin_initiate_auth", code, f"drv_secret {OWN}")
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
            SignIns("us-east-1_people", cognito).invite("drv_1", driver_input().email)


def test_a_sign_in_that_an_interrupted_registration_left_behind_is_used():
    cognito = boto3.client("cognito-idp", region_name="us-east-1")
    with Stubber(cognito) as answers:
        answers.add_client_error("admin_create_user", "UsernameExistsException")
        answers.add_response("admin_add_user_to_group", {})
        SignIns("us-east-1_people", cognito).invite("drv_1", "nia@example.com")
        answers.assert_no_pending_responses()


def test_calls_by_which_people_sign_in_are_signed_with_no_credentials_of_ours():
    assert settings().stage
    signed = {}
    cognito = boto3.client("cognito-idp", region_name="us-east-1", config=Config(signature_version=UNSIGNED))
    cognito.meta.events.register("before-send.cognito-idp", lambda request, **_: signed.update(request.headers))
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it answers
        cognito.revoke_token(ClientId="client", Token="token")
    assert signed
    assert "Authorization" not in signed


class Pool:
    """A user pool with one person, who may have a second factor; the deployed tests have a real one."""

    def __init__(self, *groups, secret=None):
        self.groups, self.secret, self.pending, self.revoked = groups, secret, None, set()

    def _session(self, **more):
        return Session("mira", self.groups, "access", 1800, **more)

    def sign_in(self, username, password):
        if self.secret:
            return Session(username, challenge=challenge(ChallengeKind.TOTP, "cognito" * 4))
        return self._session(refresh_token="refresh")

    def answer(self, username, kind, session, answer):
        assert (kind, session) == (ChallengeKind.TOTP, "cognito" * 4)
        return self._session(refresh_token="refresh", second_factor=True)

    def new_totp_secret(self, access_token):
        self.pending = "JBSWY3DPEHPK3PXP"
        return self.pending

    def turn_totp_on(self, access_token, code):
        if code != "123456":
            raise wrong_code()
        self.secret = self.pending

    def refresh(self, refresh_token):
        assert refresh_token == "refresh"
        if refresh_token in self.revoked:
            raise no_session()
        return self._session()

    def revoke(self, refresh_token):
        self.revoked.add(refresh_token)


def answered(challenged, code, pool, wall):
    request = AnswerInput(username="mira", kind=challenged.kind, session=challenged.session, answer=code)
    return sessions.answer(request, ADDRESS, pool, SEAL, wall)


def signed_in(pool, wall):
    """Return the session of somebody who showed a second factor."""
    request = AnswerInput(username="mira", kind="totp", session=asked(wall, "totp"), answer="123456")
    return sessions.answer(request, ADDRESS, pool, SEAL, wall)


def test_a_page_never_gets_a_session_under_which_cognito_itself_could_be_answered(wall):
    pool = Pool("administrator", secret="set up before")
    told = sign_in(pool, wall, username="mira").challenge
    assert "cognito" not in told.session
    assert answered(told, "123456", pool, wall).access_token
    for session in ("cognito" * 4, asked(wall, "new_password"), ticket(wall)):
        other = told.model_copy(update={"session": session})
        refused("challenge_over", lambda other=other: answered(other, "123456", pool, wall))
    wall.advance(TO_ANSWER + timedelta(seconds=1))
    refused("challenge_over", lambda: answered(told, "123456", pool, wall))


@pytest.mark.parametrize("role", Role)
def test_staff_get_no_token_before_they_have_set_up_a_second_factor(wall, role):
    pool = Pool(role)
    waiting = sign_in(pool, wall, username="mira")
    assert (waiting.access_token, waiting.refresh_token, waiting.ticket) == (None, None, None)
    assert waiting.groups == ()
    assert waiting.challenge.kind is ChallengeKind.TOTP_SETUP
    assert waiting.challenge.secret in waiting.challenge.uri
    refused("wrong_code", lambda: answered(waiting.challenge, "654321", pool, wall))
    assert pool.secret is None
    entered = answered(waiting.challenge, "123456", pool, wall)
    assert (entered.access_token, entered.groups, entered.challenge) == ("access", (role,), None)
    assert sessions.refresh(entered.ticket, pool, SEAL, wall).access_token == "access"


def test_drivers_sign_in_without_a_second_factor(wall):
    assert sign_in(Pool("drivers"), wall, username="mira").access_token == "access"


def test_a_set_up_ends_after_some_minutes_and_takes_only_what_was_sealed_for_it(wall):
    pool = Pool(Role.SUPPORT)
    waiting = sign_in(pool, wall, username="mira").challenge
    for made_up in (ticket(wall), waiting.session[:-4] + "AAAA", "x" * 30):
        other = waiting.model_copy(update={"session": made_up})
        refused("challenge_over", lambda other=other: answered(other, "123456", pool, wall))
    wall.advance(SET_UP + timedelta(seconds=2))
    refused("challenge_over", lambda: answered(waiting, "123456", pool, wall))
    assert pool.secret is None


def test_a_cookie_from_before_somebody_got_a_role_opens_nothing_any_more(wall):
    pool = Pool("drivers")
    cookie = sign_in(pool, wall, username="mira").ticket
    assert sessions.refresh(cookie, pool, SEAL, wall).access_token
    pool.groups = ("drivers", Role.FINANCE)
    refused("no_session", lambda: sessions.refresh(cookie, pool, SEAL, wall))
    assert pool.revoked == {"refresh"}


def test_a_session_of_staff_ends_after_an_hour_in_which_nobody_asked(wall):
    pool = Pool(Role.DISPATCHER)
    session = signed_in(pool, wall)
    assert session.ticket_s == IDLE_OF_STAFF.total_seconds()
    wall.advance(IDLE_OF_STAFF - timedelta(minutes=1))
    later = sessions.refresh(session.ticket, pool, SEAL, wall)
    wall.advance(timedelta(minutes=2))
    refused("no_session", lambda: sessions.refresh(session.ticket, pool, SEAL, wall))
    pool.revoked.clear()
    assert sessions.refresh(later.ticket, pool, SEAL, wall).access_token


def test_a_session_of_staff_ends_after_twelve_hours_however_busy(wall):
    pool = Pool(Role.ADMINISTRATOR)
    session = signed_in(pool, wall)
    for _ in range(LONGEST_OF_STAFF // timedelta(minutes=30) - 1):
        wall.advance(timedelta(minutes=30))
        session = sessions.refresh(session.ticket, pool, SEAL, wall)
    assert session.ticket_s == 1800
    wall.advance(timedelta(minutes=30))
    refused("no_session", lambda: sessions.refresh(session.ticket, pool, SEAL, wall))
    assert pool.revoked == {"refresh"}


def test_a_session_of_a_driver_lasts_thirty_days_however_idle(wall):
    pool = Pool("drivers")
    session = sign_in(pool, wall, username="mira")
    assert session.ticket_s == LONGEST.total_seconds()
    wall.advance(LONGEST - timedelta(seconds=1))
    assert sessions.refresh(session.ticket, pool, SEAL, wall).ticket is None
    wall.advance(timedelta(seconds=2))
    refused("no_session", lambda: sessions.refresh(session.ticket, pool, SEAL, wall))


def test_a_refresh_token_itself_is_no_cookie(wall):
    refused("no_session", lambda: sessions.refresh("refresh", Pool("drivers"), SEAL, wall))


def test_a_cookie_has_room_for_the_longest_refresh_token(wall):
    now = wall.now()
    longest = Ticket(refresh_token="x" * 2600, second_factor=True, began_at=now, seen_at=now)
    assert len(SEAL.close(longest, now)) + len("__Secure-session=") < 4096
