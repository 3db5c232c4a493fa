"""A shop's developer tries every outcome of a delivery with a test key: only the webhooks are real."""

from secrets import token_hex

from local.city.api import Caller, fixed
from local.imitations.receivers import Hook
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

ENDS = {
    "happy": ("delivered", None),
    "no_driver": ("expired", "no_driver_found"),
    "driver_cancels": ("delivered", None),
    "age_check_fails": ("returned", "underage"),
    "damaged": ("returned", "goods_damaged"),
    "lost": ("failed", "goods_lost"),
    "return": ("returned", "customer_refused"),
    "customer_away": ("returned", "customer_absent"),
}
"""The state in which each outcome ends, and the reason that a webhook names."""

UNTOLD = {"no_driver": 2, "driver_cancels": 1}
"""Number of delivery.reopened events, which are not sent to merchants, by outcome."""

LONGEST_S = 60.0


def play(scene: Scene) -> None:
    """Play it."""
    (dana,) = scene.open(1, named=("Dana Real",))
    dana.go_on_duty()
    merchant = scene.town.register.merchants["shop"]
    # The shop outlives a story. An endpoint that an interrupted one left behind signs with a secret of its own.
    path = f"/hooks/sandbox/{token_hex(4)}"
    endpoints = f"/v1/staff/merchants/{merchant.merchant_id}/endpoints"
    endpoint = scene.staff.post(endpoints, {"url": scene.receivers.url + path, "mode": "test"})
    try:
        scene.receivers.endpoints.trust(path, endpoint["signing_secret"])
        _try_all(scene, dana, path)
    finally:
        scene.staff.delete(f"{endpoints}/{endpoint['endpoint_id']}")


def _try_all(scene: Scene, dana: Actor, path: str) -> None:
    keys = "/v1/account/keys"
    made = scene.shop.post(keys, {"scopes": ["deliveries:read", "deliveries:write"], "mode": "test", "name": "trial"})
    trial = Caller(scene.stack.api_url, fixed(made["api_key"]))
    scene.say(f"the shop creates a test key, {made['key_id'][:12]}..., and an endpoint for tests")

    asked = scene.order_body(sandbox={"outcome": "happy"})
    refused = refusal(scene.shop.post, "/v1/deliveries", asked, Idempotency_Key=asked["external_id"])
    assert refused.code == "sandbox_with_live_key", f"a live key with a sandbox outcome was answered with {refused}"

    owed = scene.owed_by_shop()
    tests = {}
    for outcome in ENDS:
        body = scene.order_body(sandbox={"outcome": outcome, "step_seconds": 1}, requirements={"minimum_age": 21})
        tests[outcome] = trial.post("/v1/deliveries", body, Idempotency_Key=body["external_id"])
        assert tests[outcome]["livemode"] is False, f"{outcome} is not a test: {tests[outcome]}"
    scene.say(f"it orders {len(tests)} deliveries, one for each outcome, and waits for the webhooks")

    for outcome, test in tests.items():
        _follow(scene, trial, outcome, test["id"], path)
    forged = [text for text in scene.receivers.endpoints.refused if text.startswith(f"{path}:")]
    assert not forged, f"signatures that do not hold: {forged}"

    hidden = refusal(scene.shop.get, f"/v1/deliveries/{tests['happy']['id']}")
    assert hidden.status == 404, f"the live key sees a test: {hidden}"
    assert not dana.offers(), "a real driver was offered a test"
    assert scene.messages.sms_to(scene.phone(tests["happy"]["external_id"])) == [], "a test sent an SMS"
    assert scene.owed_by_shop() == owed, "a test was charged for"
    scene.say("no driver was asked, no SMS sent, nothing charged; the live key does not see any of it")
    _revoke(scene, made["key_id"])


def _follow(scene: Scene, trial: Caller, outcome: str, test_id: str, path: str) -> None:
    """Follow a test to its end, and check that all of its webhooks came in."""
    state, reason = ENDS[outcome]

    def complete() -> list[Hook] | None:
        hooks = scene.receivers.endpoints.of_delivery(test_id)
        ended = hooks and hooks[-1].type == f"delivery.{state}"
        return hooks if ended and len(hooks) + UNTOLD.get(outcome, 0) == int(hooks[-1].data["sequence"]) else None

    hooks = scene.until(f"{outcome} ends with delivery.{state}", complete, LONGEST_S)
    told = trial.get(f"/v1/deliveries/{test_id}")
    assert told["state"] == state, f"{outcome} ended {told['state']}, not {state}"
    assert {hook.path for hook in hooks} == {path}, f"{outcome} was told to { ({hook.path for hook in hooks}) }"
    assert not any(hook.data["livemode"] for hook in hooks), f"a webhook of {outcome} says that it is live"
    assert reason in {None, *(hook.data["reason"] for hook in hooks)}, f"no webhook of {outcome} names {reason}"
    why = f", {reason}" if reason else ""
    scene.say(f"{outcome}: {len(hooks)} webhooks, {hooks[0].type} to {hooks[-1].type}{why}")


def _revoke(scene: Scene, key_id: str) -> None:
    keys = scene.shop.delete(f"/v1/account/keys/{key_id}")["keys"]
    (key,) = (key for key in keys if key["key_id"] == key_id)
    assert key["revoked_at"], "the test key was not revoked"
    assert key["last_used_on"], "nobody knows when the test key was used last"
    scene.say("the test key is revoked; the list of keys shows the day on which it was last used")
