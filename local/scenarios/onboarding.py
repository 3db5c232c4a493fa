"""Somebody applies to drive; the background check says "consider", a person decides after the wait, and they drive."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import requests
from PIL import Image, ImageDraw

from local.city.api import Caller
from local.city.town import SignIn
from local.imitations.screening import RECORDS, Behaviour
from local.scenarios.actors import refusal
from local.scenarios.scene import Scene
from local.staff import new_password, set_password

JUMPS_AHEAD = True

ADDRESS = {"street": "5 Green Lane", "city": "Danville", "state": "VA", "zip": "24541"}
WORDS = "It is two years old, was fined and not repeated; on a bicycle it has no weight."


def play(scene: Scene) -> None:
    """Play it."""
    scene.open(0)
    email = f"ben.{scene.run}@applicants.example"
    line = _apply(scene, email)
    path = f"/v1/staff/applications/{line['application_id']}"
    app = _sign_in(scene, line["driver_id"])
    assert app.get("/v1/driver/me")["onboarding"], "an applicant counts as a driver"
    assert refusal(app.post, "/v1/driver/duty", {}).code == "onboarding"
    scene.say("Ben signs in with what he was mailed, and can't take work yet")

    _be_checked(scene, app, line)
    noticed = scene.until("the notice goes out", lambda: _in_state(scene, path, "noticed"))
    letter = _mail(scene, email, "before we decide")
    assert RECORDS[0]["title"] in letter, "the letter has no copy of the report"
    told = app.get("/v1/driver/onboarding")
    assert told["report"]["records"][0]["title"] == RECORDS[0]["title"], f"the app shows {told['report']}"
    adverse = {"verdict": "adverse", "assessment": WORDS}
    assert refusal(scene.staff.post, f"{path}/check/decide", adverse).code == "wait_not_over"
    scene.say(f"he has the report and his rights; nobody may refuse him before {noticed['line']['decide_from']}")

    _show_documents(scene, app, line["driver_id"])
    _give_the_rest(scene, app, line["driver_id"])
    wait = datetime.fromisoformat(noticed["line"]["decide_from"]) - scene.now() + timedelta(minutes=1)
    scene.stack.clock.jump(wait)
    scene.say(f"{wait.days} days pass")
    scene.until("the workflow asks for a decision", lambda: _in_state(scene, path, "due"))
    missing = refusal(scene.staff.post, f"{path}/approve").detail
    assert "background_check" in missing, f"approving was refused with {missing}"
    scene.staff.post(f"{path}/check/decide", {"verdict": "go_on", "assessment": WORDS})
    again = refusal(scene.staff.post, f"{path}/check/decide", adverse)
    assert again.code in ("already_decided", "nothing_reported"), f"a second decision was answered with {again}"
    approved = scene.staff.post(f"{path}/approve")
    assert approved["line"]["state"] == "approved", f"it is {approved['line']}"
    assert not app.get("/v1/driver/me")["onboarding"]
    app.post("/v1/driver/duty", {"position": scene.centre.json()})
    app.delete("/v1/driver/duty")
    _mail(scene, email, "you can drive")
    scene.say("a person looks at the record, goes on and approves; Ben goes on duty")


def _apply(scene: Scene, email: str) -> dict[str, Any]:
    body = {
        "name": "Ben Applicant",
        "email": email,
        "phone": scene.phone(email),
        "zone_id": scene.town.key,
        "vehicle": "bicycle",
    }
    url = f"{scene.stack.api_url}/v1/applications"
    key = uuid4().hex
    answers = [
        requests.post(url, json=body, headers={"Idempotency-Key": each}, timeout=20) for each in (key, key, uuid4().hex)
    ]
    assert {(each.status_code, each.text) for each in answers} == {(202, '{"received":true}')}, (
        f"who applies again is told apart: {[each.text for each in answers]}"
    )

    def look() -> dict[str, Any] | None:
        after = None
        while True:
            query = {"stage": "with_applicant", "limit": 100} | ({"after": after} if after else {})
            page = scene.staff.get("/v1/staff/applications", **query)
            for one in page["applications"]:
                if scene.staff.get(f"/v1/staff/applications/{one['application_id']}")["email"] == email:
                    return dict(one)
            if not (after := page["next_after"]):
                return None

    line = scene.until("staff see the application", look)
    scene.say("Ben applies three times, and staff see one application")
    return line


def _sign_in(scene: Scene, driver_id: str) -> Caller:
    # An applicant would do this with the temporary password of the invitation.
    password = set_password(scene.stack, driver_id, new_password())
    return Caller(scene.stack.api_url, SignIn(scene.stack, driver_id, password))


def _in_state(scene: Scene, path: str, state: str) -> dict[str, Any] | None:
    told: dict[str, Any] = scene.staff.get(path)
    return told if told["line"]["check"] == state else None


def _mail(scene: Scene, email: str, what: str) -> str:
    def look() -> str | None:
        mails = [mail for mail in scene.messages.emails() if email in str(mail["To"])]
        return next((str(mail) for mail in mails if what in mail["Subject"]), None)

    return scene.until(f"Ben gets the letter {what!r}", look)


def _be_checked(scene: Scene, app: Caller, line: dict[str, Any]) -> None:
    provider = scene.receivers.screening
    provider.behave(line["driver_id"], Behaviour("consider", slow_s=0.5, times=2))
    version = app.get("/v1/driver/onboarding")["consent_version"]
    app.post("/v1/driver/onboarding/consent", {"version": version, "agreed": True})
    identity = {"legal_name": "Ben Applicant", "born_on": "1990-05-05", "address": ADDRESS}
    app.put("/v1/driver/onboarding/identity", identity)
    reference = f"{line['application_id']}.1"
    answers = scene.until("the provider reports twice", lambda: provider.answers.get(reference))
    assert answers == [(204, ""), (204, "")], f"its reports were answered with {answers}"
    order = provider.orders[reference]
    wrong = provider.report(order, Behaviour("consider", candidate_id="drv_somebody"))
    assert wrong == [(409, "another_person")], f"a report about somebody else was answered with {wrong}"
    told = {"check_id": "x", "reference": reference, "candidate_id": line["driver_id"], "result": "clear"}
    assert provider.send(told, secret="whsec_c29tZWJvZHkgZWxzZQ==") == (401, "bad_signature")
    assert provider.send(told, ago_s=600) == (401, "stale_timestamp")
    scene.say('the provider says "consider", twice; reports for another person, forged and old ones are refused')


def _show_documents(scene: Scene, app: Caller, driver_id: str) -> None:
    def send(kind: str) -> str:
        form = app.post("/v1/driver/documents", {"kind": kind, "content_type": "image/jpeg"})
        sent = requests.post(form["url"], data=form["fields"], files={"file": _photo()}, timeout=30)
        sent.raise_for_status()
        state = app.post(f"/v1/driver/documents/{form['document_id']}/check")["state"]
        assert state == "checked", f"the photo of {kind} is {state}"
        return f"/v1/staff/drivers/{driver_id}/documents/{form['document_id']}"

    scene.staff.post(f"{send('identity')}/refuse", {"reason": "unreadable"})
    (step,) = (one for one in app.get("/v1/driver/onboarding")["steps"] if one["name"] == "documents")
    assert (step["state"], step["next_by"]) == ("refused", "you"), f"the step is {step}"
    in_a_year = (scene.now() + timedelta(days=300)).date().isoformat()
    scene.staff.post(f"{send('identity')}/approve", {"valid_until": in_a_year})
    scene.staff.post(f"{send('profile_photo')}/approve", {})
    scene.say("a document is refused, sent again, and approved")


def _photo() -> bytes:
    """Return a picture with something to see on it, another one each time."""
    image, chance = Image.new("RGB", (1200, 800), "white"), random.Random(uuid4().hex)
    draw = ImageDraw.Draw(image)
    for _ in range(400):
        x, y = chance.randrange(1200), chance.randrange(800)
        colour = (chance.randrange(200), chance.randrange(200), chance.randrange(200))
        draw.rectangle((x, y, x + 60, y + 12), fill=colour)
    drawn = BytesIO()
    image.save(drawn, "JPEG", quality=90)
    return drawn.getvalue()


def _give_the_rest(scene: Scene, app: Caller, driver_id: str) -> None:
    vehicle = {"kind": "bicycle", "max_weight_g": 15_000, "max_volume_l": 60}
    app.put("/v1/driver/onboarding/vehicle", {"vehicle": vehicle})
    form = {
        "name": "Ben Applicant",
        "classification": "individual",
        "address": ADDRESS,
        "tin_kind": "ssn",
        "tin": "123-45-6789",
        "signed_by": "Ben Applicant",
        "certified": True,
    }
    assert app.put("/v1/driver/tax-form", form)["tax_form"]["tin"] == "•••••6789"
    account = {"holder": "Ben", "kind": "checking", "routing_number": "021000021", "account_number": "000123456"}
    first = app.put("/v1/driver/bank-account", account)["bank_account"]
    other = app.put("/v1/driver/bank-account", {**account, "account_number": "000654321"})["bank_account"]
    assert first["payable_from"] < other["payable_from"], "a changed account counts at once"
    wrong = refusal(app.put, "/v1/driver/bank-account", {**account, "routing_number": "021000022"})
    assert wrong.code == "invalid_request", f"a wrong check digit was answered with {wrong}"
    # The quiz has a story of its own.
    credentials = scene.staff.get(f"/v1/staff/drivers/{driver_id}")["credentials"]
    passed = [*credentials, {"name": "safety_training"}]
    scene.staff.patch(f"/v1/staff/drivers/{driver_id}", {"credentials": passed})
    scene.say("tax form and bank account are shown by their last four digits; a changed account is held for a period")
