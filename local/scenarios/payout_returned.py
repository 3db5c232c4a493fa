"""A payout comes back from the bank: the money is owed again, and waits until the driver gives another account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local.city.results import books
from local.city.results.amounts import amount
from local.scenarios.actors import Actor, refusal
from local.scenarios.scene import Scene

JUMPS_AHEAD = True

PAYOUTS = "/v1/staff/payouts"
DAY = timedelta(days=1)


def play(scene: Scene) -> None:
    """Play it."""
    (odd,) = scene.open(1, named=("Odd Lervik",), certified=True)
    _give_account(odd, "11112222")
    scene.stack.clock.jump(DAY)
    # Pay of a day that an earlier play settled comes with the next one.
    while books.status_of(scene.staff, scene.today()):
        scene.stack.clock.jump(DAY)
    _earn(scene, odd, 900)
    paid = _paid(scene, odd)
    assert paid["state"] == "paid", f"the payout is {paid}"
    scene.say(f"Odd is paid {amount(paid['net']['amount'])} USD")

    report = scene.receivers.bank.report("R02", odd.id)
    for outcome in ("returned", "known"):
        (line,) = _upload(scene, report)["lines"]
        assert line["outcome"] == outcome, f"the bank's report was answered with {line}"
    told = scene.staff.get(f"{PAYOUTS}/{paid['payout_id']}")
    assert (told["state"], told["code"]) == ("returned", "R02"), f"the payout is {told}"
    scene.say("the bank sends it back, as the account is closed; the same report again changes nothing")

    scene.stack.clock.jump(DAY)
    held = _paid(scene, odd)
    assert (held["state"], held["hold_code"]) == ("held", "account_refused"), f"the payout is {held}"
    release = {"decision": "release", "note": "he calls"}
    refused = refusal(scene.staff.post, f"{PAYOUTS}/{held['payout_id']}/decisions", release)
    assert refused.code == "account_needed", f"a release was answered with {refused}"
    scene.say("the next payout waits for another account, and nobody can release it to this one")

    _give_account(odd, "33334444")
    scene.stack.clock.jump(2 * DAY)
    _settle(scene)
    last = scene.staff.get(f"{PAYOUTS}/{held['payout_id']}")
    assert last["state"] == "paid", f"the payout is {last}"
    (correction,) = _upload(scene, scene.receivers.bank.report("C01", odd.id, "account_number=33335555"))["lines"]
    assert correction["outcome"] == "corrected", f"a correction was answered with {correction}"
    assert odd.app.get("/v1/driver/money")["bank_account"]["account_number"].endswith("5555")
    scene.say("he gives another one and is paid; the bank corrects a digit of it, and his app shows that")
    scene.trial_balance()


def _give_account(driver: Actor, number: str) -> None:
    account = {"holder": "Odd Lervik", "kind": "checking", "routing_number": "021000021", "account_number": number}
    driver.app.put("/v1/driver/bank-account", account)


def _earn(scene: Scene, driver: Actor, cents: int) -> None:
    reference = f"returned-{driver.id}-{scene.now():%Y%m%d%H%M%S}"
    money = {"amount": cents, "currency": "USD"}
    asked = {"reference": reference, "driver_id": driver.id, "amount": money, "note": "a day's help"}
    assert scene.staff.post("/v1/staff/ledger/adjustments", asked)["state"] == "booked"


def _settle(scene: Scene) -> None:
    """Settle today, on which all that was booked is paid."""
    books.settle(scene.staff, scene.today())


def _paid(scene: Scene, driver: Actor) -> dict[str, Any]:
    """Settle today and return the newest payout of the driver."""
    _settle(scene)
    payouts: list[dict[str, Any]] = scene.staff.get(PAYOUTS, driver_id=driver.id)["payouts"]
    return payouts[0]


def _upload(scene: Scene, report: str) -> dict[str, Any]:
    answer: dict[str, Any] = scene.staff.post(f"{PAYOUTS}/bank-returns", report.encode(), Content_Type="text/plain")
    return answer
