"""A driver's payable is never below zero without a receivable, whatever is earned, taken, reserved and paid."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.money import Money
from crowdship.settlement.accounts import DRIVER_PAYABLE, DRIVER_RECEIVABLE, PAYOUTS_IN_FLIGHT
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.ledger import PAID_OUT, Posting, PostingKind, entry
from crowdship.settlement.pending import pending_one, posted_one, voided_one
from crowdship.settlement.sums import Key, Tally
from tests.books import statements_for
from tests.unit.settlement.test_postings import DAY, NOON, adjustment

PAYABLE, RECEIVABLE = DRIVER_PAYABLE.of("drv_1"), DRIVER_RECEIVABLE.of("drv_1")


def at(day):
    return datetime.combine(day, NOON.time(), UTC)


def balance(log, account):
    columns = Tally.of(log).accounts.get(Key(account, "USD"))
    return columns.balance if columns else 0


amounts = st.lists(st.integers(-50_000, 50_000).filter(bool), max_size=4)
outcomes = st.sampled_from(["paid", "pending", "posted later", "voided"])


def payout(statement, day):
    """The payout of a statement, which reserves what is due until the bank answers."""
    entries = (
        *entry(PAYABLE, statement.sums.total, PAID_OUT),
        *entry(PAYOUTS_IN_FLIGHT.group, -statement.sums.total, PAID_OUT, item=statement.id),
    )
    return pending_one(Posting.caused_by(f"pay_{day}", PostingKind.PAYOUT, at(day), entries))


@given(st.lists(st.tuples(amounts, outcomes), min_size=1, max_size=6))
def test_after_each_close_a_debt_is_a_receivable_and_never_a_negative_payable(days):
    log, open_payouts, booked = [], [], {DAY + timedelta(days=n): [] for n in range(len(days) + 2)}
    for number, (changes, outcome) in enumerate(days):
        day, into = DAY + timedelta(days=number), DAY + timedelta(days=number + 1)
        for place, amount in enumerate(changes):
            money = Money(amount=amount, currency="USD")
            booked[day].append(adjustment(f"adj_{number}_{place}", "drv_1", money, "", at(day), "ana"))
        log += booked[day]
        for statement, _ in statements_for(day, booked[day]):
            if carried := carry_posting(statement, at(into)):
                booked[into].append(carried)
            if statement.sums.total.amount > 0:
                pending = payout(statement, day)
                resolved = {"paid": posted_one, "voided": voided_one}.get(outcome)
                booked[into] += [pending] if resolved is None else [pending, resolved(pending, at(into))]
                if outcome != "paid":
                    open_payouts.append(statement.sums.total.amount)
        settled = log + booked[into]
        payable = -balance(settled, PAYABLE)
        assert payable == sum(open_payouts), "what is not paid is still due, and nothing is below zero"
        assert payable >= 0
        owed = balance(settled, RECEIVABLE)
        assert owed >= 0
