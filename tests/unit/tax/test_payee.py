"""A payee's form, notices and withholding, on the days that the law names."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.money import Money
from crowdship.kernel.workdays import is_business_day
from crowdship.onboarding.tax import Classification
from crowdship.tax.figures import tax_day
from crowdship.tax.model import FormState, NoticeKind, NoticeProof, OnFile, TinMatchCode, WithholdingReason
from crowdship.tax.payee import Payee

LISTED = date(2026, 10, 5)
"""Monday; Columbus Day, Veterans Day and Thanksgiving follow."""


def at(day: date, hour: int = 17) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def form(day: date, **more: object) -> OnFile:
    fields = {"certified_at": at(day), "tin_kind": "ssn", "last_four": "6789", "classification": "individual", **more}
    return OnFile.model_validate(fields)


def usd(cents: int) -> Money:
    return Money(amount=cents, currency="USD")


def certified(day: date = date(2026, 1, 5), **more: object) -> Payee:
    return Payee(id="drv_1").certify(form(day, **more), at(day))


def listed(received_on: date = LISTED) -> Payee:
    return certified().list(received_on, "ana", at(received_on))


def types(payee: Payee) -> list[str]:
    return [event.type for event in payee.events]


def test_without_a_form_a_quarter_less_one_hundredth_is_withheld_at_once() -> None:
    kept = Payee(id="drv_1").withholding(date(2026, 6, 1), usd(10_001))
    assert kept is not None
    assert (kept.amount, kept.rate, kept.reason) == (usd(2_400), Decimal("0.24"), WithholdingReason.NUMBER_MISSING)
    assert kept.deposit == "2026-06"


def test_half_a_cent_is_withheld_as_a_whole_one() -> None:
    kept = Payee(id="drv_1").withholding(date(2026, 6, 1), usd(1_252))
    half = Payee(id="drv_1").withholding(date(2026, 6, 1), usd(25 * 2 + 2))
    assert kept is not None
    assert kept.amount == usd(300)
    assert half is not None
    assert half.amount == usd(12)
    assert Payee(id="drv_1").withholding(date(2026, 6, 1), usd(1)) is None


def test_nothing_is_withheld_of_another_currency_or_of_nothing() -> None:
    nobody = Payee(id="drv_1")
    assert nobody.withholding(date(2026, 6, 1), Money(amount=10_000, currency="EUR")) is None
    assert nobody.withholding(date(2026, 6, 1), usd(0)) is None


def test_a_certified_form_ends_withholding_at_once_and_has_its_number_checked() -> None:
    payee = certified()
    assert payee.reason_on(date(2026, 1, 5)) is None
    assert payee.form_state is FormState.PENDING
    assert payee.due_at == at(date(2026, 1, 5))


def test_nothing_is_withheld_of_a_corporation_even_if_its_number_was_listed() -> None:
    payee = certified(tin_kind="ein", classification=Classification.C_CORPORATION)
    assert payee.list(LISTED, "ana", at(LISTED)).withholding(date(2027, 6, 1), usd(100)) is None


def test_who_was_told_by_the_agency_is_withheld_from_until_a_form_says_otherwise() -> None:
    payee = certified(told_by_agency=True)
    assert payee.reason_on(date(2026, 1, 6)) is WithholdingReason.TOLD_BY_AGENCY
    later = payee.certify(form(date(2026, 3, 2)), at(date(2026, 3, 2)))
    assert later.reason_on(date(2026, 3, 2)) is None
    assert types(later)[-1] == "tax.withholding_ended"


def test_a_foreign_person_is_left_to_staff_and_withheld_from() -> None:
    payee = Payee(id="drv_1").foreign(at(date(2026, 1, 5)))
    assert (payee.form_state, payee.waits_for) == (FormState.FOREIGN, "withheld")
    assert payee.foreign(at(date(2026, 1, 6))) is payee


def test_the_days_of_a_notice_are_counted_in_business_days() -> None:
    (notice,) = listed().notices
    assert (notice.kind, notice.send_by, notice.withhold_from) == (
        NoticeKind.FIRST,
        date(2026, 10, 27),
        date(2026, 11, 18),
    )


def test_withholding_begins_on_the_thirtieth_business_day_and_not_the_day_before() -> None:
    payee = listed().sent(date(2026, 10, 7))
    assert payee.reason_on(date(2026, 11, 17)) is None
    assert payee.reason_on(date(2026, 11, 18)) is WithholdingReason.NOTICE
    assert types(payee.checked(at(date(2026, 11, 18))))[-1] == "tax.withholding_began"


def test_who_certifies_before_that_day_is_never_withheld_from() -> None:
    payee = listed().certify(form(date(2026, 11, 18)), at(date(2026, 11, 18)))
    assert all(payee.reason_on(date(2026, 11, 10) + timedelta(days=n)) is None for n in range(60))


def test_withholding_ends_thirty_days_after_a_certificate_or_once_the_agency_confirms() -> None:
    payee = listed().checked(at(date(2026, 11, 18))).certify(form(date(2026, 12, 1)), at(date(2026, 12, 1)))
    assert payee.reason_on(date(2026, 12, 30)) is WithholdingReason.NOTICE
    assert payee.reason_on(date(2026, 12, 31)) is None
    confirmed = payee.answered(2, TinMatchCode.MATCH, at(date(2026, 12, 3)))
    assert confirmed.reason_on(date(2026, 12, 2)) is WithholdingReason.NOTICE
    assert confirmed.reason_on(date(2026, 12, 3)) is None
    assert types(confirmed)[-1] == "tax.withholding_ended"


def test_a_second_notice_within_three_calendar_years_needs_the_agencys_letter() -> None:
    payee = listed(date(2026, 12, 30)).certify(form(date(2027, 1, 4)), at(date(2027, 1, 4)))
    again = payee.list(date(2028, 1, 3), "ana", at(date(2028, 1, 3)))
    assert again.notices[-1].kind is NoticeKind.SECOND
    w9 = again.certify(form(date(2028, 1, 10)), at(date(2028, 1, 10)))
    assert w9.open_notice is not None
    with pytest.raises(Unprocessable, match="letter_147c or ssa_letter"):
        again.prove(date(2028, 1, 10), NoticeProof.W9, at(date(2028, 1, 10)))
    assert again.prove(date(2028, 1, 10), NoticeProof.LETTER_147C, at(date(2028, 1, 10))).open_notice is None


def test_three_calendar_years_later_a_notice_is_a_first_one_again() -> None:
    payee = listed(date(2026, 12, 30)).certify(form(date(2027, 1, 4)), at(date(2027, 1, 4)))
    assert payee.list(date(2029, 1, 2), "ana", at(date(2029, 1, 2))).notices[-1].kind is NoticeKind.FIRST


def test_a_second_list_of_the_same_year_changes_nothing() -> None:
    payee = listed()
    assert payee.list(date(2026, 12, 1), "ben", at(date(2026, 12, 1))) is payee


def test_a_list_about_nobodys_form_or_older_than_the_last_one_is_refused() -> None:
    with pytest.raises(Conflict, match="no tax form"):
        Payee(id="drv_1").list(LISTED, "ana", at(LISTED))
    with pytest.raises(Conflict, match="later"):
        listed().list(date(2025, 10, 6), "ana", at(LISTED))


def test_an_answer_that_comes_twice_or_to_an_earlier_question_changes_nothing() -> None:
    payee = certified().asked(at(date(2026, 1, 5)))
    matched = payee.answered(1, TinMatchCode.MATCH, at(date(2026, 1, 6)))
    assert matched.form_state is FormState.MATCHED
    assert matched.answered(1, TinMatchCode.NO_MATCH, at(date(2026, 1, 7))) is matched
    renewed = matched.certify(form(date(2026, 2, 2)), at(date(2026, 2, 2)))
    assert renewed.answered(1, TinMatchCode.MATCH, at(date(2026, 2, 3))) is renewed
    assert renewed.form_state is FormState.PENDING


def test_a_number_that_was_asked_twice_is_asked_again_a_day_later() -> None:
    payee = certified().answered(1, TinMatchCode.DUPLICATE, at(date(2026, 1, 6)))
    assert payee.match is not None
    assert payee.match.number == 2
    assert payee.due_at == at(date(2026, 1, 7))
    assert payee.form_state is FormState.PENDING


@pytest.mark.parametrize("code", [TinMatchCode.NOT_ISSUED, TinMatchCode.NO_MATCH, TinMatchCode.MATCH_EIN])
def test_a_mismatch_is_told_and_withholds_nothing_by_itself(code: TinMatchCode) -> None:
    payee = certified().answered(1, code, at(date(2026, 1, 6)))
    assert (payee.form_state, types(payee)) == (FormState.MISMATCHED, ["tax.number_mismatched"])
    assert payee.reason_on(date(2026, 6, 1)) is None


DAYS = st.integers(0, 900).map(lambda n: date(2026, 1, 5) + timedelta(days=n))
ACTS = st.lists(
    st.tuples(st.sampled_from(["certify", "list", "send", "letter", "match", "mismatch", "look"]), DAYS), max_size=14
)


FIRST = date(2026, 1, 1)
COUNTED = tuple(accumulate(is_business_day(FIRST + timedelta(days=n)) for n in range(1_300)))
"""Business days from ``FIRST`` up to and with each day."""


def _business_days(after: date, until: date) -> int:
    return COUNTED[(until - FIRST).days] - COUNTED[(after - FIRST).days]


@given(ACTS)
def test_in_any_life_withholding_begins_no_earlier_and_ends_no_later_than_the_law_says(
    acts: list[tuple[str, date]],
) -> None:
    payee = certified()
    for act, day in sorted(acts, key=lambda one: one[1]):
        now = at(day)
        try:
            match act:
                case "certify":
                    payee = payee.certify(form(day), now)
                case "list":
                    payee = payee.list(day, "ana", now)
                case "send":
                    payee = payee.sent(day)
                case "letter":
                    payee = payee.prove(day, NoticeProof.LETTER_147C, now)
                case "look":
                    payee = payee.checked(now)
                case _:
                    code = TinMatchCode.MATCH if act == "match" else TinMatchCode.NO_MATCH
                    payee = payee.answered(payee.match.number if payee.match else 0, code, now)
        except (Conflict, Unprocessable):
            continue
    for offset in range(1, 1_000):
        day = date(2026, 1, 5) + timedelta(days=offset)
        withheld = payee.reason_on(day) is not None
        must = any(
            _business_days(one.received_on, day) >= 30 and (one.certified_on is None or one.certified_on > day)
            for one in payee.notices
        )
        may = any(
            _business_days(one.received_on, day) >= 30
            and (one.certified_on is None or (day - one.certified_on).days < 30)
            for one in payee.notices
        )
        assert withheld or not must, (day, payee.notices)
        assert may or not withheld, (day, payee.notices)
        assert (payee.withholding(day, usd(1_000)) is not None) == withheld
    years = [one.received_on.year for one in payee.notices]
    assert len(years) == len(set(years))
    if payee.due_at and payee.checked_on and not (payee.look_at or payee.unwritten):
        assert tax_day(payee.due_at) > payee.checked_on


@given(st.integers(1, 10**9), st.booleans())
def test_what_is_withheld_is_never_more_than_the_rate_by_half_a_cent(cents: int, with_form: bool) -> None:
    payee = certified() if with_form else Payee(id="drv_1")
    kept = payee.withholding(date(2026, 6, 1), usd(cents))
    if with_form:
        assert kept is None
    else:
        amount = kept.amount.amount if kept else 0
        assert abs(amount * 100 - cents * 24) <= 50
        assert amount < cents
