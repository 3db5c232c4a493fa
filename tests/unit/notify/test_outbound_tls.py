import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crowdship.notify.webhooks.delivery import outbound
from crowdship.notify.webhooks.delivery.outbound import post

NAME = "shop.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for one name, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "shop.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Shop:
    """A TLS server of a merchant that notes the name it was asked for, and answers 200 or drips."""

    def __init__(self, certificate):
        self.names, self.drips, self.closing = [], False, threading.Event()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while not self.closing.is_set():
            try:
                line, _ = self.listening.accept()
                with self.context.wrap_socket(line, server_side=True) as caller:
                    asked = b""
                    # Closing over unread bytes would reset the connection.
                    while not asked.endswith(b"{}") and (more := caller.recv(65536)):
                        asked += more
                    caller.sendall(b"HTTP/1.1 200 OK\r\n")
                    while self.drips and not self.closing.wait(0.1):
                        caller.sendall(b"x: y\r\n")
                    caller.sendall(b"Content-Length: 0\r\n\r\n")
            except OSError:
                continue

    def close(self):
        self.closing.set()
        self.listening.close()


@pytest.fixture
def shop(certificate, monkeypatch):
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setattr("certifi.where", lambda: str(certificate))
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **options: real("127.0.0.1" if host.endswith(".example") else host, *rest, **options),
    )
    shop = Shop(certificate)
    yield shop
    shop.close()


def test_dialling_an_address_keeps_the_name_for_tls(shop):
    assert post(f"https://{NAME}:{shop.port}/hook", b"{}", {}).status == 200
    assert shop.names == [NAME]


def test_a_certificate_for_another_name_is_refused(shop):
    assert post(f"https://other.example:{shop.port}/hook", b"{}", {}).error == "SSLCertVerificationError"


def test_a_certificate_that_nobody_vouches_for_is_refused(shop, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("STAGE", "local")
    assert post(f"https://127.0.0.1:{shop.port}/hook", b"{}", {}).error == "SSLCertVerificationError"


def test_an_endpoint_that_drips_over_tls_is_cut_off_too(shop, monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.5)
    shop.drips = True
    answer = post(f"https://{NAME}:{shop.port}/hook", b"{}", {})
    assert answer.error == "Timeout"
    assert 500 <= answer.ms < 60_000


def test_silence_in_the_handshake_is_cut_off_too(monkeypatch):
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answer = post(f"https://127.0.0.1:{silent.getsockname()[1]}/", b"{}", {})
    assert answer.error == "Timeout"
    assert 500 <= answer.ms < 60_000
