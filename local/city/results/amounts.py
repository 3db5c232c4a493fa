"""Amounts of money as text for people."""

from __future__ import annotations

from crowdship.kernel.money import Money

CURRENCY = "USD"
"""The currency of invented zones."""


def amount(minor: float, currency: str = CURRENCY) -> str:
    """Return an amount of minor units as text in major units, with the decimals of the currency."""
    return f"{Money(amount=round(minor), currency=currency).decimal:,}"
