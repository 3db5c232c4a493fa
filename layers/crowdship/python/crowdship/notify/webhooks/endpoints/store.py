"""Rows of endpoints."""

import json
from collections.abc import Iterable

from crowdship.adapters.storage import Row, UnitOfWork, meta
from crowdship.notify.webhooks.endpoints.model import Endpoint


class EndpointRow(Row):
    """An endpoint; those of one merchant are in one partition, and few."""

    Meta = meta("notify")

    @classmethod
    def load(cls, merchant_id: str, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint of a merchant, or None."""
        row = cls.find(_endpoints(merchant_id), endpoint_id)
        return row.as_aggregate(Endpoint) if row else None

    @classmethod
    def of_merchant(cls, merchant_id: str) -> list[Endpoint]:
        """Return all endpoints of a merchant, the oldest first."""
        found = [row.as_aggregate(Endpoint) for row in cls.query(_endpoints(merchant_id), consistent_read=True)]
        return sorted(found, key=lambda endpoint: (endpoint.created_at, endpoint.id))

    @classmethod
    def keep(cls, endpoint: Endpoint) -> Endpoint:
        """Write an endpoint, guarded, and return it as it is now stored."""
        work = UnitOfWork()
        work.store(cls.holding(endpoint, _endpoints(endpoint.merchant_id), endpoint.id))
        work.commit()
        return endpoint.with_changes(stored_version=endpoint.stored_version + 1, events=())

    @classmethod
    def add(cls, endpoint: Endpoint, known: Iterable[Endpoint]) -> Endpoint:
        """Write a new endpoint unless others were added or removed since ``known`` were read, and return it.

        All endpoints of a merchant share a row with their ids, which is written along: two that are added at once can't
        both find room for the last one.

        Raises
        ------
        StaleWrite
            If the endpoints are no longer those.
        """
        work = UnitOfWork()
        work.store(cls.holding(endpoint, _endpoints(endpoint.merchant_id), endpoint.id))
        cls._move_ids(work, endpoint.merchant_id, known, [*known, endpoint])
        work.commit()
        return endpoint.with_changes(stored_version=endpoint.stored_version + 1, events=())

    @classmethod
    def remove(cls, endpoint: Endpoint, known: Iterable[Endpoint]) -> None:
        """Forget an endpoint, unless others were added or removed since ``known`` were read.

        Raises
        ------
        StaleWrite
            If the endpoints are no longer those.
        """
        left = [other for other in known if other.id != endpoint.id]
        work = UnitOfWork()
        work.delete(cls(_endpoints(endpoint.merchant_id), endpoint.id))
        cls._move_ids(work, endpoint.merchant_id, known, left)
        work.commit()

    @classmethod
    def _move_ids(
        cls, work: UnitOfWork, merchant_id: str, before: Iterable[Endpoint], after: Iterable[Endpoint]
    ) -> None:
        was, now = (json.dumps(sorted(endpoint.id for endpoint in those)) for those in (before, after))
        unchanged = (cls.body == was) | cls.pk.does_not_exist()
        work.put(cls(f"ENDPOINT-IDS#{merchant_id}", "IDS", body=now, version=1), unchanged)


def _endpoints(merchant_id: str) -> str:
    return f"ENDPOINTS#{merchant_id}"
