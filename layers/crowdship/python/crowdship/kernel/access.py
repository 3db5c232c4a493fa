"""Access of staff: the rights of each role, and the right that each route needs.

A role is a group of the user pool. Functions refuse by these tables, and ``infra/routes/`` and the tests read them. A
route of staff that has no line here is refused to everybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from crowdship.kernel.errors import Forbidden


class Role(StrEnum):
    """Roles of staff, by the names of their groups in the user pool."""

    DISPATCHER = "dispatcher"
    SUPPORT = "support"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """Rights of staff; each route needs one."""

    READ_OPERATIONS = "read_operations"
    CHANGE_OPERATIONS = "change_operations"
    CONTACT_PEOPLE = "contact_people"
    READ_PROOF = "read_proof"
    READ_MERCHANTS = "read_merchants"
    SERVE_MERCHANTS = "serve_merchants"
    MANAGE_DRIVERS = "manage_drivers"
    DECIDE_APPLICATIONS = "decide_applications"
    DECIDE_CONDUCT = "decide_conduct"
    DECIDE_CLAIMS = "decide_claims"
    REVIEW_DOCUMENTS = "review_documents"
    READ_MONEY = "read_money"
    CHANGE_MONEY = "change_money"
    MANAGE_NETWORK = "manage_network"
    READ_AUDIT = "read_audit"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.DISPATCHER: frozenset(
        {Right.READ_OPERATIONS, Right.CHANGE_OPERATIONS, Right.CONTACT_PEOPLE, Right.READ_PROOF, Right.MANAGE_DRIVERS}
    ),
    Role.SUPPORT: frozenset(
        {
            Right.READ_OPERATIONS,
            Right.CONTACT_PEOPLE,
            Right.READ_PROOF,
            Right.READ_MERCHANTS,
            Right.SERVE_MERCHANTS,
            Right.MANAGE_DRIVERS,
            Right.DECIDE_APPLICATIONS,
            Right.DECIDE_CONDUCT,
            Right.DECIDE_CLAIMS,
            Right.REVIEW_DOCUMENTS,
        }
    ),
    Role.FINANCE: frozenset(
        {
            Right.READ_OPERATIONS,
            Right.READ_PROOF,
            Right.READ_MERCHANTS,
            Right.READ_MONEY,
            Right.CHANGE_MONEY,
            Right.DECIDE_CLAIMS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(Right),
}
"""The rights of each role. Whoever has several roles has the rights of all."""

_APPLICATION = "/v1/staff/applications/{application_id}"
_DELIVERY = "/v1/staff/deliveries/{delivery_id}"
_DRIVER = "/v1/staff/drivers/{driver_id}"
_MERCHANT = "/v1/staff/merchants/{merchant_id}"
_ENDPOINT = f"{_MERCHANT}/endpoints/{{endpoint_id}}"
_ZONE = "/v1/staff/zones/{zone_id}"
_CASE = "/v1/staff/cases/{case_id}"
_TABLE = "/v1/staff/price-tables/{table_id}"

ROUTES_OF: Mapping[Right, tuple[str, ...]] = {
    Right.READ_OPERATIONS: (
        "GET /v1/staff/zones",
        f"GET {_ZONE}",
        f"GET {_ZONE}/board",
        f"GET {_ZONE}/map",
        f"GET {_ZONE}/plan",
        f"GET {_ZONE}/shifts",
        f"GET {_ZONE}/traffic",
        f"GET {_ZONE}/incidents",
        "GET /v1/staff/deliveries",
        f"GET {_DELIVERY}",
        f"GET {_DELIVERY}/offers",
        f"GET {_DELIVERY}/dispatch",
        f"GET {_DELIVERY}/notices",
        "GET /v1/staff/drivers",
        "GET /v1/staff/driver-names",
        "GET /v1/staff/law",
        f"GET {_DRIVER}",
        f"GET {_DRIVER}/route",
        "GET /v1/staff/search",
        f"GET {_ZONE}/incentives",
        f"GET {_ZONE}/blocks",
        f"GET {_ZONE}/surge",
    ),
    Right.CHANGE_OPERATIONS: (
        f"PUT {_ZONE}/pause",
        f"DELETE {_ZONE}/pause",
        f"POST {_ZONE}/incidents",
        f"DELETE {_ZONE}/incidents/{{incident_id}}",
        f"POST {_ZONE}/day-plans",
        f"POST {_ZONE}/dispatch",
        f"PUT {_ZONE}/surge",
        "POST /v1/staff/deliveries/assign",
        f"POST {_DELIVERY}/assign",
        f"POST {_DELIVERY}/offer",
        f"POST {_DELIVERY}/cancel",
        f"POST {_DELIVERY}/complete",
        f"POST {_DELIVERY}/fail",
        f"DELETE {_DRIVER}/duty",
        f"PUT {_DRIVER}/route",
        f"POST {_DRIVER}/route/transfer",
    ),
    Right.CONTACT_PEOPLE: (
        "GET /v1/staff/emergencies",
        "POST /v1/staff/emergencies/{emergency_id}/handle",
        "GET /v1/staff/messages/unread",
        f"GET {_DRIVER}/messages",
        f"POST {_DRIVER}/messages",
        f"POST {_DRIVER}/messages/read",
        f"POST {_DELIVERY}/notices/lift",
    ),
    Right.READ_PROOF: (
        f"GET {_DELIVERY}/proof",
        f"GET {_DELIVERY}/proof/{{kind}}",
        f"GET {_DELIVERY}/proof/verify",
        f"GET {_DELIVERY}/rating",
    ),
    Right.READ_MERCHANTS: (
        "GET /v1/staff/merchants",
        f"GET {_MERCHANT}",
        f"GET {_MERCHANT}/endpoints",
        f"GET {_ENDPOINT}",
        f"GET {_ENDPOINT}/attempts",
        f"GET {_ENDPOINT}/replays/{{replay_id}}",
        f"GET {_DELIVERY}/webhooks",
    ),
    Right.SERVE_MERCHANTS: (
        f"POST {_ENDPOINT}/test",
        f"POST {_ENDPOINT}/replay",
    ),
    Right.MANAGE_DRIVERS: (
        "POST /v1/staff/drivers",
        f"PATCH {_DRIVER}",
        f"GET {_DRIVER}/performance",
        f"GET {_DRIVER}/performance/verify",
        f"GET {_DRIVER}/cases",
        f"POST {_DRIVER}/cases",
        "GET /v1/staff/cases",
        f"GET {_CASE}",
        f"POST {_CASE}/stop",
        "GET /v1/staff/policies",
        f"POST {_DRIVER}/shifts",
        "GET /v1/staff/corrections",
        "POST /v1/staff/corrections/{correction_id}/decide",
        f"POST {_DRIVER}/shifts/remove",
    ),
    Right.DECIDE_CONDUCT: (
        f"POST {_CASE}/decide",
        f"POST {_CASE}/dismiss",
        f"POST {_CASE}/answer",
        "POST /v1/staff/policies",
    ),
    Right.DECIDE_CLAIMS: ("GET /v1/staff/claims", "POST /v1/staff/claims"),
    Right.REVIEW_DOCUMENTS: (
        "GET /v1/staff/documents",
        f"GET {_DRIVER}/documents",
        f"GET {_DRIVER}/documents/{{document_id}}/picture",
        f"POST {_DRIVER}/documents/{{document_id}}/approve",
        f"POST {_DRIVER}/documents/{{document_id}}/refuse",
    ),
    Right.DECIDE_APPLICATIONS: (
        "GET /v1/staff/applications",
        f"GET {_APPLICATION}",
        f"POST {_APPLICATION}/check/decide",
        f"POST {_APPLICATION}/check/close-dispute",
        f"POST {_APPLICATION}/check/order",
        f"POST {_APPLICATION}/approve",
        f"POST {_APPLICATION}/refuse",
    ),
    Right.READ_MONEY: (
        f"GET {_ZONE}/held-pay",
        "GET /v1/staff/ledger/trial-balance",
        "GET /v1/staff/finance/mails",
        "GET /v1/staff/break-even",
        "GET /v1/staff/ledger/adjustments",
        "GET /v1/staff/ledger/accounts/{account}/statement",
        "GET /v1/staff/ledger/open-items",
        "GET /v1/staff/ledger/postings/{posting_id}",
        "GET /v1/staff/ledger/months",
        "GET /v1/staff/ledger/exports/{export_id}",
        "GET /v1/staff/settlements/{period}",
        "GET /v1/staff/settlements/{period}/statements",
        "GET /v1/staff/invoices",
        "GET /v1/staff/payouts",
        "GET /v1/staff/payouts/{payout_id}",
        "GET /v1/staff/pay-runs",
        "GET /v1/staff/pay-floors",
        "GET /v1/staff/tax/drivers",
        "GET /v1/staff/tax/years/{year}",
        "GET /v1/staff/price-tables",
        f"GET {_TABLE}",
    ),
    Right.CHANGE_MONEY: (
        f"POST {_DELIVERY}/release-pay",
        f"POST {_DELIVERY}/refuse-pay",
        "POST /v1/staff/ledger/adjustments",
        "POST /v1/staff/ledger/adjustments/{adjustment_id}/{verdict}",
        "POST /v1/staff/ledger/postings/{posting_id}/reversal",
        "POST /v1/staff/ledger/exports",
        "POST /v1/staff/ledger/months/{month}/close",
        "POST /v1/staff/settlements",
        "PUT /v1/staff/finance/mails",
        "POST /v1/staff/invoices/{invoice_id}/payments",
        "POST /v1/staff/payouts/{payout_id}/decisions",
        "POST /v1/staff/payouts/bank-returns",
        "POST /v1/staff/pay-runs",
        "POST /v1/staff/tax/notices",
        "POST /v1/staff/tax/years/{year}",
        "POST /v1/staff/incentives",
        "POST /v1/staff/incentives/{incentive_id}/stop",
        "POST /v1/staff/blocks",
        "POST /v1/staff/blocks/{block_id}/stop",
        "POST /v1/staff/price-tables",
        f"POST {_TABLE}/decisions",
        f"POST {_TABLE}/simulations",
    ),
    Right.MANAGE_NETWORK: (
        f"PUT {_ZONE}",
        "POST /v1/staff/merchants",
        f"PATCH {_MERCHANT}",
        f"POST {_MERCHANT}/keys",
        f"DELETE {_MERCHANT}/keys/{{key_id}}",
        f"POST {_MERCHANT}/endpoints",
        f"PATCH {_ENDPOINT}",
        f"DELETE {_ENDPOINT}",
        f"POST {_ENDPOINT}/rotate-secret",
        f"PUT {_MERCHANT}/bigcommerce",
        f"DELETE {_MERCHANT}/bigcommerce",
        f"PUT {_MERCHANT}/shopify",
        f"DELETE {_MERCHANT}/shopify",
        f"PUT {_MERCHANT}/woocommerce",
        f"DELETE {_MERCHANT}/woocommerce",
        f"PUT {_MERCHANT}/webhook-source",
        f"DELETE {_MERCHANT}/webhook-source",
        f"DELETE {_DRIVER}/person",
        f"DELETE {_DELIVERY}/contacts",
    ),
    Right.READ_AUDIT: ("GET /v1/staff/audit", "GET /v1/staff/classification"),
}
"""The routes that each right opens; every route of staff is here once."""

RIGHT_OF: Mapping[str, Right] = {route: right for right, routes in ROUTES_OF.items() for route in routes}
"""The right that each route of staff needs."""


def roles_in(groups: Iterable[str]) -> frozenset[Role]:
    """Return the roles among some groups of the user pool.

    Examples
    --------
    >>> sorted(roles_in(["drivers", "support", "finance"]))
    [<Role.FINANCE: 'finance'>, <Role.SUPPORT: 'support'>]
    """
    known = frozenset(groups)
    return frozenset(role for role in Role if role in known)


def rights_of(groups: Iterable[str]) -> frozenset[Right]:
    """Return the rights of whoever is in some groups.

    Examples
    --------
    >>> Right.CHANGE_MONEY in rights_of(["dispatcher"]), Right.CHANGE_MONEY in rights_of(["dispatcher", "finance"])
    (False, True)
    """
    return frozenset().union(*(RIGHTS[role] for role in roles_in(groups)))


def roles_for(route: str) -> tuple[Role, ...]:
    """Return the roles that may call a route of staff; none for a route that has no line.

    Examples
    --------
    >>> [str(role) for role in roles_for("POST /v1/staff/settlements")]
    ['finance', 'administrator']
    >>> roles_for("POST /v1/staff/secrets")
    ()
    """
    right = RIGHT_OF.get(route)
    return tuple(role for role in Role if right in RIGHTS[role])


def must_have_a_role(route: str, groups: Sequence[str]) -> None:
    """Check that whoever is in some groups may call a route of staff.

    Raises
    ------
    Forbidden
        ``wrong_role`` if another role may, and ``wrong_group`` for those who have none; the detail names the roles.
    """
    needed, held = roles_for(route), roles_in(groups)
    if held.isdisjoint(needed):
        roles = " or ".join(needed) or "nobody"
        detail = f"This is for staff with the role {roles}; the token's groups are {groups or 'none'}."
        raise Forbidden("wrong_role" if held else "wrong_group", detail)
