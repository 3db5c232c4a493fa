"""Calls of finance about a year: a task over all forms, an act on one form, or a deposit."""

from crowdship.kernel.clock import Clock
from crowdship.tax import deposits, years
from crowdship.tax.requests import DepositInput, FormAct, FormInput, TaskInput, YearInput


def change(year: int, request: YearInput, by: str, send: years.Send, clock: Clock) -> None:
    """Do what finance asks about a year.

    Raises
    ------
    Conflict
        If the year, the form or the deposit does not allow it now.
    NotFound
        If there is no such form.
    Unprocessable
        If a deposit can't be right.
    """
    match request.change:
        case TaskInput() as asked:
            years.begin(year, asked.task, by, send, clock)
        case FormInput(act=FormAct.VOID) as asked:
            years.change_form(year, asked.driver_id, lambda form: form.voided(by, clock.now()))
        case FormInput() as asked:
            years.change_form(year, asked.driver_id, lambda form: form)
            years.draw(year, asked.driver_id, clock)
        case DepositInput() as asked:
            deposits.record(year, asked, by, clock)
