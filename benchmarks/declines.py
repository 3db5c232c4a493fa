"""Results of a city whose drivers decline 10, 30 or 50 % of their offers.

Two hours of the demo's city are played in memory: production planning (``dispatch.planning.plan_round``) makes the
offers, a driver-behaviour simulator (``local.city.behaviour``) answers them after a while, accepted trips are driven as
planned. Beside the engine as it is configured by default: offers to one driver after the other without a thought to
whether they are taken (drivers' wishes are set so that they decline that many of those); a broadcast to a few; and the
nearest free driver, first come, first served.

    python -m benchmarks.declines [--seeds N] [--orders N] [--tune]

``--tune`` shows how the width of offers, their time and the price of a refusal change the result.
"""

import argparse
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from benchmarks.support.measuring import quantile
from benchmarks.support.played_city import ENGINES, Play, Played, settings_of, tempers
from benchmarks.support.report import Finding, conclude, keep_picture, progress, show
from local.city.plans import invented
from local.city.plans.plan import Temper

DECLINED = (0.0, 0.1, 0.3, 0.5)
GOAL_SLOWER = 1.35
"""The most by which customers may wait longer when half of the offers are declined, as a ratio."""


def summed(plays: Sequence[Played]) -> dict[str, float]:
    """Return the figures of several plays together."""
    minutes = [m for played in plays for m in played.minutes]
    return {
        "served": fmean(played.served for played in plays),
        "on_time": fmean(played.on_time for played in plays),
        "minutes": fmean(minutes),
        "p90": quantile(minutes, 0.9),
        "to_acceptance_s": fmean(s for played in plays for s in played.to_acceptance),
        "asked_per_order": sum(p.asked for p in plays) / sum(len(p.minutes) + p.expired for p in plays),
        "declined": sum(p.declined for p in plays) / max(1, sum(p.answered for p in plays)),
    }


_tempers: dict[tuple[int, float, int], list[Temper]] = {}


def measure(orders: int, seeds: int, engine: str, declined: float, **changes: Any) -> dict[str, float]:
    """Return the figures of an engine where so many offers are declined."""
    plays = []
    for seed in range(1, seeds + 1):
        progress(f"{engine}, {declined:.0%} declined, city {seed} of {seeds}")
        city = invented.city(orders, seed)
        settings = settings_of(city, engine, **changes)
        known = orders, declined, seed
        if known not in _tempers:
            _tempers[known] = tempers(city, declined, seed)
        plays.append(Play(city, settings, _tempers[known], engine, seed).run())
    return summed(plays)


def row(name: str, found: dict[str, float]) -> tuple[str, ...]:
    """Return a line of the table."""
    return (
        name,
        f"{found['declined']:.0%}",
        f"{found['served']:.1%}",
        f"{found['on_time']:.1%}",
        f"{found['minutes']:.1f}",
        f"{found['p90']:.1f}",
        f"{found['to_acceptance_s']:.0f}",
        f"{found['asked_per_order']:.2f}",
    )


COLUMNS = (
    "engine, share declined one by one",
    "declined",
    "delivered",
    "on time",
    "click to door, min",
    "p90",
    "s to acceptance",
    "drivers asked an order",
)


def draw(found: dict[str, dict[float, dict[str, float]]]) -> None:
    """Draw how each engine fares as drivers decline more."""
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    for engine, by_share in found.items():
        shares = sorted(by_share)
        left.plot([100 * s for s in shares], [by_share[s]["minutes"] for s in shares], marker="o", label=engine)
        right.plot([100 * s for s in shares], [100 * by_share[s]["on_time"] for s in shares], marker="o", label=engine)
    left.set(title="Click to door", xlabel="offers declined, asked one by one, %", ylabel="minutes")
    right.set(title="On time", xlabel="offers declined, asked one by one, %", ylabel="% of orders")
    left.legend()
    keep_picture("declines", figure)


def tune(orders: int, seeds: int) -> None:
    """Show what the settings do where 30 % decline."""
    rows = []
    for changes in (
        {},
        *({"weights": {"refusal_s": seconds}} for seconds in (0, 30, 120, 240)),
        *({"offers": {"widen_after": refusals}} for refusals in (1, 2, 5)),
        *({"offers": {"seconds": seconds}} for seconds in (60, 90, 240)),
        *({"offers": {"acceptance_probability": probability}} for probability in (0.9, 0.999)),
        {"weights": {"fairness_s": 0}},
        {"weights": {"lateness": 2}},
        {"weights": {"ageing": 0}},
        *({"limits": {"detour_share": share}} for share in (0.2, 0.5)),
    ):
        name = (
            ", ".join(f"{key} {value}" for group in changes.values() for key, value in group.items()) or "as configured"
        )
        rows.append(row(name, measure(orders, seeds, "as configured", 0.3, **changes)))
    show("settings, where 30 % is declined one by one", COLUMNS, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=120)
    parser.add_argument("--tune", action="store_true")
    chosen = parser.parse_args()
    if chosen.tune:
        tune(chosen.orders, chosen.seeds)
        return
    found = {
        engine: {share: measure(chosen.orders, chosen.seeds, engine, share) for share in DECLINED} for engine in ENGINES
    }
    rows = [row(f"{engine}, {share:.0%}", found[engine][share]) for share in DECLINED for engine in ENGINES]
    show(f"{chosen.seeds} cities of {chosen.orders} orders", COLUMNS, rows)
    draw(found)
    ours, blind = found["as configured"], found["one by one"]
    slower = ours[0.5]["minutes"] / ours[0.0]["minutes"]
    findings = [
        Finding(
            "click to door where half is declined, beside nothing declined",
            f"{slower:.2f} times",
            f"{GOAL_SLOWER} times",
            slower <= GOAL_SLOWER,
        ),
        Finding("delivered where half is declined", f"{ours[0.5]['served']:.1%}", "99 %", ours[0.5]["served"] >= 0.99),
        *(
            Finding(
                f"click to door where {share:.0%} is declined, beside {peer}",
                f"{ours[share]['minutes'] / found[peer][share]['minutes']:.3f} times",
                "1 time",
                ours[share]["minutes"] <= 1.005 * found[peer][share]["minutes"],
            )
            for share in DECLINED[1:]
            for peer in ("one by one", "nearest driver")
        ),
    ]
    conclude("declines", findings, {"found": found, "blind": blind})


if __name__ == "__main__":
    main()
