"""Finance's mails about an invented network, as they are sent: for looking at them, and for tests."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

from crowdship.insight.finance.exceptions import FinanceException
from crowdship.insight.finance.model import MailKind, MailPlans, MailTask
from crowdship.insight.finance.readings import Outstanding, OwnerSums, Readings, Receivable
from crowdship.insight.finance.schedule import last_over
from crowdship.insight.finance.sections import SECTIONS, Scope
from crowdship.insight.finance.writing.message import message_of
from crowdship.insight.finance.writing.words import Words
from crowdship.insight.zone_days.model import ZoneDay
from crowdship.kernel.geo import Point
from crowdship.kernel.language import Language
from crowdship.kernel.money import Money
from crowdship.payouts.model import Payout, PayoutState
from crowdship.pricing.model import RateCard
from crowdship.settlement.accounts import CHART
from crowdship.settlement.statements import Statement, Sums
from crowdship.settlement.trial_balance import AccountBalance, TrialBalance
from crowdship.zones.dedicated import DedicatedCost
from crowdship.zones.model import Zone, ZoneSettings

NOW = datetime(2026, 11, 30, 13, tzinfo=UTC)
CONSOLE = "https://pages.crowdship.example/console/san-francisco"
LONG = "Grandmother Wilhelmine's Old-Town Bakery, Confectionery & Coffee House <at the market>"
NAMES = ("Corner Bakery", LONG, "Donaudampfschifffahrtsgesellschaftskapitaenskajuetenbaeckerei", "=SUM(A1:A9)")
ZONES = (
    ("san-francisco", "San Francisco", "USD", 11),
    ("berlin", "Berlin-Mitte", "EUR", 4),
    ("osaka", "Osaka", "JPY", 1),
)


def _money(amount: int, currency: str = "USD") -> Money:
    return Money(amount=amount, currency=currency)


def _zone(zone_id: str, name: str, currency: str) -> Zone:
    corners = tuple(Point(lat=lat, lon=lon) for lat, lon in ((1.0, 1.0), (1.0, 1.1), (1.1, 1.1)))
    hour = {"USD": 2400, "EUR": 2000, "JPY": 1800}[currency]
    cost = DedicatedCost(since=date(2026, 1, 1), wage_per_hour=hour, employer_basis_points=765, idle_percent=15)
    settings = ZoneSettings(name=name, area=corners, rates=RateCard(currency=currency), dedicated_costs=(cost,))
    return Zone(id=zone_id, settings=settings)


class SampleSources:
    """An invented network of three zones in three currencies, the same at every call."""

    def __init__(self, *, exceptions: int = 3, empty: bool = False) -> None:
        self._exceptions, self._empty = exceptions, empty

    def zones(self) -> list[Zone]:
        """Return the zones."""
        return [_zone(zone_id, name, currency) for zone_id, name, currency, _ in ZONES]

    def zone_days(self, zone: Zone, first: date, last: date) -> list[ZoneDay]:
        """Return days with more orders at weekends."""
        if self._empty:
            return []
        size = next(size for zone_id, _, _, size in ZONES if zone_id == zone.id)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return [_day(zone, day, size) for day in days]

    def is_closed(self, day: date) -> bool:
        """Return that all days but one are closed."""
        return day != date(2026, 10, 31)

    def balance(self, first: date, last: date) -> TrialBalance:
        """Return balances on every kind of account, which balance."""
        chance, days = random.Random(f"{first}"), (last - first).days + 1
        lines, left = [], 0
        for kind in () if self._empty else CHART:
            amount = chance.randint(1000, 300_000) * days
            is_debit = kind.normal_side.value == "debit"
            left += amount if is_debit else -amount
            name = kind.group if kind.group.startswith("platform") else kind.of("x1")
            debit, credit = (amount, 0) if is_debit else (0, amount)
            lines.append((name, kind.group, debit, credit))
        if lines:
            lines.append(
                ("platform:fees", "platform:fees", 0, left)
                if left > 0
                else ("platform:fees", "platform:fees", -left, 0)
            )
        return TrialBalance(
            accounts=tuple(_line(name, debit, credit) for name, _, debit, credit in lines),
            groups=tuple(_line(group, debit, credit) for _, group, debit, credit in lines),
            difference=(),
        )

    def accounts(self, first: date, last: date) -> Iterator[AccountBalance]:
        """Return the accounts of the balances."""
        yield from self.balance(first, last).accounts

    def open_items(self) -> Iterator[Outstanding]:
        """Return items of each age."""
        for number, days in enumerate(() if self._empty else (0, 3, 3, 12, 45)):
            yield Outstanding(
                account="platform:payouts_in_flight",
                item=f"pay_{number:024d}",
                amount=_money(-9000 - number),
                opened_at=NOW - timedelta(days=days),
                age_s=days * 86_400,
                overdue=days > 30 and self._exceptions > 0,
            )

    def receivables(self) -> Iterator[Receivable]:
        """Return invoices of each age in two currencies."""
        for number, days in enumerate(() if self._empty else (-12, -3, 4, 31, 88, 130)):
            yield Receivable(
                number=f"US-I-{number:06d}",
                merchant_id=f"mer_{number % len(NAMES):024d}",
                amount=_money(184_200 + 91_307 * number, "USD" if number < 4 else "EUR"),
                due_on=NOW.date() - timedelta(days=days),
                days_overdue=days,
            )

    def statements(self, day: date) -> Iterator[Statement]:
        """Return no statement, as the owners are invented directly."""
        yield from ()

    def owners(self, first: date, last: date) -> Iterator[OwnerSums]:
        """Return forty drivers and some merchants."""
        chance = random.Random(f"{last}")
        for number in range(0 if self._empty else 40):
            parts = [chance.randint(1000, 90_000), chance.randint(0, 9000), 0, chance.choice((0, 0, -1200)), 0, 0]
            yield OwnerSums(f"driver:drv_{number:024d}", "USD", _sums(parts))
        for number in range(0 if self._empty else len(NAMES)):
            parts = [chance.randint(10_000, 900_000), chance.randint(0, 9000), 0, 0, 0, 0]
            yield OwnerSums(f"merchant:mer_{number:024d}", "USD", _sums(parts))

    def payouts(self, day: date) -> Iterator[Payout]:
        """Return payouts of which one failed."""
        for number in range(0 if self._empty else 12):
            state = PayoutState.FAILED if number == 7 and day.day % 3 == 2 else PayoutState.PAID
            yield Payout(
                id=f"pay_{number:024d}",
                driver_id=f"drv_{number:024d}",
                period=day,
                amount=_money(9000 + 371 * number),
                fee=_money(0),
                withheld=_money(0),
                made_at=NOW,
                state=state,
                reason="account_closed" if state is PayoutState.FAILED else None,
            )

    def merchant_name(self, merchant_id: str) -> str:
        """Return a name, some of which are hard to show."""
        return NAMES[int(merchant_id[-2:])]

    def exceptions(self, day: date, slot: str | None = None) -> list[FinanceException]:
        """Return some failed payouts."""
        return [
            FinanceException(
                id=f"evt_{number}",
                kind="payout_failed",
                subject=f"drv_{number:024d}",
                amount=_money(18_240 + number),
                reason="account_closed",
                at=NOW - timedelta(hours=number),
            )
            for number in range(self._exceptions)
        ]

    def late_claims(self) -> list[FinanceException]:
        """Return a claim that nobody decided, if there are exceptions."""
        late = FinanceException(
            id="claim:clm_1",
            kind="claim_overdue",
            subject=f"clm_{1:024d}",
            amount=_money(4200),
            reason="damaged",
            at=NOW - timedelta(days=1),
        )
        return [late][: self._exceptions]

    def late_floors(self) -> list[FinanceException]:
        """Return a week whose deadline is near, if there are exceptions."""
        late = FinanceException(
            id="floor:1",
            kind="floor_near",
            subject=f"drv_{1:024d}",
            reason="US-CA 2026-11-16",
            at=NOW + timedelta(days=1),
        )
        return [late][: self._exceptions]


def _line(account: str, debit: int, credit: int) -> AccountBalance:
    return AccountBalance(
        account=account, debit=_money(debit), credit=_money(credit), balance=_money(debit - credit), pending=_money(0)
    )


def _sums(parts: list[int]) -> Sums:
    return Sums(**{name: _money(amount) for name, amount in zip(Sums.model_fields, parts, strict=True)})


def _day(zone: Zone, day: date, size: int) -> ZoneDay:
    chance, currency = random.Random(f"{zone.id} {day}"), zone.settings.rates.currency
    busy = (1.5 if day.weekday() >= 4 else 1.0) * size
    hours = tuple(
        round(busy * weight * chance.uniform(0.8, 1.2))
        for weight in (*[0] * 9, 0.2, 0.5, 1.3, 1.6, 1, 0.4, 0.3, 0.5, 1.2, 1.8, 1.5, 0.8, 0.3, 0, 0)
    )
    orders = sum(hours)
    delivered = round(orders * 0.97)
    return ZoneDay(
        zone_id=zone.id,
        day=day,
        currency=currency,
        orders=orders,
        delivered=delivered,
        on_time=round(delivered * 0.94),
        unfinished=orders % 2,
        charge=_money(delivered * 990, currency),
        pay=_money(delivered * chance.randint(600, 720), currency),
        tips=_money(delivered * 210, currency),
        costs={"incentives": _money(delivered * 25, currency)},
        engaged_minutes=round(delivered * (7 + 14 / max(1.0, busy) ** 0.5)),
        by_hour=hours,
        summed_at=NOW,
    )


def mail(kind: MailKind, language: Language, sources: Readings | None = None, *, late: bool = False) -> EmailMessage:
    """Return a mail about the invented network."""
    task: MailTask = last_over(kind, MailPlans.usual("finance@crowdship.example"), NOW)
    contents = [found for section in SECTIONS[kind] if (found := section(Scope(task, sources or SampleSources())))]
    return message_of(
        task,
        contents,
        Words(language),
        CONSOLE,
        sender="reports@crowdship.example",
        recipients=("fay@crowdship.example",),
        is_late=late,
    )


def page_of(message: EmailMessage) -> str:
    """Return a mail's page with its pictures in it, as a browser shows it."""
    body = message.get_body(("html",))
    page = str(body.get_content()) if body else ""
    for one in message.walk():
        if one.get_content_maintype() == "image":
            name = str(one["Content-ID"]).strip("<>")
            data = b64encode(one.get_payload(decode=True)).decode()  # type: ignore[arg-type]
            page = page.replace(f"cid:{name}", f"data:image/png;base64,{data}")
    return page
