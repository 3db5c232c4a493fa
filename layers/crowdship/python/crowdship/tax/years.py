"""Use cases of a year's forms: begin a task, go on with it page by page, read a page of forms.

A task is a chain of messages, each of which does one page of drivers and sends the next. Every page may be repeated:
its figures follow from the ledger and its files from the forms, so a chain that stops anywhere ends alike.
"""

from collections.abc import Callable
from functools import partial

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import UnitOfWork, changed, persistently
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import Value
from crowdship.kernel.retention import TAX_RETURNS
from crowdship.law.book import LAW
from crowdship.law.values import Amount
from crowdship.tax import filling, iris, service, tally
from crowdship.tax.bucket import CSV, PDF, TaxFiles, copy_key, file_key
from crowdship.tax.figures import FigureMissing, forms_due_on, tax_day
from crowdship.tax.model import NoticeKind
from crowdship.tax.pages import copy_pdf
from crowdship.tax.parties import Payer
from crowdship.tax.payments import year_sums
from crowdship.tax.returns import Furnishing, InformationReturn, Party, ReturnState, is_due
from crowdship.tax.store import DayBookRow, EarnedRow, PaidInRow, PaymentRow, ReturnRow, YearRow
from crowdship.tax.year import TaxYear, Totals, YearTask
from crowdship.vault import service as vault
from crowdship.vault.applicants import TaxForm, return_token, tax_form_token

PAGE = 50
"""Drivers of one message; two lines of a file for each at most."""


class YearJob(Value):
    """A message: go on with the task of a year."""

    year: int
    run: int
    after: str | None = None


type Send = Callable[[YearJob], object]


def of(year: int) -> TaxYear:
    """Return the forms of a year as a whole, also if nothing was done yet."""
    return YearRow.load(str(year)) or TaxYear(id=str(year))


def begin(year: int, task: YearTask, by: str, send: Send, clock: Clock) -> TaxYear:
    """Begin a task over all forms of a year.

    Raises
    ------
    Conflict
        If another one runs, the year is not over or not settled, or what comes before is not done.
    """
    now = clock.now()
    if tax_day(now).year <= year:
        raise Conflict("year_not_over", f"{year} is not over; its forms are made from 1 January on.")
    ready = task is not YearTask.GENERATE or tally.is_ready(year)
    begun = _change(year, lambda one: one.begin(task, by, now, ready=ready))
    send(YearJob(year=year, run=begun.run))
    return begun


def again(send: Send, clock: Clock) -> int:
    """Send the message of each task that runs once more, in case one was lost; return how many."""
    year, sent = tax_day(clock.now()).year, 0
    for one in (of(year - 1), of(year - 2)):
        if one.task is not None:
            send(YearJob(year=one.year, run=one.run, after=one.after))
            sent += 1
    return sent


def go_on(job: YearJob, payer: Callable[[], Payer], files: Callable[[], TaxFiles], clock: Clock) -> YearJob | None:
    """Do one page of a task, and return the next message; None at its end, or for a message of an earlier task."""
    year = of(job.year)
    if year.run != job.run or year.task is None:
        return None
    done = {
        YearTask.GENERATE: lambda: _generate(job, clock),
        YearTask.REVIEW: lambda: _review(job, year, clock),
        YearTask.FURNISH: lambda: _furnish(job, year, payer(), files(), clock),
        YearTask.FILE: lambda: _file(job, year, payer(), files(), clock),
    }[year.task]()
    if done is not None:
        _change(job.year, lambda one: one.moved_to(done) if one.run == job.run and one.task else one)
        return job.model_copy(update={"after": done})
    _end(job, clock)
    return None


def _end(job: YearJob, clock: Clock) -> None:
    totals = totals_of(job.year)
    if totals.difference:
        logger.error("forms_differ", year=job.year, difference=totals.difference)
    metrics.add_metric("TaxFormsDifference", MetricUnit.Count, abs(totals.difference))
    _change(job.year, lambda one: one.ended(totals, clock.now()) if one.run == job.run and one.task else one)


def totals_of(year: int) -> Totals:
    """Return the totals of a year's forms, read page by page, beside what the books paid."""
    days = (*DayBookRow.of_year(year), *DayBookRow.of_year(year + 1))
    books = sum(day.paid.get(year, 0) for day in days)
    totals, after = Totals(books=books, never_settled=tally.days_never_settled(year)), None
    while forms := ReturnRow.page(year, after, 10 * PAGE):
        for form in forms:
            totals = totals.plus(form)
        after = forms[-1].driver_id
    return totals


def _change(year: int, decide: Callable[[TaxYear], TaxYear]) -> TaxYear:
    return changed(partial(of, year), decide, YearRow.of)


def change_form(
    year: int, driver_id: str, decide: Callable[[InformationReturn], InformationReturn]
) -> InformationReturn:
    """Return a form after a change that is stored; one that changes nothing writes nothing.

    Raises
    ------
    NotFound
        If there is none.
    """

    def load() -> InformationReturn:
        form = ReturnRow.load(year, driver_id)
        if form is None:
            raise NotFound("no_such_form", f"There is no form of {driver_id} for {year}.")
        return form

    return changed(load, decide, ReturnRow.of)


# Tasks


def _generate(job: YearJob, clock: Clock) -> str | None:
    ids = PaidInRow.page(job.year, job.after, PAGE)
    for driver_id in ids:
        draw(job.year, driver_id, clock)
    return ids[-1] if len(ids) == PAGE else None


def draw(year: int, driver_id: str, clock: Clock) -> InformationReturn:
    """Make a driver's form of a year from the ledger, or make it anew."""
    sums = year_sums(year, PaymentRow.of_driver(driver_id), EarnedRow.of_driver(driver_id))
    party = _party(driver_id)
    due = is_due(sums, party, _threshold(year, party))

    def drawn(before: InformationReturn | None) -> InformationReturn:
        if before is None:
            return InformationReturn.drafted(year, driver_id, sums, party, due=due, now=clock.now())
        return before.redrawn(sums, party, due=due, now=clock.now())

    return changed(partial(ReturnRow.load, year, driver_id), drawn, ReturnRow.of)


def _party(driver_id: str) -> Party:
    payee, form = service.of_driver(driver_id), _form_of(driver_id)
    if payee.form is None or form is None:
        return Party()
    return Party(
        certified_at=payee.form.certified_at,
        last_four=payee.form.last_four,
        state_code=form.address.state,
        delivery=Furnishing.ELECTRONIC if payee.form.electronic else Furnishing.MAIL,
        exempt=payee.form.exempt,
    )


def _threshold(year: int, party: Party) -> int:
    """Return from how many minor units a form is due; a state's row counts where the driver lives if it is lower."""
    codes = ("US", f"US-{party.state_code}") if party.state_code else ("US",)
    row = LAW.strictest("tax_form_from", codes, forms_due_on(year).replace(year=year, month=12, day=31))
    if row is None or not isinstance(row.value, Amount):
        raise FigureMissing(f"the tables of law have no tax_form_from for {year}")
    return int(row.value.number.scaleb(2))


def _review(job: YearJob, year: TaxYear, clock: Clock) -> str | None:
    forms = ReturnRow.page(job.year, job.after, PAGE)
    by = year.started_by or ""
    for form in forms:
        change_form(job.year, form.driver_id, lambda one: one.reviewed(by, clock.now()))
    return forms[-1].driver_id if len(forms) == PAGE else None


def _furnish(job: YearJob, year: TaxYear, payer: Payer, files: TaxFiles, clock: Clock) -> str | None:
    forms = ReturnRow.page(job.year, job.after, PAGE)
    names = _names([form.driver_id for form in forms])
    for form in forms:
        if form.state is ReturnState.REVIEWED:
            # The revision is in the key, so a copy that was told of is never replaced by another one.
            page = filling.copy_of(form, payer, _form_of(form.driver_id), names[form.driver_id])
            files.put(copy_key(form.year, form.driver_id, form.revision), copy_pdf(page), PDF)
            change_form(job.year, form.driver_id, lambda one: one.furnished(year.started_by or "", clock.now()))
    return forms[-1].driver_id if len(forms) == PAGE else None


def _file(job: YearJob, year: TaxYear, payer: Payer, files: TaxFiles, clock: Clock) -> str | None:
    forms = ReturnRow.page(job.year, job.after, PAGE)
    name = f"1099-nec-{job.year}-{job.run:03d}-{_page_name(job.after)}.csv"
    # The file is written before its forms are noted. A page that is repeated after some were noted finds its file.
    if any(form.file == name for form in forms):
        chosen = [form for form in forms if form.state is ReturnState.FURNISHED]
        for form in chosen:
            _filed(form, name, year.started_by or "", clock)
        return forms[-1].driver_id if len(forms) == PAGE else None
    chosen = [form for form in forms if form.state is ReturnState.FURNISHED]
    names = _names([form.driver_id for form in chosen])
    records: list[filling.Record] = []
    for form in chosen:
        payee = service.of_driver(form.driver_id)
        second = any(one.kind is NoticeKind.SECOND and one.received_on.year == job.year for one in payee.notices)
        current, before = _form_of(form.driver_id), vault.record(return_token(job.year, form.driver_id), TaxForm)
        records += filling.records_of(form, payer, current, names[form.driver_id], before, second_notice=second)
    if records:
        files.put(file_key(job.year, name), iris.file_of(records), CSV)
        _change(job.year, lambda one: one.with_file(name, len(records), clock.now()))
    for form in chosen:
        _filed(form, name, year.started_by or "", clock)
    return forms[-1].driver_id if len(forms) == PAGE else None


def _filed(form: InformationReturn, name: str, by: str, clock: Clock) -> None:
    """Note that a form is in a file, together with a copy of the W-9 that the agency has from now on."""
    current = _form_of(form.driver_id)

    def attempt() -> None:
        before = ReturnRow.load(form.year, form.driver_id)
        after = before.into_file(name, by, clock.now()) if before else None
        if after is None or after is before:
            return
        work = UnitOfWork()
        work.store(ReturnRow.of(after))
        if current:
            token = return_token(form.year, form.driver_id)
            known = vault.record(token, TaxForm)
            copy = current.with_changes(
                id=token, stored_version=known.stored_version if known else 0, kept_until=clock.now() + TAX_RETURNS
            )
            vault.keep(copy, work)
        work.commit()

    persistently(attempt)


def _page_name(after: str | None) -> str:
    return (after or "drv_0").removeprefix("drv_")[:12]


def _form_of(driver_id: str) -> TaxForm | None:
    return vault.record(tax_form_token(driver_id), TaxForm)


def _names(driver_ids: list[str]) -> dict[str, str]:
    """Return drivers' names; of one who was erased the id."""
    people = drivers.get_many(driver_ids)
    names = vault.names_of(driver.person_token for driver in people.values())
    return {one: names.get(people[one].person_token, one) if one in people else one for one in driver_ids}
