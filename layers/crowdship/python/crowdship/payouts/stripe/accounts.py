"""Connected accounts of drivers: Stripe's id of each, and the link by which a driver tells Stripe the rest.

Stripe asks drivers itself for what it needs, also for the bank account, so nothing of the vault goes to it.
"""

from typing import Any

from crowdship.adapters.storage import UnitOfWork
from crowdship.kernel.errors import StaleWrite
from crowdship.vault import service as vault
from crowdship.vault.applicants import ConnectedAccount, connected_account_token


def account_of(driver_id: str) -> str | None:
    """Return Stripe's id of a driver's connected account, or None if there is none."""
    known = vault.record(connected_account_token(driver_id), ConnectedAccount)
    return known.account_id if known else None


def keep(driver_id: str, account_id: str) -> None:
    """Keep Stripe's id of a driver's connected account; a driver who has one keeps it."""
    work = UnitOfWork()
    vault.keep(ConnectedAccount(id=connected_account_token(driver_id), account_id=account_id), work)
    try:
        work.commit()
    except StaleWrite:
        return


def opened(driver_id: str, country: str, client: Any) -> str:
    """Return the connected account of a driver, opened if there is none.

    Stripe decides about requirements and pays out only what the platform asks for.

    Parameters
    ----------
    client : stripe.StripeClient
        Of the platform's account.
    """
    if known := account_of(driver_id):
        return known
    made = client.v1.accounts.create(
        {
            "country": country,
            "business_type": "individual",
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
            "metadata": {"driver_id": driver_id},
        },
        {"idempotency_key": f"{driver_id}-account"},
    )
    keep(driver_id, made.id)
    return account_of(driver_id) or str(made.id)
