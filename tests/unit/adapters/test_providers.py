"""Addresses of providers: a key leaves by https, or on one machine by plain http."""

import pytest

from crowdship.adapters.providers import base_url


@pytest.mark.parametrize("allowed", [False, True])
def test_https_is_taken_without_the_slash_at_its_end(allowed):
    assert (
        base_url("the rail's url", "https://rail.example/v1/", plain_http_allowed=allowed) == "https://rail.example/v1"
    )


def test_plain_http_is_taken_where_it_is_allowed():
    assert base_url("the rail's url", "http://127.0.0.1:80/", plain_http_allowed=True) == "http://127.0.0.1:80"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [("http://rail.example", False), ("rail.example", True), ("ftp://rail.example", True), ("", True)],
)
def test_any_other_url_is_refused_by_its_name(url, allowed):
    with pytest.raises(ValueError, match=r"the rail's url is .*; it must begin with https://"):
        base_url("the rail's url", url, plain_http_allowed=allowed)
