"""Promise: what one driver can earn by an incentive, with its part of the budget, and what was paid of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from crowdship.incentives.model import Incentive
from crowdship.incentives.terms import BatchBonus, Guarantee, Kind, PeakBonus, Quest, Terms
from crowdship.incentives.work import Work
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money

GRACE = timedelta(hours=1)
"""After the end of a span so much time is left for events that are late and for endings that are taken back."""

OFFER_KEPT = timedelta(days=2)
"""A bonus of an offer is kept open for the longest time that its deliveries may take."""

HELD_AT_MOST = timedelta(days=30)
"""A promise waits so long after its span for decisions about held pay; then it is closed without them."""

LOOK_AGAIN = timedelta(hours=12)


class Promise(Aggregate):
    """A promise to a driver, with the terms as they were when it was made.

    Parameters
    ----------
    begins, until : datetime
        Work that ended in this span counts.
    delivery_ids : tuple of str
        The deliveries of the offer that a bonus belongs to; none for a quest and a guarantee.
    reserved, paid : int
        Minor units: its part of the budget, and what was paid of it. ``paid`` is never more than ``reserved``.
    due_at : datetime
        When it is looked at next by the clock.
    closed_at : datetime or None
        When what was not paid went back into the budget.
    unfunded_at : datetime or None
        When its reward, or a part of it, did not fit into the budget.
    """

    incentive_id: str
    zone_id: str
    driver_id: str
    title: str
    terms: Terms
    currency: str
    begins: Moment
    until: Moment
    delivery_ids: tuple[str, ...] = ()
    reserved: int
    paid: int = 0
    made_at: Moment
    due_at: Moment
    closed_at: Moment | None = None
    unfunded_at: Moment | None = None

    @classmethod
    def joined(cls, incentive: Incentive, driver_id: str, now: datetime) -> Self:
        """Return the promise to a driver who joins an incentive; its whole span counts."""
        return cls(
            id=derived_id("prm", incentive.id, driver_id),
            **cls._of(incentive),
            driver_id=driver_id,
            begins=incentive.starts_at,
            until=incentive.ends_at,
            reserved=incentive.reserve,
            made_at=now,
            due_at=incentive.ends_at + GRACE,
        )

    @classmethod
    def with_offer(
        cls, incentive: Incentive, driver_id: str, offer_id: str, delivery_ids: tuple[str, ...], at: datetime
    ) -> Self:
        """Return the promise of a bonus to the driver who accepted an offer at a moment."""
        return cls(
            id=derived_id("prm", incentive.id, driver_id, offer_id, *delivery_ids),
            **cls._of(incentive),
            driver_id=driver_id,
            begins=at,
            until=at + OFFER_KEPT,
            delivery_ids=delivery_ids,
            reserved=incentive.reserve,
            made_at=at,
            due_at=at + LOOK_AGAIN,
        )

    @staticmethod
    def _of(incentive: Incentive) -> dict[str, object]:
        return {
            "incentive_id": incentive.id,
            "zone_id": incentive.zone_id,
            "title": incentive.title,
            "terms": incentive.terms,
            "currency": incentive.budget.currency,
        }

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return self.terms.kind

    def counted(self, work: Iterable[Work]) -> list[Work]:
        """Return the work in its zone and span; the end of the span is not in it."""
        return [one for one in work if one.zone_id == self.zone_id and self.begins <= one.at < self.until]

    def concerns(self, work: Work) -> bool:
        """Return whether some work can change what is due; for a bonus only its own deliveries can."""
        return bool(self.counted([work])) and (not self.delivery_ids or work.id in self.delivery_ids)

    def reward(self, work: Iterable[Work], duty_share: float | None = None) -> int:
        """Return what is due by the terms, minor units.

        Parameters
        ----------
        duty_share : float or None
            Share of the span on duty in the zone; None before the span is over, when a guarantee owes nothing yet.
        """
        counted = self.counted(work)
        match self.terms:
            case Quest():
                return self.terms.reward(counted)
            case BatchBonus() | PeakBonus():
                return self.terms.reward(counted, self.delivery_ids)
            case Guarantee():
                return self.paid if duty_share is None else self.terms.reward(counted, duty_share)

    def awaits_decision(self, work: Iterable[Work]) -> bool:
        """Return whether a person still has to decide about the pay of work that would count."""
        return any(one.is_held and self.concerns(one) for one in work)

    def settle(self, reward: int, now: datetime) -> Self:
        """Pay what is due by now and was not paid, or take back what is no longer due; nothing if that is nothing.

        The sum of what is paid and taken back is the reward, in whatever order the work came.
        """
        difference = reward - self.paid
        if not difference:
            return self
        # Nothing is reserved for a closed promise beside what it paid.
        reserved = reward if self.closed_at else max(self.reserved, reward)
        changed = self.with_changes(paid=reward, reserved=reserved)
        return changed.emitting(
            "incentive.earned" if difference > 0 else "incentive.reversed", now, self._data(abs(difference))
        )

    def close(self, now: datetime) -> Self:
        """Give back to the budget what was not paid."""
        return self.with_changes(closed_at=now, reserved=self.paid)

    def refuse(self, missing: int, now: datetime) -> Self:
        """Tell its driver and staff, once, that the budget does not cover it."""
        if self.unfunded_at:
            return self
        return self.with_changes(unfunded_at=now).emitting("incentive.not_funded", now, self._data(missing))

    def _data(self, amount: int) -> dict[str, object]:
        return {
            "promise_id": self.id,
            "incentive_id": self.incentive_id,
            "zone_id": self.zone_id,
            "driver_id": self.driver_id,
            "kind": str(self.kind),
            "title": self.title,
            "amount": Money(amount=amount, currency=self.currency).model_dump(),
            "delivery_id": self.delivery_ids[0] if self.kind is Kind.PEAK_BONUS else None,
        }


class GuaranteedSpan(Aggregate):
    """Spans for which a driver's earnings are guaranteed, by incentives and blocks; its id is the driver's.

    Two guarantees of one hour would pay its difference twice, so spans of a driver don't overlap.

    Parameters
    ----------
    spans : dict
        Begin and end, by the id of the incentive or block.
    paused_until : datetime or None
        Until when the driver can book no block.
    """

    spans: dict[str, tuple[Moment, Moment]] = {}  # noqa: RUF012 - pydantic copies it
    paused_until: Moment | None = None

    def pause_at(self, now: datetime) -> datetime | None:
        """Return until when the driver can book nothing; None if they can book now."""
        return self.paused_until if self.paused_until and now < self.paused_until else None

    def pausing(self, until: datetime) -> Self:
        """Return the spans of a driver who can book nothing until a moment."""
        return self.with_changes(paused_until=max(until, self.paused_until or until))

    def overlapping(self, begins: datetime, ends: datetime, besides: str) -> str | None:
        """Return the id of another incentive or block whose span overlaps; None if there is none."""
        found = (key for key, (start, end) in self.spans.items() if key != besides and start < ends and begins < end)
        return next(found, None)

    def adding(self, source_id: str, begins: datetime, ends: datetime, now: datetime) -> Self:
        """Return the spans with one more, without those that are long over."""
        kept = {key: span for key, span in self.spans.items() if span[1] > now - timedelta(days=1)}
        return self.with_changes(spans={**kept, source_id: (begins, ends)})

    def without(self, source_id: str) -> Self:
        """Return the spans without one."""
        return self.with_changes(spans={key: span for key, span in self.spans.items() if key != source_id})
