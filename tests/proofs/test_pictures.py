"""The pictures are those of today's mails, states and report."""

import html
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from local.account import LocalAccount
from proofs import pictures, report_picture
from proofs.lettering import width_of, wrapped
from proofs.pictures import FOLDER, HEIGHT, PICTURES, STATES, mail, picture
from qsrefresh.language import Voice
from qsrefresh.past_refreshes import Past
from qsrefresh.project import Project
from qsrefresh.refreshes import DatasetResult, FolderRefresh, Outcome
from qsrefresh.report import Report, Section


def test_each_is_todays() -> None:
    drawn = dict(pictures.drawn())
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(drawn)
    for name, text in drawn.items():
        kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
        assert kept == text, f"{name} is of yesterday: make pictures"


def test_the_path_is_one_that_a_file_takes(account: LocalAccount) -> None:
    account.register()
    account.drop(f"{account.watched}tokyo_covid19/a.csv")
    account.settle()
    (execution,) = account.executions
    taken = iter(account.path(execution))
    assert len(STATES) <= 10
    assert [name for name in STATES if name in taken] == list(STATES)


@pytest.mark.parametrize(
    ("title", "language"), [(title, language) for _, title, language, _ in PICTURES]
)
def test_what_to_know_first_is_on_the_first_screen(title: str, language: str) -> None:
    _, body = mail(title, language)
    (*_, answer) = re.findall(r"^(?:【(?!対処).+|[A-Z]+: .+)$", body, re.M) or body.splitlines()[:1]
    drawn = picture(title, language)
    lines = [(int(y), text) for y, text in re.findall(r'y="(\d+)".*>(.*)</text>', drawn)]
    (place,) = [y for y, text in lines if text and answer.startswith(text)][:1]
    assert place < HEIGHT * 2 / 3


def test_a_line_breaks_where_it_is_full_and_loses_nothing() -> None:
    line = "一二三四五 six seven eight " + "9" * 30
    pieces = list(wrapped(line, 10))
    assert all(sum(map(width_of, piece)) <= 10 for piece in pieces)
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")


def test_a_report_loses_no_word_and_hostile_names_are_only_text() -> None:
    hostile = "</text><script>alert('x')</script> \"&amp; <b>"
    now = datetime(2026, 11, 24, tzinfo=UTC)
    failed = DatasetResult("id", hostile, "FAILED", error_type="SQL_EXCEPTION", message=hostile)
    run = FolderRefresh(
        execution="arn:aws:states:us-east-1:123456789012:execution:name:id",
        folder=f"s3://b/{hostile}/",
        outcome=Outcome.ERROR,
        started=now,
        datasets=[failed],
    )
    project = Project("p", "p-parameters", "arn:aws:sns:us-east-1:123456789012:p-operation-topic")
    report = Report(Voice(), project, now - timedelta(days=1), now)
    page = report.page_of_all([Section(run.folder, Past([run], []))])
    drawn = ElementTree.fromstring(report_picture.picture(page))
    tags = {one.tag.rpartition("}")[2] for one in drawn.iter()}
    assert tags == {"svg", "title", "style", "rect", "path", "text", "tspan"}
    (until_next_step, _) = page.split("</div><h4>")
    told = [part for _, part in re.findall(r"<(p|h2|a)\b[^>]*>(.*?)</\1>", until_next_step)]
    assert sum(html.escape(hostile) in part for part in told) >= 4
    said = "".join("".join(drawn.itertext()).split())
    for part in told:
        assert "".join(html.unescape(re.sub(r"<[^>]*>", "", part)).split()) in said
