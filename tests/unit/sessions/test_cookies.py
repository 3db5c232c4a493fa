"""The cookie of a session."""

import pytest

from crowdship.sessions.cookies import MOST_CHARACTERS, cleared, kept, ticket_in
from crowdship.sessions.model import Session
from crowdship.sessions.views import SessionView


@pytest.mark.parametrize("secure", [True, False])
def test_what_is_kept_is_read_again_and_what_is_cleared_is_not(secure):
    set_by = kept(Session("drv_1", ticket="abc.def", ticket_s=60), secure=secure)["Set-Cookie"]
    assert ticket_in(["a=b", set_by.split("; ")[0]], secure=secure) == "abc.def"
    assert ticket_in([cleared(secure=secure)["Set-Cookie"].split("; ")[0]], secure=secure) is None


def test_in_aws_the_cookie_goes_over_tls_only_and_to_the_routes_of_sessions_only():
    attributes = kept(Session("drv_1", ticket="abc", ticket_s=60), secure=True)["Set-Cookie"].split("; ")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/v1/session"} < set(attributes)
    assert attributes[0].startswith("__Secure-")


def test_a_session_that_goes_on_keeps_its_cookie_and_no_cache_keeps_its_token():
    assert kept(Session("drv_1", access_token="x"), secure=True) == {"Cache-Control": "no-store"}


@pytest.mark.parametrize(
    "cookies", [[], ["session"], ["other=session=x"], ["session=" + "x" * (MOST_CHARACTERS + 1)], ["session=é"]]
)
def test_what_can_be_no_token_is_none(cookies):
    assert ticket_in(cookies, secure=False) is None


def test_a_refresh_token_is_in_no_answer_and_in_no_text_of_a_session():
    session = Session("drv_1", ("drivers",), "access", 3600, refresh_token="refresh", ticket="sealed")
    assert not [token for token in ("refresh", "sealed") if token in SessionView.of(session).model_dump_json()]
    assert not [token for token in ("access'", "refresh'", "sealed'") if token in repr(session)]
