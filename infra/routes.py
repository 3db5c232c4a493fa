"""Every route of the HTTP API, who may call it, and the function that answers. Needs no CDK to be read."""

from dataclasses import dataclass
from enum import Enum


class Auth(Enum):
    """How a caller proves who they are, and who looks."""

    JWT = "a Cognito access token, checked before the function is called; the function checks the group"
    KEY = "The function checks the merchant's API key: an HTTP API has none of its own"
    HMAC = "The function checks the signature or the secret of a shop or another system that sends orders"
    LINK = "The page is for whoever holds the link: the function checks the signed, expiring token in the path"


@dataclass(frozen=True)
class Throttle:
    """A route's limit at API Gateway: calls a second in the long run, and at once after a pause."""

    rate: int
    burst: int


MERCHANTS = Throttle(500, 1000)
"""The limit of a merchant's route. Each merchant has a limit of its own besides, which the function checks."""

FREQUENT = Throttle(200, 200)
"""The limit of routes that every driver's phone asks again and again."""

DRIVERS = Throttle(100, 100)
STAFF_AT_WORK = Throttle(10, 20)
SHOPS = Throttle(50, 100)
CUSTOMERS = Throttle(100, 200)

ACCOUNT_LIMIT = Throttle(10_000, 5_000)
"""API Gateway's limit for all APIs of an account in a region, unless AWS was asked for more."""


@dataclass(frozen=True)
class Route:
    """``METHOD /path`` and who answers.

    Parameters
    ----------
    often : bool
        Whether every driver's phone asks it again and again.
    """

    on: str
    function: str
    auth: Auth = Auth.JWT
    often: bool = False

    @property
    def throttle(self) -> Throttle:
        """The limit of a route, by who calls: strangers can't use up what merchants need."""
        by_auth = {Auth.KEY: MERCHANTS, Auth.HMAC: SHOPS, Auth.LINK: CUSTOMERS}
        if self.auth in by_auth:
            return by_auth[self.auth]
        if self.path.startswith(f"{DRIVER}/"):
            return FREQUENT if self.often else DRIVERS
        return STAFF_AT_WORK

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.on.split()[0]

    @property
    def path(self) -> str:
        """The path with its parameters."""
        return self.on.split()[1]


STAFF = "/v1/staff"
DRIVER = "/v1/driver"
ACCOUNT = "/v1/account"
OF_MERCHANT = f"{STAFF}/merchants/{{merchant_id}}"

ROUTES = (
    # merchants' systems
    Route("POST /v1/quotes", "intake/quotes_api", Auth.KEY),
    Route("GET /v1/quotes/{quote_id}", "intake/quotes_api", Auth.KEY),
    Route("POST /v1/deliveries", "intake/deliveries_api", Auth.KEY),
    Route("POST /v1/deliveries/bulk", "intake/deliveries_api", Auth.KEY),
    Route("POST /v1/jobs", "intake/deliveries_api", Auth.KEY),
    Route("GET /v1/jobs/{job_id}", "intake/deliveries_api", Auth.KEY),
    Route("GET /v1/deliveries", "intake/deliveries_api", Auth.KEY),
    Route("GET /v1/days/{day}/deliveries", "intake/deliveries_api", Auth.KEY),
    Route("GET /v1/deliveries/{delivery_id}", "intake/deliveries_api", Auth.KEY),
    Route("PATCH /v1/deliveries/{delivery_id}", "intake/changes_api", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/cancel", "intake/deliveries_api", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/ready", "intake/changes_api", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/tip", "intake/changes_api", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/redeliver", "intake/changes_api", Auth.KEY),
    Route("GET /v1/events", "notify/events_api", Auth.KEY),
    Route("GET /v1/deliveries/{delivery_id}/notices", "notify/events_api", Auth.KEY),
    Route(f"GET {ACCOUNT}/endpoints", "notify/account_api", Auth.KEY),
    Route(f"POST {ACCOUNT}/endpoints", "notify/account_api", Auth.KEY),
    Route(f"GET {ACCOUNT}/endpoints/{{endpoint_id}}", "notify/account_api", Auth.KEY),
    Route(f"PATCH {ACCOUNT}/endpoints/{{endpoint_id}}", "notify/account_api", Auth.KEY),
    Route(f"DELETE {ACCOUNT}/endpoints/{{endpoint_id}}", "notify/account_api", Auth.KEY),
    Route(f"POST {ACCOUNT}/endpoints/{{endpoint_id}}/rotate-secret", "notify/account_api", Auth.KEY),
    Route(f"POST {ACCOUNT}/endpoints/{{endpoint_id}}/test", "notify/account_api", Auth.KEY),
    Route(f"GET {ACCOUNT}/endpoints/{{endpoint_id}}/attempts", "notify/account_api", Auth.KEY),
    Route(f"POST {ACCOUNT}/endpoints/{{endpoint_id}}/replay", "notify/account_api", Auth.KEY),
    Route(f"GET {ACCOUNT}/endpoints/{{endpoint_id}}/replays/{{replay_id}}", "notify/account_api", Auth.KEY),
    Route("POST /v1/deliveries/import", "intake/deliveries_api", Auth.KEY),
    Route("POST /v1/sources/bigcommerce/{merchant_id}/orders", "intake/sources_api", Auth.HMAC),
    Route("POST /v1/sources/shopify/{merchant_id}/orders", "intake/sources_api", Auth.HMAC),
    Route("POST /v1/sources/woocommerce/{merchant_id}/orders", "intake/sources_api", Auth.HMAC),
    Route("POST /v1/sources/webhook/{merchant_id}/orders", "intake/sources_api", Auth.HMAC),
    Route(f"GET {ACCOUNT}/sources/{{source}}", "intake/sources_api", Auth.KEY),
    Route(f"PATCH {ACCOUNT}/sources/{{source}}", "intake/sources_api", Auth.KEY),
    Route(f"GET {ACCOUNT}/sources/{{source}}/messages", "intake/sources_api", Auth.KEY),
    Route(f"POST {ACCOUNT}/sources/{{source}}/messages/{{message_id}}/retry", "intake/sources_api", Auth.KEY),
    Route("GET /v1/account", "merchants/account_api", Auth.KEY),
    Route("PATCH /v1/account", "merchants/account_api", Auth.KEY),
    Route("GET /v1/account/keys", "merchants/account_api", Auth.KEY),
    Route("POST /v1/account/keys", "merchants/account_api", Auth.KEY),
    Route("POST /v1/account/keys/{key_id}/rotate", "merchants/account_api", Auth.KEY),
    Route("DELETE /v1/account/keys/{key_id}", "merchants/account_api", Auth.KEY),
    # customers
    Route("GET /v1/track/{token}", "tracking/track_api", Auth.LINK),
    # drivers
    Route(f"GET {DRIVER}/me", "drivers/duty_api"),
    Route(f"POST {DRIVER}/duty", "drivers/duty_api"),
    Route(f"DELETE {DRIVER}/duty", "drivers/duty_api"),
    Route(f"POST {DRIVER}/positions", "tracking/positions_api", often=True),
    Route(f"GET {DRIVER}/offers", "dispatch/offers_api", often=True),
    Route(f"POST {DRIVER}/offers/{{offer_id}}/accept", "dispatch/offers_api"),
    Route(f"POST {DRIVER}/offers/{{offer_id}}/decline", "dispatch/offers_api"),
    Route(f"GET {DRIVER}/route", "proof/stops_api", often=True),
    Route(f"POST {DRIVER}/route/confirm", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/depart", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/arrive", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/unassign", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/pick-up", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/deliver", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/fail", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/return", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/proofs", "proof/stops_api"),
    Route(f"GET {DRIVER}/earnings", "settlement/earnings_api"),
    # staff
    Route(f"GET {STAFF}/merchants", "merchants/staff_api"),
    Route(f"POST {STAFF}/merchants", "merchants/staff_api"),
    Route(f"GET {STAFF}/merchants/{{merchant_id}}", "merchants/staff_api"),
    Route(f"PATCH {STAFF}/merchants/{{merchant_id}}", "merchants/staff_api"),
    Route(f"POST {STAFF}/merchants/{{merchant_id}}/keys", "merchants/staff_api"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/keys/{{key_id}}", "merchants/staff_api"),
    Route(f"GET {OF_MERCHANT}/endpoints", "notify/staff_api"),
    Route(f"POST {OF_MERCHANT}/endpoints", "notify/staff_api"),
    Route(f"GET {OF_MERCHANT}/endpoints/{{endpoint_id}}", "notify/staff_api"),
    Route(f"PATCH {OF_MERCHANT}/endpoints/{{endpoint_id}}", "notify/staff_api"),
    Route(f"DELETE {OF_MERCHANT}/endpoints/{{endpoint_id}}", "notify/staff_api"),
    Route(f"POST {OF_MERCHANT}/endpoints/{{endpoint_id}}/rotate-secret", "notify/staff_api"),
    Route(f"POST {OF_MERCHANT}/endpoints/{{endpoint_id}}/test", "notify/staff_api"),
    Route(f"GET {OF_MERCHANT}/endpoints/{{endpoint_id}}/attempts", "notify/staff_api"),
    Route(f"POST {OF_MERCHANT}/endpoints/{{endpoint_id}}/replay", "notify/staff_api"),
    Route(f"GET {OF_MERCHANT}/endpoints/{{endpoint_id}}/replays/{{replay_id}}", "notify/staff_api"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/bigcommerce", "merchants/staff_api"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/bigcommerce", "merchants/staff_api"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/shopify", "merchants/staff_api"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/shopify", "merchants/staff_api"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/woocommerce", "merchants/staff_api"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/woocommerce", "merchants/staff_api"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/webhook-source", "merchants/staff_api"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/webhook-source", "merchants/staff_api"),
    Route(f"GET {STAFF}/zones", "drivers/staff_api"),
    Route(f"GET {STAFF}/zones/{{zone_id}}", "drivers/staff_api"),
    Route(f"PUT {STAFF}/zones/{{zone_id}}", "drivers/staff_api"),
    Route(f"GET {STAFF}/drivers", "drivers/staff_api"),
    Route(f"POST {STAFF}/drivers", "drivers/staff_api"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}", "drivers/staff_api"),
    Route(f"PATCH {STAFF}/drivers/{{driver_id}}", "drivers/staff_api"),
    Route(f"DELETE {STAFF}/drivers/{{driver_id}}/duty", "drivers/staff_api"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}/route", "dispatch/staff_api"),
    Route(f"PUT {STAFF}/drivers/{{driver_id}}/route", "dispatch/staff_api"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/route/transfer", "dispatch/staff_api"),
    Route(f"DELETE {STAFF}/drivers/{{driver_id}}/person", "intake/staff_api"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/board", "dispatch/staff_api"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/plan", "dispatch/staff_api"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/traffic", "dispatch/staff_api"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/incidents", "dispatch/staff_api"),
    Route(f"POST {STAFF}/zones/{{zone_id}}/incidents", "dispatch/staff_api"),
    Route(f"DELETE {STAFF}/zones/{{zone_id}}/incidents/{{incident_id}}", "dispatch/staff_api"),
    Route(f"POST {STAFF}/zones/{{zone_id}}/day-plans", "dispatch/plan_day"),
    Route(f"GET {STAFF}/deliveries", "dispatch/staff_api"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}", "dispatch/staff_api"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/webhooks", "notify/staff_api"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/assign", "dispatch/staff_api"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/cancel", "dispatch/staff_api"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/complete", "proof/staff_api"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/fail", "proof/staff_api"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/proof", "proof/staff_api"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/held-pay", "proof/staff_api"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/release-pay", "proof/staff_api"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/refuse-pay", "proof/staff_api"),
    Route(f"DELETE {STAFF}/deliveries/{{delivery_id}}/contacts", "intake/staff_api"),
    Route(f"GET {STAFF}/ledger/trial-balance", "settlement/staff_api"),
    Route(f"POST {STAFF}/ledger/adjustments", "settlement/staff_api"),
    Route(f"POST {STAFF}/settlements", "settlement/staff_api"),
    Route(f"GET {STAFF}/settlements/{{period}}", "settlement/staff_api"),
    Route(f"GET {STAFF}/settlements/{{period}}/statements", "settlement/staff_api"),
)
