"""The provider of bank files with accounts of the vault: right bytes, and nothing of an account anywhere else."""

import logging
from itertools import count

import pytest

from crowdship.kernel.money import Money
from crowdship.payouts.nacha import provider
from crowdship.payouts.nacha.check import check
from crowdship.payouts.nacha.provider import FIELDS, BankFileDamaged, NachaProvider, connect
from crowdship.payouts.nacha.records import ENTRY
from crowdship.payouts.provider import PayoutRejected, Speed
from crowdship.vault import service as vault
from crowdship.vault.applicants import bank_account_token
from local.imitations.bank import NachaBank, Rule
from tests.integration.payouts.banking import HEADING, instruction, keep_account
from tests.unit.payouts.files import ORIGINATOR

pytestmark = pytest.mark.usefixtures("aws")

SECRETS = ("5551200001", "021000021", "ukasik", "UKASIK")


@pytest.fixture
def bank():
    return connect(**{field: getattr(ORIGINATOR, field) for field in FIELDS})


def entries(content):
    return [ENTRY.read(line) for line in content.decode().splitlines() if line.startswith("6")]


def test_a_file_has_the_accounts_of_the_vault_and_is_the_same_each_time(bank):
    instructions = [instruction(number) for number in range(1, 251) if keep_account(number)]
    content = bank.file_of(HEADING, iter(instructions))
    assert bank.file_of(HEADING, iter(instructions)) == content
    assert check(content.splitlines(keepends=True)) == []
    written = entries(content)
    assert [entry["account_number"].strip() for entry in written] == [f"55512{number:05d}" for number in range(1, 251)]
    assert [int(entry["amount"]) for entry in written] == [one.amount.amount for one in instructions]
    assert {entry["individual_name"].strip() for entry in written} == {"ZOE LUKASIK"}


def test_each_file_of_a_day_has_its_own_modifier_and_trace_numbers(bank):
    keep_account(1)
    files = [bank.file_of(HEADING.model_copy(update={"number": number}), [instruction(1)]) for number in (0, 1, 35)]
    assert [content[33:34] for content in files] == [b"A", b"B", b"9"]
    assert len({entries(content)[0]["trace_number"] for content in files}) == 3
    with pytest.raises(ValueError, match="36 files at most"):
        bank.file_of(HEADING.model_copy(update={"number": 36}), [instruction(1)])


@pytest.mark.parametrize(
    ("changes", "account", "code"),
    [
        ({}, {}, None),
        ({"amount": Money(amount=100, currency="EUR")}, {}, "currency"),
        ({"speed": Speed.INSTANT}, {}, "instant_unavailable"),
        ({"account": bank_account_token("drv_nobody")}, {}, "no_bank_account"),
        ({}, {"holder": "***"}, "name"),
        ({}, {"routing_number": "021000022"}, "routing_number"),
    ],
)
def test_what_a_file_can_not_hold_is_told_before_and_refused_when_written(bank, changes, account, code):
    keep_account(1, **account)
    asked = instruction(1, **changes)
    rejected = bank.unwritable(asked)
    assert (rejected.code if rejected else None) == code
    if code not in (None, "instant_unavailable"):
        with pytest.raises(PayoutRejected) as refused:
            bank.file_of(HEADING, [asked])
        assert refused.value.code == code


def test_no_account_and_no_name_is_in_an_error_a_log_or_a_text(bank, caplog, capsys, monkeypatch):
    caplog.set_level(logging.DEBUG, logger="crowdship")
    keep_account(1)
    said = [repr(instruction(1)), repr(bank)]
    for wrong in ({"amount": Money(amount=100, currency="EUR")}, {"amount": Money(amount=10**11, currency="USD")}):
        with pytest.raises(PayoutRejected) as refused:
            bank.file_of(HEADING, [instruction(1, **wrong)])
        said.append(repr(refused.value))
    monkeypatch.setattr(provider, "write", lambda *given: damaged_write(*given))
    with pytest.raises(BankFileDamaged) as damaged:
        bank.file_of(HEADING, [instruction(1)])
    out = capsys.readouterr()
    said += [repr(damaged.value), caplog.text, out.out, out.err]
    assert not [text for text in said for secret in SECRETS if secret in text]


def damaged_write(originator, names, credits, sink_of):
    """Write a record that no file has, from a real account."""
    for credit in credits:
        sink_of(0).write(f"6{credit.account_number}{credit.name}\n".encode())
    yield from ()


def test_a_file_that_does_not_pass_the_check_does_not_leave(bank, monkeypatch):
    keep_account(1)
    monkeypatch.setattr(provider, "write", damaged_write)
    with pytest.raises(BankFileDamaged, match="run_1: record 1, record: it has"):
        bank.file_of(HEADING, [instruction(1)])


def test_an_erased_account_is_refused(bank):
    keep_account(1)
    vault.erase(bank_account_token("drv_1"))
    assert bank.unwritable(instruction(1)).code == "no_bank_account"


def test_a_file_with_more_credits_than_its_trace_numbers_is_refused(bank, monkeypatch):
    for number in (1, 2, 3):
        keep_account(number)
    monkeypatch.setattr(provider, "ENTRIES_OF_FILE", 2)
    assert bank.file_of(HEADING, map(instruction, (1, 2)))
    with pytest.raises(PayoutRejected) as refused:
        bank.file_of(HEADING, map(instruction, (1, 2, 3)))
    assert refused.value.code == "file_full"


def test_what_the_bank_returns_and_corrects_is_read_by_the_reference_of_the_instruction(bank):
    for number in (1, 2, 3):
        keep_account(number)
    operator = NachaBank(accounts={"5551200001": Rule("R02"), "5551200003": Rule("C02")})
    assert operator.take(bank.file_of(HEADING, map(instruction, (1, 2, 3))))
    returned, corrected = [one for day in operator.days() for one in bank.returns_in(operator.due(day))]
    assert (returned.code, returned.reference, returned.amount) == ("R02", f"{1:015d}", instruction(1).amount)
    assert (corrected.code, corrected.reference, corrected.corrects) == ("C02", f"{3:015d}", True)
    assert corrected.corrections == {"routing_number": "021000021"}


def test_accounts_are_read_a_hundred_at_once(bank, monkeypatch):
    for number in range(1, 251):
        keep_account(number)
    calls, read = count(1), vault.bank_accounts
    most = []
    monkeypatch.setattr(vault, "bank_accounts", lambda tokens: most.append(next(calls)) or read(tokens))
    bank.file_of(HEADING, map(instruction, range(1, 251)))
    assert most == [1, 2, 3]


def test_single_payouts_are_not_taken(bank):
    assert bank.collects
    with pytest.raises(NotImplementedError):
        bank.transfer(instruction(1))


@pytest.mark.parametrize(
    ("field", "value"), [("company_name", "crowdship"), ("bank_routing_number", "091000018"), ("company_id", "1")]
)
def test_an_originator_of_the_secret_that_can_not_be_right_is_refused_with_its_field(field, value):
    fields = {name: getattr(ORIGINATOR, name) for name in FIELDS}
    with pytest.raises(ValueError, match=f"the secret of nacha is wrong: {field}"):
        connect(**{**fields, field: value})
    assert isinstance(connect(**fields), NachaProvider)
