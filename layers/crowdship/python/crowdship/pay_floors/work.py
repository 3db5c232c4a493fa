"""Engaged work: what one driver did for one delivery, from acceptance to completion. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, Self

from pydantic import model_validator

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.law.model import Rule

MICROSECOND = timedelta(microseconds=1)


class Span(NamedTuple):
    """A span of time; its end is not part of it."""

    begins: datetime
    ends: datetime

    @property
    def seconds(self) -> Fraction:
        """Its length in seconds, exactly; 0 if it ends before it begins."""
        return Fraction(max((self.ends - self.begins) // MICROSECOND, 0), 10**6)

    def within(self, other: "Span") -> "Span":
        """Return the part of it that lies in another span; it is empty if there is none."""
        return Span(max(self.begins, other.begins), min(self.ends, other.ends))


class Reading(Value):
    """A reading of an odometer: metres since the work began, at a moment."""

    at: Moment
    metres: int


class Work(Value):
    """Work of a driver for a delivery.

    Parameters
    ----------
    offer_id : str or None
        Offer by which the driver got it; None if it was given by hand.
    sequence : int
        That of the delivery when this was read; an earlier state changes nothing.
    since, until : datetime
        From acceptance to the end for this driver, by the phone's clock where that is known.
    counts : bool
        False while it has not ended, while its pay is held, if the pay was refused, and if the driver gave it up.
    pickup_law, dropoff_law : tuple of str
        Codes of the jurisdictions of both places, the widest first.
    pay : Money
        Without the tip.
    odometer : tuple of Reading
        In the order of time; between two readings the way is taken to be even.
    inside : dict
        By code of a city, the spans in which the driver was inside; only of a city in which the work did not begin and
        in which it ended.
    """

    driver_id: str
    delivery_id: str
    zone_id: str
    offer_id: str | None = None
    sequence: int = 0
    since: Moment
    until: Moment
    counts: bool = True
    pickup_law: tuple[str, ...]
    dropoff_law: tuple[str, ...] = ()
    pay: Money
    odometer: tuple[Reading, ...] = ()
    inside: dict[str, tuple[tuple[Moment, Moment], ...]] = {}  # noqa: RUF012 - pydantic copies it

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.since:
            raise ValueError(f"work on {self.delivery_id} ends at {self.until}, before it begins at {self.since}")
        return self

    @property
    def span(self) -> Span:
        """From acceptance to the end."""
        return Span(self.since, self.until)

    @property
    def offer(self) -> str:
        """The offer it belongs to; work that was given by hand is one by itself."""
        return self.offer_id or self.delivery_id

    def metres_in(self, span: Span) -> Fraction:
        """Return the metres that were driven in a span."""
        return max(self._reading(span.ends) - self._reading(span.begins), Fraction(0))

    def _reading(self, at: datetime) -> Fraction:
        number = bisect_right(self.odometer, at, key=lambda reading: reading.at)
        if number == 0:
            return Fraction(self.odometer[0].metres if self.odometer else 0)
        before = self.odometer[number - 1]
        if number == len(self.odometer):
            return Fraction(before.metres)
        after = self.odometer[number]
        part = Fraction((at - before.at) // MICROSECOND, (after.at - before.at) // MICROSECOND)
        return before.metres + (after.metres - before.metres) * part

    def spans_in(self, city: str) -> tuple[Span, ...]:
        """Return the parts of the work that count in a city: all of what begins there, else what was inside."""
        if city in self.pickup_law:
            return (self.span,)
        inside = (Span(*one).within(self.span) for one in self.inside.get(city, ()))
        return tuple(span for span in inside if span.seconds)


class Piece(NamedTuple):
    """A span of time that counts for one work, by some rules."""

    work: Work
    span: Span
    rules: tuple[Rule, ...] = ()


def shared_out(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield pieces that don't overlap: a moment that several have counts for the first of them, so only once.

    Deliveries of one trip overlap, and no minute or mile of it may count twice.

    Parameters
    ----------
    pieces : iterable of Piece
        In the order in which they come first.
    """
    listed = [piece for piece in pieces if piece.span.seconds]
    bounds = sorted({bound for piece in listed for bound in piece.span})
    for begins, ends in pairwise(bounds):
        first = next((piece for piece in listed if piece.span.begins <= begins and ends <= piece.span.ends), None)
        if first:
            yield first._replace(span=Span(begins, ends))


def apart(pieces: Iterable[Piece], taken: Sequence[Span]) -> Iterator[Piece]:
    """Yield the parts of pieces that lie in none of some spans, in the order of the pieces."""
    for piece in pieces:
        for span in without([piece.span], taken):
            yield piece._replace(span=span)


def union(spans: Iterable[Span]) -> list[Span]:
    """Return spans that have the same moments and don't overlap, in order."""
    joined: list[Span] = []
    for span in sorted(spans):
        if not span.seconds:
            continue
        if joined and span.begins <= joined[-1].ends:
            joined[-1] = Span(joined[-1].begins, max(joined[-1].ends, span.ends))
        else:
            joined.append(span)
    return joined


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return the parts of some spans that lie in none of the others.

    Examples
    --------
    >>> noon = datetime(2026, 6, 1, 12)
    >>> hours = [noon + timedelta(hours=number) for number in range(5)]
    >>> left = without([Span(hours[0], hours[4])], [Span(hours[1], hours[2])])
    >>> [int(span.seconds) // 3600 for span in left]
    [1, 2]
    """
    left = union(spans)
    for other in union(others):
        cut = []
        for span in left:
            cut += [Span(span.begins, min(span.ends, other.begins)), Span(max(span.begins, other.ends), span.ends)]
        left = [span for span in cut if span.seconds]
    return left


def seconds_of(spans: Iterable[Span]) -> Fraction:
    """Return the length of some spans together, seconds."""
    return sum((span.seconds for span in spans), Fraction(0))
