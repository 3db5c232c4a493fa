"""The statements of a small day, made in memory from its postings; what the cycle writes must equal them."""

from collections import defaultdict

from crowdship.settlement.accounts import OwnerKind, owner_kind
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
