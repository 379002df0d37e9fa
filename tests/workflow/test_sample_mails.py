"""The mails shown in docs/ are the mails that are sent."""

from local.programs.situations import SITUATIONS
from tests.workflow.sample_mails import LANGUAGES, PAGE, page


def test_the_page_shows_the_mails_of_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_shows_each_situation_in_each_language_with_its_verdict() -> None:
    verdicts = [
        line.removeprefix("Subject: [").partition("]")[0]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("Subject: ")
    ]
    assert verdicts == [one.verdict for one in SITUATIONS for _ in LANGUAGES]
