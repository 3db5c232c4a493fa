"""Lines of a merchant's statements as they stand on its documents: by day, and by kind of document. Pure."""

from datetime import date
from typing import Self

from crowdship.invoicing.entities import InvoiceKind
from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.settlement.causes.claims import CLAIMED, COMPENSATED, TIP_REFUNDED
from crowdship.settlement.ledger import TIP, PostingKind
from crowdship.settlement.statements import StatementLine

CREDITED = frozenset({PostingKind.REFUND, PostingKind.CLAIM, PostingKind.CHARGEBACK})
"""Kinds of postings whose lines stand on a credit note."""


def document_of(line: StatementLine) -> InvoiceKind:
    """Return the kind of document that a line of a merchant's statement stands on."""
    return InvoiceKind.CREDIT_NOTE if line.kind in CREDITED else InvoiceKind.INVOICE


CHARGES = frozenset({PostingKind.DELIVERY, PostingKind.DELIVERY_REVERSAL, PostingKind.REFUND})
"""Kinds of postings whose lines are charges, or charges that are given back; tax is on these alone."""

AWARDED = frozenset({COMPENSATED, CLAIMED})
"""Codes of parts that a decision on a claim awards."""


def _is_charge(line: StatementLine) -> bool:
    """Return whether a line is of charges. A reversal by staff is of what it reverses, which its parts' codes tell."""
    if line.kind is PostingKind.REVERSAL:
        return all(part.code not in AWARDED for part in line.parts)
    return line.kind in CHARGES


TIPS = frozenset({TIP, TIP_REFUNDED})
"""Codes of parts that are tips."""


class DayLine(Value):
    """The sums of one day of a document.

    Parameters
    ----------
    lines : int
        Lines of the statement; the CSV file has each.
    charges, tips, other : Money
        Charges of deliveries less what is given back, tips, and all else, such as compensation for goods.
    """

    day: Day
    lines: int = 0
    charges: Money
    tips: Money
    other: Money

    @property
    def total(self) -> Money:
        """The sum of the three."""
        return self.charges + self.tips + self.other

    def and_also(self, line: StatementLine) -> Self:
        """Return the sums with one more line."""
        tips = Money.total((part.amount for part in line.parts if part.code in TIPS), line.currency)
        rest = line.total - tips
        is_charge = _is_charge(line)
        return self.model_copy(
            update={
                "lines": self.lines + 1,
                "tips": self.tips + tips,
                "charges": self.charges + rest if is_charge else self.charges,
                "other": self.other if is_charge else self.other + rest,
            }
        )


def empty_day(day: date, currency: str) -> DayLine:
    """Return the sums of a day without lines."""
    return DayLine(day=day, **dict.fromkeys(("charges", "tips", "other"), Money.zero(currency)))
