"""Use cases of payees: certify a form, tell what is withheld of a payment, read and change a payee."""

from collections.abc import Callable
from datetime import date

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.kernel.money import Money
from crowdship.onboarding import service as onboarding
from crowdship.onboarding.tax import TaxFormInput
from crowdship.tax.model import OnFile, Withholding
from crowdship.tax.payee import Payee
from crowdship.tax.store import PayeeRow
from crowdship.vault import service as vault
from crowdship.vault.applicants import TaxForm, tax_form_token


def withholding_for(driver_id: str, on: date, gross: Money) -> Withholding | None:
    """Return what is withheld of a payment to a driver; None if all of it is paid.

    Nothing is written, and the same question has the same answer until the payee changes. The payer keeps the answer
    with the payment, so that a repeated step books the same.

    Parameters
    ----------
    driver_id : str
        Driver who is paid; one without a form has no number, and tax is withheld.
    on : date
        The payer's day on which the payment is instructed (``figures.tax_day``).
    gross : Money
        The payment before tax and before a fee for instant pay; of one in another currency than USD nothing is
        withheld.

    Raises
    ------
    FigureMissing
        If the tables of law have no rate for the day.
    """
    return of_driver(driver_id).withholding(on, gross)


def of_driver(driver_id: str) -> Payee:
    """Return a driver as a payee; one of whom nothing was noted yet is made from the form in the vault, if any."""
    return PayeeRow.load(driver_id) or _unnoted(driver_id)


def _unnoted(driver_id: str) -> Payee:
    form = vault.record(tax_form_token(driver_id), TaxForm)
    return Payee(id=driver_id, form=OnFile.of(form, electronic=False) if form else None)


def certify(driver_id: str, request: TaxFormInput, clock: Clock) -> Payee:
    """Keep the W-9 that a driver certifies, and have its number checked.

    Raises
    ------
    Conflict
        If the driver says that they are no person of the United States; that is noted for staff.
    Gone
        If the driver was erased.
    """
    if not request.us_person:
        drivers.get(driver_id)
        change(driver_id, lambda payee: payee.foreign(clock.now()))
        detail = "A W-9 is for persons of the United States. Staff were told, and will ask you for a W-8BEN."
        raise Conflict("foreign_person", detail, "/us_person")
    kept: list[Payee] = []

    def note(form: TaxForm, work: UnitOfWork) -> None:
        on_file = OnFile.of(form, electronic=request.electronic_forms)
        kept[:] = [of_driver(driver_id).certify(on_file, clock.now())]
        keep(kept[0], work)

    onboarding.give_tax_form(driver_id, request, clock, note)
    return kept[0]


def keep(payee: Payee, work: UnitOfWork) -> None:
    """Add a payee's guarded write to a unit of work."""
    work.store(PayeeRow.of(payee))


def change(driver_id: str, decide: Callable[[Payee], Payee]) -> Payee:
    """Return a payee after a change that is stored; one that changes nothing writes nothing."""

    def attempt() -> Payee:
        before = of_driver(driver_id)
        after = decide(before)
        if after is not before and after != before:
            work = UnitOfWork()
            keep(after, work)
            work.commit()
        return after

    return persistently(attempt)
