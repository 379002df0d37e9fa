"""Which folder a run refreshes, and how its ingestions are called."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.loading import load_event, load_module

upload = load_module("produce_ingestion_parameters", "upload")

NOW = datetime(2026, 11, 23, 12, 3, 4, 5006, tzinfo=UTC)

NO_FOLDER = (
    r"^The field folder does not name a folder: it must start with s3://BUCKET/ and end with a"
    r" slash\. .* by hand with"
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def s3_event(key: Any, bucket: Any = "b") -> dict[str, Any]:
    return {"detail": {"bucket": {"name": bucket}, "object": {"key": key}}}


@pytest.mark.parametrize(
    ("key", "prefix"),
    [
        pytest.param("a/b/c.csv", "s3://b/a/b/", id="nested"),
        pytest.param("c.csv", "s3://b/", id="no folder"),
        pytest.param("a/b/", "s3://b/a/b/", id="folder marker"),
        pytest.param("a//c.csv", "s3://b/a//", id="empty folder name"),
        pytest.param("/c.csv", "s3://b//", id="leading slash"),
        pytest.param("a b/c+d%2F/売上.csv", "s3://b/a b/c+d%2F/", id="nothing is unquoted"),
        pytest.param("f/" + "k" * 1022, "s3://b/f/", id="1,024 bytes"),
    ],
)
def test_target_prefix_is_the_folder_of_the_raw_key(key: str, prefix: str) -> None:
    assert upload.ingestion_parameters(s3_event(key), NOW)["targetPrefix"] == prefix


@pytest.mark.parametrize(
    ("sample", "prefix"),
    [
        ("S3ObjectCreated.json", "tokyo_covid19/"),
        ("S3ObjectDeleted.json", "tokyo_covid19/"),
        ("S3FolderMarkerCreated.json", "tokyo_covid19/2026/"),
        ("S3MultipartCompleted.json", "tokyo_covid19/2026/"),
    ],
)
def test_every_sample_event_names_its_folder(sample: str, prefix: str) -> None:
    parameters = upload.ingestion_parameters(load_event(sample), NOW)

    expected = f"s3://sampleproject-dashboard-data/dashboard/data/{prefix}"
    assert parameters["targetPrefix"] == expected


@pytest.mark.parametrize(
    ("key", "composed"),
    [
        ("店舗テ\u3099ータ/a.csv", "s3://b/店舗データ/"),
        ("cafe\u0301/2026/a.csv", "s3://b/café/2026/"),
        ("店舗データ/テ\u3099.csv", ""),
        ("sales/a.csv", ""),
    ],
)
def test_a_name_from_a_mac_comes_in_the_other_form_too(key: str, composed: str) -> None:
    parameters = upload.ingestion_parameters(s3_event(key), NOW)

    assert parameters["targetPrefix"] == f"s3://b/{key.rpartition('/')[0]}/"
    assert parameters["composedPrefix"] == composed


@pytest.mark.usefixtures("in_tokyo")
def test_suffix_is_the_utc_time() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))

    assert upload.ingestion_parameters(s3_event("c.csv"), tokyo) == {
        "targetPrefix": "s3://b/",
        "composedPrefix": "",
        "ingestionidSuffix": "20261123_120304_005006",
    }


@pytest.mark.parametrize("started_by", [{}, s3_event("other/c.csv"), {"continues": "arn:…"}])
def test_a_given_folder_wins_over_the_object(started_by: dict[str, Any]) -> None:
    event = {**started_by, "folder": "s3://b/given/"}

    assert upload.ingestion_parameters(event, NOW)["targetPrefix"] == "s3://b/given/"


@pytest.mark.parametrize("folder", ["", "s3://b/no-slash", "b/given/", "s3:////", "s3://", 7, []])
def test_a_given_folder_that_is_none_is_refused(folder: Any) -> None:
    with pytest.raises(upload.UnrecognisedUploadError, match=NO_FOLDER):
        upload.ingestion_parameters({**s3_event("c.csv"), "folder": folder}, NOW)


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        pytest.param(None, "no detail.bucket.name (detail is missing)", id="nothing"),
        pytest.param([], "no detail.bucket.name (detail is missing)", id="a list"),
        pytest.param({"detail": "x"}, "(detail.bucket is missing)", id="detail is a text"),
        pytest.param(s3_event("k", None), "no detail.bucket.name", id="no bucket"),
        pytest.param(s3_event("k", ""), "detail.bucket.name is not a non-empty", id="empty bucket"),
        pytest.param(s3_event("k", 5), "detail.bucket.name is not a non-empty", id="odd bucket"),
        pytest.param(s3_event(None), "no detail.object.key", id="no key"),
        pytest.param(s3_event(""), "detail.object.key is not a non-empty", id="empty key"),
        pytest.param(s3_event({}), "detail.object.key is not a non-empty", id="odd key"),
        pytest.param({"folder": None}, "no detail.bucket.name", id="folder is null"),
    ],
)
def test_an_event_without_bucket_or_key_says_what_is_missing(event: Any, complaint: str) -> None:
    with pytest.raises(upload.UnrecognisedUploadError) as caught:
        upload.ingestion_parameters(event, NOW)

    assert complaint in str(caught.value)
    assert '{"folder": "s3://BUCKET/FOLDER/"}' in str(caught.value)


@given(bucket=st.text(min_size=1), key=st.text(min_size=1))
def test_any_key_starts_with_its_prefix(bucket: str, key: str) -> None:
    prefix = upload.ingestion_parameters(s3_event(key, bucket), NOW)["targetPrefix"]

    assert f"s3://{bucket}/{key}".startswith(prefix)
    assert prefix.endswith("/")
    assert "/" not in f"s3://{bucket}/{key}"[len(prefix) :]


@given(detail=JSON, folder=JSON)
@examples(50)
def test_any_junk_gives_a_folder_or_the_named_error(detail: Any, folder: Any) -> None:
    try:
        parameters = upload.ingestion_parameters({"detail": detail, "folder": folder}, NOW)
    except upload.UnrecognisedUploadError:
        return
    assert parameters["targetPrefix"].startswith("s3://")
