"""The appearance of a merchant to its customers, and the hours in which they are written to."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from crowdship.kernel.events import Value
from crowdship.kernel.hours import LocalTime
from crowdship.kernel.language import Language
from crowdship.kernel.reading import is_stored
from crowdship.vault.model import Email, Phone


def _own_path(given: str, info: ValidationInfo) -> str:
    if is_stored(info) or re.fullmatch(r"/logos/[a-z0-9_-]+\.png", given):
        return given
    raise ValueError("no other host is linked: leave logo_url out, and send the picture itself by PUT /v1/account/logo")


LogoPath = Annotated[str, StringConstraints(max_length=200), AfterValidator(_own_path)]
"""The path of a logo on the pages' own origin."""


class Branding(Value):
    """The appearance of a merchant to its customers, in SMS, e-mail and on the tracking page.

    Parameters
    ----------
    sender_name : str, optional
        The sender of messages; the merchant's name if left out. Short, as an SMS has 160 letters.
    """

    sender_name: Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)] | None = None
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] | None = Field(
        default=None, examples=["#0a7d4f"]
    )
    logo_url: LogoPath | None = Field(
        default=None, description="Set by PUT /v1/account/logo", examples=["/logos/mer_1-0a7d4f.png"]
    )
    support_phone: Phone | None = None
    support_email: Email | None = None

    @property
    def support(self) -> tuple[str, ...]:
        """The phone number and e-mail address for customers' questions, as far as they are set."""
        return tuple(way for way in (self.support_phone, self.support_email) if way)


class QuietHours(Value):
    """Hours of the local day in which messages wait that can.

    Parameters
    ----------
    begins, ends : time
        By the clock on the wall; ``ends`` before ``begins`` is on the next day.
    """

    begins: LocalTime = Field(examples=["21:00"])
    ends: LocalTime = Field(examples=["08:00"])

    def until(self, now: datetime, time_zone: str) -> datetime | None:
        """Return the end of the quiet hours that a moment is in, or None if it is in none.

        Examples
        --------
        >>> from datetime import UTC
        >>> night = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
        >>> NIGHT.until(night, "America/Chicago").isoformat()
        '2026-11-24T14:00:00+00:00'
        >>> NIGHT.until(night, "Asia/Tokyo") is None
        True
        """
        local = now.astimezone(ZoneInfo(time_zone))
        clock = local.time()
        if self.begins <= self.ends:
            is_quiet, day = self.begins <= clock < self.ends, local.date()
        else:
            is_quiet = clock >= self.begins or clock < self.ends
            day = local.date() + timedelta(days=1 if clock >= self.begins else 0)
        end = datetime.combine(day, self.ends, ZoneInfo(time_zone)).astimezone(UTC)
        return end if is_quiet and end > now else None


NIGHT = QuietHours(begins=time(21), ends=time(8))
"""The quiet hours of a merchant that has set none."""


class MessageSettings(Value):
    """Language and hours in which a merchant's customers are written to.

    Parameters
    ----------
    language : Language
        For customers whose order names no language, or one that we have no texts in.
    quiet_hours : QuietHours or None
        Hours in which messages wait that can; null for none. Times are those of the zone, or else of the store.
    """

    language: Language = Language.ENGLISH
    quiet_hours: QuietHours | None = NIGHT
