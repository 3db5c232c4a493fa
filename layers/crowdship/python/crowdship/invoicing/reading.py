"""Data that documents are made from: a merchant's account, settled days, and the merchant's lines of a day."""

from collections.abc import Iterator
from datetime import date

from crowdship.adapters.settings import open_days_may_be_settled
from crowdship.invoicing.accounts import BillingAccount
from crowdship.invoicing.spans import ONE_DAY
from crowdship.invoicing.store import AccountRow
from crowdship.kernel.errors import NotFound
from crowdship.merchants.model import Merchant
from crowdship.settlement import queries
from crowdship.settlement.cycle import record
from crowdship.settlement.statements import LINES_PER_PAGE, StatementLine


def account_of(merchant_id: str) -> BillingAccount:
    """Return a merchant's account, also before its first invoice."""
    return AccountRow.load(merchant_id) or BillingAccount(id=merchant_id)


def first_day(merchant: Merchant, account: BillingAccount) -> date:
    """Return the first day that a merchant is not billed for."""
    return account.billed_to + ONE_DAY if account.billed_to else merchant.created_at.date()


def is_settled(day: date, today: date) -> bool:
    """Return whether a day's statements are written; on a local stack past days that nobody settled count as empty."""
    if day >= today:
        return False
    try:
        return record.find(day).stated_at is not None
    except NotFound:
        return open_days_may_be_settled()


def lines_of(merchant_id: str, day: date) -> Iterator[StatementLine]:
    """Yield a merchant's lines of a day, page by page."""
    page = 0
    while True:
        try:
            found = queries.statements_of(day, f"merchant:{merchant_id}", page)
        except NotFound:
            return
        for _, lines in found:
            yield from lines
        page += 1
        if all(statement.line_count <= page * LINES_PER_PAGE for statement, _ in found):
            return
