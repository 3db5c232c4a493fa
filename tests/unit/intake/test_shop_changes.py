"""The table of what a change in the shop may do, and which site is the shop."""

import pytest

from crowdship.deliveries.editing import CHANGEABLE_IN, Editable
from crowdship.deliveries.states import State
from crowdship.intake.shops.sites import same_site
from crowdship.intake.sources.stages import Effect, Progress, ShopChange, effect_of, progress_of
from tests.city import delivery

EDITS = {
    ShopChange.ADDRESS: Editable.POINT,
    ShopChange.CONTACT: Editable.CONTACT,
    ShopChange.NOTES: Editable.NOTES,
    ShopChange.WINDOW: Editable.DROPOFF_WINDOW,
    ShopChange.PARCEL: Editable.PARCEL,
    ShopChange.TIP: Editable.TIP,
}


@pytest.mark.parametrize("change", ShopChange)
@pytest.mark.parametrize("progress", Progress)
def test_the_table_says_what_follows_from_every_change_at_every_stage(change, progress):
    assert effect_of(change, progress) in Effect


@pytest.mark.parametrize(("change", "part"), EDITS.items())
@pytest.mark.parametrize("state", [state for state in State if state is not State.CANCELLED])
def test_an_edit_in_the_shop_may_do_what_patch_may(change, part, state):
    may = effect_of(change, progress_of(delivery().with_changes(state=state))) is Effect.CHANGE
    assert may == (state in CHANGEABLE_IN[part])


@pytest.mark.parametrize("state", State)
def test_nothing_calls_off_what_is_on_board(state):
    progress = progress_of(delivery().with_changes(state=state))
    calls_off = [change for change in ShopChange if effect_of(change, progress) is Effect.CALL_OFF]
    before_pickup = progress in (Progress.WAITING, Progress.BEFORE_PICKUP)
    assert calls_off == ([ShopChange.CALLED_OFF] if before_pickup else [])


def test_goods_that_change_hands_are_on_board():
    moving = delivery().with_changes(state=State.ASSIGNED, driver_id="drv_1")
    assert progress_of(moving) is Progress.BEFORE_PICKUP
    assert progress_of(moving.with_changes(transfer_point=moving.pickup)) is Progress.ON_BOARD


@pytest.mark.parametrize(
    "told",
    [
        *("https://bakery.example/", "https://bakery.example", "http://bakery.example/", "https://www.bakery.example"),
        *(
            "https://BAKERY.example/wp",
            "https://bakery.example:443/",
            "bakery.example",
            "https://bakery.example./shop/",
        ),
        " https://bakery.example/en ",
    ],
)
@pytest.mark.parametrize(
    "connected", ["https://bakery.example", "https://bakery.example/wp", "http://www.bakery.example"]
)
def test_one_site_is_known_however_it_is_written(connected, told):
    assert same_site(connected, told)


@pytest.mark.parametrize(
    "told",
    ["https://staging.bakery.example/", "https://bakery.example.evil.example", "https://evil.example/bakery.example",
     "", "https://", "https://[::1", "https://evil.example/?x=https://bakery.example"],
)  # fmt: skip
def test_another_site_is_another_shop(told):
    assert not same_site("https://bakery.example", told)


def test_letters_beyond_ascii_are_compared_as_the_dns_writes_them():
    assert same_site("https://bäckerei.example", "https://xn--bckerei-5wa.example/")
