"""A customer replies STOP and later START; their mail goes on, the shop sees why no SMS came, the page has the PIN."""

import json
from typing import Any
from uuid import uuid4

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

STOPPED, STARTED = "no more texts", "get our texts again"


def play(scene: Scene) -> None:
    """Play it."""
    (ines,) = scene.open(1, named=("Ines Moreau",))
    delivery = scene.order_with_mail(requirements={"pin": True})
    phone, path = scene.phone(delivery["external_id"]), f"/v1/deliveries/{delivery['id']}/notices"
    ines.go_on_duty()
    ines.accept(scene.offer_to(ines))

    stop = _reply(scene, phone, "Stop!")
    _answers(scene, phone, STOPPED)
    _publish(scene, stop)
    _reply(scene, phone, "STOP")
    scene.say("the customer replies Stop!, which comes in twice, and STOP once more; there is one answer")

    ines.fetch(delivery)
    ines.step(delivery, "depart", stop="dropoff")
    mail = scene.mail(delivery, "is on its way")
    assert "Your PIN is" in mail["BodyText"], f"the mail has no PIN: {mail['BodyText']}"
    assert delivery["tracking_url"] in mail["BodyHtml"], "the mail's button does not lead to the page"
    seen = scene.until("the shop sees the opt-out", lambda: _shown(scene.shop.get(path), "sms", "opted_out"))
    assert _shown(scene.shop.get(path), "email", "sent"), f"the shop sees {seen}"
    assert scene.staff.get(f"/v1/staff{path[3:]}") == scene.shop.get(path), "staff see something else than the shop"
    pin = scene.follow(delivery)[1]["pin"]
    assert pin is not None, "the page shows no PIN"
    assert pin in mail["BodyText"], f"the page shows PIN {pin}"
    assert len(scene.messages.sms_to(phone)) == 1, "an SMS was sent after a STOP"
    scene.say("no SMS is sent; the mail and the page have the PIN; the shop and staff see opted_out")

    lift = {"channel": "sms", "reason": "recipient_asked"}
    for deed, where in ((scene.shop.post, path), (scene.staff.post, f"/v1/staff{path[3:]}")):
        refused = refusal(deed, f"{where}/lift", lift)
        assert refused.code == "only_start_lifts_stop", f"lifting was refused with {refused.code}"
    _reply(scene, phone, "start")
    _answers(scene, phone, STARTED)
    ines.bring(delivery)
    ines.step(delivery, "deliver", pin=pin)
    scene.sms(delivery, "was delivered")
    answers = [text for text in scene.messages.sms_to(phone) if STOPPED in text or STARTED in text]
    assert len(answers) == 2, f"the customer was answered {answers}"
    scene.say("neither shop nor staff can lift a STOP; after START the next SMS comes")


def _reply(scene: Scene, phone: str, text: str) -> dict[str, str]:
    """Reply to the platform's number, as the carrier hands it on; return what was handed on."""
    reply = {"originationNumber": phone, "messageBody": text, "inboundMessageId": str(uuid4())}
    _publish(scene, reply)
    return reply


def _publish(scene: Scene, reply: dict[str, str]) -> None:
    topic = scene.stack.outputs["ReportsTopicArn"]
    scene.stack.client("sns").publish(TopicArn=topic, Message=json.dumps(reply))


def _answers(scene: Scene, phone: str, what: str) -> None:
    def look() -> bool:
        return any(what in text for text in scene.messages.sms_to(phone))

    scene.until(f"the customer is answered {what!r}", look)


def _shown(told: dict[str, Any], channel: str, state: str) -> bool:
    return any(one["channel"] == channel and one["state"] == state for one in told["notices"])
