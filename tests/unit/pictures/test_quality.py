"""Pictures of nothing are told from pictures at which a person should look."""

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from crowdship.pictures.quality import Fault, measured
from local.city.papers import jpeg, licence


def test_a_photo_of_a_licence_has_no_fault():
    assert measured(jpeg(licence())).fault is None


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        (Image.new("RGB", (1000, 640), (128, 128, 128)), Fault.ONE_COLOUR),
        (Image.new("RGB", (1000, 640), "black"), Fault.TOO_DARK),
        (Image.new("RGB", (1000, 640), "white"), Fault.TOO_BRIGHT),
        (licence().resize((400, 256)), Fault.TOO_SMALL),
        (ImageEnhance.Brightness(licence()).enhance(0.12), Fault.TOO_DARK),
        (licence().filter(ImageFilter.GaussianBlur(12)), Fault.BLURRED),
        (Image.linear_gradient("L").resize((1000, 640)), Fault.BLURRED),
    ],
    ids=["a wall", "a lens cap", "a white sheet", "a thumbnail", "at night", "out of focus", "a gradient"],
)
def test_a_picture_of_nothing_is_told_by_its_fault(picture, fault):
    assert measured(jpeg(picture)).fault is fault


def test_a_dim_photo_that_can_be_read_has_no_fault():
    assert measured(jpeg(ImageEnhance.Brightness(licence()).enhance(0.5))).fault is None


def test_the_smallest_picture_is_measured():
    assert measured(jpeg(Image.new("RGB", (1, 1)))).fault is Fault.TOO_SMALL
