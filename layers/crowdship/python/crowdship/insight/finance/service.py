"""Use cases of finance's mails: change the plans, plan what is due, write and send one mail."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from email.message import EmailMessage
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.settings import settings
from crowdship.adapters.storage import persistently
from crowdship.insight import store
from crowdship.insight.finance import queue, schedule
from crowdship.insight.finance.content import Content
from crowdship.insight.finance.exceptions import exception_of
from crowdship.insight.finance.model import (
    SETTINGS_ID,
    MailKind,
    MailPlans,
    MailRun,
    MailSettings,
    MailTask,
    RunState,
    TestRequest,
)
from crowdship.insight.finance.sections import SECTIONS, Scope
from crowdship.insight.finance.sources import Sources
from crowdship.insight.finance.views import FinanceMails, FinanceMailsRequest
from crowdship.insight.finance.writing.message import message_of
from crowdship.insight.finance.writing.words import Words
from crowdship.insight.store import ExceptionRow, MailRunRow, MailSettingsRow, SlotRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import StaleWrite, Unprocessable
from crowdship.kernel.events import DomainEvent

SHOWN_RUNS: dict[MailKind, int] = {
    MailKind.FLASH: 14,
    MailKind.WEEKLY: 5,
    MailKind.MONTH: 3,
    MailKind.EXCEPTIONS: 14,
}
"""Periods of each mail whose runs are shown."""

SLOT_DAYS = 2
"""Days back whose exceptions are still told at once."""


@cache
def _ses() -> Any:
    # An answer that comes late must not make the client send again; the run's own attempts do that.
    return boto3.client("ses", config=Config(connect_timeout=5, read_timeout=50, retries={"total_max_attempts": 1}))


def current(clock: Clock) -> MailSettings:
    """Return the settings; until somebody changes them, one address gets every mail."""
    return MailSettingsRow.load(SETTINGS_ID) or MailSettings.first(settings().finance_email, clock.now())


def change(plans: MailPlans, by: str, clock: Clock) -> MailSettings:
    """Change the plans."""

    def attempt() -> MailSettings:
        changed = current(clock).changed(plans, by, clock.now())
        store.write(MailSettingsRow.of(changed))
        return changed

    return persistently(attempt)


def seen(clock: Clock) -> FinanceMails:
    """Return the plans with what is due next and what was sent."""
    return FinanceMails.of(current(clock), runs(clock), clock)


def put(request: FinanceMailsRequest, by: str, clock: Clock) -> FinanceMails:
    """Change the plans, and have a test sent if one is asked for; return what is then.

    Raises
    ------
    Unprocessable
        If the test's address is none of the mail's recipients; the plans are not changed then.
    """
    if request.test:
        check(request.test, request.plans)
    if request.plans != current(clock).plans:
        change(request.plans, by, clock)
    if request.test:
        task = schedule.last_over(request.test.mail, request.plans, clock.now())
        queue.put([task.model_copy(update={"test_to": request.test.to})])
    return seen(clock)


def check(request: TestRequest, plans: MailPlans) -> None:
    """Check that a test goes to somebody who gets the mail anyway.

    Raises
    ------
    Unprocessable
        If the address is none of the mail's recipients.
    """
    if request.to.lower() not in {address.lower() for address in plans.of(request.mail).recipients}:
        detail = f"{request.to} is no recipient of the mail {request.mail}; add it to the recipients first."
        raise Unprocessable("not_a_recipient", detail, "/test/to")


def runs(clock: Clock) -> list[MailRun]:
    """Return the runs of each mail's last periods, the newest first."""
    now = clock.now()
    tasks = [
        MailTask(kind=kind, first=first, last=last, due_at=now)
        for kind, count in SHOWN_RUNS.items()
        for first, last in schedule.periods(kind, now, count)
    ]
    ids = [task.run_id for task in tasks] + [schedule.task_of(slot).run_id for slot in _slots(clock)]
    return sorted(MailRunRow.load_many(ids), key=lambda run: (run.due_at, run.id), reverse=True)


def note(event: DomainEvent, clock: Clock) -> bool:
    """Note an event that is an exception, once in its quarter of an hour; return whether it is one."""
    exception = exception_of(event)
    if exception is None:
        return False
    slot = schedule.slot_of(clock.now())
    # The slot comes last: once it is there, its exceptions are.
    store.replace([ExceptionRow.of(exception, slot), SlotRow.of(slot)])
    return True


def plan(clock: Clock) -> int:
    """Queue each mail that is due and was not queued, or was queued long ago in vain; return how many.

    A mail about days waits until the books of the last one are closed, for some hours at most.

    Two calls at once queue a mail once, or twice if they meet in the same moment; it is sent once.
    """
    found = current(clock)
    if found.stored_version == 0:
        found = _first(found)
    tasks = [*schedule.due(found, clock.now()), *_at_once(found, clock)]
    known = {run.id: run for run in MailRunRow.load_many(task.run_id for task in tasks)}
    asked = [task for task in tasks if _is_ready(task, clock) and _asks(task, known.get(task.run_id), clock)]
    queue.put(asked)
    return len(asked)


def _first(settings_now: MailSettings) -> MailSettings:
    try:
        store.write(MailSettingsRow.of(settings_now))
    except StaleWrite:
        return MailSettingsRow.load(SETTINGS_ID) or settings_now
    return settings_now


def _slots(clock: Clock) -> list[str]:
    today = clock.now().date()
    return [slot for back in range(SLOT_DAYS) for slot in SlotRow.of_day(today - timedelta(days=back))]


def _at_once(found: MailSettings, clock: Clock) -> list[MailTask]:
    since = found.since.get(MailKind.EXCEPTIONS)
    if since is None or not found.plans.exceptions.at_once:
        return []
    tasks = [schedule.task_of(slot) for slot in _slots(clock)]
    return [task for task in tasks if since <= task.due_at <= clock.now()]


def _is_ready(task: MailTask, clock: Clock) -> bool:
    now = clock.now()
    closed = task.slot is not None or Sources(now).is_closed(task.last)
    return schedule.may_be_sent(task.due_at, now, is_closed=closed)


def _asks(task: MailTask, run: MailRun | None, clock: Clock) -> bool:
    """Note that a task is queued now, if it has to be; return whether it has."""
    now = clock.now()
    if run and not run.is_forgotten(now):
        return False
    try:
        store.write(MailRunRow.of(run.with_changes(asked_at=now) if run else MailRun.of(task, now)))
    except StaleWrite:
        return False
    return True


def deliver(task: MailTask, clock: Clock, wall: Clock) -> RunState | None:
    """Write a mail and send it, once; return the state of its run, None if another sender has it or it is a test.

    The run is noted after SES accepted the message, so a sender that stops in between has it sent twice.

    Raises
    ------
    ClientError
        If SES does not accept it; the queue brings it again.
    """
    found = current(clock)
    if task.test_to:
        _send(compose(task, found, (task.test_to,), clock)[0], (task.test_to,))
        return None
    run = MailRunRow.load(task.run_id) or MailRun.of(task, clock.now())
    held = run.held(wall.now())
    if held is None:
        return None
    held = _kept(held)
    recipients = found.plans.of(task.kind).recipients
    message, contents = compose(task, found, recipients, clock)
    exceptions = sum(content.exceptions for content in contents)
    silent = task.kind is MailKind.EXCEPTIONS and not exceptions
    if not silent:
        _try(held, lambda: _send(message, recipients))
        metrics.add_metric("FinanceMailsSent", MetricUnit.Count, 1)
    return _kept(held.done(() if silent else recipients, exceptions, clock.now())).state


def compose(
    task: MailTask, found: MailSettings, recipients: Sequence[str], clock: Clock
) -> tuple[EmailMessage, list[Content]]:
    """Return the message of a task, and the content of its sections."""
    sources = Sources(clock.now())
    scope = Scope(task, sources)
    contents = [content for section in SECTIONS[task.kind] if (content := section(scope))]
    zones = sources.zones()
    console = f"{settings().pages_url}/console/{zones[0].id if zones else ''}".rstrip("/")
    message = message_of(
        task,
        contents,
        Words(found.plans.of(task.kind).language),
        console,
        sender=settings().sender_email,
        recipients=recipients,
        is_late=not task.test_to and clock.now() - task.due_at >= schedule.LATE,
    )
    return message, contents


def _send(message: EmailMessage, recipients: Sequence[str]) -> None:
    _ses().send_raw_email(
        Source=str(message["From"]), Destinations=list(recipients), RawMessage={"Data": message.as_bytes()}
    )


def _try(held: MailRun, send: Callable[[], None]) -> None:
    try:
        send()
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        _kept(held.refused(code))
        metrics.add_metric("FinanceMailsRefused", MetricUnit.Count, 1)
        logger.error("finance mail refused", run_id=held.id, kind=held.task.kind, error=code)
        raise


def _kept(run: MailRun) -> MailRun:
    store.write(MailRunRow.of(run))
    return run.with_changes(stored_version=run.stored_version + 1)
