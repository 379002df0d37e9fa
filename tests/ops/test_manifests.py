"""Which addresses in a manifest cover a file, in every form that QuickSight takes."""

import pytest

from manifests import covers

BUCKET, KEY = "b", "data/売上 a/x.csv"


@pytest.mark.parametrize(
    "location",
    [
        "s3://b",
        "s3://b/",
        "s3://b/data/",
        "s3://b/data/売上 a/",
        "s3://b/data/%E5%A3%B2%E4%B8%8A%20a/",
        "s3://b/data/売上 a/x.csv",
        "https://s3.amazonaws.com/b/",
        "https://s3.amazonaws.com/b/data/",
        "https://s3-eu-west-1.amazonaws.com/b/data/",
        "https://s3.eu-west-1.amazonaws.com/b",
        "https://b.s3.amazonaws.com",
        "https://b.s3.amazonaws.com/data/",
        "https://b.s3-eu-west-1.amazonaws.com/data/",
        "https://b.s3.eu-west-1.amazonaws.com/",
    ],
)
def test_an_address_that_covers_the_file(location: str) -> None:
    assert covers(location, BUCKET, KEY)


@pytest.mark.parametrize(
    "location",
    [
        "s3://bb/data/",
        "s3://b/other/",
        "s3://b/data/売上 a/x.csv.gz",
        "https://s3.amazonaws.com/bb/",
        "https://other.s3.amazonaws.com",
        "https://b.s3.amazonaws.com/other/",
    ],
)
def test_an_address_of_something_else(location: str) -> None:
    assert not covers(location, BUCKET, KEY)


def test_what_is_no_address_of_s3_is_not_taken_for_harmless() -> None:
    with pytest.raises(ValueError, match="ftp"):
        covers("ftp://b/data/", BUCKET, KEY)
