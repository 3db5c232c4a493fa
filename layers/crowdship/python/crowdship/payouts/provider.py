"""Port to the companies and banks that move money to drivers, and the values that pass through it.

There are two kinds. One is told of each payout by a call (``collects`` is false), the other takes a file with all
payouts of a run (``collects`` is true). Either tells later what became of a payout: by ``PayoutNews``, or by a file of
returns and corrections that ``returns_in`` reads.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.kernel.workdays import business_days_after


class Speed(StrEnum):
    """Speeds of a payout."""

    STANDARD = "standard"
    INSTANT = "instant"


class PayoutInstruction(Value):
    """One payout as a provider is told of it.

    Parameters
    ----------
    payout_id : str
        Also the provider's idempotency key: the same instruction again moves no more money.
    reference : str
        15 characters ``0-9A-Z`` made from ``payout_id``, for fields of bank files that hold no more; a bank returns it
        with what it gives back.
    amount : Money
        Above zero, after tax was withheld.
    account : str
        Token of the driver's bank account in the vault (``vault.applicants.BankAccount``). A provider reads the account
        when it writes a file, and keeps nothing of it.
    effective_on : date
        Banking day on which the money is to arrive.
    statement_text : str
        Text for the driver's bank statement.
    """

    payout_id: str
    driver_id: str
    reference: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{15}$")]
    amount: Money
    account: str
    effective_on: Day
    speed: Speed = Speed.STANDARD
    statement_text: Annotated[str, StringConstraints(max_length=80)]


class NewsState(StrEnum):
    """States that a provider reports of a payout."""

    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELED = "canceled"


class Accepted(Value):
    """Answer of a provider that took a payout.

    Parameters
    ----------
    transfer_id : str
        The provider's id of the transfer.
    state : NewsState
        ``in_transit`` unless the provider says at once that the money arrived (``paid``).
    speed : Speed
        The speed that it has; the answer to an instant payout that stays instant says ``instant``.
    degraded_by : str, optional
        Code of the reason why an instant payout became a standard one.
    """

    transfer_id: str
    state: NewsState = NewsState.IN_TRANSIT
    speed: Speed = Speed.STANDARD
    degraded_by: str | None = None


class PayoutNews(Value):
    """Word of a provider on a payout, after it was taken.

    Parameters
    ----------
    payout_id, transfer_id : str or None
        One of the two at least.
    code : str or None
        The provider's code of the reason: ``R02`` of a bank, ``account_closed`` of Stripe.
    """

    payout_id: str | None = None
    transfer_id: str | None = None
    state: NewsState
    code: str | None = None
    reason: str | None = None
    at: Moment


class BankReturn(Value):
    """One record of a file of returns and corrections.

    Parameters
    ----------
    line : int
        Number of its record in the file, counted from 1.
    code : str
        ``R01`` and so on gives the money back; ``C01`` and so on corrects an account, and the money stays paid.
    reference : str or None
        Reference of the instruction, as the bank returned it.
    trace : str or None
        Trace number of the original entry.
    corrected : str or None
        Corrected data of a ``C..`` record, as the bank wrote them.
    corrections : dict
        The same by field of a bank account: ``account_number``, ``routing_number``, ``kind``.
    fault : str or None
        Why the record can't be used; its other fields hold what could be read.
    """

    line: int = Field(ge=1)
    code: str = ""
    reference: str | None = None
    trace: str | None = None
    amount: Money | None = None
    on: Day | None = None
    corrected: str | None = Field(default=None, repr=False)
    corrections: dict[str, str] = Field(default_factory=dict, repr=False)
    fault: str | None = None

    @property
    def corrects(self) -> bool:
        """True if it corrects an account, and False if it gives money back."""
        return self.code.startswith("C")


class FileHeading(Value):
    """A pay run as a bank file names it; every byte of the file follows from it and from the instructions.

    Parameters
    ----------
    run_id : str
        Id of the pay run.
    made_at : datetime
        Moment at which the run began: a repeated run has the same.
    number : int
        Which file of the day (UTC) of ``made_at`` it is, counted from 0.
    """

    run_id: str
    made_at: Moment
    effective_on: Day
    number: int = Field(default=0, ge=0)


class PaymentRailUnavailable(Exception):  # noqa: N818 - the state machine retries by this name
    """The provider did not say whether it took the payout; the same request must be sent again."""


class PayoutRejected(Exception):  # noqa: N818 - the state machine catches this name
    """The provider refuses the payout for good.

    Parameters
    ----------
    code : str
        Short and stable, for rules and figures.
    reason : str
        For people.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class PayoutProvider(Protocol):
    """Port to the company or bank that moves money to drivers' accounts."""

    @property
    def collects(self) -> bool:
        """True if instructions are gathered into a bank file, False if each is sent by ``transfer``."""
        ...

    def transfer(self, instruction: PayoutInstruction) -> Accepted:
        """Send a payout.

        Repeated calls with the same instruction move its money once and answer the same. A provider that collects
        raises NotImplementedError.

        Raises
        ------
        PayoutRejected
            If the provider refuses it.
        PaymentRailUnavailable
            If no answer says whether it was taken.
        """
        ...

    def file_of(self, heading: FileHeading, instructions: Iterable[PayoutInstruction]) -> bytes:
        """Return a bank file; the same heading and instructions give the same bytes.

        Raises
        ------
        PayoutRejected
            If an instruction can't be written. ``unwritable`` finds those before.
        """
        ...

    def unwritable(self, instruction: PayoutInstruction) -> PayoutRejected | None:
        """Return why a bank file can't hold an instruction, such as a missing account or a wrong currency, or None."""
        ...

    def returns_in(self, content: bytes) -> list[BankReturn]:
        """Return the records of a file of returns and corrections; what is damaged has a ``fault``, nothing raises."""
        ...


def arrives_on(today: date, speed: Speed) -> date:
    """Return the banking day on which a payout that is instructed today is to arrive."""
    return today if speed is Speed.INSTANT else business_days_after(today, 1)
