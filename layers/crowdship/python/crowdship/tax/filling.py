"""Content of a form's boxes, for the recipient's copy and for the agency's file. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from crowdship.law.book import LAW
from crowdship.onboarding.tax import masked
from crowdship.tax.pages import Box, CopyPage, Recipient
from crowdship.tax.parties import Payer
from crowdship.tax.payments import YearSums
from crowdship.tax.returns import InformationReturn, ReturnCorrection, ReturnState
from crowdship.vault.applicants import TaxForm

NO_TIN = "not given"

type Record = Mapping[str, str | int | None]


def occupation_of(year: int) -> str:
    """Return the Treasury Tipped Occupation Code of drivers (row ``tipped_occupation``); empty if there is none."""
    row = LAW.in_force("tipped_occupation", "US", date(year, 12, 31))
    return str(row.value) if row and row.applies else ""


def recipient_of(form: TaxForm | None, name: str) -> Recipient:
    """Return the recipient as pages show them; without a W-9 by their name alone."""
    if form is None:
        return Recipient(name=name, masked_tin=NO_TIN)
    address = form.address
    street = f"{address.street}, {address.unit}" if address.unit else address.street
    return Recipient(
        name=form.name,
        business_name=form.business_name,
        street=street,
        place=f"{address.city}, {address.state} {address.zip}",
        masked_tin=masked(form.tin),
    )


def boxes_of(one: InformationReturn) -> tuple[Box, ...]:
    """Return all boxes of a form; an amount that is not there is left empty, as the form has it."""
    sums = one.sums
    state = one.party.state_code or ""
    return (
        Box(number="1", name="Nonemployee compensation", value=_dollars(sums.compensation, always=True)),
        Box(number="2", name="Payer made direct sales of $5,000 or more", value=""),
        Box(number="3", name="Excess golden parachute payments", value=""),
        Box(number="4", name="Federal income tax withheld", value=_dollars(sums.withheld)),
        Box(number="", name="Cash tips (included in box 1)", value=_dollars(sums.tips)),
        Box(number="", name="Treasury Tipped Occupation Code", value=occupation_of(one.year) if sums.tips else ""),
        Box(number="5", name="State tax withheld", value=""),
        Box(number="6", name="State / Payer's state no.", value=state),
        Box(number="7", name="State income", value=_dollars(sums.compensation) if state else ""),
    )


def copy_of(one: InformationReturn, payer: Payer, form: TaxForm | None, name: str) -> CopyPage:
    """Return the recipient's copy of a form."""
    return CopyPage(
        year=one.year,
        payer=payer,
        recipient=recipient_of(form, name),
        boxes=boxes_of(one),
        account=one.driver_id,
        corrected=one.revision > 0,
        void=one.state is ReturnState.VOID,
        made_at=one.history[-1].at,
    )


def records_of(
    one: InformationReturn,
    payer: Payer,
    form: TaxForm | None,
    name: str,
    before: TaxForm | None,
    *,
    second_notice: bool,
) -> list[Record]:
    """Return the lines of the agency's file for a form: one, and two for a correction of name or number.

    Parameters
    ----------
    form, before : TaxForm or None
        The recipient's W-9 now, and as the agency has it.
    """
    corrects = one.filed is not None
    record = _record(one, one.sums, payer, form, name, correction="C" if corrects else "", again=second_notice)
    if not corrects or one.correction is not ReturnCorrection.TYPE_2:
        return [record]
    wrong = _record(one, YearSums(), payer, before, name, correction="C", again=False)
    right = _record(one, one.sums, payer, form, name, correction="", again=second_notice)
    return [wrong, right]


def _record(
    one: InformationReturn,
    sums: YearSums,
    payer: Payer,
    form: TaxForm | None,
    name: str,
    *,
    correction: str,
    again: bool,
) -> Record:
    address = form.address if form else None
    street = f"{address.street} {address.unit or ''}".rstrip() if address else None
    city, state, zip_code = (address.city, address.state, address.zip) if address else (None, None, None)
    return {
        "form_type": "1099-NEC",
        "year": str(one.year),
        "correction": correction,
        "payer_tin": payer.tin,
        "payer_tin_type": "EIN",
        "payer_name": payer.name,
        "payer_street": payer.street,
        "payer_city": payer.city,
        "payer_state": payer.state,
        "payer_zip": payer.zip,
        "payer_phone": payer.phone,
        "tin": form.tin if form else None,
        "tin_type": form.tin_kind.upper() if form else None,
        "name": form.name if form else name,
        "business_name": form.business_name if form else None,
        "street": street,
        "city": city,
        "state": state,
        "zip": zip_code,
        "account": one.driver_id,
        "second_notice": "Y" if again else "",
        "compensation": sums.compensation,
        "withheld": sums.withheld or None,
        "tips": sums.tips or None,
        "occupation": occupation_of(one.year) if sums.tips else None,
        "state_code": state,
        "state_income": sums.compensation if address and sums.compensation else None,
    }


def _dollars(amount: int, *, always: bool = False) -> str:
    return f"${Decimal(amount).scaleb(-2):,.2f}" if amount or always else ""
