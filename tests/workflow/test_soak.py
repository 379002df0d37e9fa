"""The soak counts what happens, and its page keeps everything else."""

import pytest

from tests.workflow.soak import MARKS, PAGE, soak, written


@pytest.mark.explore
def test_a_day_of_trouble_in_three_folders_breaks_no_promise() -> None:
    broken, counted = soak(days=1, seed=3, folders=3, datasets=7)
    assert broken == []
    said = dict(counted)
    assert said["Folders, datasets"] == "3, 7"
    assert int(said["File events"]) > 0
    assert int(said["Calls refused or left without an answer"]) > 0
    assert int(said["Mails: SUCCESS"]) + int(said["Mails: ERROR"]) >= int(said["Refreshes"])


def test_the_page_is_changed_between_its_marks_only() -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(MARKS[0])[0], page.split(MARKS[1])[1]
    changed = written(page, ["something"], [("File events", "7")])
    assert changed.startswith(before + MARKS[0])
    assert changed.endswith(MARKS[1] + after)
    assert "| File events | 7 |" in changed
    assert "broken promises | 1 |" in changed
