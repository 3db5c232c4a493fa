"""Addresses that may be called for a merchant: https, by name, on the open internet."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from crowdship.kernel.errors import Unprocessable

NAT64 = IPv6Network("64:ff9b::/96")
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
IPV4_COMPATIBLE = IPv6Network("::/96")
"""The form ``::127.0.0.1``, which is obsolete and used to get past filters."""

HTTPS_PORT = 443
FIRST_FREE_PORT = 1024
INSIDE_NAMES = (".internal", ".local", ".localhost", ".localdomain", ".home.arpa")


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the open internet, also behind the IPv6 forms of IPv4 addresses."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip in IPV4_COMPATIBLE or ip in NAT64_LOCAL:
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None) or ip
    return ip.is_global and not ip.is_multicast


def is_web_port(port: int) -> bool:
    """Return whether a port may be a web server's: that of https, or one that no other service owns."""
    return port == HTTPS_PORT or port >= FIRST_FREE_PORT


def checked_url(url: str, *, private_allowed: bool) -> str:
    """Return a URL that webhooks may be sent to.

    Only the URL itself is checked here. The name is resolved and its addresses are checked whenever something is sent.

    Raises
    ------
    Unprocessable
        If it is not https (plain http is for local stacks only), names no host or one of ours, carries a
        user or a fragment, or a port of another service.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unprocessable("bad_url", f"That is no URL: {error}.", "/url") from error
    if parts.scheme != "https" and not (private_allowed and parts.scheme == "http"):
        raise Unprocessable("insecure_url", f"The URL is {parts.scheme or 'none'}; it must be https.", "/url")
    if not parts.hostname or any(letter.isspace() for letter in url):
        raise Unprocessable("no_host", "The URL names no host; it must be like https://shop.example/hooks.", "/url")
    if parts.username is not None or parts.fragment:
        detail = "A user, a password and a fragment don't belong into the URL; the signature proves who sends."
        raise Unprocessable("bad_url", detail, "/url")
    if not private_allowed:
        _refuse_inside(parts.hostname, port or HTTPS_PORT)
    return url


def _refuse_inside(host: str, port: int) -> None:
    if not is_web_port(port):
        detail = f"Port {port} is no web server's; it may be {HTTPS_PORT}, or {FIRST_FREE_PORT} and above."
        raise Unprocessable("forbidden_port", detail, "/url")
    try:
        inside = not is_public(host)
    except ValueError:  # a name
        inside = f".{host}".rstrip(".").endswith(INSIDE_NAMES)
    if inside:
        raise Unprocessable("private_address", f"{host} is not on the open internet; give a public name.", "/url")
