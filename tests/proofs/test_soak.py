"""The soak counts what happens, and says so."""

import pytest

from proofs.soak import shown, soak


@pytest.mark.explore
def test_a_day_of_trouble_in_three_folders_breaks_no_promise() -> None:
    broken, counted = soak(days=1, seed=3, folders=3, datasets=7)
    assert broken == []
    said = dict(counted)
    assert said["Folders, datasets"] == "3, 7"
    assert int(said["File events"]) > 0
    assert int(said["Calls refused or left without an answer"]) > 0
    assert int(said["Mails: SUCCESS"]) + int(said["Mails: ERROR"]) >= int(said["Refreshes"])


def test_broken_promises_are_counted_below_the_rest() -> None:
    *_, files, broken = shown(["something"], [("File events", "7")])
    assert files == "| File events | 7 |"
    assert broken.endswith("broken promises | 1 |")
