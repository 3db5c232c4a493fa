"""The onboarding table: applications, the lists of them, and who applied by which address."""

from datetime import date, datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.buckets import BucketRow
from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.kernel.clock import written
from crowdship.onboarding.application import Application

DUE = "DUE"


class ByStage(GlobalSecondaryIndex["ApplicationRow"]):
    """Applications by what has to be done about them, the oldest first."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_stage"
        projection = KeysOnlyProjection()

    stage = UnicodeAttribute(hash_key=True)
    submitted_key = UnicodeAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex["ApplicationRow"]):
    """Applications whose workflow has something to do at a moment; the others are not in it."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class ApplicationRow(AggregateRow[Application]):
    """An application."""

    Meta = meta("onboarding")
    AGGREGATE = Application
    SORT = "APPLICATION"

    stage = UnicodeAttribute(null=True)
    submitted_key = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    by_stage = ByStage()
    by_due = ByDue()

    @classmethod
    def indexed(cls, application: Application) -> dict[str, Any]:
        """Return the stage, and the moment at which the workflow has something to do."""
        due_at = application.due_at
        return {
            "stage": application.stage,
            "submitted_key": f"{written(application.submitted_at)}#{application.id}",
            "due": DUE if due_at else None,
            "due_at": written(due_at) if due_at else None,
        }

    @classmethod
    def page(cls, stage: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """Return up to ``limit`` ids of a stage after a key, and the key after which to go on (eventually consistent).

        Parameters
        ----------
        after : str or None
            As this call returned it.
        """
        condition = ByStage.submitted_key > after if after else None
        rows = list(cls.by_stage.query(stage, condition, limit=limit))
        following = str(rows[-1].submitted_key) if len(rows) == limit else None
        return [row.pk for row in rows], following

    @classmethod
    def due_ids(cls, until: datetime, limit: int) -> list[str]:
        """Return the ids of up to ``limit`` applications that were due at a moment, the longest first."""
        return [row.pk for row in cls.by_due.query(DUE, ByDue.due_at <= written(until), limit=limit)]


class AddressRow(Row):
    """The driver who applied by an e-mail address or a phone number, which is kept as a digest alone."""

    Meta = meta("onboarding")

    @classmethod
    def claim(cls, digest: str, driver_id: str) -> str:
        """Return the driver who has an address: this one if nobody had it before."""
        row = cls(digest, "ADDRESS", body=driver_id)
        try:
            row.save(condition=cls.pk.does_not_exist(), add_version_condition=False)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            known = cls.find(digest, "ADDRESS")
            return known.body if known else cls.claim(digest, driver_id)
        return driver_id

    @classmethod
    def free(cls, digest: str, driver_id: str, work: UnitOfWork) -> None:
        """Add to a unit of work that an address is free again; it fails if another driver has it."""
        work.delete(cls(digest, "ADDRESS"), cls.pk.does_not_exist() | (cls.body == driver_id))


class PayableRow(Row):
    """The first day whose pay goes to a driver's bank account, and when it was given; the account is in the vault."""

    Meta = meta("onboarding")

    @classmethod
    def of(cls, driver_id: str, day: date, given_at: datetime | None = None) -> "PayableRow":
        """Return the row of an account."""
        return cls(driver_id, "PAYABLE", body=f"{day} {given_at.isoformat() if given_at else ''}".strip())

    @classmethod
    def load(cls, driver_id: str) -> tuple[date, datetime | None] | None:
        """Return the day and the moment, which older rows lack, or None if there is no account."""
        row = cls.find(driver_id, "PAYABLE")
        if row is None:
            return None
        day, _, given_at = row.body.partition(" ")
        return date.fromisoformat(day), datetime.fromisoformat(given_at) if given_at else None


class ApplyRow(BucketRow):
    """The applications that came from one address of the network."""

    Meta = meta("onboarding")
