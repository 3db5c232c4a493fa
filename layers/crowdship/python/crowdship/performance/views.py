"""Views of a driver's performance for drivers themselves and for staff."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from crowdship.drivers.measures import WINDOW, WINDOW_DELIVERIES, Measures
from crowdship.drivers.model import Driver, DriverKind
from crowdship.drivers.tiers import reaches, tier_of
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.performance.facts import Fact
from crowdship.performance.lateness import Lateness
from crowdship.performance.scorecard import Scorecard, causes, measured, windowed
from crowdship.zones.model import ZoneSettings
from crowdship.zones.tiers import Tier


class Acceptance(Value):
    """Offers that a driver accepted, of those that no other driver took; it is shown, and nothing depends on it."""

    accepted: int
    answered: int


class MeasuresView(Value):
    """A driver's measures, with the counts that they are made of."""

    rating: float
    on_time: float
    completion: float
    compliance: float
    counts: Measures

    @classmethod
    def of(cls, measures: Measures) -> Self:
        """Return the view of some measures."""
        named = ("rating", "on_time", "completion", "compliance")
        return cls(**{name: getattr(measures, name) for name in named}, counts=measures)


class TierView(Value):
    """A tier and whether the driver's measures reach it."""

    tier: Tier
    reached: bool


class PerformanceCheck(Value):
    """A driver's stored measures beside those made anew of all deliveries of the window.

    Parameters
    ----------
    differing : tuple of str
        Deliveries whose facts differ.
    """

    same: bool
    stored: MeasuresView
    anew: MeasuresView
    differing: tuple[str, ...]

    @classmethod
    def of(cls, stored: Iterable[Fact], anew: Iterable[Fact], prior: float) -> Self:
        """Return the comparison of the stored facts of a window with those made anew."""
        before, after = tuple(stored), tuple(anew)
        differing = {one.delivery_id for one in {*before} ^ {*after}}
        views = (MeasuresView.of(measured(facts, prior)) for facts in (before, after))
        return cls(same=not differing, **dict(zip(("stored", "anew"), views, strict=True)), differing=sorted(differing))


class PerformanceView(Value):
    """A driver's performance: measures of the window, lateness by cause, tier, and the newest deliveries.

    Parameters
    ----------
    window_days, window_deliveries : int
        The window: the newest so many deliveries of the last so many days.
    lateness : Lateness
        Seconds of lateness of all deliveries of the window, by cause; only ``driver`` counts.
    tier : str or None
        The code of the driver's tier; None for a dedicated driver, who has none.
    currency : str
        That of the tiers' ``goods_value``.
    """

    driver_id: str
    as_of: Moment
    window_days: int
    window_deliveries: int
    measures: MeasuresView
    lateness: Lateness
    acceptance: Acceptance
    tier: str | None
    currency: str
    tiers: tuple[TierView, ...]
    deliveries: tuple[Fact, ...]

    @classmethod
    def of(cls, driver: Driver, card: Scorecard, settings: ZoneSettings, now: datetime) -> Self:
        """Return the view of a driver's scorecard at a moment, with the tiers of a zone."""
        tiers = settings.tiers
        facts = windowed(card.facts, now)
        measures = measured(facts, driver.measures.prior)
        accepted, answered = card.acceptance
        crowd = driver.kind is DriverKind.CROWD
        return cls(
            driver_id=driver.id,
            as_of=now,
            window_days=WINDOW.days,
            window_deliveries=WINDOW_DELIVERIES,
            measures=MeasuresView.of(measures),
            lateness=causes(facts),
            acceptance=Acceptance(accepted=accepted, answered=answered),
            currency=settings.rates.currency,
            tier=tier_of(measures, tiers).code if crowd else None,
            tiers=tuple(TierView(tier=tier, reached=reaches(measures, tier)) for tier in tiers) if crowd else (),
            deliveries=tuple(reversed(facts)),
        )
