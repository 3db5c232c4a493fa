"""Coverage of the break-even's interval: ``python -m benchmarks.break_even [DRAWS [CASE ...]]``.

A zone is invented whose tipping point follows from its true cost and effort. Its days are drawn with noise, and the
share of draws in whose interval the true point lies is counted.
"""

from __future__ import annotations

import random
import sys
from datetime import date, timedelta

from crowdship.insight.break_even.history import HOURS, CrowdDay, Effort
from crowdship.insight.break_even.tipping import needed_per_hour, tipping_of, tipping_volume
from crowdship.zones.dedicated import DedicatedCost

FIRST = date(2026, 1, 5)
COST = DedicatedCost(since=FIRST, wage_per_hour=2200, employer_basis_points=765, idle_percent=15)

CASES = {
    "stops decide": (Effort(fixed=9.0, way=0.0), 690),
    "the way decides": (Effort(fixed=6.0, way=16.0), 640),
    "dear crowd": (Effort(fixed=7.0, way=9.0), 900),
}
"""True effort, and true mean cost of a delivery in minor units."""


def days_of(effort: Effort, pay: int, chance: random.Random, count: int = 28) -> list[CrowdDay]:
    """Return days of a zone: volumes, pay and minutes vary from day to day and from delivery to delivery."""
    days = []
    for number in range(count):
        level = chance.uniform(3, 18)
        orders = [0] * HOURS
        for hour in range(10, 22):
            orders[hour] = max(1, round(chance.gauss(level, level**0.5)))
        delivered = sum(orders)
        density = delivered / 12
        of_day = chance.gauss(pay, 0.06 * pay)
        cost = sum(round(chance.gauss(of_day, 0.25 * pay)) for _ in range(delivered))
        slow = chance.gauss(1, 0.05)
        minutes = sum(chance.gauss(effort.minutes(density) * slow, 3) for _ in range(delivered))
        days.append(CrowdDay(FIRST + timedelta(days=number), delivered, cost, round(minutes), tuple(orders)))
    return days


def coverage(effort: Effort, pay: int, draws: int, resamples: int = 1000) -> tuple[float, float, float]:
    """Return the true tipping point, the share of draws whose interval has it, and the mean width of the interval."""
    true = tipping_volume(needed_per_hour(pay, COST), effort)
    found = [tipping_of(days_of(effort, pay, random.Random(seed)), COST, seed, resamples) for seed in range(draws)]
    inside = sum(1 for one in found if one.low <= true <= one.high)
    widths = [one.high - one.low for one in found if one.high < float("inf")]
    return true, inside / draws, sum(widths) / len(widths)


def main(arguments: list[str]) -> int:
    """Print a row for each case; fail if an interval misses the true point too often."""
    draws = int(arguments[0]) if arguments else 200
    failed = False
    chosen = {name: case for name, case in CASES.items() if not arguments[1:] or name in arguments[1:]}
    for name, (effort, pay) in chosen.items():
        true, share, width = coverage(effort, pay, draws)
        failed |= share < 0.9
        print(
            f"{name}: true {true:.2f} orders an hour, inside {share:.1%} of {draws}, mean width {width:.2f}", flush=True
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
