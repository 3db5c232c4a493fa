"""The secret with which webhooks of an endpoint are signed: its name in Secrets Manager."""

from crowdship.adapters.settings import secret_path


def secret_name(merchant_id: str, endpoint_id: str) -> str:
    """Return the name in Secrets Manager of what signs for one endpoint.

    Each has a secret of its own, so that two that are written at once don't undo each other.
    """
    return secret_path("endpoints", merchant_id, endpoint_id)
