"""Requests of drivers' apps that carry the digest of what the driver did."""

import json
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.adapters.actions import digest_of, identity_of, mismatch
from crowdship.adapters.http import DRIVERS, Api, serve

PATH = "/v1/driver/deliveries/dlv_1/deliver"


def event(method="POST", path=PATH, body=b"{}", in_base64=False, **headers):
    claims = {"username": "drv_1", "cognito:groups": "[drivers]"}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", **headers},
        "requestContext": {
            "http": {"method": method, "path": path},
            "requestId": "rid",
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims}},
        },
        "body": b64encode(body).decode() if in_base64 else body.decode(),
        "isBase64Encoded": in_base64,
    }


@given(st.binary(max_size=200), st.sampled_from(["POST", "PUT"]), st.sampled_from(["dlv_1", "dlv_2"]))
def test_an_action_is_taken_only_under_the_method_path_and_body_that_it_was_made_for(body, method, delivery):
    path = f"/v1/driver/deliveries/{delivery}/deliver"
    digest = digest_of("POST", PATH, b"{}")
    fits = (method, delivery, body) == ("POST", "dlv_1", b"{}")
    wrong = mismatch(event(method, path, body, True, **{"action-digest": digest}))
    assert (wrong is None) == fits
    for right in (digest_of(method, path, body), digest_of(method, path, body).upper()):
        assert mismatch(event(method, path, body, True, **{"action-digest": right})) is None


@pytest.mark.parametrize("digest", ["", "x", "é" * 64, "0" * 64])
def test_a_digest_that_is_none_is_no_right_one(digest):
    assert "Action-Digest" in mismatch(event(**{"action-digest": digest}))


def test_without_a_digest_and_outside_the_drivers_routes_nothing_is_compared():
    assert mismatch(event()) is None
    assert mismatch(event(path="/v1/staff/drivers", **{"action-digest": "0" * 64})) is None


def test_only_a_uuid_is_noted_as_the_actions_name():
    assert identity_of(event(**{"action-id": "0B8D3F0E-3F0C-4E8D-9F63-0F5E7C1D2A3B"})).startswith("0b8d3f0e")
    for said in ("", "Kim Lee", "0b8d3f0e", "0b8d3f0e-3f0c-4e8d-9f63-0f5e7c1d2a3b\n"):
        assert identity_of(event(**{"action-id": said})) is None
    assert identity_of(event()) is None


def test_a_mismatch_is_answered_before_anything_is_done():
    api, done = Api(), []

    @api.post("/v1/driver/deliveries/<delivery_id>/deliver")
    def deliver(delivery_id: str) -> dict[str, str]:
        done.append((delivery_id, api.caller(DRIVERS)))
        return {}

    other = digest_of("POST", PATH.replace("dlv_1", "dlv_2"), b"{}")
    answer = serve(api, event(**{"action-digest": other}), object())
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (400, "action_digest_mismatch")
    assert done == []
    right = digest_of("POST", PATH, b"{}")
    assert serve(api, event(**{"action-digest": right}), object())["statusCode"] == 200
    assert done == [("dlv_1", "drv_1")]
