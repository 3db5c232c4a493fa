"""The shop's endpoint is down for a day and another one hangs: every event still arrives, and is in the event log.

The day is in business time: with ``make up SPEED=1800`` it takes 48 seconds, and retries bring all events.
At a slower clock the endpoint is down only for a moment, and the shop asks for a replay of the missed events.
"""

import math
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from local.city.api import RefusedError
from local.imitations.receivers import Hook
from local.scenarios.scene import Scene

A_DAY_S = 86_400.0
LONGEST_OUTAGE_WALL_S = 60.0
LONGEST_RECOVERY_S = 150.0
"""The longest wait for all events: after a day of failures the next retry is 28 hours away, 56 s at SPEED=1800."""

ORDERS = 3
ENDS = {"delivery.cancelled", "delivery.expired"}


def play(scene: Scene) -> None:
    """Play it."""
    scene.open(0)
    endpoints = scene.receivers.endpoints
    hook_url = scene.town.register.merchants["shop"].hook_url
    path = urlsplit(hook_url).path
    known = scene.shop.get("/v1/account/endpoints")["endpoints"]
    own = next(endpoint["endpoint_id"] for endpoint in known if endpoint["url"] == hook_url)
    other = _hanging_endpoint(scene, hook_url)
    try:
        began = datetime.now(UTC)
        day_s = scene.stack.wall_seconds(A_DAY_S)
        whole_day = day_s <= LONGEST_OUTAGE_WALL_S
        deliveries = _outage(scene, path, day_s if whole_day else 0.0)
        scene.say(f"the endpoint works again; {len(deliveries)} orders were placed and cancelled meanwhile")
        if not whole_day:
            asked = {"since": began.isoformat()}
            replay = scene.shop.post(f"/v1/account/endpoints/{own}/replay", asked)["replay_id"]
            scene.say(
                "at this clock speed the next retry is far off, so the shop asks for a replay of the missed events"
            )
            _until_finished(scene, own, replay)
        _all_arrive(scene, deliveries)
        _one_again(scene, path, own, deliveries[0])
        hung = scene.until("the hanging endpoint is called", lambda: endpoints.hung[urlsplit(other["url"]).path])
        scene.say(f"meanwhile another endpoint hung {hung} times, which delayed no other webhook")
        _catch_up(scene, deliveries)
    finally:
        endpoints.let_go(urlsplit(other["url"]).path)
        scene.shop.delete(f"/v1/account/endpoints/{other['endpoint_id']}")


def _hanging_endpoint(scene: Scene, hook_url: str) -> dict[str, Any]:
    made: dict[str, Any] = scene.shop.post("/v1/account/endpoints", {"url": f"{hook_url}-hangs"})
    path = urlsplit(made["url"]).path
    scene.receivers.endpoints.trust(path, made["signing_secret"])
    scene.receivers.endpoints.hang(path)
    return made


def _outage(scene: Scene, path: str, wall_s: float) -> list[dict[str, Any]]:
    """Place and cancel orders while the endpoint answers 503, for some wall seconds and until it was called."""
    endpoints = scene.receivers.endpoints
    failed_before = endpoints.failures[path]
    ends = time.monotonic() + wall_s
    endpoints.fail_for(path, math.inf)
    deliveries = [scene.order() for _ in range(ORDERS)]
    scene.until("the endpoint is called while it is down", lambda: endpoints.failures[path] > failed_before)
    scene.say("the shop's endpoint answers 503")
    for delivery in deliveries:
        with suppress(RefusedError):  # with a fast clock it may have expired already
            scene.shop.post(f"/v1/deliveries/{delivery['id']}/cancel", {"reason": "other"})
    scene.until("the day is over", lambda: time.monotonic() > ends, wall_s + 5)
    endpoints.fail_for(path, 0)
    return deliveries


def _until_finished(scene: Scene, endpoint_id: str, replay_id: str) -> None:
    path = f"/v1/account/endpoints/{endpoint_id}/replays/{replay_id}"
    told = scene.until(
        "the replay is finished",
        lambda: next((t for t in [scene.shop.get(path)] if t["state"] == "finished"), None),
        LONGEST_RECOVERY_S,
    )
    scene.say(f"the replay looked at {told['read']} events and sent {told['queued']} again")


def _all_arrive(scene: Scene, deliveries: list[dict[str, Any]]) -> None:
    for delivery in deliveries:

        def all_there(delivery_id: str = delivery["id"]) -> list[Hook] | None:
            found = scene.receivers.endpoints.of_delivery(delivery_id)
            whole = found and found[-1].type in ENDS and len(found) == found[-1].data["sequence"]
            return found if whole else None

        hooks = scene.until(f"all events of {delivery['external_id']} arrive", all_there, LONGEST_RECOVERY_S)
        assert [hook.data["sequence"] for hook in hooks] == list(range(1, len(hooks) + 1))
        assert len({hook.id for hook in hooks}) == len(hooks)
    scene.say("every event arrived, in the order of its sequence, without a gap")


def _one_again(scene: Scene, path: str, endpoint_id: str, delivery: dict[str, Any]) -> None:
    """Ask for a replay of one event that arrived; it comes again with the same id."""
    endpoints = scene.receivers.endpoints
    first = endpoints.of_delivery(delivery["id"])[0]
    repeated = endpoints.repeated[path]
    scene.shop.post(f"/v1/account/endpoints/{endpoint_id}/replay", {"event_id": first.id})
    scene.until("the event comes again under the same id", lambda: endpoints.repeated[path] > repeated)
    scene.say("a replayed event has the same id, so that the shop recognises it")


def _catch_up(scene: Scene, deliveries: list[dict[str, Any]]) -> None:
    """Read the same events from the event log, with the cursor."""
    ours = {delivery["id"] for delivery in deliveries}
    hooks = {hook.id: hook for one in ours for hook in scene.receivers.endpoints.of_delivery(one)}
    seen: dict[str, dict[str, Any]] = {}
    query: dict[str, Any] = {"limit": 5}

    def read() -> bool:
        page = scene.shop.get("/v1/events", **query)
        query["cursor"] = page["cursor"]
        for event in page["events"]:
            assert event["id"] not in seen, f"the log told {event['id']} twice"
            seen[event["id"]] = event["payload"]
        return hooks.keys() <= seen.keys()

    scene.until("the event log has the events of the webhooks", read, LONGEST_RECOVERY_S)
    told = {event_id: body for event_id, body in seen.items() if body["data"].get("delivery_id") in ours}
    assert told.keys() == hooks.keys(), "the log and the webhooks differ"
    for event_id, body in told.items():
        assert (body["type"], body["data"]) == (hooks[event_id].type, hooks[event_id].data)
    scene.say(f"GET /v1/events returns the same {len(told)} events with the same ids and bodies")
