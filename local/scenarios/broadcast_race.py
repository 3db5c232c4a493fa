"""A hundred drivers accept one offer: one wins, and ninety-nine are told that it is taken."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from local.city.api import RefusedError
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

DRIVERS = 100
AT_ONCE = 8


def play(scene: Scene) -> None:
    """Play it."""
    drivers = scene.open(
        DRIVERS, offers={"policy": "broadcast", "broadcast_drivers": DRIVERS, "acceptance_probability": 1}
    )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda driver: driver.go_on_duty(), drivers))
    scene.say(f"{DRIVERS} drivers are on duty")
    delivery = scene.order()
    offer = scene.offer_to(drivers[0])
    told = scene.staff.get(f"/v1/staff/deliveries/{delivery['id']}")
    asked = {candidate["driver_id"] for candidate in told["last_offer"]["asked"]}
    assert asked == {driver.id for driver in drivers}, f"{len(asked)} of {DRIVERS} drivers were asked"
    scene.say("all of them are asked for the same delivery, and all accept in the same moment")

    start = Barrier(DRIVERS)

    def accept(driver: Actor) -> str:
        start.wait()
        try:
            driver.app.call("POST", f"/v1/driver/offers/{offer['offer_id']}/accept", {})
        except RefusedError as refused:
            return f"{refused.status} {refused.code}"
        return "won"

    with ThreadPoolExecutor(DRIVERS) as pool:
        answers = list(pool.map(accept, drivers))
    counted = Counter(answers)
    assert counted["won"] == 1, f"{counted['won']} drivers were told that they won"
    assert counted["409 offer_taken"] == DRIVERS - 1, f"the others were told {dict(counted)}"
    winner = drivers[answers.index("won")]
    scene.say(f"{winner.name} wins; the other {DRIVERS - 1} get 409 offer_taken")

    carriers = [stop["delivery_id"] for stop in winner.stops()]
    assert carriers == [delivery["id"]] * 2, f"the winner's route holds {carriers}"
    told = scene.delivery(delivery)
    assert told["state"] == "assigned", f"the delivery is {told['state']}"
    actor = told["timeline"][-1]["actor"]
    assert actor == winner.id, f"the delivery went to {actor}, the winner is {winner.id}"
    winner.fetch(delivery)
    winner.bring(delivery)
    assert winner.step(delivery, "deliver") == "delivered"
    scene.say("the winner delivers it")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda driver: driver.go_home(), drivers))
    scene.actors = []
