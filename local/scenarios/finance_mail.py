"""Finance chooses who gets which mail, and sends a test that has figures, plots and files; nobody else may."""

from email import message_from_string, policy
from email.message import EmailMessage
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
    assert str(mail["Subject"]).startswith("Test: Tagesbericht "), mail["Subject"]
    page = mail.get_body(("html",))
    assert page is not None
    assert "Gebucht" in page.get_content()
    files = {one.get_filename() for one in mail.iter_attachments()}
    assert any(str(name).endswith(".xlsx") for name in files) == any(str(name).endswith(".csv") for name in files)
    fay.put(PATH, {"plans": before})
    scene.say(f"the test is there: {mail['Subject']}, with {len(files)} files; Fay puts the plans back")


def _mail_to(scene: Scene, address: str) -> EmailMessage | None:
    for kept in reversed(scene.messages.emails()):
        raw: Any = kept.get("RawMessage") or kept.get("RawData") or kept.get("Data")
        if address in str(kept) and raw:
            return message_from_string(str(raw), policy=policy.default)
    return None
