"""Customer and driver write and call without numbers; a driver presses the emergency button."""

from io import BytesIO
from uuid import uuid4

import requests
from PIL import Image

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (nia,) = scene.open(1, named=("Nia Okoro",))
    nia.go_on_duty()
    delivery = scene.order(requirements={"photo": True})
    nia.accept(scene.offer_to(nia))
    link = scene.stack.behind_link(delivery["tracking_url"])
    theirs = f"/v1/driver/deliveries/{delivery['id']}"

    def say(text: str) -> requests.Response:
        return requests.post(f"{link}/messages", json={"message_id": str(uuid4()), "text": text}, timeout=20)

    early = say("are you there?")
    assert early.json()["code"] == "no_contact_now", f"a message before the pickup was answered with {early.text}"
    nia.fetch(delivery)
    assert scene.follow(delivery)[1]["contact"], "the page does not say that the driver can be reached"
    assert say("The bell is broken").status_code == 201
    (seen,) = nia.app.get(f"{theirs}/messages")["messages"]
    assert (seen["sender"], seen["text"]) == ("customer", "The bell is broken"), f"her app shows {seen}"
    nia.app.post(f"{theirs}/messages", {"message_id": str(uuid4()), "text": "I knock"})
    assert scene.follow(delivery)[1]["unread"] == 1, "the page does not say that there is a message"
    scene.sms(delivery, "your driver wrote to you")
    scene.say("the customer writes that the bell is broken, Nia answers; the page is closed, so an SMS tells of it")

    mine, hers = requests.post(f"{link}/call", timeout=20).json(), nia.app.post(f"{theirs}/call")
    assert mine["number"] == hers["number"], f"the customer would call {mine}, she {hers}"
    assert mine["number"] != delivery["dropoff"].get("phone"), "a number was given away"
    scene.say(f"both get {mine['number']}, which connects them and nobody else")

    press = {"emergency_id": str(uuid4()), "note": "a dog", "position": nia.at.json()}
    first, again = nia.app.post("/v1/driver/emergencies", press), nia.app.post("/v1/driver/emergencies", press)
    assert first == again, "two presses made two emergencies"

    def on_the_list() -> dict[str, object] | None:
        lines = scene.staff.get("/v1/staff/emergencies")["emergencies"]
        return next((line for line in lines if line["emergency_id"] == press["emergency_id"]), None)

    line = scene.until("staff see the emergency", on_the_list)
    assert (line["driver_name"], line["note"]) == ("Nia Okoro", "a dog"), f"staff see {line}"
    handle = f"/v1/staff/emergencies/{press['emergency_id']}/handle"
    assert scene.staff.post(handle, {"note": "called back, all is well"})["state"] == "handled"
    assert nia.app.get("/v1/driver/emergencies")["emergencies"] == []
    scene.say("Nia presses the emergency button twice; staff have one emergency, call back, and close it")

    _change_logo(scene)
    nia.bring(delivery)
    nia.upload(delivery, "photo")
    nia.step(delivery, "deliver")
    told = scene.follow(delivery)[1]
    (picture,) = told["proof"]
    shown = requests.get(f"{link.partition('/v1/')[0]}{picture['url']}", timeout=20)
    assert shown.headers["content-type"] == "image/jpeg", f"the picture is {shown.status_code} {shown.text[:200]}"
    Image.open(BytesIO(shown.content)).load()
    scene.say(f"the customer sees the photo, {len(shown.content)} bytes without what the phone wrote into it")


def _change_logo(scene: Scene) -> None:
    drawn = BytesIO()
    Image.new("RGB", (900, 300), "teal").save(drawn, "PNG")
    path = scene.shop.call("PUT", "/v1/account/logo", drawn.getvalue(), headers={"Content-Type": "image/png"})[
        "logo_url"
    ]
    there = scene.stack.client("s3").get_object(Bucket=scene.stack.outputs["PagesBucket"], Key=path[1:])
    assert there["ContentType"] == "image/png", f"the logo is kept as {there['ContentType']}"
    other = {"branding": {"logo_url": "https://cdn.example/logo.png"}}
    assert refusal(scene.shop.patch, "/v1/account", other).code == "invalid_request"
    scene.say("the shop uploads its logo; a logo on another host is refused")
