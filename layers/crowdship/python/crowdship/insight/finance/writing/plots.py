"""Plots as PNG pictures, drawn by matplotlib, which only functions with the finance layer have."""

import io
from typing import TYPE_CHECKING, Any

from crowdship.insight.finance.content import Plot
from crowdship.insight.finance.writing.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT, DPI = 5.6, 2.9, 160
"""Inches and dots for each: 896 by 464 pixels, sharp on a phone whose pixels are small."""

COLOURS = ("#0b5d4e", "#b4530a", "#3451b2", "#8a1c5b")
"""Colours of the series; each has a contrast of 4.5 and more on white, and a mark of its own besides."""

INK, FAINT, BAND = "#16201b", "#d5dad7", "#e3efe9"
MARKERS = ("o", "s", "^", "D")


def picture(plot: Plot, words: Words) -> bytes:
    """Return a plot as PNG; the same plot gives the same bytes."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"font.size": 10, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor="white", layout="constrained")
        axes = figure.add_subplot()
        _lines(axes, plot, words)
        _frame(axes, plot, words)
        file = io.BytesIO()
        FigureCanvasAgg(figure).print_png(file, metadata={"Software": None})
    return file.getvalue()


def _lines(axes: "Axes", plot: Plot, words: Words) -> None:
    is_scale = bool(plot.places) and not isinstance(plot.places[0], str)
    places: Any = plot.places if is_scale else range(len(plot.places))
    if plot.band:
        axes.axvspan(*plot.band, color=BAND, linewidth=0)
    for number, one in enumerate(plot.series):
        mark = "None" if is_scale else MARKERS[number % len(MARKERS)]
        axes.plot(
            places,
            one.values,
            color=COLOURS[number % len(COLOURS)],
            linestyle="--" if one.dashed else "-",
            marker=mark,
            markersize=3.5,
            linewidth=1.8,
            label=words.of("series", one.code),
        )
    if is_scale:
        axes.set_xlabel(words.of("axis_volume"), color=INK)
        # Where few orders come, a driver's cost has no end; what matters is where the lines cross.
        axes.set_ylim(0, 4 * max(plot.series[0].values) or 1)
        axes.set_xlim(places[0], places[-1])
    else:
        axes.set_xticks(range(0, len(plot.places), 3), [str(place) for place in plot.places[::3]])
        axes.set_ylim(bottom=min(0, *(min(one.values) for one in plot.series)))


def _frame(axes: "Axes", plot: Plot, words: Words) -> None:
    axes.set_title(title_of(plot, words), color=INK, fontsize=11, loc="left")
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    axes.figure.legend(frameon=False, fontsize=9, ncols=4, loc="outside lower center")


def title_of(plot: Plot, words: Words) -> str:
    """Return a plot's title, with its subject and unit."""
    title = words.of("plots", plot.code)
    subject = f"{plot.subject}: " if plot.subject else ""
    return f"{subject}{title}{f' ({plot.unit})' if plot.unit else ''}"


def described(plot: Plot, words: Words) -> str:
    """Return a plot in words, for whoever does not see it: first and last value of each series."""
    values = "; ".join(
        f"{words.of('series', one.code)} {one.values[0]:.2f} – {one.values[-1]:.2f}" for one in plot.series
    )
    return words.of("plot_alt", title=title_of(plot, words), values=values)
