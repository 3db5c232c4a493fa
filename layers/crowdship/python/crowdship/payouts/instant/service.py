"""Use cases of instant pay: what a driver could have now, and the order of it."""

from datetime import date, datetime, timedelta

from crowdship.adapters.storage import persistently
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Gone
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.payouts import holding, service
from crowdship.payouts.holds import reason_to_wait
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
from crowdship.payouts.instant.terms import terms_for
from crowdship.payouts.instant.views import InstantOrder, InstantQuote
from crowdship.payouts.model import BACK, Payout
from crowdship.payouts.postings import instruction_posting
from crowdship.payouts.provider import PaymentRailUnavailable, PayoutProvider
from crowdship.payouts.store import (
    InstantDayRow,
    PayoutRow,
    PlatformDayRow,
    due_rows_of,
    rows_of_new,
    waiting_of,
)
from crowdship.payouts.withholding import withholding
from crowdship.settlement import booking
from crowdship.settlement import queries as books
from crowdship.settlement.statements import sums_of
from crowdship.zones import service as zones

LOOK_BACK = 7
"""Days before today whose lines are looked at; a day that is not stated by then is left to people."""

SAME_AGAIN = timedelta(hours=24)
"""Time within which the same amount is ordered again only on purpose."""


def quote(driver_id: str, provider: PayoutProvider, clock: Clock) -> InstantQuote:
    """Return what a driver could have now, its fee, and what is in the way.

    Raises
    ------
    Gone
        If the account is closed.
    """
    driver = _driver(driver_id)
    now = clock.now()
    currency = zones.get(driver.home_zone_id).settings.rates.currency
    hand = at_hand(driver_id, currency, now)
    terms = terms_for(currency, driver.home_zone_id, now.date())
    if terms is None:
        return InstantQuote.none(hand, Obstacle.NO_TERMS)
    own, everybody = _day_of(driver_id, currency, now.date()), _platform_day(currency, now.date())
    obstacle = obstacle_of(driver, provider, now, hand.amount)
    if obstacle:
        return InstantQuote.none(hand, obstacle, terms)
    return InstantQuote.of(hand, room_for(hand, terms, own, everybody), terms, own)


def order(driver_id: str, key: str, asked: InstantOrder, provider: PayoutProvider, clock: Clock) -> Payout:
    """Pay a driver an amount at once, fee included, once per key; return the payout.

    The books reserve it before the provider is told: it is booked out of the driver's account, and comes back if the
    provider refuses. If the provider does not answer, it stays instructed and is sent again by the same key.

    Raises
    ------
    Conflict
        ``instant_pay_refused`` with the obstacle, ``more_than_available``, ``same_amount_again`` within a day unless
        the order says ``again``, ``key_reused`` for another amount.
    Unprocessable
        ``too_little`` if it is below the least order.
    Gone
        If the account is closed.
    """
    payout_id = derived_id("pay", "instant", driver_id, key)
    known = PayoutRow.load(payout_id)
    if known and known.amount != asked.amount:
        raise Conflict("key_reused", f"This Idempotency-Key ordered {known.amount}, not {asked.amount}.", "/amount")
    if known is None:
        driver = _driver(driver_id)
        persistently(lambda: _booked(payout_id, driver, asked, provider, clock))
    try:
        return service.send(payout_id, provider, clock)
    except PaymentRailUnavailable:
        return service.find(payout_id)


def _booked(payout_id: str, driver: Driver, asked: InstantOrder, provider: PayoutProvider, clock: Clock) -> None:
    """Book an order together with its claims and its counts, if nothing that it rests on changed meanwhile."""
    if PayoutRow.load(payout_id):
        return
    amount, now, currency = asked.amount, clock.now(), asked.amount.currency
    own, everybody = _day_of(driver.id, currency, now.date()), _platform_day(currency, now.date())
    if not asked.again:
        _refuse_the_same_again(driver.id, own, amount, now)
    hand = at_hand(driver.id, currency, now)
    terms = terms_for(currency, driver.home_zone_id, now.date())
    obstacle = obstacle_of(driver, provider, now, hand.amount) if terms else Obstacle.NO_TERMS
    if terms is None or obstacle:
        raise Conflict("instant_pay_refused", f"Instant pay is not possible now: {obstacle}.", "/amount")
    check_order(amount, room_for(hand, terms, own, everybody), terms)
    payout = ordered(payout_id, driver.id, amount, terms.fee(amount), hand, now)
    rows = (
        *rows_of_new(payout),
        InstantDayRow.of(own.and_also(amount, payout_id)),
        PlatformDayRow.of(everybody.and_also(amount)),
    )
    booking.book(instruction_posting(payout, now), *rows, without=due_rows_of(payout), tries=1)


def at_hand(driver_id: str, currency: str, now: datetime) -> AtHand:
    """Return what a driver could be paid at once in a currency, before fees and limits."""
    parts = [part for part in waiting_of(driver_id)[0] if part.amount.currency == currency]
    today = now.date()
    days = [today - timedelta(days=back) for back in range(LOOK_BACK, -2, -1)]
    known = books.settlements(days)
    stated = [day for day in days if day in known and known[day].stated_at]
    newest = max(stated, default=date.min)
    sums = []
    for day in days:
        lines = () if day in stated else books.earned(driver_id, day)
        found = sums_of(lines).get(currency)
        if found:
            closing = day < newest or (day in known and known[day].closed_at is not None)
            sums.append(DaySum(period=day, amount=found.total, closing=closing))
    tomorrow = today + timedelta(days=1)
    is_closed = today in known and known[today].closed_at is not None
    return AtHand.of(currency, parts, sums, tomorrow if is_closed else today)


def obstacle_of(driver: Driver, provider: PayoutProvider, now: datetime, gross: Money) -> Obstacle | None:
    """Return what keeps a driver from any instant pay now, or None."""
    if provider.collects:
        return Obstacle.RAIL
    today = now.date()
    if driver.standing.bars(today):
        return Obstacle.BARRED
    held = reason_to_wait(
        holding.holds_of(driver.id).holds,
        holding.account_of(driver.id),
        today - timedelta(days=1),
        today,
        None,
    )
    if held:
        return Obstacle.ON_HOLD
    return Obstacle.TAX_FORM if withholding(driver.id, now, gross) else None


def _refuse_the_same_again(driver_id: str, own: InstantDay, amount: Money, now: datetime) -> None:
    """Check that the amount was not ordered within the last day, as today's orders and those of the day before say.

    An order that another phone places meanwhile changes the day, so this one is not booked but looked at again.

    Raises
    ------
    Conflict
        ``same_amount_again``, with the payout that has it.
    """
    before = _day_of(driver_id, amount.currency, now.date() - timedelta(days=1))
    for payout in PayoutRow.load_many((*before.payout_ids, *own.payout_ids)):
        same = payout.amount == amount and payout.state not in BACK
        if same and now - payout.made_at < SAME_AGAIN:
            detail = (
                f"{amount} was ordered at {payout.made_at:%H:%M} UTC already; send again=true to order it once more."
            )
            raise Conflict("same_amount_again", detail, "/again")


def _driver(driver_id: str) -> Driver:
    driver = drivers.get(driver_id)
    if driver.closed:
        raise Gone("erased", "This account is closed; nothing is paid from the app any more.")
    return driver


def _day_of(driver_id: str, currency: str, day: date) -> InstantDay:
    day_id = InstantDay.id_of(driver_id, currency, day)
    return InstantDayRow.load(day_id) or InstantDay(id=day_id)


def _platform_day(currency: str, day: date) -> PlatformDay:
    day_id = PlatformDay.id_of(currency, day)
    return PlatformDayRow.load(day_id) or PlatformDay(id=day_id)
