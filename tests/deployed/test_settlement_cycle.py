"""The settlement cycle, from staff's request to the end, against a bank that has good and bad days.

Each test settles a day of the past that nobody has settled, so that none meets another, nor the day that is played
in the same books. What was delivered on it comes in as the bus would bring it: through the queue ``postings``.
"""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from crowdship.kernel.ids import new_id
from crowdship.payouts.registry import SECRET_AGE_S
from crowdship.settlement.balances.service import EARLIEST
from local.imitations.receivers import Bank, Receivers
from tests.api_calls import eventually, ok
from tests.api_clients import Network, Shop
from tests.contracts import sample, validate_event
from tests.deployed.tap import Tap

LONGEST_CYCLE_S = 90
PAY = 592 + 300
"""What the sample of a delivery pays its driver: the trip and the tip."""


@dataclass
class CountingBank(Bank):
    """A bank that is unavailable so many times for some drivers, and counts how often it was asked."""

    unavailable: dict[str, int] = field(default_factory=dict)
    asked_for: dict[str, int] = field(default_factory=dict)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        driver_id = json.loads(body)["driver_id"]
        with self.lock:
            self.asked_for[driver_id] = self.asked_for.get(driver_id, 0) + 1
            if self.unavailable.get(driver_id, 0) > 0:
                self.unavailable[driver_id] -= 1
                return 503, {"reason": "back in a moment"}
        return super().take(headers, body)


@dataclass
class Books:
    """The platform's books, its bank, and a shop that orders."""

    network: Network
    receivers: Receivers
    bank: CountingBank
    shop: Shop
    tap: Tap

    def new_day(self) -> date:
        """Return a day that nobody began to settle."""
        while True:
            day = EARLIEST + timedelta(days=random.randrange(6_500))
            if self.network.staff("GET", f"/v1/staff/settlements/{day}").status_code == 404:
                return day

    def deliver(self, day: date, *driver_ids: str) -> None:
        """Let each driver deliver something on a day, and wait until it is booked."""
        stack = self.network.stack
        for number, driver_id in enumerate(driver_ids):
            event = json.loads(json.dumps(sample("delivery.delivered")))
            delivery_id = new_id("dlv")
            event |= {"id": new_id("evt"), "subject": delivery_id, "time": f"{day}T12:{number:02}:00Z"}
            event["data"] |= {"delivery_id": delivery_id, "driver_id": driver_id, "actor": driver_id}
            event["data"]["merchant_id"] = self.shop.id
            validate_event(event)
            envelope = {"source": "crowdship", "detail-type": event["type"], "detail": event}
            stack.client("sqs").send_message(
                QueueUrl=stack.outputs["PostingsQueueUrl"], MessageBody=json.dumps(envelope)
            )
        wanted = len(driver_ids) * PAY
        eventually(lambda: sum(self.due(day, driver_id) for driver_id in set(driver_ids)) == wanted, "it is booked")

    def due(self, day: date, driver_id: str) -> int:
        """Return what stands on a driver's account for a day."""
        accounts = self.network.staff.get("/v1/staff/ledger/trial-balance", period=str(day))["accounts"]
        account = f"driver:{driver_id}:payable"
        return sum(-line["balance"]["amount"] for line in accounts if line["account"] == account)

    def start(self, day: date) -> tuple[int, dict[str, Any]]:
        """Ask for the settlement of a day; return the status and the answer."""
        answer = self.network.staff("POST", "/v1/staff/settlements", {"period": str(day)})
        return answer.status_code, answer.json()

    def settled(self, day: date) -> dict[str, Any]:
        """Return the settlement of a day, once it is finished and paid."""

        def look() -> dict[str, Any] | None:
            told: dict[str, Any] = self.network.staff.get(f"/v1/staff/settlements/{day}")
            return told if told["finished_at"] and told["pay_run"] == "finished" else None

        found = eventually(look, f"the settlement of {day}", LONGEST_CYCLE_S, 0.3)
        assert found
        return found

    def balanced(self, day: date) -> bool:
        """Return whether the books of a day, and those of today and tomorrow, balance."""
        today = self.network.today()
        return self.network.difference(day, today, today + timedelta(days=1)) == 0


@pytest.fixture(scope="module")
def books(network: Network, receivers: Receivers) -> Iterator[Books]:
    good, bank = receivers.bank, CountingBank()
    receivers.bank = bank
    receivers.connect_bank(network.stack)
    tap = Tap(network.stack)
    try:
        yield Books(network, receivers, bank, network.shop(network.zone("settlement"), "Settled Shop"), tap)
    finally:
        receivers.bank = good
        tap.close()


def drivers(count: int) -> list[str]:
    return [new_id("drv") for _ in range(count)]


def test_a_day_is_settled_once_however_often_it_is_asked_for(books: Books) -> None:
    day, (one, two, three) = books.new_day(), drivers(3)
    books.deliver(day, one, two, two, three)
    assert books.start(day)[0] == 202
    status, again = books.start(day)
    assert status == 200, "a second request while it runs starts nothing"
    first = books.settled(day)
    assert again["execution_arn"] == first["execution_arn"]

    assert first["status"] == "finished"
    assert {p["driver_id"]: (p["state"], p["amount"]["amount"]) for p in first["payouts"]} == {
        one: ("paid", PAY),
        two: ("paid", 2 * PAY),
        three: ("paid", PAY),
    }
    transfers = {t["driver_id"]: t["amount"] for t in books.bank.paid_to({one, two, three})}
    nets = {p["driver_id"]: p["net"]["amount"] for p in first["payouts"]}
    assert transfers == nets, "the bank is asked for what is left after the tax of drivers without a W-9"
    assert all(nets[driver] == round(pay * 0.76) for driver, pay in ((one, PAY), (two, 2 * PAY), (three, PAY)))
    assert {books.bank.asked_for[driver] for driver in (one, two, three)} == {1}
    assert books.balanced(day)

    status, told = books.start(day)
    assert (status, told["execution_arn"]) == (200, first["execution_arn"])
    assert books.settled(day) == first
    assert {books.bank.asked_for[driver] for driver in (one, two, three)} == {1}, "the bank was asked again"
    sent = books.tap.wait_for(
        "the payouts", lambda e: e["type"] == "payout.sent" and e["data"]["driver_id"] in (one, two, three), 3
    )
    for event in sent:
        validate_event(event)
    assert len(sent) == 3


def test_everybody_gets_a_statement_that_adds_up_to_the_ledger(books: Books) -> None:
    day, (one, two) = books.new_day(), drivers(2)
    books.deliver(day, one, one, two)
    books.start(day)
    books.settled(day)
    path = f"/v1/staff/settlements/{day}/statements"
    statements = books.network.staff.get(path)["statements"]
    totals = {statement["owner"]: statement["total"]["amount"] for statement in statements}
    charged = 3 * (599 + 247 + 300)
    assert totals == {f"driver:{one}": 2 * PAY, f"driver:{two}": PAY, f"merchant:{books.shop.id}": charged}
    (alone,) = books.network.staff.get(path, owner=f"driver:{one}")["statements"]
    assert sum(part["amount"]["amount"] for line in alone["lines"] for part in line["parts"]) == 2 * PAY
    first = books.network.staff.get(path, limit=2)
    rest = books.network.staff.get(path, limit=2, cursor=first["next_cursor"])
    assert [s["owner"] for s in first["statements"] + rest["statements"]] == [s["owner"] for s in statements]


def test_a_bank_that_is_away_twice_is_asked_again_and_one_refusal_is_taken_back(books: Books) -> None:
    day, (lucky, patient, refused) = books.new_day(), drivers(3)
    books.bank.unavailable[patient] = 2
    books.bank.reject[refused] = "account closed"
    books.deliver(day, lucky, patient, refused)
    books.start(day)
    told = books.settled(day)

    payouts = {payout["driver_id"]: payout for payout in told["payouts"]}
    assert payouts[lucky]["state"] == payouts[patient]["state"] == "paid"
    assert (books.bank.asked_for[lucky], books.bank.asked_for[patient]) == (1, 3)
    assert len(books.bank.paid_to({patient})) == 1
    assert (payouts[refused]["state"], payouts[refused]["reason"]) == ("failed", "account closed")
    assert not books.bank.paid_to({refused})
    assert books.balanced(day)

    today = books.network.today()
    owed = sum(books.due(period, refused) for period in {day, today, today + timedelta(days=1)})
    assert owed == PAY, "what the bank refused is owed again"
    settled = sum(books.due(period, patient) for period in {day, today, today + timedelta(days=1)})
    assert settled == 0, "what was paid is owed no more"
    (failed,) = books.tap.wait_for(
        "the refusal", lambda e: e["type"] == "payout.failed" and e["data"]["driver_id"] == refused
    )
    validate_event(failed)
    assert failed["data"]["reason"] == "account closed"


def test_what_comes_after_a_day_was_closed_is_booked_on_an_open_one(books: Books) -> None:
    day, (early, late) = books.new_day(), drivers(2)
    books.deliver(day, early)
    books.start(day)
    before = books.settled(day)
    stack = books.network.stack
    event = json.loads(json.dumps(sample("delivery.delivered")))
    delivery_id = new_id("dlv")
    event |= {"id": new_id("evt"), "subject": delivery_id, "time": f"{day}T23:59:59Z"}
    event["data"] |= {"delivery_id": delivery_id, "driver_id": late, "merchant_id": books.shop.id}
    for _ in range(2):
        stack.client("sqs").send_message(
            QueueUrl=stack.outputs["PostingsQueueUrl"], MessageBody=json.dumps({"source": "crowdship", "detail": event})
        )
    eventually(lambda: books.due(day + timedelta(days=1), late) == PAY, "it is booked on the next day, once")
    assert books.due(day, late) == 0
    assert ok(books.network.staff("GET", f"/v1/staff/settlements/{day}")) == before
    assert books.balanced(day)
    assert books.network.difference(day + timedelta(days=1)) == 0


def test_a_bank_that_has_moved_is_found(books: Books) -> None:
    day, (driver,) = books.new_day(), drivers(1)
    books.deliver(day, driver)
    with Receivers() as elsewhere:
        elsewhere.connect_bank(books.network.stack)
        time.sleep(SECRET_AGE_S)
        try:
            books.start(day)
            assert books.settled(day)["payouts"][0]["state"] == "paid"
            assert len(elsewhere.bank.paid_to({driver})) == 1
        finally:
            books.receivers.connect_bank(books.network.stack)
    assert driver not in books.bank.asked_for
