"""The sweep over cases whose time has come."""

from crowdship.adapters.failures import Failures
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.standing import service
from crowdship.standing.case import Case
from crowdship.standing.store import CaseRow

AT_ONCE = 100
"""Cases of one sweep."""


def sweep(clock: Clock) -> int:
    """Let time do what people decided: make effective, end, lift what nobody reviewed; return how many cases changed.

    A driver's standing has its days in it, so eligibility does not wait for the sweep; the events and notices do, and
    so do deliveries that a driver can't fetch any more.

    Raises
    ------
    ExceptionGroup
        If something failed for some cases; all others were served, and the next sweep tries again.
    """
    changed = 0
    with Failures("the sweep over cases failed in part") as failures:
        for case_id in CaseRow.due_ids(clock.now(), AT_ONCE):
            with failures.collected("sweep of a case failed", case_id=case_id):
                changed += _advance(case_id, clock)
    return changed


def _advance(case_id: str, clock: Clock) -> bool:
    def attempt() -> tuple[Case, bool]:
        case, now = service.get(case_id), clock.now()
        driver = drivers.get(case.driver_id)
        after, standing = case.advanced(now, counts=driver.standing.case_id == case.id)
        if after is case:
            return case, False
        work = UnitOfWork()
        service.keep(after, driver, standing, now, work)
        work.commit()
        service.measure(case, after)
        return after, True

    case, changed = persistently(attempt)
    service.without_work(case, clock)
    return changed
