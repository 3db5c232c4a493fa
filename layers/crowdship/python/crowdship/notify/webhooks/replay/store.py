"""Rows of replays."""

from crowdship.adapters.storage import Row, UnitOfWork, meta
from crowdship.notify.log_keys import expiry
from crowdship.notify.webhooks.replay.model import Replay


class ReplayRow(Row):
    """A replay, under its endpoint."""

    Meta = meta("notify")

    @classmethod
    def load(cls, endpoint_id: str, replay_id: str) -> Replay | None:
        """Return a replay to an endpoint, or None."""
        row = cls.find(endpoint_id, f"REPLAY#{replay_id}")
        return row.as_aggregate(Replay) if row else None

    @classmethod
    def keep(cls, replay: Replay) -> Replay:
        """Write a replay, guarded, and return it as it is now stored."""
        expires_at = expiry(replay.created_at)
        work = UnitOfWork()
        work.store(cls.holding(replay, replay.endpoint_id, f"REPLAY#{replay.id}", expires_at=expires_at))
        work.commit()
        return replay.with_changes(stored_version=replay.stored_version + 1)
