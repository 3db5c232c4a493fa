"""Reports of screening providers: who sent them, and what they change."""

from collections.abc import Callable, Mapping

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound, Refusal, Unprocessable
from crowdship.kernel.reading import read_json
from crowdship.kernel.retention import REPORTS
from crowdship.kernel.signatures import verify
from crowdship.onboarding import service
from crowdship.onboarding.application import Application
from crowdship.onboarding.check import Result
from crowdship.onboarding.screening.model import CheckReport
from crowdship.vault import service as vault
from crowdship.vault.applicants import ScreeningReport, report_token

LARGEST = 64 * 1024
"""Bytes of a report."""


def take_in(
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    go_on: Callable[[Application], object],
    clock: Clock,
    wall: Clock,
) -> None:
    """Take in a report; one that comes again changes nothing. What is refused is counted.

    Parameters
    ----------
    headers : mapping of str to str
        ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``; names in lower case.
    go_on : callable
        Starts the workflow of an application.
    clock, wall : Clock
        Business time, and wall time for the age of the signature.

    Raises
    ------
    Unauthorized
        If the signature is wrong or older than five minutes.
    NotFound
        If there is no such check.
    Conflict
        If the report is about somebody else or another check, or contradicts an earlier one.
    Unprocessable
        If it can't be read.
    """
    try:
        _take_in(headers, body, secret, go_on, clock, wall)
    except Refusal:
        metrics.add_metric("ScreeningReportsRefused", MetricUnit.Count, 1)
        raise


def _take_in(
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    go_on: Callable[[Application], object],
    clock: Clock,
    wall: Clock,
) -> None:
    message_id, timestamp, signature = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    verify([secret], message_id, timestamp, signature, body, wall.now())
    report = _read(body)
    application_id, _, number = report.reference.rpartition(".")

    def attempt() -> Application:
        application = service.find(application_id)
        if application is None or not number.isdecimal():
            raise NotFound("no_such_check", f"There is no check with the reference {report.reference}.")
        if report.candidate_id != application.driver_id:
            raise Conflict("another_person", "The check of this reference is about another person.", "/candidate_id")
        after = application.report(int(number), report.check_id, report.result, clock.now(), message_id)
        if after is application:
            return application
        work = UnitOfWork()
        if report.result is Result.CONSIDER:
            _keep_copy(report, application_id, clock, work)
        service.keep(after, work)
        work.commit()
        return after

    go_on(persistently(attempt))


def _read(body: bytes) -> CheckReport:
    if len(body) > LARGEST:
        raise Unprocessable("too_large", f"The report has {len(body)} bytes; at most {LARGEST} are taken.")
    try:
        return CheckReport.model_validate(read_json(body.decode()))
    except ValueError:
        # The wrong value may be somebody's name, so it is not repeated.
        detail = "Send check_id, reference, candidate_id, result (clear or consider) and records."
        raise Unprocessable("unreadable_report", detail) from None


def _keep_copy(report: CheckReport, application_id: str, clock: Clock, work: UnitOfWork) -> None:
    now, token = clock.now(), report_token(application_id)
    known = vault.record(token, ScreeningReport)
    copy = ScreeningReport(id=token, provider="http", records=report.records, reported_at=now, kept_until=now + REPORTS)
    vault.keep(copy.with_changes(stored_version=known.stored_version if known else 0), work)
