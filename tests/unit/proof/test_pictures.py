"""What counts as a picture of a hand-over."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crowdship.kernel.errors import Unprocessable
from crowdship.proof.pictures import LONGEST_SIDE, MOST_PIXELS, checked, for_a_page


def picture(format="JPEG", size=(64, 48), **how):
    made = BytesIO()
    noise = Image.effect_noise(size, 60).convert("RGB")
    noise.save(made, format, **how)
    return made.getvalue()


def png(width, height, rows=b""):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/jpeg", picture()),
        ("image/jpeg", picture(progressive=True, quality=30)),
        ("image/jpeg", picture(size=(2000, 1500), comment=b"taken at the door")),
        ("image/png", picture("PNG")),
        ("image/webp", picture("WEBP")),
    ],
)
def test_what_phones_send_is_a_picture(content_type, body):
    checked("photo", content_type, body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "can't be decoded"),
        (b"\xff", "can't be decoded"),
        (b"\x89PNG", "can't be decoded"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (picture()[:-200], "can't be decoded"),
        (picture()[: len(picture()) // 2], "can't be decoded"),
        (picture("GIF"), "can't be decoded"),
        (picture("BMP"), "can't be decoded"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "page or a script"),
        (b"<!DOCTYPE html><p>hello", "page or a script"),
        (picture() + b"<script>alert(1)</script>", "page or a script"),
        (picture(comment=b"<HTML>"), "page or a script"),
        (picture() + b"%PDF-1.7", "page or a script"),
        (picture("PNG"), "was announced as image/jpeg and is image/png"),
        (picture("WEBP"), "was announced as image/jpeg and is image/webp"),
        (picture(size=(1, 1)), "1 x 1 pixels"),
        (picture(size=(4000, 4)), "4000 x 4 pixels"),
        (png(0, 0), "can't be decoded"),
        (png(50_000, 50_000), "pixels"),
        (png(7000, 7000, b"\0" * 1000), "pixels"),
        (b"\x00" * 5000, "can't be decoded"),
        (b"text", "can't be decoded"),
    ],
)
def test_what_is_none_is_asked_for_again(body, why):
    with pytest.raises(Unprocessable) as refused:
        checked("photo", "image/jpeg", body)
    assert refused.value.code == "not_a_picture"
    assert "JPEG, PNG or WebP" in refused.value.detail
    if why != "pixels" or "can't" not in refused.value.detail:
        assert why in refused.value.detail


def test_a_bomb_is_refused_before_it_is_unpacked():
    side = int(MOST_PIXELS**0.5) + 1
    with pytest.raises(Unprocessable, match="are the most"):
        checked("photo", "image/png", png(side, side, b"\0" * 100))


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_no_bytes_raise_anything_but_a_refusal(noise, cut):
    for body in (noise, picture()[:cut], picture("PNG")[:cut] + noise, picture("WEBP")[:cut] + noise):
        with suppress(Unprocessable):
            checked("photo", "image/png", body)


def with_metadata(turned=6):
    """Return a picture, 64 pixels wide and 48 high, that a phone made lying on its side."""
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = turned, "PhoneMaker"
    notes.get_ifd(0x8825)[1] = "N"
    return picture(exif=notes.tobytes(), comment=b"taken at the door")


def test_a_page_gets_a_picture_upright_and_without_what_the_phone_wrote_into_it():
    taken = with_metadata()
    shown = for_a_page(taken)
    with Image.open(BytesIO(shown)) as read:
        assert (read.format, read.size, dict(read.getexif())) == ("JPEG", (48, 64), {})
    assert b"PhoneMaker" not in shown
    assert b"taken at the door" not in shown
    assert for_a_page(taken) == shown, "the same picture is always the same bytes"


@pytest.mark.parametrize("size", [(3000, 2000), (500, 2600)])
def test_a_page_gets_no_more_pixels_than_it_shows(size):
    with Image.open(BytesIO(for_a_page(picture(size=size)))) as read:
        assert max(read.size) == LONGEST_SIDE
        assert abs(read.width / read.height - size[0] / size[1]) < 0.01


def test_a_small_picture_stays_as_small_as_it_is():
    with Image.open(BytesIO(for_a_page(picture(size=(40, 40))))) as read:
        assert read.size == (40, 40)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
def test_a_signature_on_nothing_is_shown_on_white(mode):
    made = BytesIO()
    Image.new(mode, (64, 64)).save(made, "PNG", **({"transparency": 0} if mode == "P" else {}))
    with Image.open(BytesIO(for_a_page(made.getvalue()))) as read:
        see_through = mode in ("RGBA", "LA", "P")
        assert min(read.getpixel((5, 5))) > 250 if see_through else max(read.getpixel((5, 5))) < 5
