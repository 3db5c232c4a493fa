"""Surge in a city that is short of drivers: orders on time and cost per order, with and without it, seed by seed.

Two hours of the demo's city are played in memory, as in ``declines``; a third of its drivers is not on duty. With
surge, each round measures the zone, the multiplier follows the rules below, new orders are charged with it, and its
share is a part of the drivers' pay. What drivers do for it is an assumption, and stated as such:

- of those who are not on duty, ``ELASTICITY`` times the relative rise of the pay, as a share of the drivers on duty,
  comes ``COMES_AFTER`` an announcement holds, and stays for the rest of the play;
- whoever would leave while a surge holds stays ``STAYS`` longer with ``ELASTICITY`` times twice that rise as chance;
- customers order as much as before. A demand that falls with the price would help the surge, and is not counted.

The same seed has the same orders, drivers and tempers with and without surge, so differences are taken in pairs.

    python -m benchmarks.surge [--seeds N] [--orders N] [--elasticity E]
"""

import argparse
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import sqrt
from random import Random
from statistics import fmean, stdev

from benchmarks.support.played_city import NOON, Courier, Play, settings_of, tempers
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from crowdship.deliveries.model import Delivery
from crowdship.kernel.geo import Point
from crowdship.pricing.basis import PricedTrip, size_class
from crowdship.pricing.rates import Rates
from crowdship.pricing.surge import Measure, Surge, SurgeRules
from crowdship.pricing.tables import PriceRow, Sheet, price_by
from crowdship.shipment.options import Priority
from local.city.plans import invented

ELASTICITY = 0.5
"""Drivers who come for each unit of relative rise of the pay, as a share of those on duty."""

COMES_AFTER = timedelta(minutes=10)
STAYS = timedelta(minutes=30)
SHORT_BY = 3
"""One of so many drivers is not on duty."""

RULES = SurgeRules.model_validate(
    {
        "curve": [
            {"pressure": 0.5, "percent": 100},
            {"pressure": 1.5, "percent": 130},
            {"pressure": 4, "percent": 180},
        ],
        "cap_percent": 180,
        "pay_share_percent": 80,
    }
)


@dataclass
class ShortPlay(Play):
    """A play with a third of its drivers away, who come for a surge if there is one."""

    surges: bool = False
    elasticity: float = ELASTICITY
    surge: Surge = field(default_factory=lambda: Surge(id="z1"))
    priced: set[str] = field(default_factory=set)
    percents: list[int] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        keys = sorted(self.couriers)
        Random(f"away {self.seed}").shuffle(keys)
        self.away = keys[: len(keys) // SHORT_BY]
        self.back: dict[str, datetime] = {}
        self.asked_to_stay: set[str] = set()
        for key in self.away:
            self._duty(self.couriers[key], NOON + timedelta(days=1))
        card = self.settings.rates
        charge = Rates(base=card.charge_base, per_km=card.charge_per_km, urgent=card.charge_urgent)
        pay = Rates(base=card.pay_base, per_km=card.pay_per_km, per_minute=card.pay_per_minute, urgent=card.pay_urgent)
        row = PriceRow(number=1, charge=charge, pay=pay)
        self.sheet = Sheet(id="t1", currency=card.currency, rows=(row,), surge=RULES)

    def _duty(self, courier: Courier, since: datetime) -> None:
        if courier.driver.duty:
            courier.driver = courier.driver.with_changes(duty=courier.driver.duty.model_copy(update={"since": since}))
        courier.left_at = since

    def _plan(self, now: datetime, where: dict[str, Point]) -> None:
        holding = self.surge.at(now)
        for name in [name for name in self.open if name not in self.priced]:
            self.priced.add(name)
            self.open[name] = self.placed[name] = self._with_price(self.open[name], holding.percent if holding else 100)
        super()._plan(now, where)
        if not self.surges:
            return
        if self.surge.is_due(RULES, now):
            free = sum(not one.route.stops and self._works(one, now) for one in self.couriers.values())
            self.surge = self.surge.measured(Measure(at=now, orders=len(self.open), drivers=free), RULES)
        self.percents.append(self.surge.percent_at(now))
        self._come_and_stay(now)

    @staticmethod
    def _works(one: Courier, now: datetime) -> bool:
        return one.driver.duty is not None and one.driver.duty.since <= now < one.off_at

    def _come_and_stay(self, now: datetime) -> None:
        rise = self._rise(self.surge.percent_at(now))
        if not rise:
            return
        on_duty = [one for one in self.couriers.values() if self._works(one, now)]
        wanted = round(self.elasticity * rise * len(on_duty))
        for key in self.away[len(self.back) : wanted]:
            self.back[key] = now + COMES_AFTER
            courier = self.couriers[key]
            self._duty(courier, self.back[key])
            courier.off_at = max(courier.off_at, NOON + self.city.length)
        for one in on_duty:
            if one.off_at - now < timedelta(minutes=10) and one.driver.id not in self.asked_to_stay:
                self.asked_to_stay.add(one.driver.id)
                if Random(f"stays {self.seed} {one.driver.id}").random() < 2 * self.elasticity * rise:
                    one.off_at += STAYS

    def _rise(self, percent: int) -> float:
        """Return the relative rise of the pay of a usual trip at a multiplier."""
        row = self.sheet.rows[0]
        assert row.pay is not None
        return (percent - 100) / 100 * RULES.pay_share_percent / 100 * row.charge.usual / row.pay.usual

    def _with_price(self, delivery: Delivery, percent: int) -> Delivery:
        trip = PricedTrip(
            zone_id="z1",
            metres=round(self.travel.metres(delivery.pickup, delivery.dropoff)),
            seconds=round(self.travel.seconds(delivery.pickup, delivery.dropoff)),
            urgent=delivery.priority is Priority.URGENT,
            size=size_class(delivery.parcel.weight_g, delivery.parcel.volume_l),
            day=delivery.created_at.date(),
            minute=0,
        )
        price = price_by(self.sheet, trip, None, "srg_1", percent)
        return delivery.with_changes(price=price.with_tip(delivery.price.tip.amount))


@dataclass(frozen=True)
class Figures:
    """Figures of a play; money in units of the currency for each delivered order.

    Parameters
    ----------
    cost : float
        What the platform pays its drivers, less the surge that merchants pay.
    """

    on_time: float
    served: float
    minutes: float
    pay: float
    charge: float
    cost: float
    surge: float
    came: int


def played(orders: int, seed: int, surges: bool, elasticity: float) -> Figures:
    """Return the figures of one play."""
    city = invented.city(orders, seed)
    settings = settings_of(city, "as configured")
    # Wishes as they are drawn, between less and more than the usual pay: some offers are declined.
    wishes = [replace(one, obliging=False) for one in tempers(city, 0.0, seed)]
    play = ShortPlay(city, settings, wishes, "as configured", seed, surges=surges, elasticity=elasticity)
    result = play.run()
    served = [one.price for name, one in play.placed.items() if name not in play.open]
    count = max(1, len(result.minutes))
    extra = sum(part.amount.amount for price in served for part in price.charge if part.code == "surge")
    pay = sum(price.pay_total.amount for price in served)
    return Figures(
        on_time=result.on_time,
        served=result.served,
        minutes=fmean(result.minutes),
        pay=pay / count / 100,
        charge=sum(price.charge_total.amount for price in served) / count / 100,
        cost=(pay - extra) / count / 100,
        surge=fmean(play.percents) if play.percents else 100.0,
        came=len(play.back),
    )


def interval(differences: list[float]) -> tuple[float, float]:
    """Return the mean of paired differences and half of its 95 % interval."""
    half = 2.262 * stdev(differences) / sqrt(len(differences)) if len(differences) > 2 else 0.0
    return fmean(differences), half


COLUMNS = ("seed", "on time", "with", "cost, USD", "with", "charge, USD", "with", "surge", "drivers who came")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--orders", type=int, default=120)
    parser.add_argument("--elasticity", type=float, default=ELASTICITY)
    chosen = parser.parse_args()
    pairs = []
    for seed in range(1, chosen.seeds + 1):
        progress(f"city {seed} of {chosen.seeds}")
        pairs.append(tuple(played(chosen.orders, seed, surges, chosen.elasticity) for surges in (False, True)))
    rows = [
        (
            str(seed),
            f"{without.on_time:.1%}",
            f"{with_it.on_time:.1%}",
            f"{without.cost:.2f}",
            f"{with_it.cost:.2f}",
            f"{without.charge:.2f}",
            f"{with_it.charge:.2f}",
            f"{with_it.surge:.0f} %",
            str(with_it.came),
        )
        for seed, (without, with_it) in enumerate(pairs, 1)
    ]
    show(f"{chosen.seeds} cities of {chosen.orders} orders, a third of the drivers away", COLUMNS, rows)
    on_time, on_time_half = interval([with_it.on_time - without.on_time for without, with_it in pairs])
    cost, cost_half = interval([with_it.cost - without.cost for without, with_it in pairs])
    draw(pairs)
    findings = [
        Finding(
            "orders on time with surge, beside without",
            f"{on_time:+.1%} (± {on_time_half:.1%})",
            "more",
            on_time - on_time_half > 0,
        ),
        Finding(
            "cost of an order with surge, beside without", f"{cost:+.2f} USD (± {cost_half:.2f})", "no more", cost <= 0
        ),
    ]
    conclude("surge", findings, {"pairs": [[vars(one) for one in pair] for pair in pairs]})


def draw(pairs: list[tuple[Figures, ...]]) -> None:
    """Draw each seed's pair."""
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    for without, with_it in pairs:
        left.plot([0, 1], [100 * without.on_time, 100 * with_it.on_time], marker="o")
        right.plot([0, 1], [without.cost, with_it.cost], marker="o")
    left.set(title="On time", ylabel="% of orders", xticks=[0, 1], xticklabels=["without", "with surge"])
    right.set(title="Cost of an order", ylabel="USD", xticks=[0, 1], xticklabels=["without", "with surge"])
    keep_picture("surge", figure)


if __name__ == "__main__":
    main()
