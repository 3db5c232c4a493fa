"""What differs between deployments, read from the environment in one place."""

import os

PRIVATE_STAGES = frozenset({"local", "sandbox"})


def stage() -> str:
    """Return the stage of this deployment: local, sandbox or prod."""
    return os.environ.get("STAGE", "prod")


def private_urls_allowed() -> bool:
    """Return whether webhooks and payments may go to plain http and private addresses: never in production."""
    return stage() in PRIVATE_STAGES


def open_days_may_be_settled() -> bool:
    """Return whether a day may be settled before it is over: never in production, where the day's orders go on."""
    return stage() in PRIVATE_STAGES


def geocoder() -> str:
    """Return who tells where an address is: ``amazon``, or ``none``."""
    return os.environ.get("GEOCODER", "none")
