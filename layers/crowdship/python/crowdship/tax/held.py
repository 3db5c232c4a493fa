"""Everything that the tax room holds on a driver, for their export."""

from typing import Any

from crowdship.tax import service
from crowdship.tax.store import EarnedRow, PaymentRow, ReturnRow


def held_on(driver_id: str) -> dict[str, Any]:
    """Return payee, notices, payments, earnings by day and forms of a driver; numbers by their last four digits.

    Copies and the agency's files are made of the forms and have nothing else.
    """
    payments = PaymentRow.of_driver(driver_id)
    years = sorted({year for payment in payments for year in payment.years})
    forms = (ReturnRow.load(year, driver_id) for year in years)
    return {
        "payee": service.of_driver(driver_id).model_dump(mode="json", exclude={"sequence"}),
        "payments": [one.model_dump(mode="json", exclude={"sequence"}) for one in payments],
        "earned": [one.model_dump(mode="json") for one in EarnedRow.of_driver(driver_id)],
        "forms": [one.model_dump(mode="json", exclude={"sequence", "history"}) for one in forms if one],
    }
