"""Play a day in a city, from opening the zone to the closed books."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.city import books
from local.city.api import Meter
from local.city.day import Day, Diary, Ticket
from local.city.driver import Driver
from local.city.messages import Messages
from local.city.plan import CityPlan
from local.city.shops import OrderBook
from local.city.summary import CLOSED, Fate, Outcome, Wages, fate_of
from local.city.town import Town
from local.receivers import Hook, Receivers
from local.running import RunningStack

LOOK_S = 0.5
READERS = 4
LONGEST_DRAIN = timedelta(hours=4)
"""Business time after the last order in which every delivery has to come to its end."""

QUIET_QUEUES = ("Notices", "Webhooks", "Postings", "Measures")
SILENCE_S = 20.0
"""Wall seconds without any order ending after which the API is asked."""

LONGEST_HOOKS_S = 60.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Moment:
    """How things stand, for whoever watches."""

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
    """All there is to say about a play."""

    plan: CityPlan
    town: Town
    fates: list[Fate]
    refused: list[Ticket]
    diaries: list[Diary]
    outcome: Outcome
    wages: Wages
    balance: dict[str, Any]
    settled: books.Settled
    hooks: list[Hook]
    hooks_expected: int
    hooks_forged: list[str]
    transfers: list[dict[str, Any]]
    asked_bank: int
    sms: int
    emails: list[dict[str, Any]]
    meter: Meter
    business: timedelta
    wall_s: float
    last_link: str | None
    left_in_queues: int
    problems: list[str] = field(default_factory=list)


def play(
    stack: RunningStack,
    plan: CityPlan,
    receivers: Receivers,
    tell: Tell,
    watch: Callable[[Moment], None],
    seed: int = 1,
) -> Report:
    """Play a plan to its end and return what became of it."""
    began = time.monotonic()
    meter = Meter()
    town = open_town(stack, plan, receivers, meter, tell)
    messages = Messages(stack)
    sms_before, emails_before = messages.count_sms(), len(messages.emails())

    day = Day(stack, meter)
    run = f"{day.begins:%m%dT%H%M%S}"
    shops = OrderBook(day, town, plan, run)
    drivers = [Driver(planned, town.app(planned.key), day, plan, messages, seed) for planned in plan.drivers]
    tell(f"the day begins at {day.begins:%H:%M}; external ids of this run begin with {run}")
    for thread in (shops, *drivers):
        thread.start()
    try:
        problems = _follow(day, plan, town, receivers, drivers, tell, watch)
    finally:
        day.no_more_work.set()
    tell("every order has come to its end; the drivers go home")
    for driver in drivers:
        driver.join(timeout=60)
    day.stopping.set()
    ended = day.clock.now()

    tickets = [ticket for ticket in day.tickets if ticket.delivery_id]
    refused = [ticket for ticket in day.tickets if not ticket.delivery_id]
    tell("reading every delivery once more, as its merchant sees it")
    told = read_all(town, tickets)
    left = books.wait_until_quiet(stack, *QUIET_QUEUES)
    fates = [fate_of(ticket, answer) for ticket, answer in zip(tickets, told, strict=True)]
    ids = {str(ticket.delivery_id) for ticket in tickets}
    hooks = _hooks_of(receivers, ids, told)

    tell("closing the books and paying the drivers")
    receivers.connect_bank(stack)
    first, last = day.begins.date(), max(ended.date(), day.clock.now().date())
    settled = books.settle_days(town.staff, first, last)
    open_day = last + timedelta(days=1)
    with ThreadPoolExecutor(READERS) as pool:
        sums = pool.map(lambda d: books.earned(town.app(d.planned.key), first, open_day, ids), drivers)
        earned = {driver.planned.key: amount for driver, amount in zip(drivers, sums, strict=True)}
    balance = books.trial_balance(town.staff, first, open_day)

    diaries = [driver.diary for driver in drivers]
    report = Report(
        plan=plan,
        town=town,
        fates=fates,
        refused=refused,
        diaries=diaries,
        outcome=Outcome.of(fates, refused),
        wages=Wages.of(earned, diaries),
        balance=balance,
        settled=settled,
        hooks=hooks,
        hooks_expected=sum(len(answer["timeline"]) for answer in told),
        hooks_forged=list(receivers.endpoints.refused),
        transfers=list(receivers.bank.transfers.values()),
        asked_bank=receivers.bank.asked,
        sms=messages.count_sms() - sms_before,
        emails=messages.emails()[emails_before:],
        meter=meter,
        business=ended - day.begins,
        wall_s=time.monotonic() - began,
        last_link=tickets[-1].tracking_url if tickets else None,
        left_in_queues=left,
        problems=[*problems, *day.trouble],
    )
    report.problems.extend(_problems(report, told))
    return report


def open_town(stack: RunningStack, plan: CityPlan, receivers: Receivers, meter: Meter, tell: Tell) -> Town:
    """Open the city: bank, zone, shops and drivers."""
    receivers.connect_bank(stack)
    town = Town(plan.key, stack, receivers, meter)
    town.open_zone(plan.settings)
    for shop in plan.shops:
        town.open_shop(shop)
    missing = sum(driver.key not in town.register.drivers for driver in plan.drivers)
    tell(
        f"{plan.title}: {len(plan.orders)} orders, {len(plan.shops)} merchants, {len(plan.drivers)} drivers"
        + (f", {missing} of them to be registered" if missing else ", all known from before")
    )
    town.hire(plan.drivers)
    return town


class Watch:
    """Where every order stands, from the webhooks; a webhook that is long in coming is looked up."""

    def __init__(self, day: Day, town: Town, receivers: Receivers) -> None:
        self._day, self._town, self._receivers = day, town, receivers
        self._looked_up: dict[str, str] = {}
        self._open: tuple[str, ...] = ()
        self._changed_at = time.monotonic()

    def states(self) -> dict[str, str]:
        """Return the state of every order that was placed, by delivery."""
        newest = self._receivers.endpoints.newest()
        found = {}
        for ticket in list(self._day.tickets):
            if ticket.delivery_id:
                hook = newest.get(ticket.delivery_id)
                state = _state_of(hook) if hook else "created"
                found[ticket.delivery_id] = self._looked_up.get(ticket.delivery_id, state)
        return found

    def open_ids(self, states: dict[str, str]) -> tuple[str, ...]:
        """Return the deliveries that have not come to their end; the API is asked if nothing ends for long."""
        still = tuple(delivery_id for delivery_id, state in states.items() if state not in CLOSED)
        if still != self._open:
            self._open, self._changed_at = still, time.monotonic()
        elif still and time.monotonic() - self._changed_at > SILENCE_S:
            self._changed_at = time.monotonic()
            tickets = [ticket for ticket in self._day.tickets if ticket.delivery_id in set(still)]
            for ticket, answer in zip(tickets, read_all(self._town, tickets), strict=True):
                if answer["state"] in CLOSED:
                    self._looked_up[str(ticket.delivery_id)] = answer["state"]
        return still


def _state_of(hook: Hook) -> str:
    """Return the state after a webhook; goods on board of a failed delivery turn back at once."""
    state = str(hook.data["state"])
    if state == "failed" and hook.data["previous_state"] != "arrived_at_pickup":
        return "returning"
    return state


def _follow(
    day: Day,
    plan: CityPlan,
    town: Town,
    receivers: Receivers,
    drivers: list[Driver],
    tell: Tell,
    watch: Callable[[Moment], None],
) -> list[str]:
    """Watch until every order has come to its end; return what went wrong if that takes too long."""
    limit = day.begins + plan.length + LONGEST_DRAIN
    watcher = Watch(day, town, receivers)
    shown = False
    while True:
        states = watcher.states()
        if states and not shown:
            shown = True
            tell(f"its first customer follows it here: {day.tickets[0].tracking_url}")
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


def read_all(town: Town, tickets: list[Ticket]) -> list[dict[str, Any]]:
    """Return the deliveries of some orders, as their merchants are told of them."""
    callers = {key: town.shop(key) for key in {ticket.shop for ticket in tickets}}
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(lambda t: callers[t.shop].get(f"/v1/deliveries/{t.delivery_id}"), tickets))


def _hooks_of(receivers: Receivers, ids: set[str], told: list[dict[str, Any]]) -> list[Hook]:
    """Return the webhooks about some deliveries, once all their ends were told or that took too long."""
    ends = {(answer["id"], answer["state"]) for answer in told}
    deadline = time.monotonic() + LONGEST_HOOKS_S
    while True:
        with receivers.endpoints.lock:
            hooks = [hook for hook in receivers.endpoints.hooks if hook.data["delivery_id"] in ids]
        missing = ends - {(hook.data["delivery_id"], hook.data["state"]) for hook in hooks}
        if not missing or time.monotonic() > deadline:
            return hooks
        time.sleep(LOOK_S)


def _problems(report: Report, told: list[dict[str, Any]]) -> list[str]:
    """Return what keeps this from being a good day."""
    found = [f"order {external_id} is not accounted for" for external_id in report.outcome.unaccounted]
    found += [f"order {ticket.external_id} was refused: {ticket.refused}" for ticket in report.refused]
    if report.outcome.orders != len(report.plan.orders):
        found.append(f"{report.outcome.orders} orders were placed, {len(report.plan.orders)} were planned")
    if difference := books.off_by(report.balance):
        found.append(f"the trial balance is off by {difference} minor units")
    heard = {(hook.data["delivery_id"], hook.data["state"]) for hook in report.hooks}
    unheard = [answer["external_id"] for answer in told if (answer["id"], answer["state"]) not in heard]
    if unheard:
        found.append(f"no webhook told the end of {len(unheard)} orders, e.g. {unheard[0]}")
    if report.hooks_forged:
        found.append(f"{len(report.hooks_forged)} webhooks had a wrong signature: {report.hooks_forged[0]}")
    for diary in report.diaries:
        found.extend(f"driver {diary.name}: {trouble}" for trouble in diary.trouble)
    return found
