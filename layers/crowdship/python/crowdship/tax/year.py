"""The forms of a year as a whole: one task at a time, its totals, and whether they are what the books paid. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.tax.payments import DayBook, YearSums
from crowdship.tax.returns import InformationReturn, ReturnState


class YearTask(StrEnum):
    """Tasks over all forms of a year, in their order."""

    GENERATE = "generate"
    REVIEW = "review"
    FURNISH = "furnish"
    FILE = "file"


class Totals(Value):
    """Totals of a year's forms.

    Parameters
    ----------
    states : dict of str to int
        Number of forms in each state.
    sums : YearSums
        Sums of all payees, also of those about whom no form is due.
    books : int
        Minor units that the year's books paid out of the bank for payouts, less what came back.
    corrections : dict of str to int
        Number of forms by the type of their correction.
    by_mail : int
        Number of due forms whose driver did not agree to get them electronically.
    nameless : int
        Number of due forms without a W-9.
    never_settled : int
        Days after the year's first settlement that nobody began to settle; no form has what was booked on them.
    """

    states: dict[str, int] = Field(default_factory=dict)
    corrections: dict[str, int] = Field(default_factory=dict)
    by_mail: int = 0
    nameless: int = 0
    never_settled: int = 0
    sums: YearSums = YearSums()
    books: int = 0

    @property
    def difference(self) -> int:
        """Minor units by which the forms have more than the books; 0 if they agree."""
        return self.sums.in_the_books - self.books

    def plus(self, form: InformationReturn) -> Self:
        """Return the totals with one form more."""
        due = form.state not in {ReturnState.NOT_DUE, ReturnState.VOID}
        states = {**self.states, form.state.value: self.states.get(form.state, 0) + 1}
        corrections = dict(self.corrections)
        if form.correction is not None:
            corrections[form.correction.value] = corrections.get(form.correction, 0) + 1
        return self.model_copy(
            update={
                "states": states,
                "corrections": corrections,
                "by_mail": self.by_mail + (due and form.party.delivery.value == "mail"),
                "nameless": self.nameless + (due and form.party.certified_at is None),
                "sums": self.sums + form.sums,
            }
        )


class FileOut(Value):
    """A file for the agency."""

    name: str
    records: int
    made_at: Moment


class TaxYear(Aggregate):
    """The forms of one year; the id is the year.

    Parameters
    ----------
    run : int
        Number of the newest task; a message of an earlier one is dropped.
    task : YearTask or None
        The task that runs.
    after : str or None
        The driver up to whom it is done.
    totals : Totals or None
        As the last task found them.
    reviewed_by : str or None
        The person of finance who reviewed the present figures.
    """

    run: int = 0
    task: YearTask | None = None
    started_by: str | None = None
    started_at: Moment | None = None
    after: str | None = None
    totals: Totals | None = None
    made_at: Moment | None = None
    reviewed_by: str | None = None
    furnished_at: Moment | None = None
    filed_at: Moment | None = None
    files: tuple[FileOut, ...] = ()

    @property
    def year(self) -> int:
        """The calendar year."""
        return int(self.id)

    def begin(self, task: YearTask, by: str, now: datetime, *, ready: bool) -> Self:
        """Return the year with a task that begins.

        Parameters
        ----------
        ready : bool
            Whether all days of the year are closed and tallied.

        Raises
        ------
        Conflict
            If another task runs, or what has to come before is not done.
        """
        if self.task is not None:
            raise Conflict("task_runs", f"{self.task} of {self.year} runs since {self.started_at}; wait for its end.")
        if task is not YearTask.GENERATE:
            self._must_be_right(task)
        elif not ready:
            raise Conflict(
                "year_open", f"{self.year} has days that are not closed or not tallied; its figures may change."
            )
        if task in {YearTask.FURNISH, YearTask.FILE} and self.reviewed_by is None:
            raise Conflict("not_reviewed", f"Finance has not reviewed the forms of {self.year}.")
        return self.with_changes(
            run=self.run + 1, task=task, started_by=by, started_at=now, after=None, totals=None
        ).with_changes(reviewed_by=None if task is YearTask.GENERATE else self.reviewed_by)

    def _must_be_right(self, task: YearTask) -> None:
        if self.totals is None:
            raise Conflict("not_generated", f"There are no forms of {self.year}; generate them before you {task} them.")
        if self.totals.difference:
            detail = f"The forms of {self.year} differ from the books by {self.totals.difference} minor units."
            raise Conflict("forms_differ", f"{detail} Find out why, and generate them again.")

    def moved_to(self, after: str) -> Self:
        """Return the year whose task is done up to a driver."""
        return self.with_changes(after=after)

    def with_file(self, name: str, records: int, now: datetime) -> Self:
        """Return the year with a file for the agency; the same file again changes nothing."""
        if any(file.name == name for file in self.files):
            return self
        return self.with_changes(files=(*self.files, FileOut(name=name, records=records, made_at=now)))

    def ended(self, totals: Totals, now: datetime) -> Self:
        """Return the year after its task came to the end of the drivers."""
        noted: dict[YearTask, dict[str, Any]] = {
            YearTask.GENERATE: {"made_at": now},
            YearTask.REVIEW: {"reviewed_by": self.started_by},
            YearTask.FURNISH: {"furnished_at": now},
            YearTask.FILE: {"filed_at": now},
        }
        done = noted[self.task] if self.task else {}
        return self.with_changes(task=None, after=None, totals=totals, **done)


class TaxDeposit(Aggregate):
    """A payment of withheld tax to the agency, as staff recorded it.

    Parameters
    ----------
    month : str
        The deposit that it is for, such as ``2026-11``: the month of the payments.
    reference : str
        The agency's number of the payment (EFT acknowledgement); a deposit is booked once for each.
    """

    month: str
    amount: int
    deposited_on: Day
    reference: str
    booked_by: str
    booked_at: Moment

    @property
    def year(self) -> int:
        """The year of the month."""
        return int(self.month[:4])


class TaxOffset(Value):
    """Tax that was deposited for a month and given back since, used for another month of the same year.

    Parameters
    ----------
    over, month : str
        The month for which too much is deposited, and the one that it is used for.
    """

    over: str
    month: str
    amount: int


class Deposited(Aggregate):
    """The number of deposits and offsets of a year; it changes with each, so that two at once see one another."""

    count: int = 0

    @staticmethod
    def id_of(year: int) -> str:
        """Return the id of a year."""
        return f"DEPOSITED#{year}"

    def and_also(self) -> Self:
        """Return it with one more deposit or offset."""
        return self.with_changes(count=self.count + 1)


class MonthOfTax(Value):
    """Tax of one month: what was kept from payments, and what was deposited with the agency, in minor units.

    Parameters
    ----------
    offset : int
        What is covered by too much that was deposited for other months of the year; below zero for what covers them.
    """

    month: str
    withheld: int
    deposited: int
    offset: int = 0

    @property
    def covered(self) -> int:
        """Minor units that the agency has for it: deposited for it, or for another month and used for this one."""
        return self.deposited + self.offset

    @property
    def left(self) -> int:
        """Minor units that are still to be deposited; below zero if too much is, as payments came back since."""
        return self.withheld - self.covered


def months_of(
    year: int, days: Iterable[DayBook], deposits: Iterable[TaxDeposit], offsets: Iterable[TaxOffset] = ()
) -> tuple[MonthOfTax, ...]:
    """Return the months of a year with withheld tax: the lines of Form 945-A, whose sum is that of Form 945."""
    withheld: defaultdict[str, int] = defaultdict(int)
    deposited: defaultdict[str, int] = defaultdict(int)
    covered: defaultdict[str, int] = defaultdict(int)
    for one in offsets:
        covered[one.month] += one.amount
        covered[one.over] -= one.amount
    for day in days:
        for month, amount in day.withheld.items():
            withheld[month] += amount
    for deposit in deposits:
        deposited[deposit.month] += deposit.amount
    months = sorted(month for month in {*withheld, *deposited} if month.startswith(f"{year}-"))
    return tuple(
        MonthOfTax(month=one, withheld=withheld[one], deposited=deposited[one], offset=covered[one]) for one in months
    )


def offset_among(months: Iterable[MonthOfTax]) -> TaxOffset | None:
    """Return what is to be offset next among the months of a year; None if nothing is.

    The agency counts deposits for the year as a whole (Form 945, lines 3 and 5), so what was deposited too much for a
    month lowers the next deposit of the same year (Instructions for Form 945). The month that is due first is covered
    first.
    """
    listed = sorted(months, key=lambda one: one.month)
    over = next((one for one in listed if one.left < 0 and one.covered > 0), None)
    short = next((one for one in listed if one.left > 0), None)
    if over is None or short is None:
        return None
    return TaxOffset(over=over.month, month=short.month, amount=min(-over.left, short.left))
