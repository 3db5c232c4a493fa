import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crowdship.notify.webhooks.delivery import outbound
from crowdship.notify.webhooks.delivery.outbound import ForbiddenAddress, addresses_of, post
from crowdship.notify.webhooks.endpoints.addresses import is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_the_open_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # instance metadata
        "169.254.170.2",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "::127.0.0.1",
        "::169.254.169.254",
        "64:ff9b:1::a9fe:a9fe",  # a network's own NAT64
        "2001:0:7f00:1::",  # Teredo
    ],
)
def test_inside_addresses_are_not_public_in_any_dress(address):
    assert not is_public(address)


@pytest.fixture(params=["prod", "sandbox"])
def production(monkeypatch, request):
    """Every stage in AWS: on each the function's own runtime API is at a private address."""
    monkeypatch.setenv("STAGE", request.param)


@pytest.fixture
def local(monkeypatch):
    monkeypatch.setenv("STAGE", "local")


def resolving_to(monkeypatch, *answers):
    """Make every look-up give the next of some answers; return the hosts that were looked up."""
    asked, queue = [], list(answers)

    def getaddrinfo(host, port, *args, **kwargs):
        if host.replace(".", "").isdigit():
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_one_inside_address_among_public_ones_is_enough_to_refuse(production, monkeypatch):
    resolving_to(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(ForbiddenAddress, match=r"10\.0\.0\.1"):
        addresses_of("shop.example", 443)


def test_stages_with_nothing_to_protect_may_call_themselves(local, monkeypatch):
    resolving_to(monkeypatch, ["127.0.0.1"])
    assert addresses_of("shop.example", 443) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://localhost/"]
)
def test_no_spelling_of_an_inside_address_is_called(production, url):
    assert post(url, b"{}", {}).error == "ForbiddenAddress"


def test_plain_http_is_not_called(production):
    assert post("http://example.com/", b"{}", {}).error == "NotHttps"


def test_the_name_is_resolved_once_and_that_address_is_dialled(production, monkeypatch):
    asked = resolving_to(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    dialled = []

    def dial(address, *args, **kwargs):
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outbound, "create_connection", dial)
    assert post("https://rebinding.example:8443/hook", b"{}", {}).error == "ConnectionRefusedError"
    assert asked == ["rebinding.example"]
    assert dialled == [("8.8.8.8", 8443)]


def slow_dials(monkeypatch, addresses):
    """Make a name lead to addresses that never answer; return how long each was waited for."""
    waited = []

    def dial(address, timeout, **options):
        waited.append(timeout)
        time.sleep(timeout)
        raise TimeoutError

    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(outbound, "create_connection", dial)
    resolving_to(monkeypatch, addresses)
    return waited


def test_many_dead_addresses_share_the_time_of_one(production, monkeypatch):
    waited = slow_dials(monkeypatch, ["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"])
    answer = post("https://shop.example/", b"{}", {})
    assert answer.error == "Timeout"
    assert answer.ms >= 500
    assert len(waited) == 5
    assert sum(waited) <= 0.5


def test_a_name_that_is_looked_up_for_ever_is_given_up_in_time(production, monkeypatch):
    woken = threading.Event()
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: woken.wait(60) and [])
    answer = post("https://shop.example/", b"{}", {})
    woken.set()
    assert answer.error == "Timeout"
    assert 500 <= answer.ms < 60_000


def test_a_slow_look_up_leaves_the_exchange_what_is_left(endpoint, monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 2.0)
    real = outbound.addresses_of
    monkeypatch.setattr(outbound, "addresses_of", lambda *asked: time.sleep(1.9) or real(*asked))
    answer = post(f"{endpoint.url}/dripping", b"{}", {})
    assert answer.error == "Timeout"
    assert 2000 <= answer.ms < 3900  # the whole time again for the exchange would be 3.9 s


def test_a_proxy_of_the_environment_is_not_used(production, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    resolving_to(monkeypatch, ["10.0.0.1"])
    assert post("https://shop.example/", b"{}", {}).error == "ForbiddenAddress"


class _Endpoint(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.path, body, dict(self.headers)))
        match self.path:
            case "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "/ok")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "/endless":
                self.send_response(200)
                self.end_headers()
                try:
                    while not self.server.closing.is_set():
                        self.wfile.write(b"x" * 65536)
                except OSError:
                    return
            case "/dripping":
                try:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                    while not self.server.closing.wait(0.1):
                        self.wfile.write(b"x: y\r\n")
                except OSError:
                    return
            case "/slow-down":
                self.send_response(429)
                self.send_header("Retry-After", "17")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case _:
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


@pytest.fixture
def endpoint(local):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    server.seen, server.closing = [], threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()


def test_the_body_arrives_as_the_bytes_that_were_signed(endpoint):
    body = '{"name":"Zoë"}'.encode()
    answer = post(f"{endpoint.url}/ok", body, {"webhook-id": "evt_1"})
    assert answer.status == 200
    path, seen, headers = endpoint.seen[0]
    assert (path, seen, headers["webhook-id"]) == ("/ok", body, "evt_1")


def test_a_redirect_is_an_answer_not_a_way(endpoint):
    assert post(f"{endpoint.url}/elsewhere", b"{}", {}).status == 302
    assert [path for path, *_ in endpoint.seen] == ["/elsewhere"]


def test_retry_after_comes_back(endpoint):
    answer = post(f"{endpoint.url}/slow-down", b"{}", {})
    assert (answer.status, answer.retry_after) == (429, "17")


def test_an_endless_answer_is_not_read(endpoint):
    answer = post(f"{endpoint.url}/endless", b"{}", {})
    assert answer.status == 200
    assert answer.ms < 60_000


def test_an_endpoint_that_drips_is_cut_off_when_its_time_is_up(endpoint, monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.5)
    answer = post(f"{endpoint.url}/dripping", b"{}", {})
    assert answer.error == "Timeout"
    assert 500 <= answer.ms < 60_000


def test_an_answered_post_leaves_no_watchdog_behind(endpoint):
    for path in ("/ok", "/slow-down", "/endless"):
        post(f"{endpoint.url}{path}", b"{}", {})
    watchdogs = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for watchdog in watchdogs:
        watchdog.join(timeout=2)
    assert not any(watchdog.is_alive() for watchdog in watchdogs)


def test_nobody_listening_is_an_answer_too(local):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = post(f"http://127.0.0.1:{taken.getsockname()[1]}/", b"{}", {})
    assert answer.error == "ConnectionRefusedError"


@pytest.mark.parametrize("url", ["https://", "https://:443/", "https://exa mple/", "https://[::1/"])
def test_a_broken_url_is_an_answer_too(production, url):
    assert post(url, b"{}", {}).error
