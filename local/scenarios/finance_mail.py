"""Finance chooses who gets which mail, and sends a test that has figures; nobody else may."""

from typing import Any

from local.city.town import staff_of
from local.scenarios.actors import refusal
from local.scenarios.scene import LONGEST_MAIL_S, Scene

PATH = "/v1/staff/finance/mails"


def play(scene: Scene) -> None:
    """Play it."""
    fay, dora = (
        staff_of(scene.stack, name=f"finance-mail-{name}", role=role)
        for name, role in (("fay", "finance"), ("dora", "dispatcher"))
    )
    address = f"fay-{scene.run}@crowdship.example"
    before = fay.get(PATH)["plans"]
    plans = {**before, "flash": {**before["flash"], "recipients": [address], "language": "de"}}
    told = fay.put(PATH, {"plans": plans})
    assert told["plans"]["flash"]["recipients"] == [address], told
    assert {one["mail"] for one in told["next"]} >= {"flash"}, told
    scene.say("Fay of finance has the daily flash sent to her, in German")

    assert refusal(dora.get, PATH).code == "wrong_role"
    stranger = {"mail": "flash", "to": "eve@elsewhere.example"}
    assert refusal(fay.put, PATH, {"plans": plans, "test": stranger}).code == "not_a_recipient"
    wrong = {**plans, "flash": {**plans["flash"], "time_zone": "Mars/Olympus"}}
    assert refusal(fay.put, PATH, {"plans": wrong}).code == "invalid_request"
    scene.say("a dispatcher may not see that, a test goes to no stranger, and a time zone has to be one")

    fay.put(PATH, {"plans": plans, "test": {"mail": "flash", "to": address}})
    mail = scene.until("the test comes", lambda: _mail_to(scene, address), LONGEST_MAIL_S)
    assert mail["Subject"].startswith("Test: Tagesbericht "), mail["Subject"]
    assert "Gebucht" in mail["BodyHtml"]
    fay.put(PATH, {"plans": before})
    scene.say(f"the test is there: {mail['Subject']}; Fay puts the plans back")


def _mail_to(scene: Scene, address: str) -> dict[str, Any] | None:
    """Return the newest mail to an address; of a raw mail the emulator keeps the subject and the texts."""
    return next((kept for kept in reversed(scene.messages.emails()) if address in kept.get("To", ())), None)
