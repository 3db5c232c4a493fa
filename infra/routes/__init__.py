"""Every route of the HTTP API, with its callers and the function that answers. No module of it imports the CDK.

The roles that may call a route of staff are in ``crowdship/kernel/access.py``, because the functions check them.
"""

from infra.routes import drivers, merchants, money, people, staff
from infra.routes.model import ACCOUNT_LIMIT, MERCHANTS, STAFF, Auth, Route, Throttle

__all__ = ["ACCOUNT_LIMIT", "MERCHANTS", "ROUTES", "STAFF", "Auth", "Route", "Throttle"]

ROUTES = (*merchants.ROUTES, *people.ROUTES, *drivers.ROUTES, *staff.ROUTES, *money.ROUTES)
