"""A route of the HTTP API, its callers and its limit at API Gateway. The module does not import the CDK.

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

STAFF_AT_WORK = Throttle(10, 7)
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
