"""Terms, limits and what is at hand; random lives in which earnings are paid once whatever is ordered and when."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.money import Money
from crowdship.payouts.instant.model import (
    AtHand,
    DaySum,
    InstantDay,
    Obstacle,
    PlatformDay,
    check_order,
    ordered,
    room_for,
)
from crowdship.payouts.instant.terms import read, table, terms_for
from crowdship.payouts.model import Payout, PayoutState, StatementPart
from crowdship.payouts.postings import posting_of
from crowdship.payouts.schedule import Cadence, payday
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.statements import line_for, sums_of
from crowdship.settlement.trial_balance import trial_balance
from tests.books import statements_for
from tests.unit.settlement.test_postings import adjustment, usd

MONDAY = date(2026, 3, 2)
[TERMS] = table()
HEADER = ",".join(type(TERMS).model_fields)


def part(amount, name="stm_1", day=MONDAY):
    return StatementPart(statement_id=name, period=day, amount=usd(amount))


def day_sum(amount, day=MONDAY, *, closing=False):
    return DaySum(period=day, amount=usd(amount), closing=closing)


def hand(*parts, days=()):
    return AtHand.of("USD", parts, days, MONDAY + timedelta(days=1))


def room(at_hand, own=None, everybody=None):
    return room_for(at_hand, TERMS, own or InstantDay(id="i"), everybody or PlatformDay(id="p"))


def test_at_hand_are_statements_and_open_days():
    found = hand(part(800), days=[day_sum(300), day_sum(50, MONDAY + timedelta(days=1))])
    assert (found.amount, found.period_open) == (usd(1150), MONDAY)


def test_a_day_that_is_closing_counts_only_as_a_debt():
    tomorrow = MONDAY + timedelta(days=1)
    assert hand(days=[day_sum(300, closing=True), day_sum(50, tomorrow)]).amount == usd(50)
    owed = hand(part(800), days=[day_sum(-300, closing=True), day_sum(50, tomorrow)])
    assert (owed.amount, owed.period_open) == (usd(550), tomorrow)


def test_whoever_owes_more_than_there_is_has_nothing_at_hand():
    assert hand(part(100), days=[day_sum(-300)]).amount == usd(0)


def test_limits_say_what_is_in_the_way():
    plenty = hand(part(90_000))
    assert room(plenty).most == usd(TERMS.most)
    assert room(hand(part(99))).obstacle is Obstacle.NOTHING
    assert (
        room(plenty, own=InstantDay(id="i", payout_ids=("pay_1",) * TERMS.driver_count)).obstacle
        is Obstacle.DRIVER_COUNT
    )
    assert room(plenty, own=InstantDay(id="i", total=TERMS.driver_amount)).obstacle is Obstacle.DRIVER_AMOUNT
    full = PlatformDay(id="p", total=TERMS.platform_amount - 1)
    assert room(plenty, everybody=full).obstacle is Obstacle.PLATFORM_AMOUNT


@pytest.mark.parametrize(
    ("at_hand", "amount", "refusal"),
    [(50, 50, Conflict), (800, 99, Unprocessable), (800, 801, Conflict), (800, 800, None), (800, 100, None)],
)
def test_an_order_keeps_to_what_there_is_and_to_the_least(at_hand, amount, refusal):
    if refusal is None:
        check_order(usd(amount), room(hand(part(at_hand))), TERMS)
        return
    with pytest.raises(refusal):
        check_order(usd(amount), room(hand(part(at_hand))), TERMS)


def test_the_newest_row_of_the_zone_holds_and_else_that_of_all_zones():
    rows = read(
        [
            HEADER,
            "USD,,2026-01-01,2026-06-30,150,50,1000,100,50000,5,100000,50000000",
            "USD,,2026-07-01,,100,50,1000,100,50000,5,100000,50000000",
            "USD,chicago,2026-03-01,2026-03-31,0,0,0,100,50000,5,100000,50000000",
        ]
    )

    def basis_points(zone, on):
        found = terms_for("USD", zone, on, rows)
        return found and found.fee_basis_points

    assert basis_points("chicago", date(2026, 3, 15)) == 0
    assert basis_points("chicago", date(2026, 4, 1)) == 150
    assert basis_points("denver", date(2026, 8, 1)) == 100
    assert basis_points("denver", date(2025, 8, 1)) is None
    assert terms_for("EUR", "denver", date(2026, 8, 1), rows) is None


def test_terms_that_would_eat_the_least_order_are_refused():
    with pytest.raises(ValueError, match=r"terms\.csv:2"):
        read([HEADER, "USD,,2026-01-01,,150,100,1000,100,50000,5,100000,50000000"])


def test_a_weekly_payday_is_the_sunday_of_the_period():
    days = [MONDAY + timedelta(days=n) for n in range(8)]
    assert {payday(day, Cadence.WEEKLY) for day in days[:7]} == {date(2026, 3, 8)}
    assert payday(days[7], Cadence.WEEKLY) == date(2026, 3, 15)
    assert all(payday(day, Cadence.DAILY) == day for day in days)


class Life:
    """A driver, the books and the claims in memory, moved on by the same pure rules as in the tables."""

    def __init__(self):
        self.log, self.due, self.number = defaultdict(list), [], 0
        self.today, self.unstated, self.closing = MONDAY, MONDAY, False
        self.paid, self.fees, self.earned, self.ups, self.claimed = 0, 0, 0, 0, []

    @property
    def now(self):
        return datetime.combine(self.today, datetime.min.time(), UTC) + timedelta(hours=5, seconds=self.number)

    def book(self, posting):
        closed = self.unstated if self.closing else self.unstated - timedelta(days=1)
        while posting.period <= closed:
            posting = posting.moved_to(posting.period + timedelta(days=1))
        self.log[posting.period].append(posting)

    def next(self):
        self.number += 1
        return self.number

    def earn(self, amount):
        self.earned += amount
        self.ups += max(amount, 0)
        self.book(adjustment(f"a{self.next()}", "drv_1", usd(amount), "", self.now, "ana"))

    def at_hand(self):
        days = []
        for day, postings in self.log.items():
            lines = [line for posting in postings if (line := line_for("driver:drv_1", posting))]
            if day >= self.unstated and lines:
                closing = self.closing and day == self.unstated
                days.append(DaySum(period=day, amount=sums_of(lines)["USD"].total, closing=closing))
        first = self.today + timedelta(days=1) if self.closing and self.unstated == self.today else self.today
        return AtHand.of("USD", self.due, days, first)

    def order(self, percent, refused):
        """Order some of what is at hand."""
        found = self.at_hand()
        amount = found.amount.amount * percent // 100
        try:
            check_order(usd(amount), room(found), TERMS)
        except (Conflict, Unprocessable):
            return
        payout = ordered(f"pay_{self.next()}", "drv_1", usd(amount), TERMS.fee(usd(amount)), found, self.now)
        self.send(payout.with_changes(state=PayoutState.PENDING, instructed_at=None), payout, refused)

    def send(self, before, payout, refused):
        self.claimed += [one.statement_id for one in payout.settles]
        self.due = [one for one in self.due if one.statement_id not in self.claimed]
        self.book(posting_of(before, payout, self.now))
        if refused:
            failed = payout.back(PayoutState.FAILED, self.now, "provider", "no", "no")
            self.book(posting_of(payout, failed, self.now))
        else:
            self.book(posting_of(payout, payout.paid(self.now), self.now))
            self.paid += payout.net.amount
            self.fees += payout.fee.amount

    def close(self):
        """Close the gates of the oldest day that has no statement, if it is over."""
        if self.unstated == self.today:
            self.today += timedelta(days=1)
        self.closing = True

    def state(self, pays, refused):
        """Write the statements of the day that is closing; the run pays what is due, or leaves it for its payday."""
        if not self.closing:
            self.close()
        day = self.unstated
        for statement, _ in statements_for(day, self.log[day]):
            if not statement.driver_id:
                continue
            if carried := carry_posting(statement, self.now):
                self.book(carried)
            if statement.due.amount:
                self.due.append(StatementPart(statement_id=statement.id, period=day, amount=statement.due))
        self.unstated, self.closing = day + timedelta(days=1), False
        if pays and self.due:
            payout = Payout.due(f"pay_{self.next()}", "drv_1", day, tuple(self.due), self.now)
            self.send(payout, payout.instructed(day, None, "run", self.now), refused)


refusals = st.sampled_from([False, False, True])
acts = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), st.sampled_from([800, 1600, 99, -700])),
        st.tuples(st.just("order"), st.sampled_from([100, 50, 110]), refusals),
        st.tuples(st.just("close")),
        st.tuples(st.just("state"), st.booleans(), refusals),
    ),
    max_size=25,
)


@examples(max_examples=150)
@given(acts)
def test_whatever_is_ordered_and_whenever_days_close_earnings_are_paid_once(acts):
    life = Life()
    for act, *given_to in acts:
        before = life.paid + life.fees
        getattr(life, act)(*given_to)
        paid = life.paid + life.fees
        assert paid == before or paid <= life.ups, "a payment takes no more than was earned"
        assert life.at_hand().amount.amount >= 0
    life.earn(200_000)
    for _ in range(4):
        life.state(pays=True, refused=False)
    assert life.paid + life.fees == life.earned
    assert len(life.claimed) == len(set(life.claimed)), "a statement is in one payout"
    balances = trial_balance(posting for postings in life.log.values() for posting in postings).accounts
    left = {a.account: a.balance.amount for a in balances if a.account.startswith("driver:") and a.balance.amount}
    assert left == {}
    assert not [a for a in balances if a.account == "platform:payouts_in_flight" and a.balance.amount]


def test_money_is_of_one_currency():
    with pytest.raises(ValueError, match="can't combine"):
        AtHand.of("EUR", [part(100)], [], MONDAY)
    assert Money.zero("EUR") == AtHand.of("EUR", [], [], MONDAY).amount
