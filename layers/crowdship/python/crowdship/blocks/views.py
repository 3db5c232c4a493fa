"""Views of blocks, for staff with all bookings, and for a driver with their own; and of the expected demand."""

from datetime import datetime
from typing import Self

from pydantic import Field

from crowdship.blocks.demand import ExpectedHour
from crowdship.blocks.model import Block, Booking, BookingState
from crowdship.incentives.model import Audience
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money

_SHARED = (
    "zone_id",
    "title",
    "starts_at",
    "ends_at",
    "capacity",
    "guarantee",
    "duty_percent",
    "cancel_until",
    "release_minutes",
    "pause_days",
)


class BlockView(Value):
    """A block as staff see it."""

    block_id: str
    zone_id: str
    title: str
    starts_at: Moment
    ends_at: Moment
    capacity: int
    waitlist: int
    guarantee: Money
    duty_percent: int
    cancel_until: Moment
    release_minutes: int
    pause_days: int
    audience: Audience
    made_by: str
    made_at: Moment
    stopped_at: Moment | None
    booked: int
    waiting: int
    paid: Money = Field(description="Differences to the guarantee that were paid until now")
    bookings: tuple[Booking, ...]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Return the view of a block."""
        noted = ("waitlist", "audience", "made_by", "made_at", "stopped_at")
        paid = sum(one.paid for one in block.bookings)
        return cls(
            block_id=block.id,
            **{name: getattr(block, name) for name in (*_SHARED, *noted)},
            booked=len(block.those(BookingState.BOOKED)),
            waiting=len(block.those(BookingState.WAITING)),
            paid=Money(amount=paid, currency=block.guarantee.currency),
            bookings=tuple(sorted(block.bookings, key=lambda one: (one.since, one.driver_id))),
        )


class BlockList(Value):
    """Blocks, the first to begin first."""

    blocks: tuple[BlockView, ...]


class OwnBlock(Value):
    """A block as a driver sees it.

    Parameters
    ----------
    state : BookingState or None
        That of the driver's booking; None if there is none.
    place_in_line : int or None
        1 for the first who waits.
    may_cancel : bool
        Whether a booking can be given up now; until ``cancel_until`` it is in time.
    least : Money
        The guaranteed amount of this driver: less than the block's for who moved up after its begin.
    paid : Money or None
        The difference to the guarantee that was paid; None until it is settled.
    """

    block_id: str
    zone_id: str
    title: str
    starts_at: Moment
    ends_at: Moment
    capacity: int
    guarantee: Money
    duty_percent: int
    cancel_until: Moment
    release_minutes: int
    pause_days: int
    places_left: int
    waiting: int
    can_book: bool
    state: BookingState | None
    place_in_line: int | None
    may_cancel: bool
    least: Money
    paid: Money | None

    @classmethod
    def of(cls, block: Block, driver_id: str, now: datetime) -> Self:
        """Return the view of a block for a driver at a moment."""
        booking, waiting = block.of(driver_id), block.those(BookingState.WAITING)
        line = [one.driver_id for one in waiting]
        stands = block.stands_for(driver_id)
        is_free = block.places_left > 0 or len(waiting) < block.waitlist
        open_now = now < block.starts_at and block.stopped_at is None
        currency = block.guarantee.currency
        least = block.least_of(booking) if booking else block.guarantee.amount
        settled = booking is not None and booking.settled_at is not None
        return cls(
            block_id=block.id,
            **{name: getattr(block, name) for name in _SHARED},
            places_left=max(0, block.places_left),
            waiting=len(waiting),
            can_book=open_now and is_free and not stands,
            state=booking.state if booking else None,
            place_in_line=line.index(driver_id) + 1 if driver_id in line else None,
            may_cancel=booking is not None and stands and block.may_give_up(booking, now),
            least=Money(amount=least, currency=currency),
            paid=Money(amount=booking.paid, currency=currency) if booking and settled else None,
        )


class OwnBlocks(Value):
    """A driver's blocks and those that they may book, the first to begin first."""

    blocks: tuple[OwnBlock, ...]
    paused_until: Moment | None = Field(description="Until when the driver can book nothing; null if they can")


class Demand(Value):
    """Orders that a zone is expected to have in each of the next hours, measured in the weeks before."""

    zone_id: str
    time_zone: str
    hours: tuple[ExpectedHour, ...]
