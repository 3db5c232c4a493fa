"""API of merchants for their account: branding, store and keys."""

from datetime import timedelta
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, Api, serve
from crowdship.intake import accounts, logos
from crowdship.intake.accounts import AccountChange, AccountView
from crowdship.intake.logos import LogoView
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant, Scope
from crowdship.merchants.views import Keys, NewKey, OwnKeyInput, RotationInput

api = Api()
clock = clock_from()
PICTURES = {"PUT /v1/account/logo": ("image/png", "image/jpeg", "image/webp")}
"""The route that takes a picture as its body, with the kinds it takes."""


def _merchant() -> Merchant:
    return api.admit(merchants.authenticate, Scope.ACCOUNT)


@api.get("/v1/account", tags=["merchant"])
def read_account() -> AccountView:
    """Read the account."""
    return AccountView.of(merchants.get(_merchant().id))


@api.patch("/v1/account", tags=["merchant"])
def change_account(body: Annotated[AccountChange, Body()]) -> AccountView:
    """Change the account; null removes a value, and values that are left out stay."""
    return accounts.change_account(_merchant().id, body)


@api.put("/v1/account/logo", tags=["merchant"])
def put_logo() -> LogoView:
    """Send the logo that customers see: the file of a PNG, JPEG or WebP picture of at most 500 kB as the body.

    It is shown with at most 512 pixels each way; `logo_url` is its path on the pages' own origin.
    """
    return logos.put(_merchant().id, api.raw_body)


@api.delete("/v1/account/logo", status_code=204, tags=["merchant"])
def remove_logo() -> Response[None]:
    """Show no logo any more."""
    logos.remove(_merchant().id)
    return Response(204)


@api.get("/v1/account/keys", tags=["merchant"])
def list_keys() -> Keys:
    """List the API keys without their secrets, with the day on which each was used last."""
    return accounts.keys(_merchant().id)


@api.post("/v1/account/keys", status_code=201, tags=["merchant"])
def create_key(body: Annotated[OwnKeyInput, Body()]) -> Response[NewKey]:
    """Make an API key; it is shown this once. A test key acts in the sandbox."""
    return Response(201, JSON, NewKey.of(accounts.issue_key(_merchant().id, body, clock)))


@api.post("/v1/account/keys/<key_id>/rotate", tags=["merchant"])
def rotate_key(key_id: str, body: Annotated[RotationInput, Body()]) -> NewKey:
    """Give a key a new secret, shown this once; the replaced one works during a grace."""
    return NewKey.of(merchants.rotate_key(_merchant().id, key_id, timedelta(hours=body.grace_hours)))


@api.delete("/v1/account/keys/<key_id>", tags=["merchant"])
def delete_key(key_id: str) -> Keys:
    """Revoke a key; refused for the last one that may manage the account."""
    merchant = _merchant()
    merchants.revoke_own_key(merchant.id, key_id, clock)
    return accounts.keys(merchant.id)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context, PICTURES)
