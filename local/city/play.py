"""Play a day in a city, from opening the zone to the closed books."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.city.api import Meter
from local.city.day import Day, Diary, Ticket
from local.city.driver import Driver
from local.city.guests import invitations
from local.city.messages import Messages
from local.city.plans.plan import CityPlan
from local.city.results import books, journal
from local.city.results.reading_back import LOOK_S, READERS, hooks_of, state_of, told_by_hooks, told_of
from local.city.results.summary import CLOSED, Fate, Journey, Outcome, Wages, fate_of, journey_of
from local.city.shops import OrderBook
from local.city.town import Town
from local.imitations.receivers import Hook, Receivers
from local.running import RunningStack

LONGEST_DRAIN = timedelta(hours=4)
"""Business time after the last order in which every delivery has to come to its end."""

QUIET_QUEUES = ("Notices", "Webhooks", "Postings", "Measures")
SILENCE_S = 20.0
"""Wall seconds without any change of the open deliveries after which they are read from the API."""

LONGEST_HOOKS_S = 60.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Moment:
    """The state of a play at a moment, for display."""

    clock: str
    share: float
    orders: int
    planned: int
    by_state: Counter[str]
    on_duty: int
    offers: int
    accepted: int
    requests: int


@dataclass
class Report:
    """The results of a play. Results that could not be read are empty, with a problem that says why."""

    plan: CityPlan
    town: Town
    diaries: list[Diary]
    meter: Meter
    tickets: list[Ticket]
    business: timedelta
    wall_s: float = 0.0
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    hooks_forged: list[str] = field(default_factory=list)
    settled: books.Settled = field(default_factory=books.Settled)
    balance: dict[str, Any] = field(default_factory=lambda: {"groups": [], "difference": []})
    journals: list[journal.Balanced] = field(default_factory=list)
    """Findings of other programs on the journal of the play's days."""

    earned: dict[str, int] = field(default_factory=dict)
    held: list[dict[str, Any]] = field(default_factory=list)
    """Deliveries whose pay waits for a person's decision, as positions do not confirm the driver's steps."""

    transfers: list[dict[str, Any]] = field(default_factory=list)
    asked_bank: int = 0
    sms: int = 0
    emails: list[dict[str, Any]] = field(default_factory=list)
    left_in_queues: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[Ticket]:
        """The orders that the platform refused."""
        return [ticket for ticket in self.tickets if not ticket.delivery_id]

    @property
    def fates(self) -> list[Fate]:
        """The results of all orders that the platform accepted and whose deliveries could be read."""
        known = ((ticket, self.told.get(str(ticket.delivery_id))) for ticket in self.tickets if ticket.delivery_id)
        return [fate_of(ticket, answer) for ticket, answer in known if answer]

    @property
    def outcome(self) -> Outcome:
        """The day's deliveries in numbers."""
        return Outcome.of(self.fates, self.refused)

    @property
    def journeys(self) -> list[Journey]:
        """The journeys of all delivered orders."""
        found = (journey_of(id, answer["timeline"]) for id, answer in self.told.items())
        return [journey for journey in found if journey]

    @property
    def wages(self) -> Wages:
        """The drivers' earnings in numbers."""
        return Wages.of(self.earned, self.diaries)

    @property
    def last_link(self) -> str | None:
        """The tracking link of the order that was placed last."""
        return self.tickets[-1].tracking_url if self.tickets else None


def play(
    stack: RunningStack,
    plan: CityPlan,
    receivers: Receivers,
    tell: Tell,
    watch: Callable[[Moment], None],
    seed: int = 1,
) -> Report:
    """Play a plan to its end and return the results.

    An error after the day has begun becomes a problem of the report and does not end the play. A keyboard interrupt
    ends the day early; a second one ends the play.
    """
    began = time.monotonic()
    meter = Meter()
    town = open_town(stack, plan, receivers, meter, tell)
    messages = Messages(stack)
    sms_before, emails_before = messages.count_sms(), len(messages.emails())

    day = Day(stack, meter)
    run = f"{day.begins:%m%dT%H%M%S}"
    shops = OrderBook(day, town, plan, run)
    drivers = [
        Driver(planned, town.app(planned.key), town.phone(planned.key), day, plan, messages, seed)
        for planned in plan.drivers
    ]
    report = Report(plan, town, [driver.diary for driver in drivers], meter, day.tickets, timedelta(0))
    note = Notes(report.problems)
    for line in invitations(town, plan):
        tell(line)
    tell(f"the day begins at {day.begins:%H:%M}; external ids of this run begin with {run}")
    for thread in (shops, *drivers):
        thread.start()
    interrupted = False
    try:
        with note("the day"):
            report.problems += _follow(day, plan, town, receivers, drivers, tell, watch)
    except KeyboardInterrupt:
        interrupted = True
        report.problems.append("stopped by hand: the results are incomplete, and the books were not closed")
        tell("stopped; the results so far follow, a second interrupt ends at once")
    finally:
        day.no_more_work.set()
    if not interrupted:
        tell("the day is over; the drivers go home")
        for driver in drivers:
            driver.join(timeout=60)
    day.end()
    ended = day.clock.now()
    report.business = ended - day.begins

    tell("reading every delivery once more, as its merchant sees it")
    report.told = told_by_hooks(receivers, day.tickets)
    with note("reading the deliveries back"):
        report.told |= told_of(town, day.tickets, day.begins.date(), day.clock.now().date())
    if not interrupted:
        _close_the_books(report, stack, receivers, day, drivers, ended, note, tell)
    ids = set(report.told)
    with note("collecting webhooks and messages"):
        report.hooks = hooks_of(receivers, ids, report.told.values(), 0.0 if interrupted else LONGEST_HOOKS_S)
        report.hooks_forged = list(receivers.endpoints.refused)
        report.transfers, report.asked_bank = list(receivers.bank.transfers.values()), receivers.bank.asked
        report.sms = messages.count_sms() - sms_before
        report.emails = messages.emails()[emails_before:]
    report.wall_s = time.monotonic() - began
    report.problems += [*day.trouble, *_problems(report)]
    return report


class Notes:
    """Turns an error in one part of a play into a problem of its report, so that the other parts still run."""

    def __init__(self, problems: list[str]) -> None:
        self._problems = problems

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Run a part of the play; add a problem that names the part if it fails."""
        try:
            yield
        except Exception as trouble:  # after any error, a summary of what is known is worth more than a traceback
            self._problems.append(f"{what}: {type(trouble).__name__}: {trouble}")


def _close_the_books(
    report: Report,
    stack: RunningStack,
    receivers: Receivers,
    day: Day,
    drivers: list[Driver],
    ended: datetime,
    note: Notes,
    tell: Tell,
) -> None:
    """Settle the days of the play, and read earnings, held pay and the trial balance."""
    town = report.town
    with note("waiting for the queues"):
        report.left_in_queues = books.wait_until_quiet(stack, *QUIET_QUEUES)
    tell("closing the books and paying the drivers")
    first, last = day.begins.date(), max(ended.date(), day.clock.now().date())
    open_day = last + timedelta(days=1)
    with note("closing the books"):
        receivers.connect_bank(stack)
        report.settled = books.settle_days(town.staff, first, last)
    with note("reading what drivers earned"), ThreadPoolExecutor(READERS) as pool:
        ids = set(report.told)
        sums = pool.map(lambda d: books.earned(town.app(d.planned.key), first, open_day, ids), drivers)
        report.earned = {driver.planned.key: amount for driver, amount in zip(drivers, sums, strict=True)}
    with note("reading what pay is held"):
        held = town.staff.get(f"/v1/staff/zones/{town.key}/held-pay")["held"]
        report.held = [each for each in held if each["delivery_id"] in report.told]
    with note("reading the trial balance"):
        report.balance = books.trial_balance(town.staff, first, open_day)
    with note("balancing the journal"):
        report.journals = journal.balanced(town.staff, first, open_day)


def open_town(stack: RunningStack, plan: CityPlan, receivers: Receivers, meter: Meter, tell: Tell) -> Town:
    """Set up a city on the platform: bank, zone, shops and drivers."""
    receivers.connect_bank(stack)
    receivers.connect_relay(stack)
    receivers.connect_screening(stack)
    receivers.connect_tin_matching(stack)
    town = Town(plan.key, stack, receivers, meter)
    town.open_zone(plan.settings)
    for shop in plan.shops:
        town.open_shop(shop)
    missing = sum(driver.key not in town.register.drivers for driver in plan.drivers)
    tell(
        f"{plan.title}: {len(plan.orders)} orders, {len(plan.shops)} merchants, {len(plan.drivers)} drivers"
        + (f", {missing} of them to be registered" if missing else ", all registered before")
    )
    town.hire(plan.drivers)
    return town


class Watch:
    """States of all orders, from the webhooks; an order whose webhook is late is read from the API."""

    def __init__(self, day: Day, town: Town, receivers: Receivers) -> None:
        self._day, self._town, self._receivers = day, town, receivers
        self._looked_up: dict[str, str] = {}
        self._open: tuple[str, ...] = ()
        self._changed_at = time.monotonic()

    def states(self) -> dict[str, str]:
        """Return the state of every placed order, by delivery id."""
        newest = self._receivers.endpoints.newest()
        found = {}
        for ticket in list(self._day.tickets):
            if ticket.delivery_id:
                hook = newest.get(ticket.delivery_id)
                state = state_of(hook) if hook else "created"
                found[ticket.delivery_id] = self._looked_up.get(ticket.delivery_id, state)
        return found

    def open_ids(self, states: dict[str, str]) -> tuple[str, ...]:
        """Return the ids of open deliveries; these are read from the API if none changed for ``SILENCE_S``."""
        still = tuple(delivery_id for delivery_id, state in states.items() if state not in CLOSED)
        if still != self._open:
            self._open, self._changed_at = still, time.monotonic()
        elif still and time.monotonic() - self._changed_at > SILENCE_S:
            self._changed_at = time.monotonic()
            tickets = [ticket for ticket in self._day.tickets if ticket.delivery_id in set(still)]
            told = told_of(self._town, tickets, self._day.begins.date(), self._day.clock.now().date())
            self._looked_up |= {id: answer["state"] for id, answer in told.items() if answer["state"] in CLOSED}
        return still


def _link_to_watch(day: Day, states: dict[str, str]) -> str | None:
    """Return the tracking link of an order whose driver is on the way to the customer, or None."""
    coming = (t.tracking_url for t in day.tickets if states.get(t.delivery_id or "") == "en_route_to_dropoff")
    return next(coming, None)


def _follow(
    day: Day,
    plan: CityPlan,
    town: Town,
    receivers: Receivers,
    drivers: list[Driver],
    tell: Tell,
    watch: Callable[[Moment], None],
) -> list[str]:
    """Watch until every order has ended; return a problem if that takes longer than ``LONGEST_DRAIN``."""
    limit = day.begins + plan.length + LONGEST_DRAIN
    watcher = Watch(day, town, receivers)
    shown = False
    while True:
        states = watcher.states()
        if not shown and (link := _link_to_watch(day, states)):
            shown = True
            tell(f"a driver is on the way to a customer, who sees this page: {link}")
        watch(_moment(day, plan, states, drivers))
        still = watcher.open_ids(states)
        if day.all_placed.is_set() and not still:
            return []
        if day.clock.now() > limit:
            return [f"{len(still)} deliveries were still open {LONGEST_DRAIN} after the last order"]
        time.sleep(LOOK_S)


def _moment(day: Day, plan: CityPlan, states: dict[str, str], drivers: list[Driver]) -> Moment:
    passed = day.clock.now() - day.begins
    return Moment(
        clock=f"{day.clock.now():%H:%M}",
        share=min(1.0, passed / plan.length) if plan.length else 1.0,
        orders=len(day.tickets),
        planned=len(plan.orders),
        by_state=Counter(states.values()),
        on_duty=len(day.on_duty),
        offers=sum(driver.diary.offers for driver in drivers),
        accepted=sum(driver.diary.accepted for driver in drivers),
        requests=len(day.meter.seconds),
    )


def _problems(report: Report) -> list[str]:
    """Return the problems of a day: orders without an end, refusals, imbalance, missing or forged webhooks, errors."""
    found = [
        f"order {ticket.external_id} is neither accepted nor refused"
        for ticket in report.tickets
        if ticket.delivery_id and ticket.delivery_id not in report.told
    ]
    found += [f"order {external_id} is not accounted for" for external_id in report.outcome.unaccounted]
    found += [f"order {ticket.external_id} was refused: {ticket.refused}" for ticket in report.refused]
    if report.outcome.orders != len(report.plan.orders):
        found.append(f"{report.outcome.orders} orders were placed, {len(report.plan.orders)} were planned")
    if difference := books.off_by(report.balance):
        found.append(f"the trial balance is off by {difference} minor units")
    found += [f"{one.program} refuses {one.file.name}: {one.faults[0]}" for one in report.journals if one.faults]
    heard = {(hook.data["delivery_id"], hook.data["state"]) for hook in report.hooks}
    told = report.told.values()
    unheard = [answer["external_id"] for answer in told if (answer["id"], answer["state"]) not in heard]
    if unheard:
        found.append(f"no webhook of the end came for {len(unheard)} orders, e.g. {unheard[0]}")
    if report.hooks_forged:
        found.append(f"{len(report.hooks_forged)} webhooks had a wrong signature: {report.hooks_forged[0]}")
    for diary in report.diaries:
        found.extend(f"driver {diary.name}: {trouble}" for trouble in diary.trouble)
    return found
