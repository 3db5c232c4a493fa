"""Secrets, read from Secrets Manager and kept for five minutes."""

import json
from typing import Any

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

CACHE_S = 300
_provider: SecretsProvider | None = None


def _secrets() -> SecretsProvider:
    global _provider
    if _provider is None:
        _provider = SecretsProvider()
    return _provider


def secret(name: str, max_age: int = CACHE_S, *, fresh: bool = False) -> str:
    """Return a secret string by name or ARN.

    Parameters
    ----------
    max_age : int
        Wall seconds for which a value that was read before is good enough.
    fresh : bool
        Whether to read it now in any case.

    Raises
    ------
    LookupError
        If there is none.
    GetParameterError
        If Secrets Manager can't be reached now.
    """
    try:
        return str(_secrets().get(name, max_age=max_age, force_fetch=fresh))
    except GetParameterError as error:
        # A service that can't be reached does not mean that there is no secret.
        if _says_that_there_is_none(error.__context__):
            raise LookupError(f"there is no secret {name}") from error
        raise


def _says_that_there_is_none(cause: BaseException | None) -> bool:
    if not isinstance(cause, ClientError):
        return False
    code = cause.response.get("Error", {}).get("Code")
    # A secret that is being deleted is refused as an invalid request.
    return code in ("ResourceNotFoundException", "InvalidRequestException")


def secret_fields(name: str, max_age: int = CACHE_S, *, fresh: bool = False) -> dict[str, Any]:
    """Return a secret that is a JSON object; empty if it was never written."""
    try:
        fields: dict[str, Any] = json.loads(secret(name, max_age, fresh=fresh))
    except LookupError:
        return {}
    return fields


def required_fields(name: str, fields: tuple[str, ...], max_age: int = CACHE_S) -> dict[str, Any]:
    """Return some fields of a secret that is a JSON object, in the order in which they are asked for.

    Raises
    ------
    LookupError
        If the secret lacks one of them, or it is empty.
    """
    held = secret_fields(name, max_age)
    missing = [field for field in fields if not held.get(field)]
    if missing:
        raise LookupError(f"the secret {name} lacks {missing}; it must hold {' and '.join(fields)}")
    return {field: held[field] for field in fields}


def write_secret_fields(name: str, fields: dict[str, Any]) -> None:
    """Create or replace a secret that is a JSON object.

    This process sees the change at once, others once their cached value is older than ``CACHE_S``.
    """
    client = boto3.client("secretsmanager")
    try:
        client.put_secret_value(SecretId=name, SecretString=json.dumps(fields))
    except client.exceptions.ResourceNotFoundException:
        client.create_secret(Name=name, SecretString=json.dumps(fields))
    _secrets().clear_cache()


def delete_secret(name: str) -> None:
    """Delete a secret, if there is one. Secrets Manager keeps it for its recovery window."""
    client = boto3.client("secretsmanager")
    try:
        client.delete_secret(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        return
    _secrets().clear_cache()
