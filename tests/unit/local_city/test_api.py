import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3.util.retry

from local.city.api import AGAIN, Caller, Meter, RefusedError, fixed


class Platform:
    """Answers what it is told to, in this order, and 200 from then on."""

    def __init__(self):
        self.answers = deque()
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.path, self.headers["Authorization"]))
                status, headers, body = outer.answers.popleft() if outer.answers else (200, {}, {"fine": True})
                said = json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def platform():
    platform = Platform()
    yield platform
    platform.server.shutdown()
    platform.server.server_close()


@pytest.fixture
def slept(monkeypatch):
    pauses = []
    monkeypatch.setattr(urllib3.util.retry.time, "sleep", pauses.append)
    return pauses


def test_a_client_waits_as_long_as_it_is_asked_before_it_asks_again(platform, slept):
    platform.answers += [(429, {"Retry-After": "7"}, {"code": "too_many_requests"})] * 3
    assert Caller(platform.url, fixed("key")).get("/v1/deliveries/dlv_1") == {"fine": True}
    assert slept == [7, 7, 7]


def test_a_client_that_is_told_to_wait_again_and_again_gives_up_with_what_it_was_told(platform, slept):
    platform.answers += [(429, {"Retry-After": "1"}, {"code": "too_many_requests", "detail": "Slower."})] * 50
    with pytest.raises(RefusedError, match=r"429 too_many_requests.*Slower") as refused:
        Caller(platform.url, fixed("key")).get("/v1/deliveries/dlv_1")
    assert refused.value.status == 429
    assert slept == [1] * AGAIN.total


def test_a_fault_is_tried_again_and_counted(platform, slept):
    platform.answers += [(502, {}, {}), (503, {}, {})]
    meter = Meter()
    Caller(platform.url, fixed("key"), meter).post("/v1/quotes", {"any": 1})
    assert meter.faults == {"502": 1, "503": 1}
    assert len(meter.seconds) == 1
    assert len(platform.asked) == 3


def test_a_credential_that_ran_out_is_renewed_once(platform):
    platform.answers.append((401, {}, {"code": "bad_token"}))
    given = []

    def credential(renew):
        given.append(renew)
        return "new" if True in given else "old"

    Caller(platform.url, credential).get("/v1/driver/me")
    assert [authorization for _, authorization in platform.asked] == ["Bearer old", "Bearer new"]
    platform.answers += [(401, {}, {"code": "bad_token"})] * 2
    with pytest.raises(RefusedError, match="bad_token"):
        Caller(platform.url, credential).get("/v1/driver/me")


def test_a_refusal_is_told_at_once(platform, slept):
    platform.answers.append((422, {}, {"code": "too_far", "detail": "Too far."}))
    with pytest.raises(RefusedError, match="too_far"):
        Caller(platform.url, fixed("key")).post("/v1/quotes", {})
    assert len(platform.asked) == 1
    assert slept == []
