"""Limits on tries of a secret: of one user name, and from one address.

A try is taken before the secret is looked at, so that tries at once can't be more than those one after another, and is
given back if the secret was right. People who sign in properly therefore use up nothing, also hundreds of them behind
the one address of a mobile network.
"""

import hashlib
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from crowdship.kernel.buckets import Tries

OF_A_NAME = Tries(burst=10, interval_s=180)
"""At most 490 wrong tries of a user name in a day, whatever their addresses; Cognito's own lock-out comes on top."""

FROM_AN_ADDRESS = Tries(burst=60, interval_s=20)
CODES_FOR_A_NAME = Tries(burst=4, interval_s=900)
"""Codes that are mailed to a person who forgot the password; none of them is given back."""

CODES_FROM_AN_ADDRESS = Tries(burst=30, interval_s=60)

IPV6_PREFIX = 64
"""A household or a phone has that many bits of an IPv6 address to choose from."""


@dataclass(frozen=True)
class Taken:
    """One bucket that a try takes from."""

    key: str
    limit: Tries


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def network_of(address: str) -> str:
    """Return the network that counts as one address.

    Examples
    --------
    >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("192.0.2.7"), network_of("::ffff:192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7/32', '192.0.2.7/32')
    >>> network_of("unknown")
    'none'
    """
    try:
        known = ip_address(address)
    except ValueError:
        return "none"
    if known.version == 6 and known.ipv4_mapped:
        known = known.ipv4_mapped
    return str(ip_network((known, IPV6_PREFIX if known.version == 6 else 32), strict=False))


def tries_of(username: str, address: str) -> tuple[Taken, ...]:
    """Return the buckets that a try of a secret takes from; user names differ not by case."""
    return (
        Taken(f"SIGN-IN#NAME#{_digest(username.casefold())}", OF_A_NAME),
        Taken(f"SIGN-IN#ADDRESS#{_digest(network_of(address))}", FROM_AN_ADDRESS),
    )


def codes_of(username: str, address: str) -> tuple[Taken, ...]:
    """Return the buckets that a mailed code takes from."""
    return (
        Taken(f"CODE#NAME#{_digest(username.casefold())}", CODES_FOR_A_NAME),
        Taken(f"CODE#ADDRESS#{_digest(network_of(address))}", CODES_FROM_AN_ADDRESS),
    )
