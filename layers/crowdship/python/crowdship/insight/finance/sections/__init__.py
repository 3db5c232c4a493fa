"""Sections of finance's mails: a module for each, and the sections of each mail in their order.

A new section is a module with a function that takes a ``Scope``, and its name in ``SECTIONS``.
"""

from crowdship.insight.finance.model import MailKind
from crowdship.insight.finance.sections import (
    break_even,
    exceptions,
    ledger,
    money,
    open_items,
    owners,
    payouts,
    receivables,
    trend,
    zones,
)
from crowdship.insight.finance.sections.scope import Scope, Section

SECTIONS: dict[MailKind, tuple[Section, ...]] = {
    MailKind.FLASH: (exceptions.section, zones.section, money.section, payouts.section, trend.section),
    MailKind.WEEKLY: (
        zones.section,
        money.section,
        owners.section,
        payouts.section,
        receivables.section,
        break_even.section,
    ),
    MailKind.MONTH: (ledger.section, ledger.comparison, open_items.section, owners.section, receivables.section),
    MailKind.EXCEPTIONS: (exceptions.section,),
}
"""The sections of each mail."""

__all__ = ["SECTIONS", "Scope", "Section"]
