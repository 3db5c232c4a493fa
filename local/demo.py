"""A city at work: orders, drivers, customers, and the books at the end of the day.

Usage::

    python -m local.demo [--orders N|FOLDER|FILE.csv] [--speed N] [--seed N]

``FOLDER`` is a Grubhub meal-delivery instance; ``docs/orders-csv.md`` describes ``FILE.csv``. With a number, or
without ``--orders``, the city is invented. ORDERS and SPEED in the environment have the same meaning.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.progress import Progress
from rich.status import Status
from rich.table import Table

from local.city.api import RefusedError
from local.city.plans import invented, mdrp, orders_csv
from local.city.plans.mdrp import parameters_of
from local.city.plans.plan import CityPlan, PlanError
from local.city.play import Moment, Notes, Report, play
from local.city.replays.replay import replay
from local.city.results import books
from local.city.results.amounts import amount
from local.city.results.books import BooksError
from local.city.results.picture import draw
from local.city.results.summary import Pace, percentile
from local.city.town import is_settled
from local.emulator.server import StackError
from local.imitations.receivers import Receivers
from local.layers import LayerError
from local.running import NotRunningError, RunningStack
from local.stack import ROOT, up

USUAL_ORDERS = 120
USUAL_SPEED = 30.0
ORDERS_PER_PROCESSOR = 0.4
"""Orders per wall second that a processor serves, including their phones, webhooks, notices and rounds."""
PICTURES = ROOT / "build" / "demo"
PLAIN_WIDTH = 120
MORNING = clock_time(11)
LONGEST_ANSWER_S = 20.0
"""Seconds of business time; if answers take longer, lateness is caused by the machine and not by dispatch."""
PLAIN_EVERY_S = 15.0
"""Wall seconds between two lines about the state of the play when the output is no terminal."""

ORDER_LETTER = re.compile(
    r"^Your order from .* (is on its way|is almost there|comes at another time|was delivered|was not delivered yet"
    r"|could not be delivered|is still coming)$"
)
BACK_LETTER = re.compile(r"^Your order is back with .*$")
ON_THE_WAY = ("assigned", "en_route_to_pickup", "arrived_at_pickup", "picked_up", "en_route_to_dropoff")


class LiveLine:
    """The line that shows the state of a play; without a terminal, a plain line every ``PLAIN_EVERY_S``."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._last = 0.0

    def __call__(self, moment: Moment) -> None:
        """Show the state of the play."""
        if self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status("")
                self._status.start()
            self._status.update(self._text(moment))
        elif time.monotonic() - self._last > PLAIN_EVERY_S:
            self._last = time.monotonic()
            self._console.print(self._text(moment), markup=True, highlight=False)

    def stop(self) -> None:
        """Stop updating the line."""
        if self._status:
            self._status.stop()

    @staticmethod
    def _text(moment: Moment) -> str:
        states = moment.by_state
        waiting = states["created"] + states["offered"]
        under_way = sum(states[state] for state in (*ON_THE_WAY, "arrived_at_dropoff", "returning"))
        others = sum(states[state] for state in ("cancelled", "expired", "failed", "returned"))
        return (
            f"[bold]{moment.clock}[/]  {moment.orders}/{moment.planned} ordered: {waiting} waiting, "
            f"{under_way} under way, [green]{states['delivered']} delivered[/], {others} ended otherwise"
            f" · {moment.on_duty} drivers on duty · {moment.accepted}/{moment.offers} offers accepted"
            f" · {moment.requests} requests"
        )


def plan_of(orders: str, seed: int) -> CityPlan:
    """Return the plan for a number of orders, an instance folder or a CSV file.

    Raises
    ------
    PlanError
        If ``orders`` is none of these.
    """
    if not orders or orders.isdigit():
        count = int(orders or USUAL_ORDERS)
        if not 1 <= count <= 2000:
            raise PlanError(f"ORDERS={count}: give 1 to 2000, an instance folder, or a CSV file")
        return invented.city(count, seed)
    path = Path(orders).expanduser()
    if path.is_dir():
        return mdrp.read(path)
    if path.is_file():
        return orders_csv.read(path, seed)
    raise PlanError(f"ORDERS={orders} is neither a number nor a folder nor a file")


def speed_for(plan: CityPlan, processors: int) -> float:
    """Return the speed of the clock at which this machine can play a day: the usual one, or less for a busy day."""
    if not plan.orders:
        return USUAL_SPEED
    seconds = max(plan.length.total_seconds(), 60.0)
    return max(1.0, min(USUAL_SPEED, round(ORDERS_PER_PROCESSOR * processors * seconds / len(plan.orders))))


def announced_speed(plan: CityPlan, console: Console) -> float:
    """Return the speed for a plan; if it is not the usual one, print it and how long the play takes."""
    speed = speed_for(plan, len(os.sched_getaffinity(0)))
    if speed < USUAL_SPEED:
        minutes = plan.length.total_seconds() / 60 / speed
        console.print(
            f"  {len(plan.orders)} orders at SPEED={USUAL_SPEED:g} are more than this machine serves: the clock runs "
            f"at {speed:g}, so the last order comes after {minutes:.0f} minutes; SPEED= sets another one"
        )
    return speed


def on_an_open_day(stack: RunningStack, console: Console) -> RunningStack:
    """Return the platform on a day whose books are open.

    If today's books are closed, the platform's clock is set to the next day's late morning.
    """
    now = datetime.fromtimestamp(stack.sim_now(), UTC)
    if not is_settled(stack, now.date()):
        return stack
    morning = datetime.combine(now.date() + timedelta(days=1), MORNING, UTC)
    console.print(f"  the books of {now.date()} are closed: the platform's clock is set to {morning:%Y-%m-%d %H:%M}")
    return up(stack.clock.speed, no_earlier_than=morning.timestamp())


def show(console: Console, report: Report, picture: Path | None, compared: Table | None = None) -> None:
    """Print the results of the day, with the comparison to the engine's replay if there is one."""
    console.print()
    console.print(Panel.fit(f"[bold]{report.plan.title}[/]", border_style="green"))
    console.print(_deliveries(report))
    if compared:
        console.print(compared)
    console.print(_drivers(report))
    console.print(_books(report))
    console.print(_messages(report))
    console.print(_where_next(report, picture))
    if report.problems:
        console.print(Panel("\n".join(report.problems[:30]), title="problems", border_style="red"))
    else:
        console.print("[bold green]Every order is accounted for, and the books balance.[/]")


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False, box=None, padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _deliveries(report: Report) -> Table:
    outcome = report.outcome
    table = _table("Deliveries")
    states = ", ".join(f"{count} {state}" for state, count in sorted(outcome.by_state.items(), key=lambda i: -i[1]))
    table.add_row("orders", f"{outcome.orders}: {states or 'none'}")
    for reason, count in sorted(outcome.reasons.items()):
        table.add_row("", f"{count} {reason}")
    late = outcome.by_state.get("delivered", 0) - outcome.on_time
    table.add_row("on time", f"{outcome.on_time_share:.1%} of what was delivered ({late} late)")
    if outcome.median is not None and outcome.p90 is not None:
        table.add_row("click to door", f"median {outcome.median:.0f} min, 9 of 10 within {outcome.p90:.0f} min")
    hours, wall = report.business.total_seconds() / 3600, report.wall_s / 60
    table.add_row("played", f"{hours:.1f} hours of business in {wall:.1f} minutes")
    return table


def _drivers(report: Report) -> Table:
    diaries, wages = report.diaries, report.wages
    offers, accepted = sum(d.offers for d in diaries), sum(d.accepted for d in diaries)
    declined = sum((d.declined for d in diaries), Counter())
    table = _table("Drivers")
    nos = ", ".join(f"{count} {reason}" for reason, count in declined.most_common()) or "none"
    table.add_row("offers", f"{offers}, {accepted / max(1, offers):.0%} accepted; declined: {nos}")
    table.add_row(
        "", f"{sum(d.overlooked for d in diaries)} overlooked, {sum(d.lost for d in diaries)} answered too late"
    )
    table.add_row("on duty", f"{wages.hours:.1f} h, {sum(d.driven_m for d in diaries) / 1000:.0f} km driven")
    best = f"; best day {wages.best[0]} with {amount(wages.best[1])}" if wages.best else ""
    table.add_row(
        "earnings",
        f"{amount(wages.total)} USD to {wages.working} drivers, {amount(wages.per_driver)} each,"
        f" {amount(wages.per_hour)} an hour{best}",
    )
    return table


def _books(report: Report) -> Table:
    table = _table("Books")
    for group in report.balance["groups"]:
        debit, credit = (amount(group[side]["amount"], group[side]["currency"]) for side in ("debit", "credit"))
        table.add_row(group["account"], f"debit {debit:>12}   credit {credit:>12}")
    difference = books.off_by(report.balance)
    colour = "red" if difference else "green"
    table.add_row("trial balance", f"[bold {colour}]{amount(difference)}[/]")
    for one in report.journals:
        verdict = f"[red]{one.faults[0]}[/]" if one.faults else "[green]balances[/]"
        table.add_row(one.program, f"{one.file.relative_to(ROOT)} {verdict}")
    for period in report.settled.periods:
        sent = [payout for payout in period["payouts"] if payout["state"] in ("in_transit", "paid")]
        total = amount(sum(payout["amount"]["amount"] for payout in sent))
        table.add_row(f"settled {period['period']}", f"{len(sent)} payouts, {total} USD; status {period['status']}")
    for day in report.settled.closed_before:
        table.add_row("", f"{day} had been settled before; what came after that is in the books of the next open day")
    doubts = Counter(doubt for each in report.held for doubt in each["doubts"].values())
    if doubts:
        reasons = ", ".join(f"{count} {doubt}" for doubt, count in doubts.most_common())
        table.add_row("held pay", f"{len(report.held)} deliveries wait for a staff decision: {reasons}")
    table.add_row("bank", f"{len(report.transfers)} transfers for {report.asked_bank} requests")
    return table


def _messages(report: Report) -> Table:
    table = _table("Messages")
    table.add_row("SMS", f"{report.sms} to customers")
    subjects = Counter(_kind_of(email["Subject"]) for email in report.emails)
    table.add_row("e-mails", ", ".join(f"{count} '{subject}'" for subject, count in subjects.most_common(8)) or "none")
    table.add_row(
        "webhooks",
        f"{len(report.hooks)} received, every signature verified"
        if not report.hooks_forged
        else f"{len(report.hooks)} received, {len(report.hooks_forged)} with a wrong signature",
    )
    seconds = report.meter.seconds
    p50, p99 = percentile(seconds, 0.5) or 0.0, percentile(seconds, 0.99) or 0.0
    table.add_row(
        "requests", f"{len(seconds)} to the API, median {p50 * 1000:.0f} ms, 99 of 100 within {p99 * 1000:.0f} ms"
    )
    if told := hurried(p99, report.business.total_seconds() / report.wall_s):
        table.add_row("", f"[yellow]{told}[/]")
    for fault, count in sorted(report.meter.faults.items()):
        table.add_row("", f"[yellow]{count} x {fault}[/] (asked again)")
    return table


def hurried(p99_s: float, speed: float) -> str | None:
    """Return a warning if the API's answers take too much business time, else None.

    Parameters
    ----------
    p99_s : float
        99th percentile of the wall seconds of a request.
    speed : float
        Business seconds per wall second.
    """
    lost = p99_s * speed
    if lost < LONGEST_ANSWER_S:
        return None
    slower = max(1, round(speed * LONGEST_ANSWER_S / lost))
    return f"of the city's time that is {lost:.0f} s: lateness may come from this machine; SPEED={slower} avoids that"


def _kind_of(subject: str) -> str:
    """Return an e-mail's subject without the shop's name."""
    return BACK_LETTER.sub("Your order is back with ...", ORDER_LETTER.sub(r"Your order ... \1", subject))


def replayed(plan: CityPlan, report: Report, console: Console) -> Table | None:
    """Return the comparison of the day with the engine's replay; None if the plan is no public instance."""
    if plan.instance is None:
        return None
    with Progress(*Progress.get_default_columns(), console=console, transient=True) as progress:
        task = progress.add_task("the engine replays the day alone", total=1.0)
        alone = replay(plan.instance, lambda share: progress.update(task, completed=share))
    target = timedelta(minutes=parameters_of(plan.instance).target_click_to_door)
    return comparison(Pace.of(report.journeys, target), Pace.of(alone.journeys, target), target)


def comparison(platform: Pace | None, engine: Pace | None, target: timedelta) -> Table:
    """Return a table that compares the platform's pace with the engine's, in minutes."""
    table = Table(
        title="Beside the engine alone (minutes)", title_justify="left", title_style="bold", box=None, padding=(0, 2)
    )
    table.add_column("", style="cyan", no_wrap=True)
    rows: tuple[tuple[str, Callable[[Pace], float]], ...] = (
        ("click to door, median", lambda pace: pace.median),
        ("9 of 10 within", lambda pace: pace.p90),
        ("waiting for a driver, mean", lambda pace: pace.waiting),
        ("driver to the pickup, mean", lambda pace: pace.coming),
        ("at the pickup, mean", lambda pace: pace.at_pickup),
        ("pickup to the door, mean", lambda pace: pace.to_door),
    )
    for name in ("platform", "engine", "ratio"):
        table.add_column(name, justify="right")

    def told(pace: Pace | None, look: Callable[[Pace], float], form: str) -> str:
        return format(look(pace), form) if pace else "none"

    for name, look in rows:
        ratio = f"{look(platform) / look(engine):.2f}" if platform and engine and look(engine) else ""
        table.add_row(name, told(platform, look, ".1f"), told(engine, look, ".1f"), ratio)
    within = f"within {target.total_seconds() / 60:.0f} minutes"
    table.add_row(within, *(told(pace, lambda pace: pace.within, ".1%") for pace in (platform, engine)))
    table.add_row("delivered", *(str(pace.orders if pace else 0) for pace in (platform, engine)))
    return table


def _where_next(report: Report, picture: Path | None) -> Table:
    stack, town = report.town.stack, report.town
    table = _table("Where to look next")
    if picture:
        table.add_row("picture", str(picture.relative_to(ROOT)) if picture.is_relative_to(ROOT) else str(picture))
    for name, address in sorted(stack.outputs.items()):
        if name.endswith("Url") and address.startswith("http") and "Queue" not in name and name != "ApiUrl":
            table.add_row(name.removesuffix("Url").lower(), address)
    table.add_row("tracking", f"{report.last_link or 'none'} (it shows the outcome now)")
    table.add_row("API", stack.api_url)
    table.add_row("console", f"{stack.pages_url}/console/  {town.at_the_console}")
    if report.diaries:
        account = town.register.drivers[report.diaries[0].key]
        signed_in = f"user {account.driver_id}, password {account.password}"
        table.add_row("driver", f"{stack.pages_url}/driver/  {signed_in} (earned what is shown above)")
    table.add_row(
        "messages", f"{stack.endpoint_url}/_ministack/ses/messages  {stack.endpoint_url}/_ministack/sns/sms-messages"
    )
    table.add_row("again", "make demo   make scenarios   make logs FUNCTION=tick")
    table.add_row("stop", "make down; until then the platform stays up")
    return table


def main() -> int:
    """Play the day of the command line and print the results; return the exit status."""
    parser = argparse.ArgumentParser(prog="local.demo", description="A city at work.")
    parser.add_argument("--orders", default=os.environ.get("ORDERS", ""), help="how many, an instance folder or a CSV")
    parser.add_argument("--speed", type=float, default=float(os.environ.get("SPEED") or 0), help="0: what fits the day")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another day")
    chosen = parser.parse_args()
    at_terminal = sys.stdout.isatty()
    console = Console(highlight=False, soft_wrap=not at_terminal, width=None if at_terminal else PLAIN_WIDTH)
    line = LiveLine(console)
    try:
        plan = plan_of(chosen.orders, chosen.seed)
        stack = on_an_open_day(up(chosen.speed or announced_speed(plan, console)), console)
        with Receivers() as receivers:
            report = play(stack, plan, receivers, lambda text: console.print(f"  {text}"), line, chosen.seed)
            line.stop()
            note = Notes(report.problems)
            picture, compared = None, None
            with note("drawing the picture"):
                picture = draw(plan, report.fates, report.diaries, PICTURES / f"{plan.key}.png")
            with note("replaying the day by the engine"):
                compared = replayed(plan, report, console)
            show(console, report, picture, compared)
    except (PlanError, StackError, NotRunningError, LayerError, RefusedError, BooksError) as error:
        line.stop()
        console.print(f"[red]demo:[/] {error}")
        return 1
    except KeyboardInterrupt:
        line.stop()
        console.print("stopped; drivers may still be on duty, and the next demo uses them again")
        return 130
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
