"""Cannabis in California: a driver of the crowd can't have it, an employee of the shop who is proven one can."""

from typing import Any

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

PROVEN = ("age_21", "cannabis_employee")


def play(scene: Scene) -> None:
    """Play it."""
    crowd_name, newcomer_name, employee_name = names = ("Cora Lind", "Neil Ash", "Emil Park")
    crowd, newcomer, employee = scene.open(
        3,
        named=names,
        own=(newcomer_name, employee_name),
        goods=("cannabis",),
        law=("US-CA",),
        credentials={crowd_name: PROVEN, newcomer_name: ("age_21",), employee_name: PROVEN},
    )
    crowd.go_on_duty()
    newcomer.go_on_duty()
    order = scene.order(goods="cannabis")
    path = f"/v1/staff/zones/{scene.town.key}/plan"
    plan = scene.staff.get(path, explain=True)
    (mine,) = (one for one in plan["deliveries"] if one["delivery_id"] == order["id"])
    why = {one["driver_id"]: one["reason"] for one in mine["ineligible"]}
    assert why == {crowd.id: "not_for_the_crowd", newcomer.id: "lacks_credential"}, f"the plan says {why}"
    assert crowd.offers() == [], "a driver of the crowd was offered cannabis"
    for driver in (crowd, newcomer):
        assert refusal(scene.assign, order, driver).code == "driver_cannot_take_it"
    scene.say("neither Cora of the crowd nor Neil, whose employment nobody proved, gets it, by no hand")

    employee.go_on_duty()

    def given() -> dict[str, Any] | None:
        return next((stop for stop in employee.stops() if stop["delivery_id"] == order["id"]), None)

    scene.until("the employee is given it", given)
    rules = {one["rule"]: one for one in _known(scene, order)["demands"]["rules"]}
    dedicated = rules["goods_cannabis_dedicated_only"]
    assert (dedicated["jurisdiction"], dedicated["source"]) == ("US-CA", "4 CCR 15415"), f"staff read {dedicated}"
    employee.fetch(order)
    employee.bring(order)
    card = {"document": "passport", "read_by": "typed", "unreadable": "no_barcode", "birth_date": "1980-02-29"}
    assert employee.step(order, "deliver", id_check=card, position=employee.at.json()) == "delivered"
    scene.say("Emil, an employee, is given it and hands it over; staff see by which rule and source")


def _known(scene: Scene, order: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = scene.staff.get(f"/v1/staff/deliveries/{order['id']}")["delivery"]
    return found
