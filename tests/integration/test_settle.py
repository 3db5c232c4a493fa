"""An evening of drivers that is killed at any write and resumed comes to the same rows and bytes."""

from benchmarks import settle
from benchmarks.money.evening import Evening
from benchmarks.money.offline import offline


def test_an_evening_killed_at_every_write_ends_with_the_same_rows_totals_and_bytes():
    kills, differs = settle.killed_everywhere(2, days=1)
    assert kills > 60
    assert differs == []


def test_an_evening_leaves_books_that_agree_with_the_bank_and_files_that_others_accept(tmp_path, monkeypatch):
    monkeypatch.setattr(settle, "OUTPUT", tmp_path / "settle")
    evening = Evening(12, failures=0.5)
    with offline(evening.tables):
        assert settle.settle(evening, settle.Measured(evening)) == []
        assert evening.faults() == []
        findings = list(settle.validated(evening))
    assert [finding for finding in findings if not finding.met] == []
    assert {"paid", "returned", "failed"} <= evening_states(evening)


def evening_states(evening):
    with offline(evening.tables):
        return set(evening.totals()["payouts"])


def test_a_payout_that_the_bank_paid_and_the_books_did_not_is_told():
    evening = Evening(3)
    with offline(evening.tables):
        evening.fill()
        evening.morning(evening.days[0])
        assert evening.faults() == []
        evening.bank.paid["01000000001"] += 7
        assert len(evening.faults()) == 1
