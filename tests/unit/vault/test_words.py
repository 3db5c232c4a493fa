"""Words by which a person is found."""

from hypothesis import given
from hypothesis import strategies as st

from crowdship.vault.words import SHORTEST, beginnings, listed_words, matches

names = st.lists(st.text(st.characters(categories=("L",)), min_size=1, max_size=12), min_size=1, max_size=4).map(
    " ".join
)


@given(names, st.data())
def test_whoever_is_listed_under_a_word_is_found_by_each_beginning_of_it(name, data):
    for word in listed_words(name, None):
        asked = word[: data.draw(st.integers(min_value=SHORTEST, max_value=len(word)))]
        assert any(word.startswith(beginning) for beginning in beginnings(asked))
        assert matches(asked, name, None)


@given(names)
def test_nobody_is_listed_under_a_word_too_short_to_be_asked_for(name):
    assert all(len(word) >= SHORTEST for word in listed_words(name, "A-1"))


def test_accents_and_case_make_no_difference_and_neither_does_the_order_of_names():
    assert matches("MULLER zoe", "Zoë Müller", None)
    assert beginnings("Müll") == ("mull",)


def test_a_plate_is_found_whatever_is_between_its_letters():
    assert listed_words("", "ABC 12-34") == ("abc1234",)
    assert matches("abc12", "Kim", "ABC 12-34")
    assert not matches("abc13", "Kim", "ABC 12-34")


def test_a_plate_is_listed_also_beside_a_name_of_many_words():
    assert "xyz99" in listed_words("Maria Anna Luisa Teresa Sofia Clara Elena Julia Garcia", "XYZ 99")
