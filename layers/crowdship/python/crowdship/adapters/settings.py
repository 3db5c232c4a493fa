"""What differs between deployments, read from the environment in one place."""

import os


def stage() -> str:
    """Return the stage of this deployment: local, sandbox or prod; prod if nothing says so."""
    return os.environ.get("STAGE", "prod")


def on_one_machine() -> bool:
    """Return whether this is the emulator on somebody's own machine: the only stage that is less strict than prod."""
    return stage() == "local"


def private_urls_allowed() -> bool:
    """Return whether webhooks and payments may go to plain http and private addresses.

    In AWS never, whatever the stage: a private address there is the function's own runtime API.
    """
    return on_one_machine()


def open_days_may_be_settled() -> bool:
    """Return whether a day may be settled before it is over. In AWS never: the day's orders go on."""
    return on_one_machine()


def secret_path(*parts: str) -> str:
    """Return the name in Secrets Manager of a secret that is made while this stage runs."""
    return "/".join(("crowdship", stage(), *parts))


def geocoder() -> str:
    """Return who tells where an address is: ``amazon``, or ``none``."""
    return os.environ.get("GEOCODER", "none")


def payout_provider() -> str:
    """Return the name of the provider that pays drivers, one of ``settlement/payouts/registry.py``."""
    return os.environ.get("PAYOUT_PROVIDER", "rail")


def payout_secret() -> str:
    """Return the ARN of the secret that holds the address and the key of the payout provider."""
    return os.environ["PAYMENT_RAIL_SECRET_ARN"]
