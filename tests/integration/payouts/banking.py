"""Bank accounts in the vault, and instructions to pay to them."""

from datetime import UTC, date, datetime

from crowdship.adapters.storage import UnitOfWork
from crowdship.kernel.money import Money
from crowdship.payouts.provider import FileHeading, PayoutInstruction
from crowdship.vault import service as vault
from crowdship.vault.applicants import BankAccount, bank_account_token

HEADING = FileHeading(run_id="run_1", made_at=datetime(2026, 11, 30, 8, 30, tzinfo=UTC), effective_on=date(2026, 12, 1))


def keep_account(number, **changes):
    """Keep the bank account of a driver by number; return the driver's id."""
    driver_id = f"drv_{number}"
    fields = {
        "id": bank_account_token(driver_id),
        "holder": "Zoë Łukasik",
        "kind": "checking",
        "routing_number": "021000021",
        "account_number": f"55512{number:05d}",
        "given_at": datetime(2026, 11, 1, tzinfo=UTC),
        "payable_from": date(2026, 11, 1),
    }
    work = UnitOfWork()
    vault.keep(BankAccount.model_validate({**fields, **changes}), work)
    work.commit()
    return driver_id


def instruction(number, **changes):
    """Return the instruction to pay a driver by number."""
    fields = {
        "payout_id": f"pay_{number}",
        "driver_id": f"drv_{number}",
        "reference": f"{number:015d}",
        "amount": Money(amount=10_000 + number, currency="USD"),
        "account": bank_account_token(f"drv_{number}"),
        "effective_on": date(2026, 12, 1),
        "statement_text": "Pay to 2026-11-29",
    }
    return PayoutInstruction(**{**fields, **changes})
