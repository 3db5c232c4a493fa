"""A new zone says that it has too few days to compare crowd and dedicated drivers, and changes nothing by itself."""

from local.city.town import staff_of
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (ada,) = scene.open(1, named=("Ada Lund",))
    fay = staff_of(scene.stack, name="break-even-fay", role="finance")
    path = f"/v1/staff/zones/{scene.town.key}"
    ada.go_on_duty()
    delivery = scene.order(east_m=400)
    assert ada.accept(scene.offer_to(ada)) == "accepted"
    scene.say(f"Ada of the crowd takes {delivery['external_id']}")

    settings = scene.staff.get(path)["settings"]
    cost = {"since": "2026-01-01", "wage_per_hour": 2150, "employer_basis_points": 765, "idle_percent": 15}
    twice = {**settings, "dedicated_costs": [cost, cost]}
    assert refusal(scene.staff.put, path, twice).code == "invalid_request"
    scene.staff.put(path, {**settings, "dedicated_costs": [cost]})
    told = fay.get("/v1/staff/break-even", zone_id=scene.town.key)
    assert told["cost"]["wage_per_hour"] == 2150, told
    assert (told["verdict"], told["tipping"], told["fleet"]) == ("not_enough_days", None, None), told
    assert told["days_needed"] == 14, told
    scene.say("an hour of a dedicated driver costs 23.14; the zone has too few days, and recommends nothing")

    after = scene.staff.get(path)["settings"]
    assert after["dispatch"]["fleet"] == settings["dispatch"]["fleet"], "nothing changes by itself"
    scene.staff.put(path, settings)
    scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "other"})
    scene.say("its hybrid policy is as it was")
