"""Finance's mails, from the schedule to the mailbox: each once, none lost, and figures that can be traced."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import boto3
import pytest
from botocore.exceptions import ClientError
from openpyxl import load_workbook
from PIL import Image

from crowdship.adapters.storage import UnitOfWork
from crowdship.claims.matrix import ClaimKind
from crowdship.claims.store import ClaimRow
from crowdship.insight.finance import service
from crowdship.insight.finance.model import MailKind, MailPlan, MailPlans, MailRun, RunState
from crowdship.insight.store import MailRunRow
from crowdship.invoicing.store import InvoiceRow
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput
from crowdship.pay_floors.registry import SCHEMES
from crowdship.pay_floors.store import DueRow
from crowdship.payouts.provider import Accepted, NewsState, PayoutRejected
from crowdship.settlement import booking
from tests.city import put_zone
from tests.city import settings as zone_settings
from tests.contracts import sample
from tests.integration.insight.conftest import CONTEXT, DAY
from tests.integration.payouts.conftest import settle
from tests.integration.settlement.test_functions import ask, function, sqs
from tests.unit.claims.test_lives import NOW as CLAIMED
from tests.unit.claims.test_lives import opened as a_claim
from tests.unit.invoicing.documents import issued
from tests.unit.settlement.test_postings import closed


class Rail:
    """Pays everybody at once but the drivers whom it refuses."""

    collects = False

    def __init__(self, *refused):
        self.refused = refused

    def transfer(self, instruction):
        if instruction.driver_id in self.refused:
            raise PayoutRejected("R02", "the account is closed")
        return Accepted(transfer_id=f"trf_{instruction.payout_id}", state=NewsState.PAID)


def plans(**kinds):
    """Return plans by which only the named mails are sent."""
    off = MailPlan.model_validate({"enabled": False, "time": "07:00", "time_zone": "UTC"})
    on = {"recipients": ["fay@example.com", "gus@example.com"], "time": "07:00", "time_zone": "UTC"}
    chosen = {name: MailPlan.model_validate({**on, **more}) for name, more in kinds.items()}
    return MailPlans(**{kind.value: chosen.get(kind.value, off) for kind in MailKind})


@pytest.fixture
def settled(world, clock):
    """A day on which two drivers delivered, one of whom can't be paid, since before which the mails are enabled."""
    merchant = merchants.sign_up(MerchantInput(name="Corner Bakery", billing_email="bakery@example.com"), clock)
    booking.post(closed(number=1, merchant_id=merchant.id))
    booking.post(closed(number=2, merchant_id="mer_gone", driver_id="drv_2"))
    settle(DAY, Rail("drv_2"), clock)
    world.days()
    put_zone(zone_settings().model_copy(update={"dedicated_costs": COST}))
    return world


COST = (
    zone_settings()
    .model_validate(
        {
            **zone_settings().model_dump(mode="json"),
            "dedicated_costs": [
                {"since": "2026-01-01", "wage_per_hour": 2000, "employer_basis_points": 765, "idle_percent": 20}
            ],
        }
    )
    .dedicated_costs
)


def since_yesterday(clock, chosen):
    clock.advance(timedelta(days=-1))
    service.change(chosen, "ana", clock)
    clock.advance(timedelta(days=1))


def part(mail, subtype):
    return mail.get_body((subtype,)).get_content()


def attachments(mail):
    return {one.get_filename(): one for one in mail.iter_attachments()}


def test_each_recipient_gets_the_flash_of_a_day_once_however_often_the_schedule_fires(settled, clock):
    since_yesterday(clock, plans(flash={}))
    [mail] = settled.tick()
    assert (mail["Subject"], mail["To"]) == ("Daily flash 2026-03-02", "fay@example.com, gus@example.com")
    assert settled.tick() == []
    clock.advance(timedelta(hours=12))
    assert settled.tick() == []


def test_two_schedules_and_two_senders_at_once_send_it_once(settled, clock):
    since_yesterday(clock, plans(flash={}))
    settled.planner.handler({}, CONTEXT)
    settled.planner.handler({}, CONTEXT)
    [body] = settled.waiting()
    assert settled.send(body, body) == 0
    assert settled.send(body) == 0
    assert len(settled.sent()) == 1


def test_a_message_that_two_senders_hold_in_the_same_moment_is_sent_by_one(settled, clock, monkeypatch):
    since_yesterday(clock, plans(flash={}))
    settled.planner.handler({}, CONTEXT)
    [body] = settled.waiting()
    original = service.compose

    def meanwhile(*given):
        monkeypatch.setattr(service, "compose", original)
        assert settled.send(body) == 0
        return original(*given)

    monkeypatch.setattr(service, "compose", meanwhile)
    assert settled.send(body) == 0
    assert len(settled.sent()) == 1


def test_what_ses_does_not_accept_is_sent_by_the_next_try_and_one_that_was_never_tried_is_queued_again(
    settled, clock, monkeypatch
):
    since_yesterday(clock, plans(flash={}))
    settled.planner.handler({}, CONTEXT)
    [body] = settled.waiting()
    with monkeypatch.context() as patched:

        def refuse(*_):
            raise ClientError({"Error": {"Code": "Throttling"}}, "SendRawEmail")

        patched.setattr(service, "_send", refuse)
        assert settled.send(body) == 1
    [run] = service.runs(clock)
    assert (run.state, run.error) == (RunState.WAITING, "Throttling")
    clock.advance(timedelta(hours=3))
    [mail] = settled.tick()
    assert "comes late" in part(mail, "plain")
    [run] = service.runs(clock)
    assert (run.state, run.late_by, run.error) == (RunState.SENT, 195, None)


def test_days_that_were_missed_are_sent_late_each_once(settled, clock):
    since_yesterday(clock, plans(flash={}))
    clock.advance(timedelta(days=3))
    clock.advance(timedelta(hours=6))
    subjects = [mail["Subject"] for mail in settled.tick()]
    assert subjects == [
        "Daily flash 2026-03-02",
        *(f"Daily flash 2026-03-0{day}: 1 to look at" for day in (3, 4, 5)),
    ]
    assert settled.tick() == []


def test_a_mail_waits_for_the_books_and_says_so_if_they_stay_open(world, clock):
    world.days()
    since_yesterday(clock, plans(flash={}))
    assert world.tick() == []
    clock.advance(timedelta(hours=7))
    [mail] = world.tick()
    assert mail["Subject"] == "Daily flash 2026-03-02: 1 to look at"
    assert "not closed" in part(mail, "plain")


def test_the_flash_has_the_days_figures_and_says_where_they_come_from(settled, clock):
    since_yesterday(clock, plans(flash={}))
    [mail] = settled.tick()
    text, page = part(mail, "plain"), part(mail, "html")
    for shown in (text, page):
        assert "Testville" in shown
        assert "drv_2" in shown, "whose payout failed"
        assert "R02" in shown
    assert "platform:fees" in page
    assert "https://pages.example/console/testville/pay" in page
    assert "To look at: none" in text
    names = {one["Content-ID"].strip("<>") for one in mail.walk() if one.get_content_maintype() == "image"}
    assert names == {"orders-all", "money-USD"}
    assert all(f"cid:{name}" in page for name in names)


def test_each_plot_has_something_in_it(settled, clock):
    since_yesterday(clock, plans(flash={}, weekly={"weekday": "tuesday"}))
    clock.advance(timedelta(days=7, hours=7))
    pictures = [one for mail in settled.tick() for one in mail.walk() if one.get_content_type() == "image/png"]
    assert {one["Content-ID"] for one in pictures} >= {"<orders-all>", "<break_even-testville>"}
    for one in pictures:
        image = Image.open(io.BytesIO(one.get_payload(decode=True))).convert("RGB")
        assert image.width == 896
        assert len(image.getcolors(1_000_000)) > 20


def test_the_weekly_mail_has_each_merchant_by_name_and_each_driver_by_id_and_the_workbook_says_the_same(settled, clock):
    since_yesterday(clock, plans(weekly={"weekday": "tuesday"}))
    clock.advance(timedelta(days=7, hours=7))
    *_, mail = settled.tick()
    assert mail["Subject"] == "Week 2026-W10"
    page = part(mail, "html")
    assert "Corner Bakery" in page
    files = attachments(mail)
    book = load_workbook(io.BytesIO(files["weekly-2026-W10.xlsx"].get_payload(decode=True)))
    sheets = {name: files[f"weekly-2026-W10-{name}.csv"] for name in book.sheetnames}
    assert {"zones", "groups", "merchants", "drivers", "payouts", "break_even"} <= sheets.keys()
    for name, file in sheets.items():
        text = file.get_payload(decode=True).decode("utf-8-sig")
        told = list(csv.reader(io.StringIO(text)))
        found = [[cell.value for cell in row] for row in book[name].iter_rows()]
        assert len(found) == len(told)
        for ours, theirs in zip(found, told, strict=True):
            for cell, written in zip(ours, theirs, strict=True):
                assert same(cell, written), (name, cell, written)
    drivers = files["weekly-2026-W10-drivers.csv"].get_payload(decode=True).decode("utf-8-sig").splitlines()
    assert drivers[1] == "drv_1,5.00,3.00,0.00,0.00,0.00,0.00,8.00,USD"


def same(cell, written):
    """Whether a cell of a workbook has the value of one of a CSV; an empty cell is none."""
    if cell is None:
        return written == ""
    return cell == written if isinstance(cell, str) else round(Decimal(cell), 4) == Decimal(written)


def test_amounts_in_the_workbook_are_numbers_with_the_decimals_of_their_currency(settled, clock):
    since_yesterday(clock, plans(weekly={"weekday": "tuesday"}))
    clock.advance(timedelta(days=7, hours=7))
    *_, mail = settled.tick()
    book = load_workbook(io.BytesIO(attachments(mail)["weekly-2026-W10.xlsx"].get_payload(decode=True)))
    cell = book["drivers"]["H2"]
    assert (cell.value, cell.number_format) == (8, "#,##0.00")


def test_the_week_has_what_merchants_owe_by_age_and_each_overdue_invoice_with_the_merchants_name(settled, clock):
    [bakery] = merchants.page(None, 5)
    work = UnitOfWork()
    for merchant_id, terms_days in ((bakery.id, 14), ("mer_gone", 3)):
        made, _ = issued(merchant_id=merchant_id, terms_days=terms_days, now=clock.now() - timedelta(days=3))
        work.store(InvoiceRow.of(made))
    work.commit()
    since_yesterday(clock, plans(weekly={"weekday": "tuesday"}))
    clock.advance(timedelta(days=7, hours=7))
    *_, mail = settled.tick()
    _, *by_age = table_of(mail, "weekly-2026-W10-receivables.csv")
    assert by_age == [["not_due", "1", "15.50", "USD"], ["overdue_30", "1", "15.50", "USD"]]
    _, *overdue = table_of(mail, "weekly-2026-W10-overdue.csv")
    assert [row[1:5] for row in overdue] == [["mer_gone", "", "2026-03-03", "7"]]


def table_of(mail, name):
    """The rows of an attached CSV file."""
    return list(csv.reader(io.StringIO(attachments(mail)[name].get_payload(decode=True).decode("utf-8-sig"))))


def test_the_month_has_the_trial_balance_and_names_the_days_that_are_open(settled, clock):
    since_yesterday(clock, plans(month={"day_of_month": 2}))
    clock.advance(timedelta(days=30, hours=7))
    [mail] = settled.tick()
    assert mail["Subject"] == "Month 2026-03"
    assert "Days that are not closed: 30, the first is 2026-03-01" in part(mail, "plain")
    lines = (
        attachments(mail)["month-2026-03-trial_balance.csv"].get_payload(decode=True).decode("utf-8-sig").splitlines()
    )
    assert any(line.startswith("driver:drv_1:payable") for line in lines)


def test_nothing_is_sent_if_nothing_is_wrong_and_a_failed_payout_is_told_within_a_quarter_of_an_hour(settled, clock):
    since_yesterday(clock, plans(exceptions={}))
    assert settled.tick() == []
    [run] = service.runs(clock)
    assert run.state is RunState.NOTHING
    event = DomainEvent.model_validate(sample("payout.failed"))
    tally = function("events/tally", clock)
    assert tally.handler(sqs(event, event), CONTEXT) == {"batchItemFailures": []}
    assert settled.tick() == [], "the quarter of an hour is not over"
    clock.advance(timedelta(minutes=15))
    [mail] = settled.tick()
    assert mail["Subject"] == "Exceptions 2026-03-03T07:15: 1 to look at"
    assert "drv_nwnxqrdakdqc3rndw7b99x0z" in part(mail, "plain")
    assert "Payout failed" in part(mail, "plain")
    assert settled.tick() == []


def test_the_daily_exceptions_have_claims_past_their_deadline_and_pay_floors_near_theirs(settled, clock):
    since_yesterday(clock, plans(exceptions={}))
    now, week = clock.now(), SCHEMES["US-CA"].calendar.period_on(date(2026, 2, 23))
    late = a_claim(ClaimKind.DAMAGED, number=1, now=CLAIMED).with_changes(decide_by=now - timedelta(hours=1))
    in_time = a_claim(ClaimKind.DAMAGED, number=2, now=CLAIMED).with_changes(decide_by=now + timedelta(hours=1))
    work = UnitOfWork()
    for claim in (late, in_time):
        work.store(ClaimRow.of(claim))
    for driver_id, left in (("drv_near", timedelta(days=2)), ("drv_over", timedelta()), ("drv_far", timedelta(days=3))):
        work.put(DueRow.of(week, driver_id, now, now + left), None)
    work.commit()
    [mail] = settled.tick()
    assert mail["Subject"] == "Exceptions 2026-03-02: 3 to look at"
    text = part(mail, "plain")
    assert late.id in text
    assert in_time.id not in text
    assert all(words in text for words in ("Claim is past its deadline", "Pay floor is near its deadline"))
    assert all(words in text for words in ("Pay floor is past its deadline", "drv_near", "drv_over"))
    assert "drv_far" not in text


def test_orders_are_summed_into_their_zones_day_by_the_next_plan(world, clock):
    tally = function("events/tally", clock)
    created = sample("delivery.created")
    data = {**created["data"], "zone_id": "testville", "created_at": "2026-03-02T12:00:00Z"}
    tally.handler(sqs(DomainEvent.model_validate({**created, "data": data})), CONTEXT)
    assert world.planner.handler({}, CONTEXT)["summed"] == 3
    assert world.planner.handler({}, CONTEXT)["summed"] == 0, "each day once a day"
    day = world_day(date(2026, 3, 2))
    assert (day.orders, day.unfinished) == (1, 1)


def world_day(day):
    from crowdship.insight.store import ZoneDayRow

    [found] = ZoneDayRow.between("testville", day, day)
    return found


# -- staff


def put(world, clock, plans, test=None, **more):
    staff = function("console/finance_mails", clock)
    body = {"plans": plans.model_dump(mode="json"), **({"test": test} if test else {})}
    return ask(staff, "PUT", "/v1/staff/finance/mails", body=body, **more)


def test_staff_see_the_usual_plans_until_they_change_them(world, clock):
    staff = function("console/finance_mails", clock)
    status, told = ask(staff, "GET", "/v1/staff/finance/mails", group="finance")
    assert status == 200
    assert told["plans"]["flash"]["recipients"] == ["finance@example.com"]
    status, told = put(world, clock, plans(flash={"language": "de"}), group="finance", username="fay")
    assert (status, told["changed_by"]) == (200, "fay")
    assert {one["mail"] for one in told["next"]} == {"flash"}


def test_a_test_goes_to_a_recipient_at_once_and_counts_as_no_sending(settled, clock):
    chosen = plans(weekly={"language": "es"})
    assert put(settled, clock, chosen, {"mail": "weekly", "to": "fay@example.com"})[0] == 200
    assert settled.send(*settled.waiting()) == 0
    [mail] = settled.sent()
    assert (mail["To"], mail["Subject"]) == ("fay@example.com", "Prueba: Semana 2026-W09")
    assert service.runs(clock) == []


def test_a_test_to_a_stranger_is_refused_and_changes_nothing(world, clock):
    status, told = put(world, clock, plans(flash={}), {"mail": "flash", "to": "eve@example.com"})
    assert (status, told["code"]) == (422, "not_a_recipient")
    assert world.waiting() == []
    assert service.current(clock).changed_by is None


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"recipients": []}, "/plans/flash"),
        ({"recipients": ["a@b.example", "A@b.example"]}, "/plans/flash"),
        ({"recipients": ["nobody"]}, "/plans/flash/recipients/0"),
        ({"time": "7:00"}, "/plans/flash/time"),
        ({"time_zone": "Mars/Olympus"}, "/plans/flash/time_zone"),
        ({"day_of_month": 29}, "/plans/flash/day_of_month"),
        ({"language": "fr"}, "/plans/flash/language"),
    ],
)
def test_plans_that_can_not_be_kept_are_refused_where_they_are_wrong(world, clock, wrong, pointer):
    body = {"plans": plans(flash={}).model_dump(mode="json")}
    body["plans"]["flash"].update(wrong)
    staff = function("console/finance_mails", clock)
    status, told = ask(staff, "PUT", "/v1/staff/finance/mails", body=body)
    assert (status, told["errors"][0]["pointer"]) == (422, pointer)


def test_a_dispatcher_may_not_read_the_mails(world, clock):
    staff = function("console/finance_mails", clock)
    assert ask(staff, "GET", "/v1/staff/finance/mails", group="dispatcher")[0] == 403


def test_the_break_even_of_a_zone_is_reckoned_from_its_days(settled, clock):
    staff = function("console/break_even", clock)
    status, told = ask(staff, "GET", "/v1/staff/break-even", group="finance", zone_id="testville")
    assert status == 200
    assert told["verdict"] == "hybrid"
    assert told["tipping"]["low"] <= told["tipping"]["volume"] <= told["tipping"]["high"]
    assert told["fleet"] == {"hold_minutes": 10, "orders_per_driver": 2}
    assert len(told["days"]) == 28
    assert len(told["curve"]["volumes"]) == len(told["curve"]["dedicated"])


def test_a_zone_without_days_says_that_they_are_not_enough(world, clock):
    staff = function("console/break_even", clock)
    _, told = ask(staff, "GET", "/v1/staff/break-even", zone_id="testville")
    assert (told["verdict"], told["tipping"], told["fleet"]) == ("not_enough_days", None, None)
    assert ask(staff, "GET", "/v1/staff/break-even", zone_id="nowhere")[0] == 404


def test_a_run_that_is_kept_is_read_as_it_was(world, clock):
    task = service.schedule.task_of("2026-03-03T07:00")
    run = MailRun.of(task, clock.now())
    service.store.write(MailRunRow.of(run))
    assert MailRunRow.load(run.id).task == task
    assert boto3.client("sqs").list_queues()["QueueUrls"] == [world.url]
