"""A merchant's colour as the accent of a mail, readable by day and by night; the pages have the same rule."""

ENOUGH = 4.5
"""The contrast that WCAG asks of text."""

LIGHT, DARK = "#ffffff", "#1a1d1c"
"""The paper of a mail by day and by night."""

OWN = "#0b5d4e"
"""The accent of a merchant that has set no colour."""

STEPS = 20

type Rgb = tuple[float, float, float]


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue


def _luminance(rgb: Rgb) -> float:
    shares = (part / 255 for part in rgb)
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG defines it, from 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    dark, bright = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (bright + 0.05) / (dark + 0.05)


def readable(colour: str, paper: str) -> str:
    """Return a colour, mixed with black or white by the least step that makes it readable on a paper.

    Examples
    --------
    >>> readable("#0a7d4f", LIGHT)
    '#0a7d4f'
    >>> readable("#ffee00", LIGHT) == "#ffee00"
    False
    """
    towards = 0 if _luminance(_rgb(paper)) > 0.5 else 255
    for step in range(STEPS):
        mixed = "#" + "".join(f"{round(part + (towards - part) * step / STEPS):02x}" for part in _rgb(colour))
        if contrast(mixed, paper) >= ENOUGH:
            return mixed
    return "#000000" if towards == 0 else "#ffffff"
