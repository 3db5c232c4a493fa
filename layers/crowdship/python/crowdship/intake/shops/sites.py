"""The site that a message says it comes from. The signature proves the sender; the site tells a copy of it apart."""

from contextlib import suppress
from urllib.parse import urlsplit


def site_of(address: str) -> str:
    """Return the host that an address names, without what differs between the spellings of one site.

    Those are the scheme, ``www.``, the port, the path, a trailing dot or slash, and case; a name in other letters is
    compared in its encoding for the DNS.
    """
    written = address.strip()
    host = (urlsplit(written if "//" in written else f"//{written}").hostname or "").rstrip(".").lower()
    with suppress(UnicodeError):
        host = host.encode("idna").decode()
    return host.removeprefix("www.")


def same_site(connected: str | None, stated: str | None) -> bool:
    """Return whether a message is of the shop that was connected; one without a name is known by its signature."""
    if connected is None or stated is None:
        return connected is stated
    try:
        return site_of(connected) == site_of(stated) != ""
    except ValueError:
        return False
