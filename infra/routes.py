"""Every route of the HTTP API, with its callers and the function that answers. The module does not import the CDK.

The roles that may call a route of staff are in ``crowdship/kernel/access.py``, because the functions check them.
"""

from dataclasses import dataclass
from enum import Enum

from crowdship.adapters.audit.reads import PERSONAL
from crowdship.kernel.access import RIGHT_OF, Right, Role, roles_for


class Auth(Enum):
    """Ways in which a caller is authenticated, and the component that checks."""

    JWT = "a Cognito access token, checked before the function is called; the function checks the group and the role"
    KEY = "The function checks the merchant's API key: an HTTP API has none of its own"
    HMAC = "The function checks the signature or the secret of a shop or another system that sends orders"
    PROVIDER = "The function checks the signature of a company that does something for us"
    SESSION = "Whoever signs in has no token yet: the function checks the password, the code or the session's cookie"
    OPEN = "Everybody may call it: the function counts the calls of an address"
    LINK = "The page is open to every holder of the link: the function checks the signed, expiring token in the path"


@dataclass(frozen=True)
class Throttle:
    """A route's limit at API Gateway: sustained calls per second, and the size of a burst."""

    rate: int
    burst: int


MERCHANTS = Throttle(500, 1000)
"""The limit of a merchant's route for all merchants together. The function also checks a limit for each merchant."""

FREQUENT = Throttle(200, 200)
"""The limit of routes that every driver's phone polls."""

DRIVERS = Throttle(100, 40)
SELDOM = Throttle(10, 10)
"""The limit of what a driver does seldom."""

STAFF_AT_WORK = Throttle(10, 8)
SHOPS = Throttle(50, 100)
SIGN_INS = Throttle(10, 20)
"""The limit of signing in; a call for a new access token comes once an hour from each open page."""

APPLICANTS = Throttle(5, 10)
"""The limit of people who want to drive."""

PROVIDERS = Throttle(20, 40)
"""The limit of what providers report."""

CUSTOMERS = Throttle(100, 200)
CUSTOMER_ACTS = Throttle(10, 20)
"""The limit of what a customer asks or does once or twice; every burst counts against the account's."""

ACCOUNT_LIMIT = Throttle(10_000, 5_000)
"""API Gateway's default limit for all APIs of an account in a region."""


@dataclass(frozen=True)
class Route:
    """A route ``METHOD /path`` and the function that answers it.

    Parameters
    ----------
    often : bool
        Whether every driver's phone polls it.
    seldom : bool
        True if hardly any driver or customer ever calls it twice in a minute.
    """

    on: str
    function: str
    auth: Auth = Auth.JWT
    often: bool = False
    seldom: bool = False

    @property
    def throttle(self) -> Throttle:
        """The limit of a route, by its callers, so that strangers can't use up the calls of merchants."""
        if self.auth is Auth.LINK and (self.seldom or self.method != "GET"):
            return CUSTOMER_ACTS
        by_auth = {
            Auth.KEY: MERCHANTS,
            Auth.HMAC: SHOPS,
            Auth.PROVIDER: PROVIDERS,
            Auth.LINK: CUSTOMERS,
            Auth.SESSION: SIGN_INS,
            Auth.OPEN: APPLICANTS,
        }
        if self.auth in by_auth:
            return by_auth[self.auth]
        if self.path.startswith(SESSION):
            return SIGN_INS
        if self.path.startswith(f"{DRIVER}/"):
            return FREQUENT if self.often else SELDOM if self.seldom else DRIVERS
        return STAFF_AT_WORK

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.on.split()[0]

    @property
    def path(self) -> str:
        """The path with its parameters."""
        return self.on.split()[1]

    @property
    def is_for_staff(self) -> bool:
        """True if only staff may call it."""
        return self.path.startswith(f"{STAFF}/")

    @property
    def right(self) -> Right:
        """The right that a route of staff needs.

        Raises
        ------
        KeyError
            If the table of access has no line for it.
        """
        return RIGHT_OF[self.on]

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles of staff that may call it; none if it is for others."""
        return roles_for(self.on)

    @property
    def is_audited(self) -> bool:
        """True if its calls are noted in the audit trail: all of staff's that may change something or show people."""
        return self.is_for_staff and (self.method != "GET" or self.on in PERSONAL)


STAFF = "/v1/staff"
DRIVER = "/v1/driver"
ACCOUNT = "/v1/account"
SESSION = "/v1/session"
TEMPLATE = f"{ACCOUNT}/templates/{{kind}}/{{language}}/{{channel}}"
OF_APPLICATION = f"{STAFF}/applications/{{application_id}}"
OF_MERCHANT = f"{STAFF}/merchants/{{merchant_id}}"

ROUTES = (
    # merchants' systems
    Route("POST /v1/quotes", "merchant/quotes", Auth.KEY),
    Route("GET /v1/quotes/{quote_id}", "merchant/quotes", Auth.KEY),
    Route("POST /v1/deliveries", "merchant/deliveries", Auth.KEY),
    Route("POST /v1/deliveries/bulk", "merchant/deliveries", Auth.KEY),
    Route("POST /v1/jobs", "merchant/deliveries", Auth.KEY),
    Route("GET /v1/jobs/{job_id}", "merchant/deliveries", Auth.KEY),
    Route("GET /v1/deliveries", "merchant/deliveries", Auth.KEY),
    Route("GET /v1/days/{day}/deliveries", "merchant/deliveries", Auth.KEY),
    Route("GET /v1/deliveries/{delivery_id}", "merchant/deliveries", Auth.KEY),
    Route("PATCH /v1/deliveries/{delivery_id}", "merchant/changes", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/cancel", "merchant/deliveries", Auth.KEY),
    Route("GET /v1/deliveries/{delivery_id}/proof/verify", "merchant/proof", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/ready", "merchant/changes", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/tip", "merchant/changes", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/redeliver", "merchant/changes", Auth.KEY),
    Route("GET /v1/events", "merchant/event_log", Auth.KEY),
    Route("GET /v1/deliveries/{delivery_id}/notices", "merchant/messages", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/notices/lift", "merchant/messages", Auth.KEY),
    Route(f"GET {ACCOUNT}/templates", "merchant/messages", Auth.KEY),
    Route(f"PUT {TEMPLATE}", "merchant/messages", Auth.KEY),
    Route(f"DELETE {TEMPLATE}", "merchant/messages", Auth.KEY),
    Route(f"POST {TEMPLATE}/preview", "merchant/messages", Auth.KEY),
    Route(f"POST {TEMPLATE}/test", "merchant/messages", Auth.KEY),
    Route(f"GET {ACCOUNT}/endpoints", "merchant/webhooks", Auth.KEY),
    Route(f"POST {ACCOUNT}/endpoints", "merchant/webhooks", Auth.KEY),
    Route(f"GET {ACCOUNT}/endpoints/{{endpoint_id}}", "merchant/webhooks", Auth.KEY),
    Route(f"PATCH {ACCOUNT}/endpoints/{{endpoint_id}}", "merchant/webhooks", Auth.KEY),
    Route(f"DELETE {ACCOUNT}/endpoints/{{endpoint_id}}", "merchant/webhooks", Auth.KEY),
    Route(f"POST {ACCOUNT}/endpoints/{{endpoint_id}}/rotate-secret", "merchant/webhooks", Auth.KEY),
    Route(f"POST {ACCOUNT}/endpoints/{{endpoint_id}}/test", "merchant/webhooks", Auth.KEY),
    Route(f"GET {ACCOUNT}/endpoints/{{endpoint_id}}/attempts", "merchant/webhooks", Auth.KEY),
    Route(f"POST {ACCOUNT}/endpoints/{{endpoint_id}}/replay", "merchant/webhooks", Auth.KEY),
    Route(f"GET {ACCOUNT}/endpoints/{{endpoint_id}}/replays/{{replay_id}}", "merchant/webhooks", Auth.KEY),
    Route("POST /v1/deliveries/import", "merchant/deliveries", Auth.KEY),
    Route("POST /v1/sources/bigcommerce/{merchant_id}/orders", "merchant/sources", Auth.HMAC),
    Route("POST /v1/sources/shopify/{merchant_id}/orders", "merchant/sources", Auth.HMAC),
    Route("POST /v1/sources/woocommerce/{merchant_id}/orders", "merchant/sources", Auth.HMAC),
    Route("POST /v1/sources/webhook/{merchant_id}/orders", "merchant/sources", Auth.HMAC),
    Route(f"GET {ACCOUNT}/sources/{{source}}", "merchant/sources", Auth.KEY),
    Route(f"PATCH {ACCOUNT}/sources/{{source}}", "merchant/sources", Auth.KEY),
    Route(f"GET {ACCOUNT}/sources/{{source}}/messages", "merchant/sources", Auth.KEY),
    Route(f"POST {ACCOUNT}/sources/{{source}}/messages/{{message_id}}/retry", "merchant/sources", Auth.KEY),
    Route("GET /v1/account", "merchant/account", Auth.KEY),
    Route("PATCH /v1/account", "merchant/account", Auth.KEY),
    Route("GET /v1/account/keys", "merchant/account", Auth.KEY),
    Route("POST /v1/account/keys", "merchant/account", Auth.KEY),
    Route("POST /v1/account/keys/{key_id}/rotate", "merchant/account", Auth.KEY),
    Route("DELETE /v1/account/keys/{key_id}", "merchant/account", Auth.KEY),
    # customers
    Route("GET /v1/track/{token}", "customer/tracking", Auth.LINK),
    Route("POST /v1/track/{token}/rating", "customer/actions", Auth.LINK),
    Route("POST /v1/track/{token}/tip", "customer/actions", Auth.LINK),
    Route("PUT /v1/track/{token}/instructions", "customer/actions", Auth.LINK),
    # drivers and staff, to sign in
    Route(f"POST {SESSION}", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/answer", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/refresh", "user/session", Auth.SESSION),
    Route(f"DELETE {SESSION}", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/forgotten", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/forgotten/confirm", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/totp", "user/session"),
    Route(f"PUT {SESSION}/totp", "user/session"),
    # people who want to drive
    Route("GET /v1/applications/zones", "user/apply", Auth.OPEN),
    Route("POST /v1/applications", "user/apply", Auth.OPEN),
    Route(f"GET {DRIVER}/onboarding", "driver/onboarding", seldom=True),
    Route(f"POST {DRIVER}/onboarding/consent", "driver/onboarding", seldom=True),
    Route(f"PUT {DRIVER}/onboarding/identity", "driver/onboarding", seldom=True),
    Route(f"PUT {DRIVER}/onboarding/vehicle", "driver/onboarding", seldom=True),
    Route(f"POST {DRIVER}/onboarding/dispute", "driver/onboarding", seldom=True),
    Route(f"GET {DRIVER}/money", "driver/onboarding", seldom=True),
    Route(f"PUT {DRIVER}/tax-form", "driver/onboarding", seldom=True),
    Route(f"PUT {DRIVER}/bank-account", "driver/onboarding", seldom=True),
    Route("POST /v1/providers/screening/reports", "provider/screening", Auth.PROVIDER),
    Route(f"GET {STAFF}/applications", "console/onboarding"),
    Route(f"GET {OF_APPLICATION}", "console/onboarding"),
    Route(f"POST {OF_APPLICATION}/check/decide", "console/onboarding"),
    Route(f"POST {OF_APPLICATION}/check/close-dispute", "console/onboarding"),
    Route(f"POST {OF_APPLICATION}/check/order", "console/onboarding"),
    Route(f"POST {OF_APPLICATION}/approve", "console/onboarding"),
    Route(f"POST {OF_APPLICATION}/refuse", "console/onboarding"),
    # documents
    Route(f"GET {DRIVER}/documents", "driver/documents", seldom=True),
    Route(f"POST {DRIVER}/documents", "driver/documents", seldom=True),
    Route(f"POST {DRIVER}/documents/{{document_id}}/check", "driver/documents", seldom=True),
    Route(f"PUT {DRIVER}/documents/{{kind}}", "driver/documents", seldom=True),
    Route(f"GET {STAFF}/documents", "console/documents"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}/documents", "console/documents"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}/documents/{{document_id}}/picture", "console/documents"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/documents/{{document_id}}/approve", "console/documents"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/documents/{{document_id}}/refuse", "console/documents"),
    # training
    Route(f"GET {DRIVER}/trainings", "driver/training", seldom=True),
    Route(f"GET {DRIVER}/trainings/{{module}}", "driver/training", seldom=True),
    Route(f"POST {DRIVER}/trainings/{{module}}/attempts", "driver/training", seldom=True),
    Route(f"POST {DRIVER}/trainings/{{module}}/attempts/{{attempt_id}}/answers", "driver/training", seldom=True),
    # contact
    Route(f"GET {DRIVER}/emergencies", "driver/contact"),
    Route(f"POST {DRIVER}/emergencies", "driver/contact"),
    Route(f"GET {DRIVER}/messages", "driver/contact"),
    Route(f"POST {DRIVER}/messages", "driver/contact", seldom=True),
    Route(f"POST {DRIVER}/messages/read", "driver/contact", seldom=True),
    Route(f"GET {DRIVER}/deliveries/{{delivery_id}}/messages", "driver/contact"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/messages", "driver/contact", seldom=True),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/messages/read", "driver/contact", seldom=True),
    Route(f"GET {STAFF}/emergencies", "console/contact"),
    Route(f"POST {STAFF}/emergencies/{{emergency_id}}/handle", "console/contact"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}/messages", "console/contact"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/messages", "console/contact"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/messages/read", "console/contact"),
    Route(f"GET {STAFF}/messages/unread", "console/contact"),
    Route("GET /v1/track/{token}/messages", "customer/contact", Auth.LINK, seldom=True),
    Route("POST /v1/track/{token}/messages", "customer/contact", Auth.LINK),
    Route("POST /v1/track/{token}/messages/read", "customer/contact", Auth.LINK),
    Route("GET /v1/track/{token}/proof/{kind}", "customer/proof", Auth.LINK, seldom=True),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/proof/{{kind}}", "console/proof"),
    Route("POST /v1/track/{token}/call", "customer/contact", Auth.LINK),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/call", "driver/contact", seldom=True),
    Route(f"PUT {ACCOUNT}/logo", "merchant/account", Auth.KEY),
    Route(f"DELETE {ACCOUNT}/logo", "merchant/account", Auth.KEY),
    # drivers
    Route(f"GET {DRIVER}/me", "driver/duty"),
    Route(f"POST {DRIVER}/duty", "driver/duty"),
    Route(f"DELETE {DRIVER}/duty", "driver/duty"),
    Route(f"GET {DRIVER}/performance", "driver/performance", seldom=True),
    Route(f"GET {DRIVER}/disclosure", "driver/performance", seldom=True),
    Route(f"GET {DRIVER}/standing", "driver/performance", seldom=True),
    Route(f"POST {DRIVER}/cases/{{case_id}}/appeal", "driver/performance", seldom=True),
    Route(f"POST {DRIVER}/positions", "driver/positions", often=True),
    Route(f"GET {DRIVER}/offers", "driver/offers", often=True),
    Route(f"GET {DRIVER}/decisions", "driver/offers", seldom=True),
    Route(f"POST {DRIVER}/offers/{{offer_id}}/accept", "driver/offers"),
    Route(f"POST {DRIVER}/offers/{{offer_id}}/decline", "driver/offers"),
    Route(f"GET {DRIVER}/route", "driver/stops", often=True),
    Route(f"POST {DRIVER}/route/confirm", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/depart", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/arrive", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/unassign", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/pick-up", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/deliver", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/fail", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/return", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/correct", "driver/stops"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/proofs", "driver/stops"),
    Route(f"PUT {DRIVER}/deliveries/{{delivery_id}}/proofs/{{kind}}", "driver/stops"),
    Route(f"GET {DRIVER}/earnings", "driver/earnings"),
    Route(f"GET {DRIVER}/incentives", "driver/extra_pay", seldom=True),
    Route(f"POST {DRIVER}/incentives/{{incentive_id}}/join", "driver/extra_pay", seldom=True),
    Route(f"GET {DRIVER}/blocks", "driver/extra_pay", seldom=True),
    Route(f"POST {DRIVER}/blocks/{{block_id}}/booking", "driver/extra_pay", seldom=True),
    Route(f"DELETE {DRIVER}/blocks/{{block_id}}/booking", "driver/extra_pay", seldom=True),
    Route(f"GET {DRIVER}/demand", "driver/extra_pay", seldom=True),
    Route(f"GET {DRIVER}/push", "driver/push", seldom=True),
    Route(f"PUT {DRIVER}/push/subscriptions", "driver/push", seldom=True),
    Route(f"DELETE {DRIVER}/push/subscriptions/{{subscription_id}}", "driver/push", seldom=True),
    Route(f"POST {DRIVER}/data-export", "driver/data_rights", seldom=True),
    Route(f"GET {DRIVER}/data-export", "driver/data_rights", seldom=True),
    Route(f"POST {DRIVER}/corrections", "driver/data_rights", seldom=True),
    Route(f"GET {DRIVER}/corrections", "driver/data_rights", seldom=True),
    # staff
    Route(f"GET {STAFF}/corrections", "console/data_rights"),
    Route(f"POST {STAFF}/corrections/{{correction_id}}/decide", "console/data_rights"),
    Route(f"GET {STAFF}/merchants", "console/merchants"),
    Route(f"POST {STAFF}/merchants", "console/merchants"),
    Route(f"GET {STAFF}/merchants/{{merchant_id}}", "console/merchants"),
    Route(f"PATCH {STAFF}/merchants/{{merchant_id}}", "console/merchants"),
    Route(f"POST {STAFF}/merchants/{{merchant_id}}/keys", "console/merchants"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/keys/{{key_id}}", "console/merchants"),
    Route(f"GET {OF_MERCHANT}/endpoints", "console/webhooks"),
    Route(f"POST {OF_MERCHANT}/endpoints", "console/webhooks"),
    Route(f"GET {OF_MERCHANT}/endpoints/{{endpoint_id}}", "console/webhooks"),
    Route(f"PATCH {OF_MERCHANT}/endpoints/{{endpoint_id}}", "console/webhooks"),
    Route(f"DELETE {OF_MERCHANT}/endpoints/{{endpoint_id}}", "console/webhooks"),
    Route(f"POST {OF_MERCHANT}/endpoints/{{endpoint_id}}/rotate-secret", "console/webhooks"),
    Route(f"POST {OF_MERCHANT}/endpoints/{{endpoint_id}}/test", "console/webhooks"),
    Route(f"GET {OF_MERCHANT}/endpoints/{{endpoint_id}}/attempts", "console/webhooks"),
    Route(f"POST {OF_MERCHANT}/endpoints/{{endpoint_id}}/replay", "console/webhooks"),
    Route(f"GET {OF_MERCHANT}/endpoints/{{endpoint_id}}/replays/{{replay_id}}", "console/webhooks"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/bigcommerce", "console/merchants"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/bigcommerce", "console/merchants"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/shopify", "console/merchants"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/shopify", "console/merchants"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/woocommerce", "console/merchants"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/woocommerce", "console/merchants"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/webhook-source", "console/merchants"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/webhook-source", "console/merchants"),
    Route(f"GET {STAFF}/zones", "console/zones"),
    Route(f"GET {STAFF}/zones/{{zone_id}}", "console/zones"),
    Route(f"PUT {STAFF}/zones/{{zone_id}}", "console/zones"),
    Route(f"GET {STAFF}/law", "console/zones"),
    Route(f"GET {STAFF}/drivers", "console/drivers"),
    Route(f"POST {STAFF}/drivers", "console/drivers"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}", "console/drivers"),
    Route(f"PATCH {STAFF}/drivers/{{driver_id}}", "console/drivers"),
    Route(f"DELETE {STAFF}/drivers/{{driver_id}}/duty", "console/drivers"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}/performance", "console/standing"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}/performance/verify", "console/standing"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}/cases", "console/standing"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/cases", "console/standing"),
    Route(f"GET {STAFF}/cases", "console/standing"),
    Route(f"GET {STAFF}/cases/{{case_id}}", "console/standing"),
    Route(f"POST {STAFF}/cases/{{case_id}}/stop", "console/standing"),
    Route(f"POST {STAFF}/cases/{{case_id}}/decide", "console/standing"),
    Route(f"POST {STAFF}/cases/{{case_id}}/dismiss", "console/standing"),
    Route(f"POST {STAFF}/cases/{{case_id}}/answer", "console/standing"),
    Route(f"GET {STAFF}/policies", "console/standing"),
    Route(f"POST {STAFF}/policies", "console/standing"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/shifts", "console/drivers"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/shifts", "console/drivers"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/shifts/remove", "console/drivers"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/dispatch", "console/dispatch"),
    Route(f"GET {STAFF}/classification", "console/dispatch"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}/route", "console/dispatch"),
    Route(f"PUT {STAFF}/drivers/{{driver_id}}/route", "console/dispatch"),
    Route(f"POST {STAFF}/drivers/{{driver_id}}/route/transfer", "console/dispatch"),
    Route(f"DELETE {STAFF}/drivers/{{driver_id}}/person", "console/privacy"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/board", "console/map"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/map", "console/map"),
    Route(f"PUT {STAFF}/zones/{{zone_id}}/pause", "console/zones"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/incentives", "console/extra_pay"),
    Route(f"POST {STAFF}/incentives", "console/extra_pay"),
    Route(f"POST {STAFF}/incentives/{{incentive_id}}/stop", "console/extra_pay"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/blocks", "console/extra_pay"),
    Route(f"POST {STAFF}/blocks", "console/extra_pay"),
    Route(f"POST {STAFF}/blocks/{{block_id}}/stop", "console/extra_pay"),
    Route(f"DELETE {STAFF}/zones/{{zone_id}}/pause", "console/zones"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/plan", "console/dispatch"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/traffic", "console/traffic"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/incidents", "console/traffic"),
    Route(f"POST {STAFF}/zones/{{zone_id}}/incidents", "console/traffic"),
    Route(f"DELETE {STAFF}/zones/{{zone_id}}/incidents/{{incident_id}}", "console/traffic"),
    Route(f"POST {STAFF}/zones/{{zone_id}}/day-plans", "console/day_plans"),
    Route(f"GET {STAFF}/deliveries", "console/dispatch"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}", "console/dispatch"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/webhooks", "console/webhooks"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/notices", "console/messages"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/notices/lift", "console/messages"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/assign", "console/dispatch"),
    Route(f"POST {STAFF}/deliveries/assign", "console/dispatch"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/offer", "console/dispatch"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/offers", "console/dispatch"),
    Route(f"POST {STAFF}/zones/{{zone_id}}/dispatch", "console/dispatch"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/cancel", "console/dispatch"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/complete", "console/proof"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/fail", "console/proof"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/proof", "console/proof"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/proof/verify", "console/proof"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}/rating", "console/proof"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/held-pay", "console/proof"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/release-pay", "console/proof"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/refuse-pay", "console/proof"),
    Route(f"DELETE {STAFF}/deliveries/{{delivery_id}}/contacts", "console/privacy"),
    Route(f"GET {STAFF}/search", "console/search"),
    Route(f"GET {STAFF}/driver-names", "console/search"),
    Route(f"GET {STAFF}/audit", "console/audit"),
    Route(f"GET {STAFF}/ledger/trial-balance", "console/ledger"),
    Route(f"POST {STAFF}/ledger/adjustments", "console/ledger"),
    Route(f"GET {STAFF}/ledger/adjustments", "console/ledger"),
    Route(f"POST {STAFF}/ledger/adjustments/{{adjustment_id}}/approve", "console/ledger"),
    Route(f"POST {STAFF}/ledger/adjustments/{{adjustment_id}}/refuse", "console/ledger"),
    Route(f"POST {STAFF}/settlements", "console/ledger"),
    Route(f"GET {STAFF}/settlements/{{period}}", "console/ledger"),
    Route(f"GET {STAFF}/settlements/{{period}}/statements", "console/ledger"),
)
