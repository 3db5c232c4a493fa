"""An insurance runs out on the road: reminded, paused, what is on board is finished, and a new photo resumes work."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import requests

from local.city.papers import jpeg, licence, nothing
from local.city.results.amounts import amount
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import LONGEST_MAIL_S, Scene

JUMPS_AHEAD = True

BEFORE_MIDNIGHT = timedelta(minutes=50)
"""Business time for the steps on the last day, in which the clock runs on."""


def play(scene: Scene) -> None:
    """Play it."""
    vera, milo = scene.open(2, named=("Vera Okafor", "Milo Brandt"))
    last_day = scene.today() + timedelta(days=2)
    _show(scene, vera, last_day)
    _remind(scene, vera)
    carried, waiting = _on_the_last_day(scene, vera, last_day)
    _run_out(scene, vera, carried, waiting)
    milo.go_on_duty()
    milo.accept(scene.offer_to(milo))
    milo.fetch(waiting)
    milo.bring(waiting)
    assert milo.step(waiting, "deliver") == "delivered"
    scene.say("Milo brings the other order")
    _renew(scene, vera)
    scene.trial_balance()


def _send(actor: Actor, body: bytes) -> dict[str, Any]:
    """Upload a photo of an insurance with a form, and have it checked."""
    announced = actor.app.post("/v1/driver/documents", {"kind": "insurance", "content_type": "image/jpeg"})
    sent = requests.post(announced["url"], data=announced["fields"], files={"file": body}, timeout=30)
    sent.raise_for_status()
    told: dict[str, Any] = actor.app.post(f"/v1/driver/documents/{announced['document_id']}/check")
    return told


def _paper(actor: Actor) -> dict[str, Any]:
    papers = actor.app.get("/v1/driver/documents")["papers"]
    return next(dict(paper) for paper in papers if paper["kind"] == "insurance")


def _approve(scene: Scene, actor: Actor, document: dict[str, Any], until: date) -> None:
    path = f"/v1/staff/drivers/{actor.id}/documents/{document['document_id']}/approve"
    decided = scene.staff.post(path, {"valid_until": str(until)})
    assert decided["state"] == "approved", f"the document is {decided}"


def _show(scene: Scene, vera: Actor, last_day: date) -> None:
    refused = _send(vera, nothing())
    assert (refused["state"], refused["reason"]) == ("refused", "one_colour"), f"a picture of nothing is {refused}"
    scene.say("Vera sends a photo on which nothing is to be seen, and the app tells her why it is refused")
    document = _send(vera, jpeg(licence("Harbour Mutual")))
    assert document["state"] == "checked", f"the photo of her insurance is {document}"
    queue = scene.staff.get("/v1/staff/documents", limit=100)["documents"]
    assert document["document_id"] in {one["document_id"] for one in queue}, "staff don't see it"
    path = f"/v1/staff/drivers/{vera.id}/documents/{document['document_id']}/approve"
    late = refusal(scene.staff.post, path, {"valid_until": str(scene.today() - timedelta(days=1))})
    assert late.code == "expired", f"an approval of yesterday was answered with {late}"
    _approve(scene, vera, document, last_day)
    assert _paper(vera)["valid_until"] == str(last_day), f"her insurance is {_paper(vera)}"
    scene.say(f"the second photo is approved until {last_day}")


def _look(scene: Scene) -> dict[str, int]:
    """Call the hourly task now."""
    called = scene.stack.client("lambda").invoke(FunctionName="crowdship-local-tasks-documents", Payload=b"{}")
    told: dict[str, int] = json.loads(called["Payload"].read())
    assert "errorType" not in told, f"the task failed: {told}"
    return told


def _mails(scene: Scene, what: str) -> int:
    mails = scene.messages.emails()
    return sum("vera-okafor." in str(mail["To"]) and what in mail["Subject"] for mail in mails)


def _told_by_mail(scene: Scene, what: str) -> None:
    """Look for what is due, twice, and check that one mail comes of it."""
    known = _mails(scene, what)
    _look(scene)
    _look(scene)
    scene.until(f"Vera gets a mail with {what!r}", lambda: _mails(scene, what) > known, LONGEST_MAIL_S)
    assert _mails(scene, what) == known + 1, "she got it twice"


def _remind(scene: Scene, vera: Actor) -> None:
    scene.stack.clock.jump(timedelta(days=1))
    _told_by_mail(scene, "will run out")
    assert _paper(vera)["counts"], "it no longer counts on the day before its last"
    scene.say("a day later, she is reminded by mail and on her phone that it runs out tomorrow, once")


def _on_the_last_day(scene: Scene, vera: Actor, last_day: date) -> tuple[dict[str, Any], dict[str, Any]]:
    end = datetime.combine(last_day, time.min, UTC) + timedelta(days=1)
    scene.stack.clock.jump(end - BEFORE_MIDNIGHT - scene.now())
    vera.go_on_duty()
    carried, waiting = scene.order(400, 0), scene.order(300, 100)
    for order in (carried, waiting):
        scene.assign(order, vera)
    vera.fetch(carried)
    vera.step(waiting, "depart", stop="pickup")
    vera.step(waiting, "arrive", stop="pickup")
    assert scene.now() < end, "the day ended before its steps were made; the clock runs too fast for this story"
    scene.say("on its last day, shortly before midnight, she has one order on board and waits at the shop for another")
    scene.stack.clock.jump(end - scene.now() + timedelta(seconds=1))
    return carried, waiting


def _run_out(scene: Scene, vera: Actor, carried: dict[str, Any], waiting: dict[str, Any]) -> None:
    refused = refusal(vera.step, waiting, "pick-up")
    assert (refused.status, refused.code) == (403, "documents_missing"), f"taking it was answered with {refused}"
    _told_by_mail(scene, "has run out")
    left = {stop["delivery_id"] for stop in vera.stops()}
    assert left == {carried["id"]}, f"on her route are {left}"
    scene.say("after midnight nothing new goes on board: the order at the shop is offered to others, and she is told")
    vera.bring(carried)
    assert vera.step(carried, "deliver") == "delivered", "what was on board can't be finished"
    line = scene.earned(vera, carried)
    scene.say(f"what was on board she delivers, and is paid {amount(line['total']['amount'])} USD for it")
    off = refusal(vera.app.post, "/v1/driver/duty", {"position": vera.at.json()})
    assert off.code == "documents_missing", f"starting anew was answered with {off}"


def _renew(scene: Scene, vera: Actor) -> None:
    document = _send(vera, jpeg(licence("Harbour Mutual, renewed")))
    assert _paper(vera)["state"] == "checked", f"her insurance is {_paper(vera)}"
    _approve(scene, vera, document, scene.today() + timedelta(days=365))
    order = scene.order(200, 0)
    scene.assign(order, vera)
    assert {stop["delivery_id"] for stop in vera.stops()} == {order["id"]}, "she gets no work"
    scene.shop.post(f"/v1/deliveries/{order['id']}/cancel", {"reason": "other"})
    scene.say("a new photo is approved for a year: she can be given work again at once")
