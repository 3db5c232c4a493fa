"""Secrets of endpoints in Secrets Manager."""

from crowdship.adapters.secrets import delete_secret, secret_fields, write_secret_fields
from crowdship.adapters.settings import secret_path
from crowdship.kernel.clock import Clock
from crowdship.notify.webhooks.endpoints.model import Endpoint
from crowdship.notify.webhooks.endpoints.signing import Signing


def secret_name(merchant_id: str, endpoint_id: str) -> str:
    """Return the name in Secrets Manager of the secret of one endpoint.

    Each endpoint has its own, so that two that are written at once don't undo each other.
    """
    return secret_path("endpoints", merchant_id, endpoint_id)


def write(endpoint: Endpoint, signing: Signing) -> None:
    """Write what signs for an endpoint."""
    write_secret_fields(secret_name(endpoint.merchant_id, endpoint.id), signing.model_dump(mode="json"))


def read(endpoint: Endpoint) -> Signing:
    """Return what signs for an endpoint, as it is in Secrets Manager now."""
    return Signing.model_validate(secret_fields(secret_name(endpoint.merchant_id, endpoint.id), fresh=True))


def delete(merchant_id: str, endpoint_id: str) -> None:
    """Delete what signs for an endpoint."""
    delete_secret(secret_name(merchant_id, endpoint_id))


def secrets_in_force(endpoint: Endpoint, wall: Clock) -> list[str]:
    """Return the secrets that sign an endpoint's webhooks now, newest first.

    Remembered secrets that are older than the endpoint's last rotation are read anew.
    """
    name = secret_name(endpoint.merchant_id, endpoint.id)
    signing = Signing.model_validate(secret_fields(name))
    if signing.version < endpoint.secret_version:
        signing = Signing.model_validate(secret_fields(name, fresh=True))
    return signing.in_force(wall.now())
