import csv
import io
from datetime import date

import pytest

from crowdship.insight.report import Report, as_csv, as_email, as_html, as_letter
from crowdship.payouts.model import Payout, PayoutState, StatementPart
from crowdship.payouts.provider import Accepted
from crowdship.settlement.causes import posting_for
from crowdship.settlement.statements import statements_for
from crowdship.settlement.trial_balance import trial_balance
from tests.unit.settlement.test_postings import NOON, adjustment, closed, usd

DAY = date(2026, 3, 2)


def report(names=None, refused=(), reason="account_closed"):
    """A day with two drivers who earned and one who owes."""
    postings = [
        posting_for(closed(number=1)),
        posting_for(closed(number=2, driver_id="drv_2")),
        adjustment("adj_1", "drv_3", usd(-50), "lost goods", NOON, "ana"),
    ]
    statements = [statement for statement, _ in statements_for(DAY, postings)]
    payouts = []
    for statement in statements:
        if statement.due.amount:
            part = StatementPart(statement_id=statement.id, period=DAY, amount=statement.due)
            made = Payout.due(f"pay_{statement.driver_id}", statement.driver_id, DAY, (part,), NOON)
            payout = made.instructed(DAY, None, "run", NOON)
            is_refused = statement.driver_id in refused
            refusal = (PayoutState.FAILED, NOON, "provider", "no", reason)
            payouts.append(payout.back(*refusal) if is_refused else payout.accepted(Accepted(transfer_id="t"), NOON))
    return Report.of(DAY, statements, payouts, trial_balance(postings), names or {"mer_1": "Corner Bakery"})


def rows(report):
    return list(csv.DictReader(io.StringIO(as_csv(report))))


def test_every_merchant_and_driver_has_a_row_with_amounts_in_major_units():
    by_id = {row["id"]: row for row in rows(report())}
    assert by_id["mer_1"]["name"] == "Corner Bakery"
    assert by_id["mer_1"]["total"] == "26.00"
    assert (by_id["drv_1"]["trips"], by_id["drv_1"]["tips"], by_id["drv_1"]["total"]) == (
        "5.00",
        "3.00",
        "8.00",
    )
    assert by_id["drv_1"]["payout"] == "in_transit"
    assert (by_id["drv_3"]["corrections"], by_id["drv_3"]["payout"]) == ("-0.50", "")


def test_what_was_charged_is_what_was_earned_and_our_fees():
    day = report()
    charged = sum(line.sums.total.amount for line in day.merchants)
    earned = sum(line.sums.total.amount for line in day.drivers)
    assert charged == earned + sum(money.amount for money in day.fees)


def test_the_text_says_at_a_glance_what_was_paid_and_what_failed():
    text = as_letter(report(refused={"drv_2"})).text
    assert "Charged to merchants: 26.00 USD" in text
    assert "Payouts sent:         8.00 USD" in text
    assert "Payouts failed:       8.00 USD" in text
    assert "drv_2  8.00 USD  account_closed" in text
    assert "(balanced)" in text


def test_the_subject_says_that_something_failed():
    assert "FAILED" in as_email(report(refused={"drv_2"}), "a@example.com", "b@example.com")["Subject"]
    assert "FAILED" not in as_email(report(), "a@example.com", "b@example.com")["Subject"]


def test_the_mail_has_text_a_table_and_a_file():
    message = as_email(report(), "a@example.com", "b@example.com")
    assert message.get_body(("plain",)).get_content() == as_letter(report()).text
    assert "<table" in message.get_body(("html",)).get_content()
    [attachment] = message.iter_attachments()
    assert attachment.get_filename() == "settlement-2026-03-02.csv"
    assert attachment.get_content().replace("\r\n", "\n") == as_csv(report()).replace("\r\n", "\n")


def test_a_name_is_no_markup():
    assert "<script>" not in as_html(report({"mer_1": "<script>alert(1)</script>"}))


def test_a_name_adds_no_line():
    day = report({"mer_1": "Bakery\n\nTrial balance: 0.00 USD (balanced)"})
    assert as_letter(day).text.count("\n") == as_letter(report()).text.count("\n")


def test_why_the_rail_refused_is_one_line_whatever_it_answered():
    text = as_letter(report(refused={"drv_2"}, reason="Traceback:\n  at line 1\n\nclosed")).text
    assert "  drv_2  8.00 USD  Traceback: at line 1 closed\n" in text


@pytest.mark.parametrize("name", ["=1+1", "+1", "@SUM(A1)", "-cmd"])
def test_a_name_is_no_formula(name):
    [row] = [row for row in rows(report({"mer_1": name})) if row["id"] == "mer_1"]
    assert row["name"] == f"'{name}"
