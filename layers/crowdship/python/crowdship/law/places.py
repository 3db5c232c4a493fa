"""Jurisdictions of a point."""

from crowdship.kernel.geo import Point


def jurisdictions_of(point: Point) -> tuple[str, ...]:
    """Return the codes of the jurisdictions that a point lies in, the widest first."""
    return ()
