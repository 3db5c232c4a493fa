"""Views of payees, of a year's forms, and of a driver's own tax."""

from datetime import date
from typing import Self

from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock, Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.onboarding.tax import TaxFormView
from crowdship.tax import deposits, iris, service, years
from crowdship.tax.bucket import TaxFiles, copy_key, file_key, letter_key
from crowdship.tax.figures import CURRENCY, deposit_due_on, forms_due_on, rate_on, tax_day
from crowdship.tax.model import FormState, NumberNotice, WithholdingReason
from crowdship.tax.payee import Payee
from crowdship.tax.returns import Furnishing, InformationReturn, ReturnCorrection, ReturnState
from crowdship.tax.store import PayeeRow, ReturnRow
from crowdship.tax.year import MonthOfTax, TaxYear, YearTask
from crowdship.vault import service as vault
from crowdship.vault.applicants import TaxForm, tax_form_token

GIVEN = frozenset({ReturnState.FURNISHED, ReturnState.FILED, ReturnState.CORRECTED})
"""States of a form whose driver has the present copy."""


def _usd(amount: int) -> Money:
    return Money(amount=amount, currency=CURRENCY)


class PayeeNotice(Value):
    """A notice with its days, and a link to its letter once that is written."""

    notice: NumberNotice
    letter: str | None = None


class PayeeView(Value):
    """A payee as staff see them; the number by its last four digits.

    Parameters
    ----------
    list : str
        The list that the payee is on.
    withheld_for : WithholdingReason or None
        Why tax is withheld of a payment today.
    """

    driver_id: str
    name: str | None
    list: str
    form_state: FormState
    last_four: str | None
    certified_at: Moment | None
    match_code: int | None
    matched_at: Moment | None
    withheld_for: WithholdingReason | None
    electronic: bool
    exempt: bool
    notices: tuple[PayeeNotice, ...]

    @classmethod
    def of(cls, payee: Payee, name: str | None, today: date, files: TaxFiles | None = None) -> Self:
        """Return the view of a payee; with links to letters if the files are given."""
        form, match = payee.form, payee.match
        notices = (
            PayeeNotice(notice=one, letter=files.link(letter_key(one.id)) if files and one.written else None)
            for one in payee.notices
        )
        return cls(
            driver_id=payee.id,
            name=name,
            list=payee.waits_for,
            form_state=payee.form_state,
            last_four=form and form.last_four,
            certified_at=form and form.certified_at,
            match_code=match and match.code,
            matched_at=match and match.answered_at,
            withheld_for=payee.reason_on(today),
            electronic=bool(form and form.electronic),
            exempt=bool(form and form.exempt),
            notices=tuple(notices),
        )


class PayeePage(Value):
    """A page of payees on one list, with the id after which to go on."""

    payees: tuple[PayeeView, ...]
    next_after: str | None

    @classmethod
    def of(cls, waits_for: str, after: str | None, limit: int, clock: Clock) -> Self:
        """Return a page of the payees on a list, in the order of their ids."""
        ids, following = PayeeRow.page(waits_for, after, limit)
        found = sorted(PayeeRow.load_many(ids), key=lambda payee: payee.id)
        names, today = names_of([payee.id for payee in found]), tax_day(clock.now())
        return cls(payees=tuple(PayeeView.of(one, names.get(one.id), today) for one in found), next_after=following)

    @classmethod
    def one(cls, driver_id: str, files: TaxFiles, clock: Clock) -> Self:
        """Return the page of one driver, with links to letters.

        Raises
        ------
        NotFound
            If there is no such driver.
        """
        drivers.get(driver_id)
        payee, today = service.of_driver(driver_id), tax_day(clock.now())
        return cls(payees=(PayeeView.of(payee, names_of([driver_id]).get(driver_id), today, files),), next_after=None)


def names_of(driver_ids: list[str]) -> dict[str, str]:
    """Return the names of those drivers who were not erased."""
    people = drivers.get_many(driver_ids)
    names = vault.names_of(driver.person_token for driver in people.values())
    return {id: names[driver.person_token] for id, driver in people.items() if driver.person_token in names}


class TaxReturnView(Value):
    """A form of a year as staff see it."""

    driver_id: str
    name: str | None
    state: ReturnState
    compensation: Money
    withheld: Money
    tips: Money
    payments: int
    last_four: str | None
    delivery: Furnishing
    revision: int
    correction: ReturnCorrection | None
    copy_link: str | None

    @classmethod
    def of(cls, form: InformationReturn, name: str | None, files: TaxFiles) -> Self:
        """Return the view of a form; with a link once the driver has it."""
        return cls(
            driver_id=form.driver_id,
            name=name,
            state=form.state,
            compensation=_usd(form.sums.compensation),
            withheld=_usd(form.sums.withheld),
            tips=_usd(form.sums.tips),
            payments=form.sums.payments,
            last_four=form.party.last_four,
            delivery=form.party.delivery,
            revision=form.revision,
            correction=form.correction,
            copy_link=_copy_link(form, files),
        )


def _copy_link(form: InformationReturn, files: TaxFiles) -> str | None:
    given = form.state in GIVEN
    return files.link(copy_key(form.year, form.driver_id, form.revision)) if given else None


class TaxMonthView(Value):
    """Withheld tax of a month: what is left to deposit, and until when.

    Parameters
    ----------
    offset : Money
        What is covered by too much that was deposited for other months of the year, as payments came back since; below
        zero for what covers them.
    left : Money
        Below zero if too much is deposited and no month of the year can use it yet.
    """

    month: str
    withheld: Money
    deposited: Money
    offset: Money
    left: Money
    due_on: Day

    @classmethod
    def of(cls, one: MonthOfTax) -> Self:
        """Return the view of a month."""
        first = date.fromisoformat(f"{one.month}-01")
        return cls(
            month=one.month,
            withheld=_usd(one.withheld),
            deposited=_usd(one.deposited),
            offset=_usd(one.offset),
            left=_usd(one.left),
            due_on=deposit_due_on(first),
        )


class TaxFileView(Value):
    """A file for the agency, with a link."""

    name: str
    records: int
    made_at: Moment
    link: str


class TaxTotalsView(Value):
    """Totals of a year's forms; ``difference`` is zero if they are what the books paid.

    Parameters
    ----------
    by_mail : int
        Forms that have to be mailed, as the driver did not agree to get them electronically.
    nameless : int
        Forms about a driver without a W-9.
    never_settled : int
        Days of the year that nobody began to settle; no form has what was booked on them.
    """

    states: dict[str, int]
    corrections: dict[str, int]
    compensation: Money
    withheld: Money
    tips: Money
    fees: Money
    books: Money
    difference: Money
    by_mail: int
    nameless: int
    never_settled: int


class YearView(Value):
    """A year's forms as a whole, and a page of them.

    Parameters
    ----------
    due_on : date
        The day by which the forms are with drivers and with the agency.
    mapping_verified_by : str or None
        Who compared the file's columns with the agency's template of the year; None if nobody did.
    months : tuple of TaxMonthView
        Withheld tax by month; their sum is that of Form 945.
    """

    year: int
    due_on: Day
    task: YearTask | None
    made_at: Moment | None
    reviewed_by: str | None
    furnished_at: Moment | None
    filed_at: Moment | None
    mapping_verified_by: str | None
    totals: TaxTotalsView | None
    months: tuple[TaxMonthView, ...]
    files: tuple[TaxFileView, ...]
    forms: tuple[TaxReturnView, ...]
    next_after: str | None

    @classmethod
    def of(cls, year: int, after: str | None, limit: int, files: TaxFiles) -> Self:
        """Return a year with a page of its forms, in the order of their drivers."""
        one, forms = years.of(year), ReturnRow.page(year, after, limit)
        names = names_of([form.driver_id for form in forms])
        return cls(
            year=year,
            due_on=forms_due_on(year),
            task=one.task,
            made_at=one.made_at,
            reviewed_by=one.reviewed_by,
            furnished_at=one.furnished_at,
            filed_at=one.filed_at,
            mapping_verified_by=iris.VERIFIED.get(year),
            totals=_totals(one),
            months=tuple(TaxMonthView.of(month) for month in deposits.months(year)),
            files=tuple(
                TaxFileView(
                    name=file.name,
                    records=file.records,
                    made_at=file.made_at,
                    link=files.link(file_key(year, file.name)),
                )
                for file in one.files
            ),
            forms=tuple(TaxReturnView.of(form, names.get(form.driver_id), files) for form in forms),
            next_after=forms[-1].driver_id if len(forms) == limit else None,
        )


def _totals(year: TaxYear) -> TaxTotalsView | None:
    totals = year.totals
    if totals is None:
        return None
    return TaxTotalsView(
        states=totals.states,
        corrections=totals.corrections,
        compensation=_usd(totals.sums.compensation),
        withheld=_usd(totals.sums.withheld),
        tips=_usd(totals.sums.tips),
        fees=_usd(totals.sums.fees),
        books=_usd(totals.books),
        difference=_usd(totals.difference),
        by_mail=totals.by_mail,
        nameless=totals.nameless,
        never_settled=totals.never_settled,
    )


class OwnForm(Value):
    """A driver's own Form 1099-NEC, with a link to the copy."""

    year: int
    compensation: Money
    withheld: Money
    tips: Money
    corrected: bool
    link: str


class OwnTax(Value):
    """A driver's own tax: the form on file, why tax is withheld, what to do, and the forms of years.

    Parameters
    ----------
    todo : str or None
        ``give_form``, ``check_form``, ``certify_again``, ``bring_letter`` or ``wait_for_staff``; None if there is
        nothing to do.
    withhold_from : date or None
        The day from which tax is withheld if the driver does nothing.
    """

    form_state: FormState
    form: TaxFormView | None
    electronic: bool
    todo: str | None
    withheld_for: WithholdingReason | None
    withheld_percent: str
    withhold_from: Day | None
    withheld_until: Day | None
    forms: tuple[OwnForm, ...]

    @classmethod
    def of(cls, driver_id: str, files: TaxFiles, clock: Clock) -> Self:
        """Return the view of the calling driver."""
        payee, today = service.of_driver(driver_id), tax_day(clock.now())
        form, notice = vault.record(tax_form_token(driver_id), TaxForm), payee.open_notice
        reason = payee.reason_on(today)
        stops = [one.stops_on for one in payee.notices if one.stops_on and one.withholds_on(today)]
        found = (ReturnRow.load(year, driver_id) for year in range(today.year - 4, today.year + 1))
        return cls(
            form_state=payee.form_state,
            form=TaxFormView.of(form) if form else None,
            electronic=bool(payee.form and payee.form.electronic),
            todo=todo_of(payee),
            withheld_for=reason,
            withheld_percent=str((rate_on(today) * 100).normalize()),
            withhold_from=notice.withhold_from if notice and reason is None else None,
            withheld_until=max(stops, default=None),
            forms=tuple(_own(one, files) for one in found if one and one.state in GIVEN),
        )


def todo_of(payee: Payee) -> str | None:
    """Return what the driver has to do; None if there is nothing."""
    if payee.open_notice:
        return "certify_again" if payee.open_notice.kind == "first" else "bring_letter"
    return {
        FormState.NONE: "give_form",
        FormState.FOREIGN: "wait_for_staff",
        FormState.MISMATCHED: "check_form",
    }.get(payee.form_state)


def _own(form: InformationReturn, files: TaxFiles) -> OwnForm:
    return OwnForm(
        year=form.year,
        compensation=_usd(form.sums.compensation),
        withheld=_usd(form.sums.withheld),
        tips=_usd(form.sums.tips),
        corrected=form.revision > 0,
        link=files.link(copy_key(form.year, form.driver_id, form.revision)),
    )
