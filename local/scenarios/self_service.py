"""A shop runs its own account: its name and colours, its hours, the keys it makes, rotates and revokes."""

import time
from datetime import timedelta

from local.city.api import Caller, RefusedError, fixed
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KNOWN_EVERYWHERE_S = 45.0
"""Wall seconds after which every function knows a changed merchant; each caches merchants for half a minute."""


def play(scene: Scene) -> None:
    """Play it."""
    scene.open(0)
    scene.shop.patch("/v1/account", {"branding": None, "hours": None, "default_requirements": None})
    told = scene.shop.patch(
        "/v1/account",
        {
            "branding": {"sender_name": "Corner", "colour": "#0a7d4f", "support_phone": "+13125550100"},
            "default_requirements": {"photo": True},
        },
    )
    assert told["branding"]["sender_name"] == "Corner", f"the account says {told['branding']}"

    def branded() -> bool:
        delivery = scene.order()
        _, seen = scene.follow(delivery)
        scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "other"})
        shown = (seen["merchant"]["name"], seen["merchant"]["colour"])
        if delivery["requirements"]["photo"] and shown == ("Corner", "#0a7d4f"):
            return True
        time.sleep(1)
        return False

    scene.until("an order asks for a photo and shows the shop's colours", branded, KNOWN_EVERYWHERE_S)
    scene.say("the shop sets its colours and asks for a photo of every hand-over; the next order has both")

    _hours(scene)
    _keys(scene)
    scene.shop.patch("/v1/account", {"branding": None, "hours": None, "default_requirements": None})


def _hours(scene: Scene) -> None:
    opens = (scene.now() + timedelta(hours=6)).replace(minute=0, second=0, microsecond=0)
    closes = opens + timedelta(hours=8)
    span = {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}
    scene.shop.patch("/v1/account", {"hours": {"time_zone": "UTC", "week": [{"day": day, **span} for day in WEEK]}})

    def closed() -> bool:
        try:
            delivery = scene.order()
        except RefusedError as refused:
            return refused.code == "store_closed"
        scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "other"})
        time.sleep(1)
        return False

    scene.until("an order for now is refused", closed, KNOWN_EVERYWHERE_S)
    scene.say(f"it opens at {span['opens']} only: an order for now is refused with store_closed")
    window = {
        "opens_at": (opens - timedelta(hours=1)).isoformat(),
        "closes_at": (opens + timedelta(hours=1)).isoformat(),
    }

    def kept() -> bool:
        delivery = scene.order(pickup_window=window)
        scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "other"})
        if delivery["pickup_window"]["opens_at"] == f"{opens:%Y-%m-%dT%H:%M:%SZ}":
            return True
        time.sleep(1)
        return False

    scene.until("an order for later is picked up when the store opens", kept, KNOWN_EVERYWHERE_S)
    scene.say("an order for later is picked up when the store opens")


def _keys(scene: Scene) -> None:
    scopes = {"scopes": ["deliveries:read", "deliveries:write"], "name": "till"}
    made = scene.shop.post("/v1/account/keys", scopes)
    old = Caller(scene.stack.api_url, fixed(made["api_key"]))
    rotated = scene.shop.post(f"/v1/account/keys/{made['key_id']}/rotate", {"grace_hours": 24})
    new = Caller(scene.stack.api_url, fixed(rotated["api_key"]))
    for key in (old, new):
        refused = refusal(key.get, "/v1/deliveries", external_id="none")
        assert refused.code == "no_such_delivery", f"a key in its grace was answered with {refused}"
    scene.say("it makes a key for its till and rotates it: for a day both the old and the new secret are valid")
    refused = refusal(new.get, "/v1/account")
    assert refused.code == "key_scope", f"the till's key was let into the account: {refused}"
    (own,) = (key for key in scene.shop.get("/v1/account/keys")["keys"] if "account:manage" in key["scopes"])
    refused = refusal(scene.shop.delete, f"/v1/account/keys/{own['key_id']}")
    assert refused.code == "last_account_key", f"the last key to the account was revoked: {refused}"
    scene.shop.delete(f"/v1/account/keys/{made['key_id']}")
    scene.say("the till's key may not change the account, and the last key that may can't be revoked")
