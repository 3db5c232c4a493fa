"""Tax that is withheld from a payout: the one place where it is asked for."""

from datetime import datetime

from crowdship.kernel.money import Money
from crowdship.payouts.model import Withheld
from crowdship.tax import service as tax
from crowdship.tax.figures import tax_day


def withholding(driver_id: str, now: datetime, gross: Money) -> Withheld | None:
    """Return the tax to be kept from a payout that is instructed now; None while no rule asks for any."""
    asked = tax.withholding_for(driver_id, tax_day(now), gross)
    return Withheld(amount=asked.amount, deposit=asked.deposit) if asked else None
