"""Planted faults: each breaks one rule of the product, and an invariant must find it within a few worlds."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from itertools import count, islice
from typing import Any
from unittest.mock import patch

from benchmarks.money.world import pays_by_file
from crowdship.adapters.storage import UnitOfWork
from crowdship.claims.refunds import Refunds
from crowdship.deliveries.model import Delivery
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.pay_floors import closing, noting, prop22, reading, seattle
from crowdship.pay_floors.calculation import Calculation
from crowdship.payouts import postings, service, telling
from crowdship.payouts.bank import returns
from crowdship.payouts.model import BACK, Payout, PayoutState
from crowdship.payouts.nacha import provider as nacha
from crowdship.payouts.nacha.model import FileNames
from crowdship.payouts.nacha.provider import NachaProvider
from crowdship.payouts.provider import NewsState, PaymentRailUnavailable, PayoutRejected
from crowdship.settlement import booking, store
from crowdship.settlement.causes import posting_for
from crowdship.settlement.cycle import stating
from crowdship.settlement.ledger import TIP, Posting
from crowdship.settlement.months import service as months
from crowdship.settlement.promised import service as promised
from crowdship.settlement.store import GateRow, LineRow, MarkerRow


def booking_without_marker() -> AbstractContextManager[Any]:
    """Let a cause be booked again."""
    put = UnitOfWork.put

    def careless(work: UnitOfWork, row: Any, condition: Any) -> None:
        put(work, row, None if isinstance(row, MarkerRow) else condition)

    return patch.object(UnitOfWork, "put", careless)


def closed_gate_ignored() -> AbstractContextManager[Any]:
    """Book a late event on a day that is closed."""
    check = UnitOfWork.check

    def careless(work: UnitOfWork, kind: Any, *given: Any) -> None:
        if kind is not GateRow:
            check(work, kind, *given)

    return patch.object(UnitOfWork, "check", careless)


def payout_without_idempotency_key() -> AbstractContextManager[Any]:
    """Give each request to the provider another key."""
    instruction, numbers = Payout.instruction.fget, count()  # type: ignore[attr-defined]

    def keyless(payout: Payout) -> Any:
        return instruction(payout).model_copy(update={"payout_id": f"{payout.id}-{next(numbers)}"})

    return patch.object(Payout, "instruction", property(keyless))


def _posted(change: Callable[[DomainEvent, Posting], Posting | None]) -> AbstractContextManager[Any]:
    def wrong(event: DomainEvent) -> Posting | None:
        posting = posting_for(event)
        return posting and change(event, posting)

    return patch.object(booking, "posting_for", wrong)


def tip_lost() -> AbstractContextManager[Any]:
    """Charge a tip that nobody gets."""

    def without(event: DomainEvent, posting: Posting) -> Posting:
        kept = tuple(one for one in posting.entries if one.code != TIP)
        return posting.model_copy(update={"entries": kept}) if len(kept) > 1 else posting

    return _posted(without)


def hold_not_released() -> AbstractContextManager[Any]:
    """Leave pay on hold after its claim ended."""
    return _posted(lambda event, posting: None if event.type == "claim.released" else posting)


def extra_pay_taken_back_twice() -> AbstractContextManager[Any]:
    """Take extra pay back by its promise and by staff."""
    patched = ExitStack()
    patched.enter_context(patch.object(promised, "book", store.book))
    patched.enter_context(patch.object(promised, "taking_back", lambda posting: ()))
    return patched


def refund_twice() -> AbstractContextManager[Any]:
    """Book a refund under two causes."""

    def twice(event: DomainEvent, posting: Posting) -> Posting:
        if event.type == "refund.granted":
            store.book(posting.model_copy(update={"id": f"{posting.id}x"}))
        return posting

    return _posted(twice)


def refund_above_the_charge() -> AbstractContextManager[Any]:
    """Let each claim grant all of the charge again."""
    return patch.object(Refunds, "with_award", lambda sums, award: sums)


def unanswered_payout_given_back() -> AbstractContextManager[Any]:
    """Take a payout that the provider did not answer for refused, although it may have left."""
    send = service.send

    def hasty(payout_id: str, provider: Any, clock: Any) -> Payout:
        try:
            return send(payout_id, provider, clock)
        except PaymentRailUnavailable:
            return service.refuse(payout_id, PayoutRejected("no_answer", "no answer"), clock)

    return patch.object(service, "send", hasty)


def return_not_booked() -> AbstractContextManager[Any]:
    """Leave money that came back paid in the books."""
    after = telling.after_news

    def deaf(payout: Payout, news: Any, *given: Any) -> Payout | None:
        gone = payout.state is PayoutState.PAID and news.state in (NewsState.RETURNED, NewsState.FAILED)
        return payout if gone else after(payout, news, *given)

    return patch.object(service, "after_news", deaf)


def payout_paid_before_it_is_booked() -> AbstractContextManager[Any]:
    """Tell the provider of a payout that the books do not have."""

    def unbooked(before: Payout, after: Payout, now: Any) -> Posting | None:
        return None if after.state is PayoutState.INSTRUCTED else postings.posting_of(before, after, now)

    return patch.object(service, "posting_of", unbooked)


def debt_not_carried() -> AbstractContextManager[Any]:
    """Forget a debt of a driver at the close."""
    return patch.object(stating, "carry_posting", lambda statement, now: None)


def line_lost() -> AbstractContextManager[Any]:
    """Leave one posting in sixteen without a line for its driver."""
    of = LineRow.of

    def some(posting: Posting) -> Any:
        rows = list(of(posting))
        return rows[:1] if posting.id[-1] in "0a" else rows

    return patch.object(LineRow, "of", some)


def withheld_tax_paid_out() -> AbstractContextManager[Any]:
    """Pay withheld tax to the driver all the same."""
    return patch.object(Payout, "net", property(lambda payout: payout.amount - payout.fee))


def fee_kept_of_a_slow_instant_payout() -> AbstractContextManager[Any]:
    """Keep the fee although the payout was not instant."""
    return patch.object(service, "fee_back_posting", lambda payout, now: None)


def month_closed_before_its_last_day() -> AbstractContextManager[Any]:
    """Close a month although a day of it is not settled."""
    return patch.object(months, "_must_be_finished", lambda month, missing: None)


def credit_left_out_of_a_file() -> AbstractContextManager[Any]:
    """Note a payout as sent that is not in its bank file."""
    written = NachaProvider._written

    def shorter(provider: NachaProvider, names: Any, instructions: Any) -> bytes:
        listed = list(instructions)
        return written(provider, names, listed[:-1] if len(listed) > 1 else listed)

    return patch.object(NachaProvider, "_written", shorter)


def traces_begin_anew_in_each_file() -> AbstractContextManager[Any]:
    """Let two files of a day have the same trace numbers."""

    def first(**named: Any) -> FileNames:
        return FileNames(**(named | {"first_sequence": 1}))

    return patch.object(nacha, "FileNames", first)


def return_of_a_paid_credit_taken_for_known() -> AbstractContextManager[Any]:
    """Leave a credit paid that the bank returns after it counted as paid."""
    return patch.object(returns, "BACK", {*BACK, PayoutState.PAID})


def tip_counts_for_a_floor() -> AbstractContextManager[Any]:
    """Count a tip as pay that reaches a floor."""
    pay_of = reading._pay_of

    def with_tip(delivery: Delivery) -> Money:
        return pay_of(delivery) + delivery.price.tip

    return patch.object(reading, "_pay_of", with_tip)


def minutes_of_overlapping_work_count_twice() -> AbstractContextManager[Any]:
    """Count a moment once for each delivery that it has."""
    patched = ExitStack()
    for scheme in (prop22, seattle):
        patched.enter_context(patch.object(scheme, "shared_out", iter))
    return patched


def true_up_at_each_reckoning() -> AbstractContextManager[Any]:
    """Pay what is short again whenever a week is reckoned again."""
    return patch.object(Calculation, "paid", property(lambda one: Money.zero(one.currency)))


def drivers_of_a_city_not_compared_together() -> AbstractContextManager[Any]:
    """Leave out the second test of New York."""
    return patch.object(closing, "_compare_all", lambda due, send, now: 0)


def late_work_not_reckoned() -> AbstractContextManager[Any]:
    """Forget work that is told of after its week was reckoned."""
    due = noting._due

    def in_time(periods: Any, driver_id: str, now: Any) -> Any:
        return due([one for one in periods if now < one.closes_at], driver_id, now)

    return patch.object(noting, "_due", in_time)


PLANTED: tuple[Callable[[], AbstractContextManager[Any]], ...] = (
    booking_without_marker,
    closed_gate_ignored,
    payout_without_idempotency_key,
    tip_lost,
    hold_not_released,
    extra_pay_taken_back_twice,
    refund_twice,
    refund_above_the_charge,
    unanswered_payout_given_back,
    return_not_booked,
    payout_paid_before_it_is_booked,
    debt_not_carried,
    line_lost,
    withheld_tax_paid_out,
    fee_kept_of_a_slow_instant_payout,
    month_closed_before_its_last_day,
    credit_left_out_of_a_file,
    traces_begin_anew_in_each_file,
    return_of_a_paid_credit_taken_for_known,
    tip_counts_for_a_floor,
    minutes_of_overlapping_work_count_twice,
    true_up_at_each_reckoning,
    drivers_of_a_city_not_compared_together,
    late_work_not_reckoned,
)
"""All planted faults."""

BY_FILE = frozenset(
    {credit_left_out_of_a_file, traces_begin_anew_in_each_file, return_of_a_paid_credit_taken_for_known}
)
"""Faults that only a world can have that pays by bank file."""


def seeds_for(planted: Callable[[], AbstractContextManager[Any]], worlds: int) -> list[int]:
    """Return the first seeds of worlds that can have a fault; all but those of bank files pay through the rail."""
    return list(islice((seed for seed in count(1) if pays_by_file(seed) is (planted in BY_FILE)), worlds))
