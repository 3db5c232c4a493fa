"""The day is settled twice: every driver is paid once."""

from local.city.results import books
from local.city.results.amounts import amount
from local.scenarios.scene import Scene

CLOSES_BOOKS = True


def play(scene: Scene) -> None:
    """Play it."""
    drivers = scene.open(2, named=("Kira Moreau", "Liam Okafor"), offers={"policy": "directed"}, certified=True)
    earned: dict[str, int] = {}
    for driver in drivers:
        driver.go_on_duty()
        delivery = scene.order()
        driver.accept(scene.offer_to(driver))
        driver.fetch(delivery)
        driver.bring(delivery)
        driver.step(delivery, "deliver")
        earned[driver.id] = scene.earned(driver, delivery)["total"]["amount"]
        driver.go_home()
        scene.say(f"{driver.name} delivers and earns {amount(earned[driver.id])} USD")
    scene.actors = []

    day = scene.today()
    known = books.status_of(scene.staff, day)
    if known and known["finished_at"]:
        scene.say(f"{day} was settled before, so these earnings are in the books of the next day")
        first = known
    else:
        first = books.settle(scene.staff, day)
        total = sum(money["amount"] for money in first["totals"])
        scene.say(f"staff settle {day}: {len(first['payouts'])} payouts, {amount(total)} USD")
        for driver in drivers:
            payouts = [payout for payout in first["payouts"] if payout["driver_id"] == driver.id]
            assert [payout["state"] for payout in payouts] == ["paid"], f"{driver.name}'s payouts are {payouts}"
            sent = scene.receivers.bank.paid_to({driver.id})
            assert len(sent) == 1, f"the bank saw {len(sent)} transfers to {driver.name}, not 1"
            assert sent[0]["amount"] == payouts[0]["net"]["amount"], "the bank was asked for another amount"
            assert sent[0]["amount"] >= earned[driver.id], "the payout is less than what was earned"

    asked, transfers = scene.receivers.bank.asked, len(scene.receivers.bank.transfers)
    second = books.settle(scene.staff, day)
    assert second == first, "settling again changed the settlement"
    bank = scene.receivers.bank
    assert (bank.asked, len(bank.transfers)) == (asked, transfers), "the bank was asked again"
    scene.trial_balance()
    scene.say("settled again: nothing changes, the bank gets no request, the trial balance is 0.00")
