"""A year ends: its Forms 1099-NEC are made from the books, reviewed, given to drivers and written for the agency."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from local.city.api import Caller
from local.city.forms import w9
from local.city.results import books
from local.city.results.amounts import amount
from local.city.town import staff_of
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

JUMPS_AHEAD = True

SWEEP = "crowdship-local-tasks-tax"
ADJUSTMENTS = "/v1/staff/ledger/adjustments"
PAID = 210_000
"""Minor units above the threshold of 2026 and later."""

TASK_S = 60
QUARTER = timedelta(minutes=16)
LONGEST_MATCH_S = 90
"""The first sweep asks, and the second one takes the answer; a function knows a new address after a minute."""


def play(scene: Scene) -> None:
    """Play it."""
    mara, noel = scene.open(2, named=("Mara Lindqvist", "Noel Aguirre"))
    fay, gus = (staff_of(scene.stack, name=f"year-end-{name}", role="finance") for name in ("fay", "gus"))
    _certify(scene, mara)
    foreign = refusal(noel.app.put, "/v1/driver/tax-form", w9("Noel Aguirre", us_person=False))
    assert foreign.code == "foreign_person", f"a foreign person's W-9 was answered with {foreign}"
    assert noel.app.get("/v1/driver/tax")["withheld_for"] == "foreign"
    scene.say("Mara certifies a W-9, whose number the agency confirms; Noel is no US person and is left to staff")

    scene.to_open_day()
    _pay(fay, gus, mara, PAID)
    day, year = scene.today(), scene.today().year
    books.settle(scene.staff, day)
    scene.say(f"Mara is paid {amount(PAID)} USD, and {day} is settled")
    early = refusal(fay.post, _year(year), _task("generate"))
    assert early.code == "year_not_over", f"forms before the end of the year were answered with {early}"

    scene.stack.clock.jump(datetime(year + 1, 1, 5, 17, tzinfo=UTC) - scene.now())
    # The payout stands in the books of the first day that was still open.
    books.settle(scene.staff, day + timedelta(days=1))
    _sweep(scene)
    made = _run(scene, fay, year, "generate")
    assert made["totals"]["difference"]["amount"] == 0, f"the forms differ from the books: {made['totals']}"
    assert refusal(fay.post, _year(year), _task("file")).code == "not_reviewed"
    _run(scene, gus, year, "review")
    _run(scene, gus, year, "furnish")
    scene.say(f"on 5 January the forms of {year} are made, are what the books paid, and finance reviews them")

    own = mara.app.get("/v1/driver/tax")
    (form,) = own["forms"]
    assert form["compensation"]["amount"] >= PAID, f"her form has {form}"
    copy = requests.get(form["link"], timeout=20).content
    assert copy.startswith(b"%PDF"), f"her copy begins with {copy[:20]!r}"
    scene.say("Mara saves her copy in the app; her number is masked on it")

    filed = _run(scene, gus, year, "file")
    lines = "".join(requests.get(file["link"], timeout=20).text for file in filed["files"])
    assert "Mara Lindqvist" in lines, "the agency's file lacks her"
    assert "123456789" in lines, "the agency's file has no whole number"
    assert refusal(gus.post, _year(year), _form("void", mara.id)).code == "filed"
    scene.trial_balance()
    scene.say("a file for the agency has her form; it can't be withdrawn any more, and the books balance")


def _certify(scene: Scene, mara: Actor) -> None:
    mara.app.put("/v1/driver/tax-form", w9("Mara Lindqvist"))

    def look() -> bool | None:
        scene.stack.clock.jump(QUARTER)
        _sweep(scene)
        return mara.app.get("/v1/driver/tax")["form_state"] == "matched" or None

    scene.until("the agency confirms her number", look, LONGEST_MATCH_S)


def _pay(fay: Caller, gus: Caller, mara: Actor, minor: int) -> None:
    asked = fay.post(
        ADJUSTMENTS,
        {
            "reference": f"year-end-{secrets.token_hex(6)}",
            "driver_id": mara.id,
            "amount": {"amount": minor, "currency": "USD"},
            "note": "the year's work at once",
        },
    )
    gus.post(f"{ADJUSTMENTS}/{asked['adjustment_id']}/approve")


def _sweep(scene: Scene) -> None:
    called = scene.stack.client("lambda").invoke(FunctionName=SWEEP, Payload=b"{}")
    assert "FunctionError" not in called, called["Payload"].read()


def _year(year: int) -> str:
    return f"/v1/staff/tax/years/{year}"


def _task(task: str) -> dict[str, Any]:
    return {"change": {"action": "task", "task": task}}


def _form(act: str, driver_id: str) -> dict[str, Any]:
    return {"change": {"action": "form", "act": act, "driver_id": driver_id}}


def _run(scene: Scene, staff: Caller, year: int, task: str) -> dict[str, Any]:
    staff.post(_year(year), _task(task))

    def look() -> dict[str, Any] | None:
        told: dict[str, Any] = staff.get(_year(year))
        return told if told["task"] is None else None

    return scene.until(f"the task {task} ends", look, TASK_S)
