"""The day and time for which an order is placed, read from the order's attributes. A date is never guessed."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from crowdship.intake.sources.methods import squeezed
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.hours import OpeningHours, passings
from crowdship.merchants.shop_settings import DateOrder, ShopSettings
from crowdship.shipment.windows import Window

DATE_KEYS = (
    *("jckwdsdateymd", "orddddeliverydate", "orddtimestamp", "orddlitetimestamp", "ordddtimestamp"),
    *("orddddlitetimestamp", "ordddlitetimestamp", "pisystemdeliverydate", "pideliverydate", "jckwdsdate"),
    *("edeliverydate", "deliverydate", "shippingdate", "dateofdelivery", "deliveryday", "datedelivery"),
)
TIME_KEYS = (
    *("jckwdstimeslot", "pideliverytime", "ordddtimeslot", "timeslot", "deliverytime", "deliverytimeslot"),
    *("deliveryslot", "deliverytimewindow", "shippingtime", "timeofdelivery", "deliverywindow"),
)
"""Attributes of common plugins, without case and punctuation, those that are easiest to read first."""

AT_ONCE = frozenset({"asap", "assoonaspossible", "now", "immediately", "soonestpossible"})
ANY_TIME = frozenset({"anytime", "allday", "wholeday", "any"})
WHOLE_DAY = (time(9), time(18))
"""The span of a day if neither the store nor the zone has opening hours."""

EARLIEST, LATEST = date(2015, 1, 1), date(2200, 1, 1)
_MONTHS = (
    re.compile(r"jan(uary?|uar)?"),
    re.compile(r"feb(ruary|ruar)?"),
    re.compile(r"mar(ch|s|zo)?"),
    re.compile(r"apr(il|ile)?"),
    re.compile(r"may"),
    re.compile(r"june?|juni|junio"),
    re.compile(r"july?|juli|julio"),
    re.compile(r"aug(ust|ustus|usti)?"),
    re.compile(r"sept?(ember)?"),
    re.compile(r"oct(ober)?"),
    re.compile(r"nov(ember)?"),
    re.compile(r"dec(ember)?"),
)
"""The English months, with spellings of other languages that are unambiguous."""
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b", re.ASCII)
_COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})\b", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})\b", re.ASCII)
_WORDS = (
    re.compile(
        r"(?:[a-z]{3,9}\.?,?\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th)?\.?\s+(?P<m>[a-z]{3,9})\.?,?\s+(?P<y>\d{4})\b", re.ASCII
    ),
    re.compile(
        r"(?:[a-z]{3,9}\.?,?\s+)?(?P<m>[a-z]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})\b", re.ASCII
    ),
)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(z|[+-]\d{2}:?\d{2})?", re.ASCII)
_STAMP = re.compile(r"\d{10}|\d{13}", re.ASCII)
_CLOCK = r"(\d{1,2})(?:[:.h](\d{2})(?::\d{2})?)?\s*h?\s*(am|pm|a\.m\.|p\.m\.)?(?:\s*uhr)?"
_SPAN = re.compile(rf"(?:(?:between|from|von)\s+)?{_CLOCK}\s*(?:-|to|until|till|and|bis|à)\s*{_CLOCK}", re.ASCII)
_SINGLE = re.compile(rf"(?:at\s+)?{_CLOCK}", re.ASCII)
EVENING = time(18)
"""A slot may end on the next day only if it begins in the evening; an earlier one is a mistake or lacks am and pm."""

EARLY = range(1, 6)
"""Hours that mean the afternoon as often as the night if they are written without a leading zero, am or pm."""


class Read(NamedTuple):
    """A day, and the rest of the text behind it."""

    day: date
    rest: str
    at: time | None = None


def date_of(written: str, order: DateOrder | None, zone: tzinfo) -> Read | None:
    """Return the day that a text begins with, None if the day is ambiguous or missing.

    Read are dates that begin with the year, dates with the month as a word, and dates such as 06/07/2026 if the
    merchant has set their order. Dates with dots have the day first. Unix seconds or milliseconds are a day if they are
    midnight in UTC, as plugins write it, or in the shop's zone; otherwise they are a moment.
    """
    text = " ".join(written.strip().lower().split())
    if _STAMP.fullmatch(text):
        return _of_stamp(int(text) / (1000 if len(text) == 13 else 1), zone)
    if _MOMENT.fullmatch(text):
        return _of_moment(text, zone)
    if found := _ISO.match(text) or _COMPACT.match(text):
        return _day(found, found[1], found[2], found[3])
    if found := _NUMBERS.match(text):
        return _of_numbers(found, order)
    for shape in _WORDS:
        if (found := shape.match(text)) and (month := _month(found["m"])):
            return _day(found, found["y"], str(month), found["d"])
    return None


def _month(word: str) -> int | None:
    """Return the number of a month, None for an unknown word, such as the Finnish marraskuu (November)."""
    return next((number for number, month in enumerate(_MONTHS, 1) if month.fullmatch(word)), None)


def _of_numbers(found: re.Match[str], order: DateOrder | None) -> Read | None:
    first, separator, second = int(found[1]), found[2], int(found[3])
    if separator == ".":
        order = DateOrder.DAY_FIRST
    elif first > 12 or first == second:
        order = order or DateOrder.DAY_FIRST
    elif second > 12:
        order = order or DateOrder.MONTH_FIRST
    if order is None:
        return None
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    return _day(found, found[4], str(month), str(day))


def _day(found: re.Match[str], year: str, month: str, day: str) -> Read | None:
    try:
        read = date(int(year), int(month), int(day))
    except ValueError:
        return None
    rest = found.string[found.end() :].strip(" ,;|@-\u2013\u2014t")
    return Read(read, rest) if EARLIEST <= read <= LATEST else None


def _of_moment(text: str, zone: tzinfo) -> Read | None:
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if moment.tzinfo:
        return _of_stamp(moment.timestamp(), zone)
    at = moment.time().replace(second=0, microsecond=0)
    return Read(moment.date(), "", at if at > time(0) else None) if EARLIEST <= moment.date() <= LATEST else None


def _of_stamp(seconds: float, zone: tzinfo) -> Read | None:
    moment = datetime.fromtimestamp(seconds, UTC)
    if not EARLIEST <= moment.date() <= LATEST:
        return None
    there = moment.astimezone(zone)
    for read in (moment, there):
        if read.time() == time(0):
            return Read(read.date(), "")
    return Read(there.date(), "", there.time().replace(second=0, microsecond=0))


def slot_of(written: str, settings: ShopSettings) -> tuple[time, time] | None:
    """Return the span of the day that a text names, None if it is ambiguous; 24:00 is 00:00 of the next day."""
    for name, slot in settings.named_slots.items():
        if squeezed(name) == squeezed(written):
            return slot.opens, slot.closes
    text = " ".join(written.lower().split())
    text = re.sub(r"\s*[\u2010-\u2015~]\s*", "-", text)
    if found := _SPAN.fullmatch(text):
        return _span(found)
    if found := _SINGLE.fullmatch(text):
        if not (found[2] or found[3]):
            return None
        if not found[3] and _may_be_afternoon(found[1]):
            return None
        begins = _time(found[1], found[2], found[3])
        return None if begins is None else (begins, _later(begins, settings.slot_minutes))
    return None


def _span(found: re.Match[str]) -> tuple[time, time] | None:
    half, other_half = found[3], found[6]
    closes = _time(found[4], found[5], other_half)
    if closes is None:
        return None
    if half is not None and other_half is None and int(found[4]) <= 12:
        # 10am-12 ends at noon, 8pm-10 at ten in the evening: the first such hour after the beginning.
        opens = _time(found[1], found[2], half)
        ends = (_time(found[4], found[5], one) for one in ("am", "pm"))
        closes = next((one for one in ends if one is not None and opens is not None and one > opens), closes)
    elif half is None and other_half is not None:
        # 2-4 pm begins in the afternoon, 10-12 pm in the morning: the reading whose span lies within one day counts.
        either = (_time(found[1], found[2], one) for one in (other_half, "am"))
        opens = next((one for one in either if one is not None and one < closes), None)
    else:
        if half is None and _may_be_afternoon(found[1]):
            return None
        opens = _time(found[1], found[2], half)
    if opens is None or opens == closes:
        return None
    return (opens, closes) if opens < closes or opens >= EVENING or closes == time(0) else None


def _may_be_afternoon(hour: str) -> bool:
    return len(hour) == 1 and int(hour) in EARLY


def _time(hours: str, minutes: str | None, half: str | None) -> time | None:
    hour, minute = int(hours), int(minutes or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour == 24 and minute == 0:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _later(begins: time, minutes: int) -> time:
    return (datetime.combine(EARLIEST, begins) + timedelta(minutes=minutes)).time()


class Wanted(NamedTuple):
    """The day and slot for which an order is placed, in the shop's local time."""

    day: date
    slot: tuple[time, time] | None


def wanted_of(attributes: Mapping[str, str], settings: ShopSettings, zone_of: Callable[[], tzinfo]) -> Wanted | None:
    """Return the day and slot for which an order is placed; None if it is for as soon as possible.

    Parameters
    ----------
    attributes : mapping of str to str
        The order's attributes by name.
    zone_of : callable
        Returns the zone of the shop's times; it is called only if the order has a date or time.

    Raises
    ------
    Unprocessable
        ``delivery_date_unreadable``, if there is a date or a time that is ambiguous or can't be read.
    """
    squeezed_to = {squeezed(name): value.strip() for name, value in attributes.items() if value.strip()}
    days = list(_under(squeezed_to, settings.date_keys, DATE_KEYS))
    times = list(_under(squeezed_to, settings.time_keys, TIME_KEYS))
    if any(squeezed(value) in AT_ONCE for value in (*days, *times)) or not (days or times):
        return None
    zone = zone_of()
    read = next((found for value in days if (found := date_of(value, settings.date_order, zone))), None)
    if read is None:
        # Some plugins write the day and the slot into one attribute.
        read = next((found for value in times if (found := date_of(value, settings.date_order, zone))), None)
        times = []
    if read is None:
        detail = "The order has a delivery date or time whose day is ambiguous or can't be read; see date_order"
        raise Unprocessable("delivery_date_unreadable", f"{detail} in the source's settings.")
    spoken = [text for text in times or [read.rest] if text and squeezed(text) not in ANY_TIME]
    slots = [slot for text in spoken if (slot := slot_of(text, settings))]
    if spoken and not slots:
        detail = "The order has a delivery time whose span of the day can't be read; see named_slots"
        raise Unprocessable("delivery_date_unreadable", f"{detail} in the source's settings.")
    if not slots and read.at:
        slots = [(read.at, _later(read.at, settings.slot_minutes))]
    return Wanted(read.day, slots[0] if slots else None)


def _under(attributes: Mapping[str, str], own: tuple[str, ...], known: tuple[str, ...]) -> Iterator[str]:
    for name in (*(squeezed(key) for key in own), *known):
        if name in attributes:
            yield attributes[name]


def window_of(wanted: Wanted, zone: tzinfo, hours: OpeningHours | None, now: datetime) -> Window:
    """Return the drop-off window of a day and slot; without a slot the opening hours, or nine to six.

    If clocks change and a local time comes twice, the window opens at its first and closes at its second time.

    Raises
    ------
    Unprocessable
        ``delivery_date_over``, if the window is past; ``delivery_date_unreadable``, if there is no such span on that
        day.
    """
    opens, closes = wanted.slot or WHOLE_DAY
    last = wanted.day if closes > opens else wanted.day + timedelta(days=1)
    begins, ends = passings(wanted.day, opens, zone)[0], max(passings(last, closes, zone))
    if wanted.slot is None and hours is not None:
        midnight = passings(wanted.day, time(0), zone)[0]
        next_midnight = passings(wanted.day + timedelta(days=1), time(0), zone)[0]
        open_then = [span for span in hours.stretches(midnight) if span[0] < next_midnight]
        if open_then:
            begins, ends = max(open_then[0][0], midnight), min(open_then[-1][1], next_midnight)
    if ends <= begins:
        detail = "The delivery slot does not exist on that day, because clocks change; choose another one."
        raise Unprocessable("delivery_date_unreadable", detail)
    if ends <= now:
        raise Unprocessable(
            "delivery_date_over", f"The order was to be delivered by {ends:%Y-%m-%dT%H:%M:%SZ}; it is over."
        )
    return Window(opens_at=begins, closes_at=ends)


def zone_of_shop(name: str | None, offset: timedelta | None) -> tzinfo:
    """Return the zone of a shop's times: the named one, or the offset that the shop had when the order was placed.

    Raises
    ------
    Unprocessable
        ``no_time_zone``, if neither is known.
    """
    if name:
        return ZoneInfo(name)
    if offset is None:
        raise _no_time_zone()
    return timezone(offset)


def refuse_unsure_offset(offset: timedelta, placed_at: datetime, window: Window) -> None:
    """Check that the shop's offset when the order was placed still holds when the order is to be delivered.

    Raises
    ------
    Unprocessable
        ``no_time_zone``, if the clocks of any zone with that offset change in between.
    """
    for name in available_timezones():
        zone = ZoneInfo(name)
        if placed_at.astimezone(zone).utcoffset() == offset and window.opens_at.astimezone(zone).utcoffset() != offset:
            raise _no_time_zone()


def _no_time_zone() -> Unprocessable:
    detail = (
        "The order has a delivery date, but the shop's time zone is not known; set time_zone in the source's settings"
    )
    return Unprocessable("no_time_zone", f"{detail}, or opening hours in the account.")
