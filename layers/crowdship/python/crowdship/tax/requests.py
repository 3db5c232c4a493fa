"""Bodies of calls about a year's forms."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.tax.year import YearTask


class TaskInput(Value):
    """A task over all forms of a year: make them, review, give to drivers, write into files for the agency."""

    action: Literal["task"]
    task: YearTask


class FormAct(StrEnum):
    """Acts on one form: make it anew from the ledger, or withdraw it."""

    CORRECT = "correct"
    VOID = "void"


class FormInput(Value):
    """An act on the form of one driver."""

    action: Literal["form"]
    act: FormAct
    driver_id: str = Field(min_length=1, max_length=60)


class DepositInput(Value):
    """A deposit of withheld tax with the agency, for a month."""

    action: Literal["deposit"]
    month: Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")] = Field(examples=["2026-11"])
    amount: Money
    deposited_on: Day
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{4,40}$")] = Field(examples=["270612345678901"])


class YearInput(Value):
    """A change of a year's forms or of the tax withheld in it."""

    change: TaskInput | FormInput | DepositInput = Field(discriminator="action")


class PayeeList(StrEnum):
    """Lists of payees."""

    NOTICE_DUE = "notice_due"
    WITHHELD = "withheld"
    NONE = "none"
    GIVEN = "given"
    PENDING = "pending"
    MATCHED = "matched"
    MISMATCHED = "mismatched"
    EXPIRED = "expired"
    FOREIGN = "foreign"
