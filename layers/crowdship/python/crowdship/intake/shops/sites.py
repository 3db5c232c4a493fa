"""The site that a message names. The signature proves the sender; the site reveals a copied shop with its secret."""

from contextlib import suppress
from urllib.parse import urlsplit


def site_of(address: str) -> str:
    """Return the host of an address in a form that is equal for all spellings of one site.

    Ignored are the scheme, ``www.``, the port, the path, a trailing dot or slash, and case. An internationalised name
    is compared in its DNS encoding.
    """
    written = address.strip()
    host = (urlsplit(written if "//" in written else f"//{written}").hostname or "").rstrip(".").lower()
    with suppress(UnicodeError):
        host = host.encode("idna").decode()
    return host.removeprefix("www.")


def same_site(connected: str | None, stated: str | None) -> bool:
    """Return whether a message is of the connected shop; one without a site counts, as its signature was checked."""
    if connected is None or stated is None:
        return connected is stated
    try:
        return site_of(connected) == site_of(stated) != ""
    except ValueError:
        return False
