"""Rows of merchants' templates: one partition for each merchant."""

from datetime import datetime

from crowdship.adapters.storage import Row, UnitOfWork, meta
from crowdship.notify.log_keys import expiry
from crowdship.notify.own_templates.model import OwnTemplate, TemplatePlace, TestsSent


class TemplateRow(Row):
    """A merchant's template."""

    Meta = meta("notify")

    @staticmethod
    def partition(merchant_id: str) -> str:
        """Return the partition of a merchant's templates."""
        return f"TEMPLATES#{merchant_id}"

    @classmethod
    def load(cls, merchant_id: str, place: TemplatePlace) -> OwnTemplate | None:
        """Return a merchant's template, or None."""
        row = cls.find(cls.partition(merchant_id), place.key)
        return row.as_aggregate(OwnTemplate) if row else None

    @classmethod
    def all_of(cls, merchant_id: str) -> list[OwnTemplate]:
        """Return all templates of a merchant, by kind, language and channel."""
        rows = cls.query(cls.partition(merchant_id), consistent_read=True)
        return [row.as_aggregate(OwnTemplate) for row in rows]

    @classmethod
    def keep(cls, merchant_id: str, template: OwnTemplate) -> None:
        """Write a template, guarded."""
        work = UnitOfWork()
        work.store(cls.holding(template, cls.partition(merchant_id), template.place.key))
        work.commit()

    @classmethod
    def remove(cls, merchant_id: str, place: TemplatePlace) -> None:
        """Remove a template; without one this does nothing."""
        cls(cls.partition(merchant_id), place.key).delete(add_version_condition=False)


class TestsRow(Row):
    """The tests that a merchant has sent."""

    __test__ = False

    Meta = meta("notify")

    @classmethod
    def load(cls, merchant_id: str) -> TestsSent:
        """Return the tests that a merchant has sent."""
        row = cls.find(f"TESTS#{merchant_id}", "TESTS")
        return row.as_aggregate(TestsSent) if row else TestsSent(id=merchant_id)

    @classmethod
    def keep(cls, tests: TestsSent, now: datetime) -> None:
        """Write them, guarded."""
        work = UnitOfWork()
        work.store(cls.holding(tests, f"TESTS#{tests.id}", "TESTS", expires_at=expiry(now)))
        work.commit()
