"""Views of payouts and pay runs, and of settlements and earnings with them, as the API answers."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.payouts.instant.views import InstantQuote
from crowdship.payouts.model import Payout, PayoutChange, PayoutState, StatementPart
from crowdship.payouts.provider import Speed
from crowdship.payouts.runs.model import PayRun, RunStatus, StateTotal
from crowdship.payouts.schedule import Cadence
from crowdship.pricing.model import Outcome, PricePart
from crowdship.settlement.cycle.model import Settlement, SettlementStatus
from crowdship.settlement.ledger import PostingKind
from crowdship.settlement.statements import StatementLine, Sums, sums_of
from crowdship.settlement.trial_balance import totals


class PayoutView(Value):
    """Payout of one driver."""

    payout_id: str
    driver_id: str
    period: Day = Field(description="Day whose run made it, or of the order of instant pay")
    speed: Speed
    amount: Money = Field(description="What it takes from the driver's account")
    fee: Money
    withheld: Money = Field(description="Tax that is kept from it")
    net: Money = Field(description="What arrives: the amount less fee and tax")
    state: PayoutState
    made_at: Moment
    effective_on: Day | None = Field(description="Banking day on which it is to arrive; null before it is sent")
    transfer_id: str | None
    degraded_by: str | None = Field(description="Why the provider made instant pay a standard transfer")
    code: str | None = Field(description="Code of the provider or bank, if it failed or came back")
    reason: str | None
    hold_code: str | None
    held_until: Day | None
    decided_at: Moment | None

    @classmethod
    def of(cls, payout: Payout) -> Self:
        """Return the view of a payout."""
        return cls(**_told(payout))


def _told(payout: Payout) -> dict[str, object]:
    names = set(PayoutView.model_fields) - {"payout_id", "net"}
    return {"payout_id": payout.id, "net": payout.net, **{name: getattr(payout, name) for name in names}}


class StaffPayout(PayoutView):
    """Payout as staff list it."""

    release_asked_by: str | None = Field(description="The first of two people who release it")

    @classmethod
    def of(cls, payout: Payout) -> Self:
        """Return the view of a payout."""
        return cls(**_told(payout), release_asked_by=payout.release_asked_by)


class PayoutDetail(StaffPayout):
    """Payout with what it settles and all its changes."""

    settles: tuple[StatementPart, ...]
    instructed_at: Moment | None
    sent_at: Moment | None
    corrections: tuple[str, ...] = Field(description="PayoutChange codes by which the bank corrected the account")
    history: tuple[PayoutChange, ...]

    @classmethod
    def of(cls, payout: Payout) -> Self:
        """Return the view of a payout."""
        names = set(cls.model_fields) - set(PayoutView.model_fields)
        return cls(**_told(payout), **{name: getattr(payout, name) for name in names})


class PayoutPage(Value):
    """A page of payouts; ``next_cursor`` is null on the last."""

    payouts: tuple[StaffPayout, ...]
    next_cursor: str | None = None

    @classmethod
    def of(cls, payouts: Sequence[Payout], next_cursor: str | None) -> Self:
        """Return the view of a page."""
        return cls(payouts=tuple(map(StaffPayout.of, payouts)), next_cursor=next_cursor)


class PayoutDecision(StrEnum):
    """Decisions of staff on a payout."""

    RETRY = "retry"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"


class DecisionRequest(Value):
    """A decision on a payout."""

    decision: PayoutDecision
    note: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)] = Field(
        description="Reason, for the payout's history"
    )
    until: Day | None = Field(default=None, description="First day on which a hold no longer counts; null until lifted")


class PayRunRequest(Value):
    """The period whose statements are to be paid."""

    period: Day


class BankFileView(Value):
    """A bank file: its digest, what is in it, and a link that opens it for ten minutes."""

    sha256: str
    count: int
    total: Money
    url: str | None = Field(default=None, description="Only where one run was asked for")


class PayRunView(Value):
    """Pay run of a period."""

    run_id: str
    period: Day
    status: RunStatus
    opened_at: Moment
    effective_on: Day
    batches: int | None
    finished_at: Moment | None
    execution_arn: str | None
    totals: tuple[StateTotal, ...] = Field(description="Payouts by state as the run finished")
    file: BankFileView | None

    @classmethod
    def of(cls, run: PayRun, url: str | None = None) -> Self:
        """Return the view of a run, with a link to its bank file."""
        file = run.file
        return cls(
            run_id=run.id,
            period=run.period,
            status=run.status,
            opened_at=run.opened_at,
            effective_on=run.effective_on,
            batches=run.batches,
            finished_at=run.finished_at,
            execution_arn=run.execution_arn,
            totals=run.totals,
            file=file and BankFileView(sha256=file.sha256, count=file.count, total=file.total, url=url),
        )


class PayRunPage(Value):
    """A page of pay runs, the newest first; ``next_cursor`` is null on the last."""

    runs: tuple[PayRunView, ...]
    next_cursor: Day | None = None


class PayRunStarted(Value):
    """The run of a period, and its execution."""

    run_id: str
    period: Day
    execution_arn: str | None


class ScheduleRequest(Value):
    """The cadence that a driver chooses."""

    cadence: Cadence


class ScheduleView(Value):
    """Cadence of a driver's pay, and the period whose run pays what is earned today."""

    cadence: Cadence
    next_payday: Day


class PayQuote(InstantQuote):
    """Quote of what a driver could be paid at once, and the pay schedule."""

    schedule: ScheduleView

    @classmethod
    def with_schedule(cls, quote: InstantQuote, schedule: ScheduleView) -> Self:
        """Return a quote together with the schedule."""
        return cls(**dict(quote), schedule=schedule)


class Overview(Value):
    """A settlement with its pay run, and payouts of that run."""

    settlement: Settlement
    statements: int
    run: PayRun | None
    payouts: tuple[Payout, ...]
    next_cursor: str | None = None


class SettlementView(Value):
    """Settlement of a period: its status, its moments, and a page of the payouts that its pay run made."""

    period: Day
    status: SettlementStatus
    opened_at: Moment
    closed_at: Moment | None
    finished_at: Moment | None
    execution_arn: str | None
    statements: int
    pay_run: RunStatus | None
    payouts: tuple[PayoutView, ...]
    next_cursor: str | None = None
    totals: tuple[Money, ...] = Field(description="Sums of the pay run's payouts as it finished, per currency")

    @classmethod
    def of(cls, overview: Overview) -> Self:
        """Return the view of a settlement."""
        settlement, run = overview.settlement, overview.run
        return cls(
            period=settlement.period,
            status=settlement.status,
            opened_at=settlement.opened_at,
            closed_at=settlement.closed_at,
            finished_at=settlement.finished_at,
            execution_arn=settlement.execution_arn,
            statements=overview.statements,
            pay_run=run.status if run else None,
            payouts=tuple(PayoutView.of(payout) for payout in overview.payouts),
            next_cursor=overview.next_cursor,
            totals=totals(state.total for state in run.totals) if run else (),
        )


class EarningsLine(Value):
    """Earnings by one delivery, tip, extra pay, adjustment or payout that came back."""

    delivery_id: str | None
    kind: PostingKind
    outcome: Outcome | None
    time: Moment
    parts: tuple[PricePart, ...]
    tip: Money
    total: Money
    note: str | None

    @classmethod
    def of(cls, line: StatementLine) -> Self:
        """Return the view of a line."""
        return cls(
            delivery_id=line.delivery_id,
            kind=line.kind,
            outcome=line.outcome,
            time=line.time,
            parts=line.parts,
            tip=line.tip,
            total=line.total,
            note=line.note,
        )


class EarningsSum(Value):
    """Sums of a period's lines of one currency."""

    currency: str
    sums: Sums
    total: Money


class Earnings(Value):
    """A driver's earnings on a day, the payouts that settle them, and instant pay out of the day."""

    period: Day
    driver_id: str
    lines: tuple[EarningsLine, ...]
    totals: tuple[EarningsSum, ...]
    payouts: tuple[PayoutView, ...]

    @classmethod
    def on(cls, period: date, driver_id: str, lines: Sequence[StatementLine], payouts: Sequence[Payout]) -> Self:
        """Return the view of what a driver earned on a day."""
        return cls(
            period=period,
            driver_id=driver_id,
            lines=tuple(EarningsLine.of(line) for line in lines),
            totals=tuple(
                EarningsSum(currency=currency, sums=sums, total=sums.total) for currency, sums in sums_of(lines).items()
            ),
            payouts=tuple(PayoutView.of(payout) for payout in payouts),
        )
