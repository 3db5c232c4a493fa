"""Drivers of a simulation: their bank account, their tax form, and what of both the stores hold."""

from datetime import date, datetime

from crowdship.adapters.storage import UnitOfWork
from crowdship.onboarding.store import PayableRow
from crowdship.tax import service as tax
from crowdship.tax.model import Classification, OnFile, TinKind
from crowdship.tax.payee import Payee
from crowdship.vault import service as vault
from crowdship.vault.applicants import BankAccount, bank_account_token

BANKS = ("021000021", "011401533", "091000019", "121042882")
"""Routing numbers of drivers' banks; their check digits are right."""


def driver_id_of(number: int) -> str:
    """Return the id of a driver by number."""
    return f"drv_{number:020d}"


def give_account(number: int, at: datetime, payable_from: date, change: int = 0) -> None:
    """Let a driver give a bank account; each change gives another one."""
    driver_id, work = driver_id_of(number), UnitOfWork()
    token = bank_account_token(driver_id)
    fields = {
        "id": token,
        "holder": f"Zoë Łukasik {number}",
        "kind": ("checking", "savings")[number % 2],
        "routing_number": BANKS[(number + change) % len(BANKS)],
        "account_number": f"{change:02d}{number:09d}",
        "given_at": at,
        "payable_from": payable_from,
    }
    known = vault.record(token, BankAccount)
    account = known.with_changes(**fields) if known else BankAccount.model_validate(fields)
    vault.keep(account, work)
    work.put(PayableRow.of(driver_id, payable_from, at), None)
    work.commit()


def certify(number: int, at: datetime) -> None:
    """Let a driver have certified a W-9."""
    form = OnFile(
        certified_at=at,
        tin_kind=TinKind.SSN,
        last_four=f"{number % 10_000:04d}",
        classification=Classification.INDIVIDUAL,
    )
    work = UnitOfWork()
    tax.keep(Payee(id=driver_id_of(number), form=form), work)
    work.commit()
