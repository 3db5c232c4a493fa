"""The copy of a report that stands against an applicant, as they and staff see it."""

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.vault.applicants import ReportedRecord


class ReportView(Value):
    """The copy of a report, with what the applicant disputes and how a person assessed it."""

    provider: str
    records: tuple[ReportedRecord, ...]
    reported_at: Moment
    dispute: str | None
    assessment: str | None
