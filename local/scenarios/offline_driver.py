"""A phone loses the network mid-route, is killed, and replays everything: some of it twice, some after a colleague."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from local.city.api import RefusedError
from local.city.driver import picture
from local.city.plans.geometry import Point
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene


@dataclass(frozen=True)
class Action:
    """One action as the app keeps it on the phone: all of the request, its name, and its digest."""

    method: str
    path: str
    body: bytes
    kind: str
    action_id: str
    digest: str

    @classmethod
    def of(cls, method: str, path: str, body: bytes, kind: str = "application/json") -> "Action":
        """Return an action of this moment."""
        route = path.partition("?")[0]
        digest = hashlib.sha256(f"{method} {route}\n".encode() + body).hexdigest()
        return cls(method, path, body, kind, str(uuid4()), digest)


class Queue:
    """The queue of a driver's app: it survives the app, and sends its actions in order until each has an answer."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self.kept: list[Action] = []

    def step(self, delivery: dict[str, Any], name: str, at: datetime, **body: Any) -> None:
        """Keep a step at a stop, with the time of the phone."""
        told = json.dumps({**body, "device_at": at.isoformat()}).encode()
        self.kept.append(Action.of("POST", f"/v1/driver/deliveries/{delivery['id']}/{name}", told))

    def photo(self, delivery: dict[str, Any], kind: str) -> None:
        """Keep a photo with its hash."""
        taken = picture(kind)
        path = f"/v1/driver/deliveries/{delivery['id']}/proofs/{kind}?sha256={hashlib.sha256(taken).hexdigest()}"
        self.kept.append(Action.of("PUT", path, taken, "image/png"))

    def send(self, action: Action) -> Any:
        """Send one action."""
        headers = {"Content-Type": action.kind, "Action-Id": action.action_id, "Action-Digest": action.digest}
        return self._actor.app.call(action.method, action.path, action.body, headers=headers)

    def drain(self, *, twice: bool) -> list[str]:
        """Send all actions in order, or each twice; return the codes of what was refused for good."""
        refused = []
        for action in self.kept:
            for _ in range(2 if twice else 1):
                try:
                    self.send(action)
                except RefusedError as told:
                    refused.append(told.code)
        return refused


def play(scene: Scene) -> None:
    """Play it."""
    (lena,) = scene.open(1, named=("Lena Ode",))
    lena.go_on_duty()
    cake, bread, soup = (scene.order(300 + 60 * n, requirements={"photo": n == 0}) for n in range(3))
    for delivery in (cake, bread, soup):
        scene.assign(delivery, lena)
    for delivery in (cake, bread, soup):
        lena.fetch(delivery)
    queue, left_at = Queue(lena), scene.now()
    scene.say("Lena has three orders on board when her phone loses the network; its app keeps what she does")

    said, fixes = left_at, []
    for delivery, end in ((cake, "deliver"), (bread, "fail"), (soup, "deliver")):
        door = delivery["dropoff"]
        queue.step(delivery, "depart", said + timedelta(seconds=1), stop="dropoff")
        said += timedelta(seconds=7)
        fixes += [{"point": door, "device_at": (said + timedelta(seconds=s)).isoformat()} for s in (0, 1, 2)]
        queue.step(delivery, "arrive", said, stop="dropoff", position=door)
        if end == "deliver":
            queue.photo(delivery, "photo")
            queue.step(delivery, end, said + timedelta(seconds=2), position=door, condition={"state": "intact"})
        else:
            queue.photo(delivery, "failure_photo")
            failed = {"reason": "customer_absent", "note": "no bell", "position": door}
            queue.step(delivery, end, said + timedelta(seconds=2), **failed)
        said += timedelta(seconds=3)
    scene.staff.post(f"/v1/staff/deliveries/{soup['id']}/complete", {"reason": "app_failed"})
    scene.say("meanwhile a dispatcher completes the third by hand; then the app is killed")

    wrong = Action(**{**vars(queue.kept[0]), "path": queue.kept[0].path.replace(cake["id"], bread["id"])})
    refused = refusal(queue.send, wrong)
    assert refused.code == "action_digest_mismatch", f"an action under another delivery's path gives {refused.code}"
    scene.say("an action that the killed app filed under another delivery is refused, and nothing is done")

    scene.stack.sleep_sim(max(0.0, (said - scene.now()).total_seconds() + 1))
    lena.app.post("/v1/driver/positions", {"fixes": fixes})
    lena.at = Point.of(soup["dropoff"])
    codes = queue.drain(twice=True)
    told = {one["external_id"]: scene.delivery(one) for one in (cake, bread, soup)}
    states = [told[one["external_id"]]["state"] for one in (cake, bread, soup)]
    assert states == ["delivered", "returning", "delivered"], f"they are {states}, refused: {codes}"
    made = [step for step in told[cake["external_id"]]["timeline"] if step["state"] == "delivered"]
    assert len(made) == 1, f"it was delivered {len(made)} times"
    assert made[0]["device_at"] < made[0]["at"], "the step counts as made when it came in"
    assert told[soup["external_id"]]["timeline"][-1]["actor"] == "staff"
    scene.say(f"she replays everything, each twice: {', '.join(states)}; what staff had ended stays as it is")

    until = next(one for one in lena.app.get("/v1/driver/route")["ended"] if one["delivery_id"] == bread["id"])
    assert until["correctable_until"], "the failure can't be corrected"
    now = scene.now().isoformat()
    state = lena.app.post(
        f"/v1/driver/deliveries/{bread['id']}/correct", {"device_at": now, "reason": "customer_came", "note": "she ran"}
    )["state"]
    assert state == "arrived_at_dropoff", f"after the correction it is {state}"
    assert queue.drain(twice=False).count("changed_meanwhile") == 0
    assert scene.delivery(bread)["state"] == "arrived_at_dropoff", "a late copy of the failure failed it again"
    assert [(stop["kind"], stop["started"]) for stop in lena.stops()] == [("dropoff", True)]
    lena.stand_at(Point.of(bread["dropoff"]))
    assert lena.step(bread, "deliver", position=lena.at.json()) == "delivered"
    hook = scene.webhook(bread, "delivery.corrected")
    assert hook.data["corrects"]["state"] == "failed", f"the webhook says {hook.data['corrects']}"
    proof = scene.staff.get(f"/v1/staff/deliveries/{bread['id']}/proof")
    assert [image["kind"] for image in proof["earlier"][0]["images"]] == ["failure_photo"], (
        "the failure's photo is gone"
    )
    assert [remark["note"] for remark in proof["remarks"]] == ["she ran"]
    scene.say("the customer of the second comes running: Lena takes the failure back and hands over; both are kept")

    kinds = [scene.earned(lena, one)["kind"] for one in (cake, bread)]
    assert kinds == ["delivery", "delivery"], f"the ledger has {kinds}"
    scene.trial_balance()
    assert lena.stops() == []
    scene.say("each of her deliveries is booked once, and the books balance")
