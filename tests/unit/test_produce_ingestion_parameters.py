"""The handler of the step "Produce Ingestion Parameters"."""

import json
import re

import pytest

from tests.loading import captured_log, load_event, load_handler


def test_returns_the_folder_and_a_suffix_and_nothing_else() -> None:
    parameters = load_handler("produce_ingestion_parameters")(load_event("S3ObjectCreated.json"))

    folder = "s3://sampleproject-dashboard-data/dashboard/data/tokyo_covid19/"
    assert set(parameters) == {"targetPrefix", "composedPrefix", "ingestionidSuffix"}
    assert parameters["targetPrefix"] == folder
    assert re.fullmatch(r"\d{8}_\d{6}_\d{6}", parameters["ingestionidSuffix"])


def test_two_starts_have_different_suffixes() -> None:
    handler = load_handler("produce_ingestion_parameters")
    event = load_event("S3ObjectCreated.json")

    assert handler(event)["ingestionidSuffix"] != handler(event)["ingestionidSuffix"]


def test_logs_one_json_line_with_the_event_as_correlation_id() -> None:
    event = load_event("S3ObjectCreated.json")
    handler = load_handler("produce_ingestion_parameters")
    with captured_log("produce-ingestion-parameters") as log:
        handler(event)

    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["correlation_id"] == event["id"]


def test_an_unreadable_event_raises_the_error_that_the_state_machine_knows() -> None:
    with pytest.raises(Exception, match=r"detail\.object\.key") as caught:
        load_handler("produce_ingestion_parameters")({"detail": {"bucket": {"name": "b"}}})

    assert type(caught.value).__name__ == "UnrecognisedUploadError"
