"""The intake's table: quotes, and which deliveries are one job."""

from datetime import timedelta

from crowdship.intake.jobs import Job
from crowdship.intake.quotes import Quote
from crowdship.kernel.storage import AggregateRow, meta

KEPT = timedelta(days=30)
"""How long a quote can be read after it expired."""


class QuoteRow(AggregateRow[Quote]):
    """A quote."""

    Meta = meta("intake")
    AGGREGATE = Quote
    SORT = "QUOTE"

    @classmethod
    def indexed(cls, quote: Quote) -> dict[str, int]:
        """Return when the table forgets a quote."""
        return {"expires_at": int((quote.expires_at + KEPT).timestamp())}


class JobRow(AggregateRow[Job]):
    """A job."""

    Meta = meta("intake")
    AGGREGATE = Job
    SORT = "JOB"
