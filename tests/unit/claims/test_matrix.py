"""The fault matrix: every question has one answer, and a table that leaves a doubt is refused."""

from itertools import product

import pytest

from crowdship.claims.matrix import (
    FOLDER,
    KIND_COLUMNS,
    MATRIX_COLUMNS,
    Bearer,
    ClaimKind,
    ClaimStage,
    ClaimWeight,
    Decides,
    MatrixError,
    kinds,
    matrix,
    read_kinds,
    read_matrix,
)

HEAD = ",".join(MATRIX_COLUMNS) + "\n"
ALL = "*,*,*,nobody,0,0,0,0,person,refused\n"
ROWS = (FOLDER / "matrix.csv").read_text(encoding="utf-8").splitlines(keepends=True)


def test_every_question_has_an_answer():
    assert set(matrix()) == set(product(ClaimKind, ClaimStage, ClaimWeight))
    assert set(kinds()) == set(ClaimKind)


def test_no_drivers_fault_is_decided_automatically():
    drivers = [cell for cell in matrix().values() if cell.bears is Bearer.DRIVER]
    assert drivers
    assert {cell.decides for cell in drivers} == {Decides.PERSON}


def test_a_row_with_fewer_stars_counts_before_one_with_more():
    read = read_matrix(
        HEAD + ALL + "late,*,*,platform,0,10,0,0,person,granted\nlate,failed,*,nobody,0,0,0,0,person,refused\n"
    )
    assert read[ClaimKind.LATE, ClaimStage.DELIVERED, ClaimWeight.OPEN].charge == 10
    assert read[ClaimKind.LATE, ClaimStage.FAILED, ClaimWeight.OPEN].charge == 0
    assert read[ClaimKind.DAMAGED, ClaimStage.FAILED, ClaimWeight.OPEN].bears is Bearer.NOBODY


@pytest.mark.parametrize("left_out", range(3, len(ROWS), 7))
def test_a_table_without_one_of_its_rows_has_a_hole_and_is_refused(left_out):
    row = ROWS[left_out]
    text = "".join(ROWS[:left_out] + ROWS[left_out + 1 :])
    if row.startswith(("pay_wrong,cancelled", "overcharged,cancelled")):
        assert read_matrix(text) != matrix()
    else:
        with pytest.raises(MatrixError, match="nothing answers " + row.split(",")[0]):
            read_matrix(text)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("*,*,*,nobody,0,0,0,0,person,refused", "is answered by"),
        ("*,*,open,somebody,0,0,0,0,person,refused", "'somebody' is none of"),
        ("*,*,open,platform,101,0,0,0,person,refused", "no whole number from 0 to 100"),
        ("*,*,open,platform,-1,0,0,0,person,refused", "no whole number from 0 to 100"),
        ("*,*,open,driver,0,0,0,10,automatic,refused", "decided by a person"),
        ("*,*,open,platform,0,0,0,10,person,refused", "laid on a driver only"),
        ("*,*,open,customer,0,0,0,0,person,granted", "nothing is granted"),
        ("*,*,open,platform,0,0,0,0,person,withdrawn", "withdraws none"),
        ("*,*,open,platform,0,0,0,0,person", "a row has 10 fields"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(row, why):
    with pytest.raises(MatrixError, match=why) as refused:
        read_matrix(f"{HEAD}{ALL}{row}\n")
    assert "matrix.csv:3" in str(refused.value)


KIND_HEAD = ",".join(KIND_COLUMNS) + "\n"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("late,14,9,7,calendar,merchant", "due after the decision"),
        ("late,14,3,7,weeks,merchant", "calendar or business"),
        ("late,14,3,7,calendar,driver", "'driver' is none of"),
        ("late,14,3,7,calendar,merchant", "has no row"),
    ],
)
def test_a_table_of_kinds_that_leaves_a_doubt_is_refused(row, why):
    with pytest.raises(MatrixError, match=why):
        read_kinds(f"{KIND_HEAD}{row}\n")
