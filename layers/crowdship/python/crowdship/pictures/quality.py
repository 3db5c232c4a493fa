"""Simple measures of a picture: whether a person who looks at it can see anything there. Pure."""

from enum import StrEnum
from io import BytesIO
from typing import Any, NamedTuple

SMALLEST_SIDE = 300
"""Pixels; the print of a licence that fills a smaller picture can't be read."""

MEASURED_SIDE = 800
"""Pixels at which pictures are measured, so that the limits hold for all sizes."""

FLATTEST = 6.0
"""Levels (of 255) of the standard deviation of brightness; a lens cap, a wall or a white sheet has less."""

DARKEST = 70
"""Level that one pixel in a hundred has to reach."""

BRIGHTEST = 225
"""Level that one pixel in a hundred has to stay below."""

SOFTEST = 3.0
"""Levels of the standard deviation of a picture's Laplacian. Print that can be read has more than twice as much."""


class Fault(StrEnum):
    """Faults for which nobody needs to look at a picture."""

    TOO_SMALL = "too_small"
    ONE_COLOUR = "one_colour"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"


class Measures(NamedTuple):
    """Measures of a picture.

    Parameters
    ----------
    shortest : int
        Pixels of the shorter side.
    spread : float
        Standard deviation of the brightness, in levels of 255.
    dark, bright : int
        The levels below which one pixel in a hundred is, and above which one is.
    sharpness : float
        Standard deviation of the Laplacian, in levels.
    """

    shortest: int
    spread: float
    dark: int
    bright: int
    sharpness: float

    @property
    def fault(self) -> Fault | None:
        """The first fault of the picture, or None if a person should look at it."""
        if self.shortest < SMALLEST_SIDE:
            return Fault.TOO_SMALL
        if self.bright < DARKEST:
            return Fault.TOO_DARK
        if self.dark > BRIGHTEST:
            return Fault.TOO_BRIGHT
        if self.spread < FLATTEST:
            return Fault.ONE_COLOUR
        return Fault.BLURRED if self.sharpness < SOFTEST else None


def measured(body: bytes) -> Measures:
    """Return the measures of a picture that was decoded and written anew before; a small one is only sized."""
    from PIL import Image, ImageFilter, ImageStat

    with Image.open(BytesIO(body)) as picture:
        shortest = min(picture.size)
        if shortest < SMALLEST_SIDE:
            return Measures(shortest, spread=0.0, dark=0, bright=0, sharpness=0.0)
        grey: Any = picture.convert("L")
    grey.thumbnail((MEASURED_SIDE, MEASURED_SIDE))
    laplacian = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    # The kernel leaves the outermost pixels as they are, which are no edges.
    edges = grey.filter(laplacian).crop((1, 1, grey.width - 1, grey.height - 1))
    levels, pixels = grey.histogram(), grey.width * grey.height
    return Measures(
        shortest=shortest,
        spread=ImageStat.Stat(grey).stddev[0],
        dark=_level(levels, pixels // 100),
        bright=_level(levels, pixels - pixels // 100 - 1),
        sharpness=ImageStat.Stat(edges).stddev[0],
    )


def _level(levels: list[int], rank: int) -> int:
    """Return the level of the pixel with a rank, in the order of brightness."""
    seen = 0
    for level, count in enumerate(levels):
        seen += count
        if seen > rank:
            return level
    return len(levels) - 1
