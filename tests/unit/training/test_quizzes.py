"""Modules are checked when they are read; questions are drawn by a seed; attempts are limited whatever is sent."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.language import Language
from crowdship.training.model import MOST_A_DAY, Course, draw
from crowdship.training.modules import FOLDER, modules, read

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MODULE = modules()["safety_training"]


def test_each_vertical_has_its_training():
    assert {one.rules.grants for one in modules().values()} == {
        "safety_training",
        "age_check_training",
        "alcohol_training",
        "pharmacy_training",
        "cold_chain_training",
    }


@pytest.mark.parametrize("module", modules().values(), ids=lambda module: module.name)
def test_the_right_answers_are_not_all_the_same_and_more_questions_are_there_than_drawn(module):
    assert len(set(module.rules.right.values())) > 1
    assert module.rules.draws < len(module.rules.right)


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("module.toml", "draws = 4", "draws = 9", "there are 5 questions"),
        ("module.toml", 'phone = "b"', 'phone = "z"', "question phone has no answer z"),
        ("module.toml", 'phone = "b"\n', "", "other questions than module.toml: phone"),
        ("module.toml", "pass_percent = 75", "pass_percent = 101", "pass_percent"),
        ("de.toml", 'page = "road"', 'page = "sea"', "names the page sea"),
        ("es.toml", "[questions.tired]", "[questions.weary]", r"es\.toml: .*questions\.weary"),
        ("es.toml", 'c = "Avisar', 'd = "Avisar', "no answer c|other answers"),
        ("en.toml", "title =", "titel =", "title"),
    ],
)
def test_a_module_with_a_fault_is_refused_and_its_file_is_named(tmp_path, file, old, new, why):
    folder = tmp_path / "safety_training"
    shutil.copytree(FOLDER / "safety_training", folder)
    text = (folder / file).read_text()
    if why.startswith("no answer c"):
        old, new = 'c = "', 'd = "'
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=f"(?s){why}"):
        read(folder)


def test_a_language_that_is_missing_is_named(tmp_path):
    folder = tmp_path / "safety_training"
    shutil.copytree(FOLDER / "safety_training", folder)
    (folder / "de.toml").unlink()
    with pytest.raises(ValueError, match=r"de\.toml"):
        read(folder)


@given(st.text())
def test_the_same_seed_draws_the_same_questions_each_once_with_all_their_answers(seed):
    drawn = draw(MODULE, seed)
    assert drawn == draw(MODULE, seed)
    assert len({one.question for one in drawn}) == MODULE.rules.draws
    english = MODULE.texts[Language.ENGLISH].questions
    assert all(set(one.answers) == set(english[one.question].answers) for one in drawn)


def test_different_seeds_draw_different_orders():
    assert len({draw(MODULE, str(number)) for number in range(30)}) > 20


@given(
    st.lists(
        st.tuples(st.integers(1, 30 * 3600), st.sampled_from(["begin", "right", "wrong", "again"])),
        min_size=1,
        max_size=40,
    )
)
def test_whatever_is_sent_no_more_than_three_attempts_begin_in_a_day_and_each_has_one_result(acts):
    course, now = Course.new("drv_1", MODULE.name), NOON
    starts, results = {}, {}
    for seconds, act in acts:
        now += timedelta(seconds=seconds)
        if act == "begin":
            if course.open_attempt(now) is None and course.next_attempt_at(now):
                assert sum(at > now - timedelta(days=1) for at in starts.values()) >= MOST_A_DAY
                continue
            course, attempt = course.begin(MODULE, now)
            starts.setdefault(attempt.id, now)
        elif course.attempts:
            attempt = course.attempts[-1]
            given_answers = {
                one.question: MODULE.rules.right[one.question]
                if act == "right"
                else next(key for key in one.answers if key != MODULE.rules.right[one.question])
                for one in attempt.drawn
            }
            try:
                course, result = course.answer(attempt.id, given_answers, MODULE, now)
            except Conflict:
                continue
            assert results.setdefault(attempt.id, result) == result
            assert result.passed == (result.right == result.asked)
    for at in starts.values():
        assert sum(at <= other < at + timedelta(days=1) for other in starts.values()) <= MOST_A_DAY
    with pytest.raises(NotFound):
        course.answer("att_none", {}, MODULE, now)
