"""Names and codes of our accounts in other systems."""

import re

from crowdship.settlement.accounts import (
    BAD_DEBT,
    CASH,
    CHART,
    CLAIMS,
    COLLECTIONS_IN_FLIGHT,
    DRIVER_HELD,
    DRIVER_PAYABLE,
    DRIVER_RECEIVABLE,
    FEES,
    INCENTIVES,
    INSTANT_PAY_FEES,
    MERCHANT_RECEIVABLE,
    PAY_FLOORS,
    PAYOUTS_IN_FLIGHT,
    SALES_TAX,
    TAX_WITHHELD,
    AccountKind,
    AccountType,
    OwnerKind,
    kind_of,
    owner_id,
    owner_of,
)

ROOTS = {
    AccountType.ASSET: "Assets",
    AccountType.LIABILITY: "Liabilities",
    AccountType.INCOME: "Income",
    AccountType.EXPENSE: "Expenses",
}
OWNERS = {OwnerKind.MERCHANT: "Merchants", OwnerKind.DRIVER: "Drivers", OwnerKind.PLATFORM: "Platform"}

PENDING = "Pending"
"""Last part of the name under which reserved amounts are exported, so that they are in no posted balance."""

CODES = {
    "1000": CASH,
    "1100": MERCHANT_RECEIVABLE.group,
    "1150": COLLECTIONS_IN_FLIGHT.group,
    "1200": DRIVER_RECEIVABLE.group,
    "2000": DRIVER_PAYABLE.group,
    "2050": DRIVER_HELD.group,
    "2100": PAYOUTS_IN_FLIGHT.group,
    "2200": TAX_WITHHELD.group,
    "2300": SALES_TAX.group,
    "4000": FEES,
    "4100": INSTANT_PAY_FEES.group,
    "5000": INCENTIVES,
    "5100": PAY_FLOORS.group,
    "5200": CLAIMS.group,
    "5300": BAD_DEBT.group,
}
"""Account codes for systems that know accounts by number; those of their own chart are set there."""

CODE_OF = {group: code for code, group in CODES.items()}

_OTHER = re.compile(r"[^a-z0-9_]")


def _component(text: str) -> str:
    """Return a text as a part of an account's name: capital or digit first, then letters, digits and hyphens."""
    escaped = _OTHER.sub(lambda found: f"_x{ord(found[0]):x}_", text)
    return "-".join(part.capitalize() if number == 0 else part for number, part in enumerate(escaped.split("_")))


def _named(kind: AccountKind, *identity: str) -> str:
    words = "-".join(word.capitalize() for word in kind.name.split("_"))
    return ":".join((ROOTS[kind.type], OWNERS[kind.owner], *(_component(one) for one in identity), words))


def ledger_name(account: str) -> str:
    """Return an account's name in plain-text ledgers.

    Examples
    --------
    >>> ledger_name("driver:drv_1x:payable"), ledger_name("platform:payouts_in_flight")
    ('Liabilities:Drivers:Drv-1x:Payable', 'Liabilities:Platform:Payouts-In-Flight')
    """
    identity = owner_id(owner_of(account))
    return _named(kind_of(account), *([identity] if identity else []))


_KINDS = {kind.group: kind for kind in CHART}


def group_name(group: str) -> str:
    """Return the name of the account that holds all accounts of a kind.

    Examples
    --------
    >>> group_name("driver:payable"), group_name("platform:fees")
    ('Liabilities:Drivers:Payable', 'Income:Platform:Fees')
    """
    return _named(_KINDS[group])
