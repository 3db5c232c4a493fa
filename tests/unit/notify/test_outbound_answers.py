"""Whatever an endpoint sends is an answer: no byte of it crashes a sender."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.notify.webhooks.delivery import outbound
from crowdship.notify.webhooks.delivery.answers import MAX_WAIT_S, EndpointAnswer, asked_wait_s, honoured_wait_s
from crowdship.notify.webhooks.delivery.outbound import LONGEST_WISH, post, wish_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Peer:
    """A server that answers each caller with the same bytes, whatever it was asked."""

    def __init__(self):
        self.says, self.asked = b"", 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/hook?x=1"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line:
                self.asked += 1
                asked = b""
                while not asked.endswith(b"{}") and (more := line.recv(65536)):
                    asked += more
                try:
                    line.sendall(self.says)
                except OSError:
                    continue

    def close(self):
        self._listening.close()


@pytest.fixture(scope="module")
def peer():
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture(autouse=True)
def local(monkeypatch):
    monkeypatch.setenv("STAGE", "local")


def head(*lines, status="200 OK"):
    return b"\r\n".join([f"HTTP/1.1 {status}".encode(), *lines, b"", b""])


FAR = b"Retry-After: Mon, 01 Jan 99999999999999999999 00:00:00 GMT"


@pytest.mark.parametrize(
    ("says", "status"),
    [
        (head(FAR, status="503 Service Unavailable"), 503),
        (head(b"Retry-After: -5", status="503 x"), 503),
        (head(b"Retry-After: \xff\xfe", status="503 x"), 503),
        (head(b"Retry-After: 5", b"Retry-After: 500000", status="503 x"), 503),
        (head(b"Content-Type: text/html; charset"), 200),
        (head(b"Content-Type: \xff; charset=\xff"), 200),
        (head(b"Content-Length: -1"), 200),
        (head(b"Content-Length: many"), 200),
        (head(b"Content-Encoding: gzip") + b"no gzip", 200),
        (head(b"Transfer-Encoding: chunked") + b"zz\r\nnonsense", 200),
        (head(b"Set-Cookie: a=b; expires=Mon, 01 Jan 99999999999 00:00:00 GMT; max-age=" + b"9" * 400), 200),
        (head(b"Location: http://[::1", status="302 Found"), 302),
        (head(b"Location: \xff\xfe\xfd", status="302 Found"), 302),
        (head(b"Location: /hook?x=1", status="307 Again"), 307),
        (head(b"X: " + b"x" * 60_000), 200),
        (head(b"no colon here"), 200),
        (head(status="299 " + "reason" * 100), 299),
    ],
)
def test_a_status_counts_whatever_comes_with_it(peer, says, status):
    peer.says, peer.asked = says, 0
    answer = post(peer.url, b"{}", {})
    assert (answer.status, answer.error, peer.asked) == (status, None, 1)


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"<html>HTTP/0.9 had no status</html>",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        head(b"Content-Length: 5", b"Content-Length: 6"),
        b"\x00" * 100,
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_no_answer_is_a_failed_attempt_with_a_name(peer, says):
    peer.says, peer.asked = says, 0
    answer = post(peer.url, b"{}", {})
    assert answer.status is None
    assert answer.error
    assert peer.asked == 1, "one attempt is one request"


@given(st.binary(max_size=200), st.binary(max_size=200))
@settings(max_examples=60)
def test_no_bytes_of_a_peer_raise(peer, value, after):
    peer.says = b"HTTP/1.1 503 x\r\nRetry-After: " + value + b"\r\n\r\n" + after
    assert isinstance(post(peer.url, b"{}", {}), EndpointAnswer)


def test_a_redirect_with_an_endless_body_is_not_read(peer, monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 30.0)
    peer.says = head(b"Location: /", status="302 Found") + b"x" * 50_000_000
    began = time.monotonic()
    assert post(peer.url, b"{}", {}).status == 302
    assert time.monotonic() - began < 30


@given(st.one_of(st.text(max_size=60), st.integers().map(str), st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ \S+")))
def test_any_wish_is_seconds_of_a_day_at_most(value):
    assert 0 <= asked_wait_s(value, NOW) <= MAX_WAIT_S
    assert 0 <= honoured_wait_s(EndpointAnswer(status=503, retry_after=value), NOW) <= MAX_WAIT_S


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17),
        (" 17 ", 17),
        ("9" * 400, MAX_WAIT_S),
        ("-5", 0),
        ("1.5", 0),
        ("١٧", 0),
        ("²", 0),
        ("Mon, 01 Jun 2026 12:01:00 GMT", 60),
        ("Mon, 01 Jun 2020 12:01:00 GMT", 0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 0),
        ("Mon, 31 Feb 2027 00:00:00 GMT", 0),
        ("Mon, 01 Jun 2026 12:01:00 +99999999999", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_a_wish_that_can_not_be_read_is_none(value, seconds):
    assert asked_wait_s(value, NOW) == seconds


def test_two_wishes_that_contradict_each_other_are_none():
    assert wish_of(["5", "5"]) == "5"
    assert wish_of(["5", "6"]) is None
    assert wish_of(["5" * (LONGEST_WISH + 1)]) is None
    assert wish_of(["\x00"]) is None
    assert wish_of([]) is None


def test_a_peer_that_drips_its_headers_is_cut_off(monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        closing = threading.Event()

        def drip():
            line, _ = listening.accept()
            with line:
                while not closing.wait(0.05):
                    try:
                        line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                    except OSError:
                        return

        threading.Thread(target=drip, daemon=True).start()
        answer = post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {})
        closing.set()
    assert answer.error == "Timeout"
    assert timedelta(milliseconds=answer.ms) < timedelta(seconds=30)
