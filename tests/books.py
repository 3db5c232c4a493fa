"""The statements of a small day, made in memory from its postings; what the cycle writes must equal them."""

from collections import defaultdict

from crowdship.kernel.money import Money
from crowdship.settlement.accounts import DRIVER_PAYABLE, OwnerKind, owner_kind, owner_of
from crowdship.settlement.ledger import SETTLING
from crowdship.settlement.statements import SumTally, line_for, statement_for


def statements_for(period, postings):
    """Return the statements of all merchants and drivers with their lines, by owner and currency, lines by time."""
    lines = defaultdict(list)
    for posting in postings:
        for owner in posting.owners:
            if owner_kind(owner) is not OwnerKind.PLATFORM and (line := line_for(owner, posting)):
                lines[owner, posting.currency].append(line)
    result = []
    for (owner, currency), of_owner in sorted(lines.items()):
        ordered = tuple(sorted(of_owner, key=lambda line: (line.time, line.posting_id)))
        tally = SumTally()
        for line in ordered:
            tally.add(line)
        result.append((statement_for(period, owner, currency, tally), ordered))
    return result


def left_standing(postings, settling, statements):
    """Return what a closed period left on drivers' accounts beside what its statements have to pay, by account.

    ``settling`` are the postings that carry the period's debts, whenever they were booked.
    """
    counted = [(item, item.code not in SETTLING) for posting in postings for item in posting.entries]
    counted += [(item, item.code in SETTLING) for posting in settling for item in posting.entries]
    sums = defaultdict(int)
    for item, counts in counted:
        if counts and owner_kind(owner_of(item.account)) is OwnerKind.DRIVER:
            sums[item.account, item.amount.currency] += item.signed
    for statement in statements:
        if statement.driver_id and statement.due.amount:
            sums[DRIVER_PAYABLE.of(statement.driver_id), statement.currency] += statement.due.amount
    return {key[0]: Money(amount=amount, currency=key[1]) for key, amount in sorted(sums.items()) if amount}
