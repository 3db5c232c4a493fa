"""Words and numbers of the mails in each language."""

import math
import tomllib
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any

from crowdship.insight.finance.content import Cell, Kind
from crowdship.kernel.language import Language, with_marks
from crowdship.kernel.money import Money
from crowdship.notify.rendering import PACKAGE, on_one_line


@cache
def texts(language: Language) -> dict[str, Any]:
    """Return the texts of a language, by code."""
    return tomllib.loads((PACKAGE / "insight" / "finance" / "texts" / f"{language}.toml").read_text())


@dataclass(frozen=True)
class Words:
    """Words of one language.

    Examples
    --------
    >>> Words(Language.GERMAN).cell(Money(amount=123456, currency="USD"), Kind.MONEY)
    '1.234,56'
    >>> Words(Language.ENGLISH).cell(0.9512, Kind.SHARE)
    '95.1 %'
    """

    language: Language

    def of(self, *path: str, **fields: str) -> str:
        """Return the text under a path of codes, with its fields filled in."""
        found: Any = texts(self.language)
        for code in path:
            found = found[code]
        return str(found).format(**fields)

    def number(self, value: Decimal) -> str:
        """Return a number with this language's marks."""
        return with_marks(self.language, value)

    def money(self, amount: Money) -> str:
        """Return an amount with its currency."""
        return f"{self.number(amount.decimal)} {amount.currency}"

    def cell(self, value: Cell, kind: Kind) -> str:
        """Return a cell of a table without the currency of money."""
        if value is None or value == "":
            return "–"
        if isinstance(value, Money):
            return self.number(value.decimal)
        if kind is Kind.CODE:
            known = texts(self.language)["codes"]
            return str(known.get(str(value), value))
        if isinstance(value, float) and math.isinf(value):
            return self.of("never")
        if kind is Kind.SHARE:
            return f"{self.number(_rounded(float(value) * 100))} %"
        if kind is Kind.NUMBER:
            return self.number(_rounded(float(value)))
        return self.number(Decimal(value)) if isinstance(value, int) else on_one_line(str(value))

    def shown(self, value: Cell, kind: Kind) -> str:
        """Return a cell as a mail shows it: money has its currency beside it."""
        return self.money(value) if isinstance(value, Money) else self.cell(value, kind)

    def figure(self, value: Cell, kind: Kind) -> str:
        """Return a figure, which has its currency beside it."""
        if value in (None, 0):
            return self.of("no_value") if kind is Kind.COUNT else self.cell(value, kind)
        return self.shown(value, kind)


def _rounded(value: float) -> Decimal:
    return Decimal(value).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
