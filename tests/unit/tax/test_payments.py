"""A driver's year: what counts as paid, when, and that all forms together are what the books paid."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.money import Money
from crowdship.settlement.accounts import (
    CASH,
    DRIVER_PAYABLE,
    FEES,
    INSTANT_PAY_FEES,
    PAYOUTS_IN_FLIGHT,
    TAX_WITHHELD,
)
from crowdship.settlement.ledger import PAID_OUT, RETURNED, TIP, Posting, PostingKind, entry
from crowdship.tax.payments import Earned, Payment, Tally, YearSums, movements_of, year_sums


def usd(cents):
    return Money(amount=cents, currency="USD")


def at(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def post(cause, kind, day, *entries):
    return Posting.caused_by(cause, kind, at(day), [one for some in entries for one in some])


def instructed(payout, driver, day, gross, withheld=0, fee=0):
    return post(
        payout,
        PostingKind.INSTANT_PAYOUT if fee else PostingKind.PAYOUT,
        day,
        entry(DRIVER_PAYABLE.of(driver), usd(gross), PAID_OUT),
        entry(PAYOUTS_IN_FLIGHT.group, usd(withheld + fee - gross), PAID_OUT, payout),
        entry(TAX_WITHHELD.group, usd(-withheld), "withheld", f"{day:%Y-%m}" if withheld else None),
        entry(INSTANT_PAY_FEES.group, usd(-fee), "fee"),
    )


def settled(payout, day, net, value_on=None):
    flight = entry(PAYOUTS_IN_FLIGHT.group, usd(net), PAID_OUT, payout)
    posting = post(f"{payout}/paid", PostingKind.PAYOUT_SETTLED, day, flight, entry(CASH, usd(-net), PAID_OUT))
    return posting.model_copy(update={"value_on": value_on})


def returned(payout, driver, day, gross, withheld, fee, deposit, *, paid):
    net = gross - withheld - fee
    return post(
        f"{payout}/back",
        PostingKind.PAYOUT_REVERSAL,
        day,
        entry(CASH, usd(net), RETURNED) if paid else entry(PAYOUTS_IN_FLIGHT.group, usd(net), RETURNED, payout),
        entry(TAX_WITHHELD.group, usd(withheld), RETURNED, deposit if withheld else None),
        entry(INSTANT_PAY_FEES.group, usd(fee), RETURNED),
        entry(DRIVER_PAYABLE.of(driver), usd(-gross), RETURNED),
    )


def earning(cause, driver, day, pay, tip):
    payable = DRIVER_PAYABLE.of(driver)
    return post(
        cause,
        PostingKind.ADJUSTMENT,
        day,
        entry(payable, usd(-pay), "base"),
        entry(payable, usd(-tip), TIP),
        entry(FEES, usd(pay + tip), "fee"),
    )


class Books:
    """The ledger's days, tallied as the task does it."""

    def __init__(self):
        self.days, self.payments, self.earned = {}, {}, {}

    def tally(self, postings):
        by_day = {}
        for posting in postings:
            by_day.setdefault(posting.period, []).append(posting)
        for day in sorted(by_day):
            tally = Tally(day)
            for posting in by_day[day]:
                tally.add(posting)
            self.days[day] = tally.book
            for driver, one in tally.earned.items():
                self.earned.setdefault(driver, {})[day] = one
            for move in tally.movements:
                known = self.payments.get(move.payment_id) or Payment(id=move.payment_id, driver_id=move.driver_id)
                self.payments[move.payment_id] = move.on(known)

    def sums(self, driver, year):
        mine = [one for one in self.payments.values() if one.driver_id == driver]
        return year_sums(year, mine, self.earned.get(driver, {}).values())


NEW_YEARS_EVE, NEW_YEAR = date(2026, 12, 31), date(2027, 1, 4)


def test_a_payment_counts_in_the_year_in_which_the_money_leaves_the_bank():
    books = Books()
    books.tally([instructed("pay_1", "drv_1", NEW_YEARS_EVE, 10_000), settled("pay_1", NEW_YEAR, 10_000)])
    assert books.sums("drv_1", 2026).compensation == 0
    assert books.sums("drv_1", 2027).compensation == 10_000


def test_a_credit_of_a_bank_file_counts_on_its_banking_day_though_it_is_booked_as_paid_later():
    books = Books()
    settling = settled("pay_1", NEW_YEAR, 10_000, value_on=NEW_YEARS_EVE)
    books.tally([instructed("pay_1", "drv_1", NEW_YEARS_EVE, 10_000), settling])
    assert books.sums("drv_1", 2026).compensation == 10_000
    assert books.sums("drv_1", 2027).compensation == 0
    assert books.days[NEW_YEAR].paid == {2026: 10_000}


def test_tax_and_the_fee_for_instant_pay_are_parts_of_what_is_reported():
    books = Books()
    books.tally(
        [instructed("pay_1", "drv_1", NEW_YEARS_EVE, 10_000, 2_400, 150), settled("pay_1", NEW_YEARS_EVE, 7_450)]
    )
    sums = books.sums("drv_1", 2026)
    assert (sums.compensation, sums.withheld, sums.fees, sums.in_the_books) == (10_000, 2_400, 150, 7_450)


def test_a_payment_that_comes_back_counts_for_nothing_also_in_the_year_before():
    books = Books()
    books.tally(
        [
            instructed("pay_1", "drv_1", NEW_YEARS_EVE, 10_000),
            settled("pay_1", NEW_YEARS_EVE, 10_000),
            returned("pay_1", "drv_1", NEW_YEAR, 10_000, 0, 0, None, paid=True),
        ]
    )
    before, after = books.sums("drv_1", 2026), books.sums("drv_1", 2027)
    assert (before.compensation, before.back_later, before.in_the_books) == (0, 10_000, 10_000)
    assert (after.compensation, after.back_from_before, after.in_the_books) == (0, 10_000, -10_000)


def test_a_payout_that_leaves_the_bank_at_once_counts_on_that_day():
    direct = post(
        "pay_1",
        PostingKind.PAYOUT,
        NEW_YEARS_EVE,
        entry(DRIVER_PAYABLE.of("drv_1"), usd(500), PAID_OUT),
        entry(CASH, usd(-500), PAID_OUT),
    )
    books = Books()
    books.tally([direct])
    assert books.sums("drv_1", 2026).compensation == 500


def test_tips_are_paid_in_the_order_in_which_they_were_earned():
    earned = [Earned(day=date(2026, 12, 30), total=1_000, tips=300), Earned(day=NEW_YEARS_EVE, total=1_000, tips=500)]
    paid = [
        Payment(id="a", driver_id="d", gross=1_500, paid_on=NEW_YEARS_EVE),
        Payment(id="b", driver_id="d", gross=500, paid_on=NEW_YEAR),
    ]
    assert (year_sums(2026, paid, earned).tips, year_sums(2027, paid, earned).tips) == (550, 250)


def test_another_currency_is_left_out():
    kroner = Money(amount=500, currency="EUR")
    posting = Posting.caused_by(
        "pay_1",
        PostingKind.PAYOUT,
        at(NEW_YEAR),
        [*entry(DRIVER_PAYABLE.of("drv_1"), kroner, PAID_OUT), *entry(CASH, -kroner, PAID_OUT)],
    )
    assert movements_of(posting) == []


LIFE = st.lists(
    st.tuples(
        st.sampled_from(["drv_1", "drv_2", "drv_3"]),
        st.integers(0, 20),
        st.integers(1, 50_000),
        st.integers(0, 3_000),
        st.booleans(),
        st.booleans(),
        st.sampled_from(["paid", "failed", "returned", "in flight"]),
        st.integers(0, 12),
    ),
    max_size=25,
)


@given(LIFE, st.randoms())
def test_all_forms_together_are_what_the_books_paid_out_and_withheld(life, random):
    postings, start = [], date(2026, 12, 20)
    for number, (driver, offset, pay, tip, instant, taxed, end, later) in enumerate(life):
        day, gross = start + timedelta(days=offset), pay + tip
        withheld, fee, payout = gross * 24 // 100 if taxed else 0, 15 if instant and gross > 100 else 0, f"pay_{number}"
        if gross - withheld - fee <= 0:
            continue
        postings += [
            earning(f"e{number}", driver, day, pay, tip),
            instructed(payout, driver, day, gross, withheld, fee),
        ]
        net, then = gross - withheld - fee, day + timedelta(days=later)
        if end in {"paid", "returned"}:
            told = day + timedelta(days=later // 2)
            postings.append(settled(payout, told, net, value_on=day if number % 2 else None))
        if end in {"failed", "returned"}:
            paid = end == "returned"
            postings.append(returned(payout, driver, then, gross, withheld, fee, f"{day:%Y-%m}", paid=paid))
    random.shuffle(postings)
    order = {PostingKind.PAYOUT: 0, PostingKind.INSTANT_PAYOUT: 0, PostingKind.PAYOUT_SETTLED: 1}
    books = Books()
    books.tally(sorted(postings, key=lambda one: (one.period, order.get(one.kind, 2))))
    books.tally(sorted(postings, key=lambda one: (one.period, order.get(one.kind, 2))))
    for year in (2026, 2027):
        total = YearSums()
        for driver in ("drv_1", "drv_2", "drv_3"):
            sums = books.sums(driver, year)
            assert 0 <= sums.tips <= sums.compensation
            total += sums
        assert total.in_the_books == sum(day.paid.get(year, 0) for day in books.days.values())
    kept = sum(one.withheld for one in books.payments.values() if one.back_on is None)
    assert kept == sum(sum(day.withheld.values()) for day in books.days.values())


@given(st.permutations(range(4)), st.permutations(range(4)))
def test_steps_of_a_payment_lead_to_the_same_in_whatever_order_days_are_tallied(order, again):
    day = date(2026, 12, 31)
    fee_back = post(
        "pay_1/degraded",
        PostingKind.PAYOUT_REVERSAL,
        day + timedelta(days=1),
        entry(INSTANT_PAY_FEES.group, usd(50), RETURNED),
        entry(DRIVER_PAYABLE.of("drv_1"), usd(-50), RETURNED),
    )
    postings = (
        instructed("pay_1", "drv_1", day, 1000, fee=50),
        fee_back,
        settled("pay_1", day + timedelta(days=2), 950),
        returned("pay_1", "drv_1", day + timedelta(days=3), 1000, 0, 0, None, paid=True),
    )
    steps = [move for posting in postings for move in movements_of(posting)]
    payment = Payment(id=steps[0].payment_id, driver_id="drv_1")
    for number in (*order, *again):
        payment = steps[number].on(payment)
    assert (payment.gross, payment.fee, payment.net) == (950, 0, 950)
    assert (payment.paid_on, payment.back_on) == (day + timedelta(days=2), day + timedelta(days=3))
