"""Access of staff by role. Every route is tried at the running platform by ``tests/deployed/test_doors.py``."""

import ast
from collections import Counter

import pytest

from crowdship.kernel.access import RIGHT_OF, RIGHTS, ROUTES_OF, Right, Role, rights_of, roles_for
from infra.routes import ROUTES
from infra.settings import ROOT

OF_STAFF = [route for route in ROUTES if route.is_for_staff]
MONEY = (
    *("/ledger/", "/settlements", "/staff/tax/", "/finance/", "/break-even", "-pay"),
    *("/staff/incentives", "/staff/blocks", "/payouts", "/pay-runs", "/price-tables", "/staff/invoices"),
)


def may(role: Role, method: str = "") -> set[str]:
    """Return the routes, all or those of a method, that a role opens."""
    return {route.on for route in OF_STAFF if role in route.roles and route.on.startswith(method)}


def changes(role: Role) -> set[str]:
    """Return the routes by which a role may change something."""
    return may(role) - may(role, "GET")


def test_every_route_of_staff_has_one_line_and_every_line_a_route() -> None:
    lines = Counter(route for routes in ROUTES_OF.values() for route in routes)

    assert lines == Counter(route.on for route in OF_STAFF)


def test_routes_of_others_have_no_line() -> None:
    assert not [route.on for route in ROUTES if not route.is_for_staff and route.roles]


def test_every_right_belongs_to_a_role_and_every_role_has_rights() -> None:
    assert set().union(*RIGHTS.values()) == set(Right)
    assert RIGHTS.keys() == set(Role)
    assert all(RIGHTS.values())


def test_administrators_may_call_every_route() -> None:
    assert may(Role.ADMINISTRATOR) == {route.on for route in OF_STAFF}


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.SUPPORT])
def test_neither_dispatchers_nor_support_see_or_move_money(role: Role) -> None:
    assert not [on for on in may(role) if any(part in on for part in MONEY)]


def test_finance_changes_money_and_nothing_else() -> None:
    assert changes(Role.FINANCE)
    assert all(any(part in on for part in (*MONEY, "/staff/claims")) for on in changes(Role.FINANCE))


def test_only_dispatchers_and_administrators_move_orders() -> None:
    deeds = ("/assign", "/cancel", "/complete", "/fail", "/dispatch", "/pause")
    moving = [on for on in RIGHT_OF if on.endswith(deeds) and not on.startswith("GET")]

    assert len(moving) >= 7
    for on in moving:
        assert set(roles_for(on)) == {Role.DISPATCHER, Role.ADMINISTRATOR}, on


def test_only_administrators_give_keys_change_settings_erase_people_and_read_the_audit_trail() -> None:
    for on in (
        "POST /v1/staff/merchants/{merchant_id}/keys",
        "PUT /v1/staff/zones/{zone_id}",
        "DELETE /v1/staff/drivers/{driver_id}/person",
        "GET /v1/staff/audit",
    ):
        assert roles_for(on) == (Role.ADMINISTRATOR,), on


def test_several_roles_have_the_rights_of_all_and_no_role_has_none() -> None:
    both = rights_of(["support", "finance"])

    assert both == RIGHTS[Role.SUPPORT] | RIGHTS[Role.FINANCE]
    assert rights_of(["drivers", "staff", "Administrator", ""]) == frozenset()


def test_every_handler_of_staff_asks_who_calls() -> None:
    """A route's function can't answer before ``caller(STAFF)`` has looked at the table."""
    silent = []
    for path in sorted((ROOT / "functions" / "console").glob("[a-z]*.py")):
        for node in ast.parse(path.read_text()).body:
            routed = isinstance(node, ast.FunctionDef) and any("api." in ast.unparse(d) for d in node.decorator_list)
            if routed and "api.caller(STAFF)" not in ast.unparse(node):
                silent.append(f"{path.stem}.{node.name}")

    assert silent == []


def test_the_document_shows_the_rights_of_each_role_as_they_are() -> None:
    text = (ROOT / "docs" / "sign-in.md").read_text()
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| `")]
    shown = {
        role: {
            Right(row[0].split("`")[1]) for row in rows if row[0].split("`")[1] in set(Right) and row[number].strip()
        }
        for number, role in enumerate(Role, start=1)
    }

    assert shown == RIGHTS
