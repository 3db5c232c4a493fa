"""People sign in by the API's own routes: with a first password, with codes, again by their cookie, and out."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import boto3
import pyotp
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from crowdship.kernel.access import RIGHTS, Role
from crowdship.sessions.tries import OF_A_NAME
from local.running import RunningStack
from local.staff import member
from tests.api_calls import ok, problem
from tests.api_clients import Network

COOKIE = re.compile(r"session=(?P<token>[^;]*); Path=/v1/session; Max-Age=(?P<age>\d+); HttpOnly; SameSite=Strict")


def strong_password() -> str:
    return f"Aa1!{secrets.token_urlsafe(12)}"


@dataclass
class Device:
    """A browser at the API, with its cookie."""

    stack: RunningStack
    cookie: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str = "", body: Any = None, token: str | None = None) -> requests.Response:
        headers = dict(self.headers)
        if self.cookie is not None:
            headers["Cookie"] = f"theme=dark; session={self.cookie}"
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        answer = requests.request(
            method, f"{self.stack.api_url}/v1/session{path}", json=body, headers=headers, timeout=30
        )
        if told := answer.headers.get("set-cookie"):
            found = COOKIE.fullmatch(told)
            assert found, told
            self.cookie = found["token"] if found["age"] != "0" else None
        return answer

    def sign_in(self, username: str, password: str) -> requests.Response:
        return self("POST", body={"username": username, "password": password})

    def answer(self, challenged: dict[str, Any], answer: str) -> requests.Response:
        told = challenged["challenge"]
        body = {"username": challenged["username"], "kind": told["kind"], "session": told["session"], "answer": answer}
        return self("POST", "/answer", body)


@pytest.fixture
def device(stack: RunningStack) -> Device:
    return Device(stack)


@pytest.fixture
def pool(stack: RunningStack) -> Any:
    return stack.client("cognito-idp")


@pytest.fixture
def invited(stack: RunningStack, pool: Any) -> tuple[str, str]:
    """A driver's user name and first password, as the mail of the invitation has them."""
    name, password = f"drv_{secrets.token_hex(8)}", strong_password()
    where = {"UserPoolId": stack.outputs["UserPoolId"], "Username": name}
    email = [{"Name": "email", "Value": f"{name}@drivers.example"}, {"Name": "email_verified", "Value": "true"}]
    pool.admin_create_user(**where, UserAttributes=email, TemporaryPassword=password, MessageAction="SUPPRESS")
    pool.admin_add_user_to_group(**where, GroupName="drivers")
    return name, password


@pytest.fixture
def driver(stack: RunningStack, pool: Any, invited: tuple[str, str]) -> tuple[str, str]:
    """A driver's user name and own password."""
    name, password = invited
    pool.admin_set_user_password(
        UserPoolId=stack.outputs["UserPoolId"], Username=name, Password=password, Permanent=True
    )
    return name, password


def totp(secret: str, at: float | None = None) -> str:
    """Return the six digits that an authenticator app shows."""
    return pyotp.TOTP(secret).at(int(time.time() if at is None else at))


def may_call(stack: RunningStack, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{stack.api_url}/v1/driver/offers", headers=headers, timeout=30).status_code


def call_zones(stack: RunningStack, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{stack.api_url}/v1/staff/zones", headers=headers, timeout=30).status_code


def test_a_driver_signs_in_stays_and_signs_out(device: Device, driver: tuple[str, str], stack: RunningStack) -> None:
    answer = device.sign_in(*driver)
    session = ok(answer)
    assert session == {
        "username": driver[0],
        "groups": ["drivers"],
        "rights": [],
        "access_token": session["access_token"],
        "expires_in": 1800,
        "challenge": None,
    }
    assert answer.headers["cache-control"] == "no-store"
    assert may_call(stack, session["access_token"]) in (200, 404)

    again = ok(device("POST", "/refresh"))
    assert (again["username"], again["groups"]) == (driver[0], ["drivers"])
    assert may_call(stack, again["access_token"]) in (200, 404)

    former = device.cookie
    assert device("DELETE").status_code == 204
    assert device.cookie is None
    problem(Device(stack, former)("POST", "/refresh"), 401, "no_session")
    assert device("DELETE").status_code == 204


def test_an_e_mail_address_signs_its_driver_in(device: Device, driver: tuple[str, str]) -> None:
    name, password = driver
    assert ok(device.sign_in(f"{name}@drivers.example", password))["username"] == name


def test_the_first_password_is_replaced_by_a_strong_one(device: Device, invited: tuple[str, str]) -> None:
    name, first = invited
    challenged = ok(device.sign_in(name, first))
    assert (challenged["access_token"], challenged["challenge"]["kind"]) == (None, "new_password")
    assert device.cookie is None
    weak = problem(device.answer(challenged, "weak"), 422, "weak_password")
    assert "12 characters" in weak["detail"]
    assert {error["pointer"] for error in weak["errors"]} == {"/answer"}
    own = strong_password()
    made_up = {**challenged, "challenge": {**challenged["challenge"], "session": "A" * 60}}
    problem(device.answer(made_up, own), 401, "challenge_over")
    assert ok(device.answer(challenged, own))["groups"] == ["drivers"]
    problem(device.sign_in(name, first), 401, "wrong_credentials")
    assert ok(device.sign_in(name, own))["challenge"] is None


def test_a_second_factor_is_turned_on_and_asked_for(device: Device, driver: tuple[str, str]) -> None:
    token = ok(device.sign_in(*driver))["access_token"]
    given = ok(device("POST", "/totp", token=token), 201)
    assert given["uri"] == f"otpauth://totp/crowdship%3A{driver[0]}?secret={given['secret']}&issuer=crowdship"
    wrong = totp(given["secret"], at=0)
    problem(device("PUT", "/totp", {"code": wrong}, token), 401, "wrong_code")
    assert device("PUT", "/totp", {"code": totp(given["secret"])}, token).status_code == 204

    challenged = ok(device.sign_in(*driver))
    assert challenged["challenge"]["kind"] == "totp"
    problem(device.answer(challenged, wrong), 401, "wrong_code")
    assert ok(device.answer(challenged, totp(given["secret"])))["groups"] == ["drivers"]


@pytest.mark.parametrize("role", Role)
def test_staff_set_up_a_second_factor_before_they_get_a_token(device: Device, stack: RunningStack, role: Role) -> None:
    name = f"staff-{secrets.token_hex(6)}"
    password = member(stack, name, role)
    waiting = ok(device.sign_in(name, password))
    assert (waiting["access_token"], waiting["groups"], waiting["rights"]) == (None, [], [])
    assert waiting["challenge"]["kind"] == "totp_setup"
    assert device.cookie is None
    secret = waiting["challenge"]["secret"]
    problem(device.answer(waiting, totp(secret, at=0)), 401, "wrong_code")
    assert device.cookie is None
    session = ok(device.answer(waiting, totp(secret)))
    assert (session["groups"], set(session["rights"])) == ([role], set(RIGHTS[role]))
    assert call_zones(stack, session["access_token"]) == 200
    assert call_zones(stack, ok(device("POST", "/refresh"))["access_token"]) == 200

    other = Device(stack)
    asked = ok(other.sign_in(name, password))
    assert asked["challenge"]["kind"] == "totp"
    assert ok(other.answer(asked, totp(secret)))["groups"] == [role]
    problem(other.answer({**waiting, "challenge": {**waiting["challenge"], "session": "x" * 40}}, "123456"), 401)


def test_what_waits_for_a_second_factor_opens_nothing(device: Device, stack: RunningStack) -> None:
    name = f"staff-{secrets.token_hex(6)}"
    waiting = ok(device.sign_in(name, member(stack, name, Role.FINANCE)))
    sealed = waiting["challenge"]["session"]
    assert call_zones(stack, sealed) == 401
    device.cookie = sealed
    problem(device("POST", "/refresh"), 401, "no_session")


def test_nobody_gets_a_token_from_the_user_pool_itself(stack: RunningStack, driver: tuple[str, str]) -> None:
    name = f"staff-{secrets.token_hex(6)}"
    people = {"staff": (name, member(stack, name, Role.ADMINISTRATOR)), "driver": driver}
    unsigned = Config(signature_version=UNSIGNED)
    outside = boto3.client("cognito-idp", endpoint_url=stack.endpoint_url, region_name=stack.region, config=unsigned)
    for username, password in people.values():
        with pytest.raises(ClientError, match="flow not enabled"):
            outside.initiate_auth(
                AuthFlow="USER_PASSWORD_AUTH",
                ClientId=stack.outputs["UserPoolClientId"],
                AuthParameters={"USERNAME": username, "PASSWORD": password},
            )


def test_nobody_learns_whether_a_user_exists(device: Device, driver: tuple[str, str]) -> None:
    told = [
        problem(device.sign_in(name, strong_password()), 401, "wrong_credentials")["detail"]
        for name in (driver[0], f"drv_{secrets.token_hex(8)}")
    ]
    assert told[0] == told[1]
    answers = [device("POST", "/forgotten", {"username": name}) for name in (driver[0], f"drv_{secrets.token_hex(8)}")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2


def test_a_forgotten_password_is_replaced_by_a_mailed_code(device: Device, driver: tuple[str, str]) -> None:
    name, former = driver
    assert device("POST", "/forgotten", {"username": name}).status_code == 202
    body = {"username": name, "code": "654321", "new_password": "short"}
    problem(device("POST", "/forgotten/confirm", body), 422, "weak_password")
    own = strong_password()
    assert device("POST", "/forgotten/confirm", {**body, "new_password": own}).status_code == 204
    problem(device.sign_in(name, former), 401, "wrong_credentials")
    ok(device.sign_in(name, own))


def test_tries_of_a_name_end_whoever_makes_them_and_other_names_go_on(
    device: Device, driver: tuple[str, str], stack: RunningStack
) -> None:
    name, password = driver
    for _ in range(OF_A_NAME.burst):
        # The right password uses up nothing.
        ok(Device(stack).sign_in(name, password))
    for _ in range(OF_A_NAME.burst):
        problem(device.sign_in(name.upper(), strong_password()), 401, "wrong_credentials")
    refused = device.sign_in(name, password)
    problem(refused, 429, "too_many_attempts")
    assert 0 < int(refused.headers["retry-after"]) <= OF_A_NAME.interval_s
    problem(device.sign_in(f"drv_{secrets.token_hex(8)}", password), 401, "wrong_credentials")


def test_a_session_is_nobody_elses(device: Device, network: Network, driver: tuple[str, str]) -> None:
    staff = network.staff_member()
    device.cookie = staff["AccessToken"]
    problem(device("POST", "/refresh"), 401, "no_session")
    ok(device.sign_in(*driver))
    assert device.cookie
    sealed = device.cookie
    for changed in (sealed[:-6] + "AAAAAA", sealed[6:], staff["RefreshToken"]):
        device.cookie = changed
        problem(device("POST", "/refresh"), 401, "no_session")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_page_of_another_site_signs_nobody_in_or_out(device: Device, driver: tuple[str, str], site: str) -> None:
    ok(device.sign_in(*driver))
    device.headers["Sec-Fetch-Site"] = site
    for answer in (device.sign_in(*driver), device("POST", "/refresh"), device("DELETE")):
        problem(answer, 403, "wrong_site")
    device.headers["Sec-Fetch-Site"] = "same-origin"
    ok(device("POST", "/refresh"))


def test_no_log_has_a_password_a_code_or_a_token(device: Device, driver: tuple[str, str], stack: RunningStack) -> None:
    secret = strong_password()
    device.sign_in(driver[0], secret)
    session = ok(device.sign_in(*driver))
    ok(device("POST", "/refresh"))
    problem(device("POST", body={"username": driver[0], "password": secret, "more": secret}), 422)
    logs = stack.client("logs")
    text = ""
    for group in ("user/session", "api"):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/crowdship/local/{group}")
        text += "".join(event["message"] for page in pages for event in page["events"])
    assert "refused" in text
    for private in (secret, driver[1], session["access_token"], device.cookie or "none"):
        assert private not in text
