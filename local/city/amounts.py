"""Amounts as a person reads them."""

from __future__ import annotations

from crowdship.kernel.money import Money

CURRENCY = "USD"
"""The currency of the zones that are made up here."""


def amount(minor: float, currency: str = CURRENCY) -> str:
    """Return minor units in major ones, with as many decimals as the currency has."""
    return f"{Money(amount=round(minor), currency=currency).decimal:,}"
