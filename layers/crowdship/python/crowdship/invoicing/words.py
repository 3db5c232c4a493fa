"""Words of invoices and credit notes in each language, from ``texts/``. Pure."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from crowdship.invoicing.invoice import Invoice
from crowdship.kernel.language import Language, with_marks
from crowdship.kernel.money import Money


@cache
def _texts(language: Language) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "texts" / f"{language}.toml").read_text())


def word(language: Language, *path: str, **fields: object) -> str:
    """Return the text under a path of codes, with its fields filled in.

    Examples
    --------
    >>> word(Language.GERMAN, "document", "minimum", month="2026-06")
    'Mindestbetrag 2026-06'
    """
    found: Any = _texts(language)
    for code in path:
        found = found[code]
    return str(found).format(**fields)


def written_amount(language: Language, amount: Money) -> str:
    """Return an amount as it is printed: with its decimals, thousands apart, and its currency.

    Examples
    --------
    >>> written_amount(Language.ENGLISH, Money(amount=1234567, currency="KWD"))
    '1,234.567 KWD'
    >>> written_amount(Language.GERMAN, Money(amount=-123456, currency="EUR"))
    '-1.234,56 EUR'
    """
    return f"{with_marks(language, amount.decimal)} {amount.currency}"


def title_of(invoice: Invoice) -> str:
    """Return a document's kind and number, in its merchant's language."""
    return f"{word(invoice.billing.language, invoice.kind)} {invoice.number}"
