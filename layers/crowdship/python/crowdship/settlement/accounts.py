"""Chart of accounts: every account of the ledger, what type it is and whose it is.

An account is named ``<owner>:<name>`` for the platform (``platform:fees``) and ``<owner>:<id>:<name>`` for each
merchant or driver (``driver:drv_1:payable``). An owner is named ``platform``, ``merchant:<id>`` or ``driver:<id>``.
"""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """The two sides of a ledger."""

    DEBIT = "debit"
    CREDIT = "credit"


class OwnerKind(StrEnum):
    """The parties that have accounts."""

    MERCHANT = "merchant"
    DRIVER = "driver"
    PLATFORM = "platform"


class AccountType(StrEnum):
    """The types of double-entry bookkeeping that the network needs."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


NORMAL_SIDE: dict[AccountType, Side] = {
    AccountType.ASSET: Side.DEBIT,
    AccountType.EXPENSE: Side.DEBIT,
    AccountType.LIABILITY: Side.CREDIT,
    AccountType.INCOME: Side.CREDIT,
}
"""The side on which an account of a type grows."""


@dataclass(frozen=True)
class AccountKind:
    """One row of the chart of accounts.

    Parameters
    ----------
    owner : OwnerKind
        The platform has one account of a kind; merchants and drivers have one each.
    name : str
        Last part of the account's name.
    type : AccountType
        Decides on which side the account grows.
    holds : str
        What the balance stands for.
    clearing : bool
        True for an in-between account: each item on it (a payout, a claim) must clear to zero.
    """

    owner: OwnerKind
    name: str
    type: AccountType
    holds: str
    clearing: bool = False

    @property
    def normal_side(self) -> Side:
        """The side on which the account grows."""
        return NORMAL_SIDE[self.type]

    @property
    def group(self) -> str:
        """The name under which a trial balance sums all accounts of this kind, for example ``driver:payable``."""
        return f"{self.owner}:{self.name}"

    def of(self, owner_id: str) -> str:
        """Return the account's name for one merchant or driver.

        Examples
        --------
        >>> DRIVER_PAYABLE.of("drv_1")
        'driver:drv_1:payable'
        """
        return f"{self.owner}:{owner_id}:{self.name}"


MERCHANT_RECEIVABLE = AccountKind(
    OwnerKind.MERCHANT, "receivable", AccountType.ASSET, "charges and tips that a merchant owes the platform"
)
DRIVER_PAYABLE = AccountKind(
    OwnerKind.DRIVER, "payable", AccountType.LIABILITY, "pay, tips and adjustments that the platform owes a driver"
)
DRIVER_RECEIVABLE = AccountKind(
    OwnerKind.DRIVER, "receivable", AccountType.ASSET, "debt of a driver, carried until later pay covers it"
)
PLATFORM_FEES = AccountKind(
    OwnerKind.PLATFORM,
    "fees",
    AccountType.INCOME,
    "charges and minimums of months, less pay and adjustments at the platform's cost",
)
PLATFORM_CASH = AccountKind(
    OwnerKind.PLATFORM, "cash", AccountType.ASSET, "money in the bank: a payout takes from it, a refused one returns"
)

PLATFORM_INCENTIVES = AccountKind(
    OwnerKind.PLATFORM, "incentives", AccountType.EXPENSE, "extra pay that drivers earned beside their deliveries' pay"
)

DRIVER_HELD = AccountKind(
    OwnerKind.DRIVER,
    "held",
    AccountType.LIABILITY,
    "pay of a driver that is on hold until a claim is decided; the item is the claim",
    clearing=True,
)
PAYOUTS_IN_FLIGHT = AccountKind(
    OwnerKind.PLATFORM,
    "payouts_in_flight",
    AccountType.LIABILITY,
    "payouts that left drivers' accounts and that no bank has confirmed; the item is the payout",
    clearing=True,
)
COLLECTIONS_IN_FLIGHT = AccountKind(
    OwnerKind.PLATFORM,
    "collections_in_flight",
    AccountType.ASSET,
    "payments of merchants that are announced and not yet in the bank; the item is the payment",
    clearing=True,
)
TAX_WITHHELD = AccountKind(
    OwnerKind.PLATFORM,
    "tax_withheld",
    AccountType.LIABILITY,
    "tax that was kept from payouts and is not yet deposited; the item is the deposit period",
    clearing=True,
)
SALES_TAX = AccountKind(
    OwnerKind.PLATFORM, "sales_tax", AccountType.LIABILITY, "sales tax on invoices that the platform owes an authority"
)
PAY_FLOORS = AccountKind(
    OwnerKind.PLATFORM, "pay_floors", AccountType.EXPENSE, "true-ups of drivers' pay to a floor that law sets"
)
CLAIMS = AccountKind(
    OwnerKind.PLATFORM, "claims", AccountType.EXPENSE, "refunds, claims and chargebacks at the platform's cost"
)
BAD_DEBT = AccountKind(OwnerKind.PLATFORM, "bad_debt", AccountType.EXPENSE, "receivables that were given up")
INSTANT_PAY_FEES = AccountKind(
    OwnerKind.PLATFORM, "instant_pay_fees", AccountType.INCOME, "fees of drivers for payouts at once"
)

CHART = (
    MERCHANT_RECEIVABLE,
    DRIVER_PAYABLE,
    DRIVER_HELD,
    DRIVER_RECEIVABLE,
    PLATFORM_FEES,
    PLATFORM_CASH,
    PLATFORM_INCENTIVES,
    PAYOUTS_IN_FLIGHT,
    COLLECTIONS_IN_FLIGHT,
    TAX_WITHHELD,
    SALES_TAX,
    PAY_FLOORS,
    CLAIMS,
    BAD_DEBT,
    INSTANT_PAY_FEES,
)
"""All kinds of accounts. A new one is a row here; the ledger refuses accounts of any other kind."""

FEES = PLATFORM_FEES.group
CASH = PLATFORM_CASH.group
INCENTIVES = PLATFORM_INCENTIVES.group

_KINDS = {(kind.owner.value, kind.name): kind for kind in CHART}


def kind_of(account: str) -> AccountKind:
    """Return the row of the chart that an account belongs to.

    Raises
    ------
    ValueError
        If the account is not in the chart.
    """
    parts = account.split(":")
    kind = _KINDS.get((parts[0], parts[-1]))
    expected = 2 if kind and kind.owner is OwnerKind.PLATFORM else 3
    if kind is None or len(parts) != expected or not all(parts):
        raise ValueError(f"{account!r} is not in the chart of accounts")
    return kind


def owner_of(account: str) -> str:
    """Return an account's owner: ``driver:<id>``, ``merchant:<id>`` or ``platform``."""
    return account.rpartition(":")[0]


def owner_kind(owner: str) -> OwnerKind:
    """Return the kind of an owner.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    return OwnerKind(owner.partition(":")[0])


def owner_id(owner: str) -> str:
    """Return the id of the merchant or driver; empty for the platform."""
    return owner.partition(":")[2]
