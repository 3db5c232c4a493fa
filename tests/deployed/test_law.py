"""Law binds the settings of zones in the running platform, and staff look at it."""

from tests.api_calls import ok, pointers, problem
from tests.api_clients import Network


def test_a_zone_that_is_in_colorado_can_not_be_hasty_and_staff_see_why(network: Network) -> None:
    zone = network.zone("law")
    hasty = {**zone.settings, "dispatch": {"offers": {"seconds": 10}}}
    ok(network.staff("PUT", f"/v1/staff/zones/{zone.id}", hasty))
    assert network.staff.get(f"/v1/staff/law?zone_id={zone.id}")["jurisdictions"] == []
    answer = network.staff("PUT", f"/v1/staff/zones/{zone.id}", {**hasty, "jurisdictions": ["US-CO"]})
    said = problem(answer, 422, "below_the_law")
    assert pointers(said) == {"/dispatch/offers/seconds"}
    assert "offer_window of Colorado (US-CO) is 60 seconds since 2025-01-01" in said["detail"]

    lawful = {**zone.settings, "jurisdictions": ["US-CO"], "dispatch": {"offers": {"seconds": 60}}}
    ok(network.staff("PUT", f"/v1/staff/zones/{zone.id}", lawful))
    rows = {
        on: [row for row in network.staff.get(f"/v1/staff/law?zone_id={zone.id}{on}")["rules"] if row["holds"]]
        for on in ("", "&on=2024-12-31")
    }
    now, before = ({row["rule"]: row["figure"] for row in found} for found in rows.values())
    assert now["offer_window"] == "60"
    assert "offer_window" not in before
