"""Invariants of a world that has ended, each checked against something that did not make the books.

The books are read as they are stored. Beside them stand what acts meant, the postings that events must lead to by the
pure rules, the payouts, claims and invoices as their rooms keep them, and what the payment rail moved.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from benchmarks.money import machines
from benchmarks.money.bank_files import bank_files_pay_what_the_ledger_paid
from benchmarks.money.ended import Ended
from benchmarks.money.floors import true_ups_reach_the_floor
from benchmarks.money.months import closed_months_stay_closed
from benchmarks.money.world import World
from crowdship.invoicing.invoice import PaymentState
from crowdship.payouts.model import BACK, ON_THE_WAY, Payout, PayoutState
from crowdship.payouts.store import waiting_of
from crowdship.settlement import queries as books
from crowdship.settlement.accounts import (
    CASH,
    COLLECTIONS_IN_FLIGHT,
    DRIVER_HELD,
    DRIVER_PAYABLE,
    DRIVER_RECEIVABLE,
    PAYOUTS_IN_FLIGHT,
    TAX_WITHHELD,
    kind_of,
    owner_id,
    owner_of,
)
from crowdship.settlement.causes.reversals import reversal_cause
from crowdship.settlement.clearing.store import OpenRow
from crowdship.settlement.ledger import TIP, PostingKind, posting_id_for
from crowdship.tax import tally
from crowdship.tax.figures import CURRENCY
from crowdship.tax.store import PaymentRow

CAUSED_ELSEWHERE = frozenset(
    {
        PostingKind.CARRY,
        PostingKind.ADJUSTMENT,
        PostingKind.REVERSAL,
        PostingKind.TAX_DEPOSIT,
        PostingKind.TAX_OFFSET,
    }
)
"""Kinds whose causes are statements, people and months of tax, not events and payouts."""

OF_PAYOUTS = frozenset(
    {PostingKind.PAYOUT, PostingKind.INSTANT_PAYOUT, PostingKind.PAYOUT_SETTLED, PostingKind.PAYOUT_REVERSAL}
)

TERMS = ("refunded", "tip_refunded")


def _each_cause_has_one_posting(ended: Ended) -> Iterator[str]:
    counted = Counter(posting.id for posting in ended.postings)
    yield from (f"{one} is booked {times} times" for one, times in counted.items() if times > 1)
    for posting_id, expected in ended.world.expected.items():
        booked = ended.by_id.get(posting_id)
        if booked is None and posting_id in ended.world.taken_back:
            continue  # staff took it back before; that it is taken back once is an invariant of its own
        if booked is None:
            yield f"the {expected.kind} of {expected.cause} is not booked"
        elif booked.entries != expected.entries:
            yield f"{posting_id} has other entries than its event tells"
    known = {*ended.world.expected, *(posting_id_for(cause) for one in ended.payouts for cause in _causes(one))}
    for posting in ended.postings:
        if posting.id not in known and posting.kind not in CAUSED_ELSEWHERE:
            yield f"nothing caused the {posting.kind} {posting.id} ({posting.cause})"


def _causes(payout: Payout) -> Iterator[str]:
    """Yield the causes of the postings that a payout must have."""
    states = [change.state for change in payout.history]
    if payout.instructed_at or payout.state in BACK:
        yield from [payout.id] if payout.instructed_at else []
    if PayoutState.PAID in states:
        yield f"{payout.id}/paid"
    if payout.state in BACK:
        yield f"{payout.id}/back"
    if payout.degraded_by and payout.fee.amount:
        yield f"{payout.id}/degraded"


def _extra_pay_is_taken_back_once(ended: Ended) -> Iterator[str]:
    """Return what extra pay is taken back not at all, or by both its promise and staff."""
    for taking_back, paid in ended.world.taken_back.items():
        times = sum(one in ended.by_id for one in (taking_back, posting_id_for(reversal_cause(paid))))
        if times != 1:
            yield f"the extra pay {paid} is taken back {times} times"


def _payouts_are_booked(ended: Ended) -> Iterator[str]:
    for payout in ended.payouts:
        missing = [cause for cause in _causes(payout) if posting_id_for(cause) not in ended.by_id]
        if missing:
            yield f"{payout.id} is {payout.state}, and not booked: {missing}"


def _books_balance(ended: Ended) -> Iterator[str]:
    off: Counter[str] = Counter()
    for (_, currency), amount in ended.sums.items():
        off[currency] += amount
    yield from (f"the books are off by {amount} {currency}" for currency, amount in off.items() if amount)


def _tips_reach_drivers(ended: Ended) -> Iterator[str]:
    booked: Counter[tuple[str, str]] = Counter()
    for posting in ended.postings:
        if posting.kind is PostingKind.REVERSAL:
            continue
        for entry in posting.entries:
            if kind_of(entry.account) is DRIVER_PAYABLE and entry.code == TIP:
                booked[owner_id(owner_of(entry.account)), entry.amount.currency] -= entry.signed
    for person in ended.world.people:
        for currency in ("USD", "EUR"):
            told, has = ended.world.told["tips", person.id, currency], booked[person.id, currency]
            if told != has:
                yield f"customers tipped {person.id} {told} {currency}, booked are {has}"


def _clearing_accounts_are_explained(ended: Ended) -> Iterator[str]:
    flying = {one.id: -one.net.amount for one in ended.payouts if one.state in ON_THE_WAY}
    yield from _differ("payouts in flight", ended.of_kind(PAYOUTS_IN_FLIGHT), flying)
    held = {one.id: -one.held.amount for one in ended.claims if one.held and not one.is_closed}
    yield from _differ("pay on hold", ended.of_kind(DRIVER_HELD), held)
    announced = {
        payment.id: payment.amount.amount
        for invoice in ended.invoices
        for payment in invoice.payments
        if payment.state is PaymentState.IN_FLIGHT
    }
    yield from _differ("collections in flight", ended.of_kind(COLLECTIONS_IN_FLIGHT), announced)
    withheld: Counter[str] = Counter()
    for payout in ended.payouts:
        if payout.deposit and payout.state not in BACK:
            withheld[payout.deposit] -= payout.withheld.amount
    for deposit in ended.deposits:
        withheld[deposit.month] += deposit.amount
    for offset in ended.offsets:
        withheld[offset.month] += offset.amount
        withheld[offset.over] -= offset.amount
    yield from _differ("tax withheld", ended.of_kind(TAX_WITHHELD), {k: v for k, v in withheld.items() if v})
    listed = {(kind_of(one.account).group, one.item): one.amount.amount for one in OpenRow.oldest()}
    yield from _differ("open items", {key: amount for key, amount in ended.items.items() if amount}, listed)


def _differ(what: str, booked: Mapping[Any, int], known: Mapping[Any, int]) -> Iterator[str]:
    for key in sorted({*booked, *known}, key=str):
        if booked.get(key, 0) != known.get(key, 0):
            yield f"{what}: {key} has {booked.get(key, 0)} in the books, {known.get(key, 0)} is known"


def _nothing_is_paid_twice(ended: Ended) -> Iterator[str]:
    rail = ended.world.rail
    known = {rail.key_of(payout.id) for payout in ended.payouts}
    for key in rail.transfers:
        if key not in known:
            yield f"the rail moved money under {key}, which is no payout"
    for payout in ended.payouts:
        moved = rail.moved(rail.key_of(payout.id))
        if payout.state is PayoutState.PAID and moved != payout.net:
            yield f"{payout.id} is paid {payout.net}, the rail moved {moved}"
        if payout.state in BACK and moved is not None:
            yield f"{payout.id} is {payout.state}, and the rail moved {moved}"
        if payout.state is PayoutState.IN_TRANSIT and rail.key_of(payout.id) not in rail.transfers:
            yield f"{payout.id} is in transit, and the rail does not know it"
    settled: Counter[str] = Counter()
    for payout in ended.payouts:
        if payout.state is not PayoutState.CANCELED:
            settled.update(part.statement_id for part in payout.settles)
    yield from (f"statement {one} is settled {times} times" for one, times in settled.items() if times > 1)


def _cash_is_what_the_bank_has(ended: Ended) -> Iterator[str]:
    cash: Counter[str] = Counter()
    for payout in ended.payouts:
        if payout.state is PayoutState.PAID:
            cash[payout.net.currency] -= payout.net.amount
    for invoice in ended.invoices:
        for payment in invoice.payments:
            if payment.state is PaymentState.SETTLED:
                cash[payment.amount.currency] += payment.amount.amount
    cash[CURRENCY] -= sum(deposit.amount for deposit in ended.deposits)
    booked = {currency: amount for (account, currency), amount in ended.sums.items() if account == CASH and amount}
    yield from _differ("cash", booked, {currency: amount for currency, amount in cash.items() if amount})


def _drivers_are_owed_what_waits(ended: Ended) -> Iterator[str]:
    """Find who is owed, less debt, anything but what waits: in a payout, due of a closed day, or on an open day."""
    waiting: Counter[tuple[str, str]] = Counter()
    for payout in ended.payouts:
        if payout.state in (PayoutState.PENDING, PayoutState.HELD):
            waiting[payout.driver_id, payout.amount.currency] += payout.amount.amount
    for person in ended.world.people:
        for part in waiting_of(person.id)[0]:
            waiting[person.id, part.amount.currency] += part.amount.amount
        for line in (one for day in ended.periods[len(ended.world.days) :] for one in books.earned(person.id, day)):
            waiting[person.id, line.currency] += line.total.amount
        for currency in ("USD", "EUR"):
            owed = -ended.sums[DRIVER_PAYABLE.of(person.id), currency]
            debt = ended.sums[DRIVER_RECEIVABLE.of(person.id), currency]
            if owed - debt != waiting[person.id, currency]:
                told = f"{owed} {currency} and owes {debt}"
                yield f"{person.id} is owed {told}; {waiting[person.id, currency]} waits to be paid"
            if owed < 0 or debt < 0:
                yield f"{person.id} has an account below zero: is owed {owed} {currency}, owes {debt}"


def _earnings_are_conserved(ended: Ended) -> Iterator[str]:
    """Return whose earnings are not what was paid, is owed, is held and is withheld."""
    earned: Counter[tuple[str, str]] = Counter()
    for posting in ended.postings:
        if posting.kind in OF_PAYOUTS or posting.kind is PostingKind.CARRY:
            continue
        for entry in posting.entries:
            if kind_of(entry.account) in (DRIVER_PAYABLE, DRIVER_HELD):
                earned[owner_id(owner_of(entry.account)), entry.amount.currency] -= entry.signed
    gone: Counter[tuple[str, str]] = Counter()
    for payout in ended.payouts:
        if payout.instructed_at and payout.state not in BACK:
            gone[payout.driver_id, payout.amount.currency] += (payout.net + payout.withheld + payout.fee_kept).amount
    for person in ended.world.people:
        for currency in ("USD", "EUR"):
            accounts = (kind.of(person.id) for kind in (DRIVER_PAYABLE, DRIVER_HELD, DRIVER_RECEIVABLE))
            left = -sum(ended.sums[account, currency] for account in accounts)
            has = gone[person.id, currency] + left
            if earned[person.id, currency] != has:
                yield f"{person.id} earned {earned[person.id, currency]} {currency}, {has} were paid or are owed"


def _refunds_stay_below_charges(ended: Ended) -> Iterator[str]:
    charged: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for posting in ended.postings:
        if not posting.delivery_id or posting.kind is PostingKind.REVERSAL:
            continue
        for entry in posting.entries:
            if entry.account.startswith("merchant:"):
                tip = entry.code in (TIP, "tip_refunded")
                if entry.code in TERMS or posting.kind in (PostingKind.DELIVERY, PostingKind.TIP):
                    charged[posting.delivery_id]["tip" if tip else "charge"] += entry.signed
    for delivery_id, sums in charged.items():
        yield from (
            f"{delivery_id}: more {what} is refunded than was charged" for what, left in sums.items() if left < 0
        )


def _stored_balances_are_those_of_the_postings(ended: Ended) -> Iterator[str]:
    for day in ended.world.days:
        try:
            machines.reclose(day, ended.world.clock)
        except Exception as error:  # whatever the rebuild finds is the finding
            yield f"rebuild of {day}: {error}"


def _tax_counts_what_was_paid(ended: Ended) -> Iterator[str]:
    while tally.tally_closed_days(ended.world.clock):
        pass
    counted: Counter[str] = Counter()
    for person in ended.world.people:
        counted[person.id] = sum(one.gross for one in PaymentRow.of_driver(person.id) if one.counts)
    paid: Counter[str] = Counter()
    for payout in ended.payouts:
        closed = {what: _is_closed(ended, f"{payout.id}/{what}") for what in ("paid", "back")}
        if closed["paid"] and not closed["back"] and payout.amount.currency == "USD":
            paid[payout.driver_id] += (payout.net + payout.withheld + payout.fee_kept).amount
    yield from _differ("a year's form", counted, paid)


def _is_closed(ended: Ended, cause: str) -> bool:
    """Return whether the posting of a cause is there and its day is closed."""
    posting = ended.by_id.get(posting_id_for(cause))
    return posting is not None and posting.period in ended.world.days


INVARIANTS: tuple[Callable[[Ended], Iterable[str]], ...] = (
    _books_balance,
    _each_cause_has_one_posting,
    _extra_pay_is_taken_back_once,
    _payouts_are_booked,
    _tips_reach_drivers,
    _clearing_accounts_are_explained,
    _nothing_is_paid_twice,
    _cash_is_what_the_bank_has,
    _drivers_are_owed_what_waits,
    _earnings_are_conserved,
    _refunds_stay_below_charges,
    closed_months_stay_closed,
    bank_files_pay_what_the_ledger_paid,
    true_ups_reach_the_floor,
    _stored_balances_are_those_of_the_postings,
    _tax_counts_what_was_paid,
)


def first_violations(world: World) -> list[str]:
    """Return what is wrong in a world that has ended, by the first invariant that does not hold."""
    return violations(world, all_of_them=False)


def violations(world: World, *, all_of_them: bool = True) -> list[str]:
    """Return what is wrong in a world that has ended, with what went wrong while it lived."""
    found = list(world.violations)
    try:
        ended = Ended(world)
        for invariant in INVARIANTS:
            if found and not all_of_them:
                break
            found += invariant(ended)
    except Exception as error:  # books that can't be read are a finding
        found.append(f"the books can't be read: {type(error).__name__}: {error}"[:400])
    return found
