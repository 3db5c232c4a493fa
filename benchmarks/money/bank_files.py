"""Bank files beside each other and beside the ledger, in a world that pays by them."""

from collections import Counter
from collections.abc import Iterator

from benchmarks.money import ach
from benchmarks.money.ended import Ended
from benchmarks.money.file_bank import FileBank
from crowdship.settlement.accounts import CASH, DRIVER_PAYABLE, PAYOUTS_IN_FLIGHT, kind_of, owner_id, owner_of
from crowdship.settlement.ledger import PostingKind

GONE = frozenset({PostingKind.PAYOUT, PostingKind.PAYOUT_REVERSAL})


def bank_files_pay_what_the_ledger_paid(ended: Ended) -> Iterator[str]:
    """Find files with wrong totals, entries that are there twice or go astray, and sums that are not the ledger's."""
    rail = ended.world.rail
    if not isinstance(rail, FileBank):
        return
    for number, content in enumerate(rail.files, start=1):
        yield from (f"bank file {number}: {fault}" for fault in ach.faults_of(content))
    entries = [entry for content in rail.files for entry in ach.entries_of(content)]
    files = Counter(ach.name_of(content) for content in rail.files)
    yield from (f"{times} bank files are called {one}" for one, times in files.items() if times > 1)
    for what, names in (("trace", [(e.day, e.trace) for e in entries]), ("reference", [e.reference for e in entries])):
        counted = Counter[object](names)
        yield from (f"the {what} {one} is in {times} entries" for one, times in counted.items() if times > 1)
    paid: Counter[str] = Counter()
    for entry in entries:
        person = ended.world.people[entry.driver]
        paid[person.id] += 0 if entry.reference in rail.returned else entry.cents
        if entry.code not in ach.CREDITS or _digit(entry.bank[:8]) != int(entry.bank[8]):
            yield f"the entry {entry.reference} is no credit to an account of a bank"
    booked = _paid_out(ended)
    for one in sorted({*paid, *booked}):
        if paid[one] != booked[one]:
            yield f"{one} has {paid[one]} cents by bank files, {booked[one]} were paid out by the ledger"


def _digit(eight: str) -> int:
    """Return the digit that makes the weighted sum of a routing number one of tens."""
    total = sum(int(digit) * weight for digit, weight in zip(eight, (3, 7, 1, 3, 7, 1, 3, 7), strict=True))
    return -total % 10


def _paid_out(ended: Ended) -> Counter[str]:
    """Return the cents that left the books to each driver and did not come back."""
    gone: Counter[str] = Counter()
    for posting in ended.postings:
        if posting.kind not in GONE:
            continue
        accounts = [one.account for one in posting.entries if kind_of(one.account) is DRIVER_PAYABLE]
        driver = owner_id(owner_of(accounts[0]))
        left = (one for one in posting.entries if one.account == CASH or kind_of(one.account) is PAYOUTS_IN_FLIGHT)
        gone[driver] -= sum(one.signed for one in left)
    return gone
