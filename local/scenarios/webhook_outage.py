"""The shop's endpoint is down for a moment: the webhook comes again, with the same id and a good signature."""

from urllib.parse import urlsplit

from local.scenarios.scene import Scene

OUTAGE_WALL_S = 2.5


def play(scene: Scene) -> None:
    """Play it."""
    scene.open(0)
    endpoints = scene.receivers.endpoints
    path = urlsplit(scene.town.register.merchants["shop"].hook_url).path
    failed_before = endpoints.failures
    endpoints.fail_for(path, OUTAGE_WALL_S)
    delivery = scene.order()
    scene.until("the endpoint is called while it is down", lambda: endpoints.failures > failed_before)
    assert not endpoints.of_delivery(delivery["id"]), "a webhook was taken while the endpoint was down"
    scene.say("the shop's endpoint answers 503 to the first try")
    hook = scene.webhook(delivery, "delivery.created")
    tries = endpoints.failures - failed_before + 1
    scene.say(f"try {tries} comes through: {hook.type}, sequence {hook.data['sequence']}, the signature holds")
    scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "other"})
    scene.webhook(delivery, "delivery.cancelled")
    told = [hook.type for hook in endpoints.of_delivery(delivery["id"])]
    assert told == ["delivery.created", "delivery.cancelled"], f"the shop was told {told}"
    scene.say("nothing was lost and nothing told twice")
