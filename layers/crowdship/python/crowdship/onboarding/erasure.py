"""Erasure of what the onboarding knows of a person."""

from crowdship.adapters.storage import UnitOfWork
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.kernel.retention import TAX_FORMS
from crowdship.onboarding import service
from crowdship.onboarding.application import ApplicationState, ChosenReason
from crowdship.onboarding.check import UNDECIDED
from crowdship.onboarding.store import AddressRow
from crowdship.vault import service as vault
from crowdship.vault.applicants import (
    TaxForm,
    bank_account_token,
    connected_account_token,
    identity_token,
    tax_form_token,
)


def must_be_erasable(driver_id: str) -> None:
    """Check that nothing about a person waits for a decision.

    Raises
    ------
    Conflict
        If a report stands against the applicant that nobody has decided about.
    """
    application = service.find(service.application_id(driver_id))
    if application and application.state is ApplicationState.OPEN and application.check.state in UNDECIDED:
        raise Conflict("report_undecided", "A report stands against the applicant; decide about it first.")


def erase_person(driver_id: str, clock: Clock) -> None:
    """Erase identity, bank account and the digests of the addresses; the tax form once the law lets it go.

    The tax form of a driver who could work is kept for four years, as the law demands of whoever paid. A report, with
    what was said of it, is kept to its end, because a claim about it can be brought as long. A second call changes
    nothing.

    Raises
    ------
    Conflict
        If a report stands against the applicant that nobody has decided about.
    """
    application = service.find(service.application_id(driver_id))
    if application is not None:
        if application.check.state in UNDECIDED and application.state is ApplicationState.OPEN:
            raise Conflict("report_undecided", "A report stands against the applicant; decide about it first.")
        if application.state is ApplicationState.OPEN:
            reason = ChosenReason.NO_ANSWER
            service.change(application.id, lambda one: one.refuse(reason, "erasure", clock.now()))
        _forget_addresses(application.id)
    for token_of in (identity_token, bank_account_token, connected_account_token):
        vault.erase(token_of(driver_id))
    _end_tax_form(driver_id, clock)


def _forget_addresses(application_id: str) -> None:
    application = service.get(application_id)
    if not application.addresses:
        return
    work = UnitOfWork()
    email = application.addresses[:1]
    # Another applicant may have come first with the same phone, and it is theirs then.
    for digest in email if application.shares_phone else application.addresses:
        AddressRow.free(digest, application.driver_id, work)
    service.keep(application.with_changes(addresses=()), work)
    work.commit()


def _end_tax_form(driver_id: str, clock: Clock) -> None:
    token = tax_form_token(driver_id)
    form = vault.record(token, TaxForm)
    if form is None or form.kept_until:
        return
    if drivers.get(driver_id).onboarding:
        vault.erase(token)
        return
    work = UnitOfWork()
    vault.keep(form.kept_to(clock.now() + TAX_FORMS), work)
    work.commit()
