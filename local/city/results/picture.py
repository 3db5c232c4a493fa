"""A picture of a day: a map of the drivers' ways, and a histogram of the customers' waiting times."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # works without a screen

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from local.city.day import Diary
from local.city.plans.geometry import Point
from local.city.plans.plan import CityPlan
from local.city.results.summary import Fate, minutes

COLOURS = {
    "delivered": "#2a9d5c",
    "late": "#e9a23b",
    "returned": "#c0392b",
    "failed": "#8e1b3a",
    "cancelled": "#7f8c8d",
    "expired": "#34495e",
}


def colour_of(fate: Fate) -> str:
    """Return the key of an order's colour on the map: its state, or ``late``."""
    return "late" if fate.state == "delivered" and not fate.on_time else fate.state


def draw(plan: CityPlan, fates: Sequence[Fate], diaries: Sequence[Diary], path: Path) -> Path:
    """Draw a day into a PNG and return its path."""
    figure, (city, doors) = pyplot.subplots(1, 2, figsize=(15, 8), width_ratios=(3, 2), layout="constrained")
    _draw_map(city, plan, fates, diaries)
    _draw_waits(doors, fates)
    figure.suptitle(plan.title, fontsize=15, fontweight="bold")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return path


def _draw_map(axes: Axes, plan: CityPlan, fates: Sequence[Fate], diaries: Sequence[Diary]) -> None:
    area = [Point.of(corner) for corner in plan.settings["area"]]
    axes.fill(*_xy([*area, area[0]]), facecolor="#f4f1ea", edgecolor="#b8ae98", zorder=0)
    tints = pyplot.colormaps["tab20"]
    for number, diary in enumerate(diaries):
        axes.plot(*_xy(diary.trail), color=tints(number % 20), linewidth=0.8, alpha=0.45, zorder=1)
    for kind, colour in COLOURS.items():
        there = [fate.dropoff for fate in fates if colour_of(fate) == kind]
        if there:
            label = f"{kind} ({len(there)})"
            axes.scatter(*_xy(there), s=26, color=colour, edgecolor="white", linewidth=0.5, zorder=3, label=label)
    pickups = list(dict.fromkeys(fate.pickup for fate in fates))
    axes.scatter(*_xy(pickups), s=90, marker="P", color="#1d3557", edgecolor="white", zorder=4, label="pickups")
    if 1 < len(plan.shops) <= 12:
        for shop in plan.shops:
            axes.annotate(shop.name, (shop.point.lon, shop.point.lat), (6, 6), textcoords="offset points", fontsize=9)
    axes.set_aspect(1 / cos(radians(plan.centre.lat)))
    axes.set_title(f"{len(fates)} orders, {len(diaries)} drivers and where they went")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.legend(loc="lower right", fontsize=9)


def _draw_waits(axes: Axes, fates: Sequence[Fate]) -> None:
    on_time = [minutes(f.click_to_door) for f in fates if f.click_to_door is not None and f.on_time]
    late = [minutes(f.click_to_door) for f in fates if f.click_to_door is not None and not f.on_time]
    longest = max([*on_time, *late, 60.0])
    edges = list(range(0, int(longest) + 6, 5))
    axes.hist(
        [on_time, late],
        bins=edges,
        stacked=True,
        color=[COLOURS["delivered"], COLOURS["late"]],
        label=["in time", "late"],
        edgecolor="white",
    )
    axes.set_title("From click to door")
    axes.set_xlabel("minutes")
    axes.set_ylabel("deliveries")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend()


def _xy(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [point.lon for point in points], [point.lat for point in points]
