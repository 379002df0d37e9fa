"""Refreshes as one page, of one folder or of all: readable on a phone, in either language."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from qsrefresh.advice import WORDS as ADVICE
from qsrefresh.advice import advice, ways
from qsrefresh.language import Phrase, Voice
from qsrefresh.page import PAGE, line, link, text, tone
from qsrefresh.past_refreshes import Past
from qsrefresh.project import Project
from qsrefresh.refreshes import (
    DatasetResult,
    FolderRefresh,
    Outcome,
    console_link,
    dataset_link,
)
from qsrefresh.report_pictures import durations, trends
from qsrefresh.safe_text import visible
from qsrefresh.words import HEADINGS, outcome_in_words

WORDS = {
    "title": Phrase(ja="QuickSightの更新", en="QuickSight refreshes"),
    "period": Phrase(ja="{begin} から {now} まで", en="{begin} to {now}"),
    "folders": Phrase(ja="{n}件のフォルダ", en="{n} folder{s}"),
    "summary": Phrase(ja="{runs}回、うち失敗 {bad}回", en="{runs} refreshes, {bad} went wrong"),
    "last": Phrase(ja="最後: {at}", en="last: {at}"),
    "none": Phrase(ja="この期間に更新はありません。", en="No refresh in this time."),
    "no_folder": Phrase(ja="登録されたフォルダはありません。", en="No folder is registered."),
    "refreshes": Phrase(ja="更新", en="refreshes"),
    "good": Phrase(ja="成功", en="good"),
    "bad": Phrase(ja="失敗", en="went wrong"),
    "skipped": Phrase(ja="スキップした行", en="rows skipped"),
    "usual": Phrase(ja="ふだんの所要", en="usual duration"),
    "longest": Phrase(ja="最長", en="longest"),
    "runs": Phrase(ja="実行", en="Runs"),
    "next": Phrase(ja="次にすること", en="What to do now"),
    "started_by": Phrase(ja="きっかけ: {by}", en="Started by {by}"),
    "files": Phrase(ja="ファイルイベント {n}件", en="{n} file event{s}"),
    "comma": Phrase(ja="、", en=", "),
    "details": Phrase(ja="実行の詳細", en="Execution"),
}
_CELLS = ("status", "rows", "skipped", "seconds")


@dataclass(frozen=True)
class Section:
    """What a page tells of one folder."""

    folder: str
    past: Past


class Report:
    """Writes the pages about a project's folders.

    Args:
        begin, now: the time that they are about.
    """

    def __init__(self, voice: Voice, project: Project, begin: datetime, now: datetime) -> None:
        self._voice = voice
        self._project = project
        self._period = voice.say(WORDS["period"], begin=begin, now=now)

    def page(self, section: Section) -> str:
        """Return the page about one folder."""
        folder = f"<p class='folder'>{text(section.folder)}</p>"
        body = f"{folder}<p class='quiet'>{text(self._period)}</p>{self._content(section)}"
        return self._page(section.folder, self._say("title"), body)

    def page_of_all(self, sections: Sequence[Section]) -> str:
        """Return the page about all folders: a row each, then a section each."""
        n = len(sections)
        told = self._say("folders", n=n, s="s" * (n != 1))
        rows = [self._row(number, one) for number, one in enumerate(sections, 1)]
        listed = f"<ul class='folders'>{''.join(rows)}</ul>" if rows else ""
        body = (
            f"<p class='quiet'>{text(told)}</p>"
            f"<p class='quiet'>{text(self._period)}</p>"
            f"{listed or self._paragraph('no_folder')}"
            f"{''.join(self._section(number, one) for number, one in enumerate(sections, 1))}"
        )
        heading = f"{self._say('title')}: {self._project.id}"
        return self._page(self._project.id, heading, body)

    def _page(self, subject: str, heading: str, body: str) -> str:
        return PAGE.substitute(
            language=self._voice.language,
            title=text(f"{self._say('title')}: {visible(subject)}"),
            heading=text(heading),
            body=body,
        )

    def _say(self, word: str, **values: object) -> str:
        return self._voice.say(WORDS[word], **values)

    def _paragraph(self, word: str) -> str:
        return f"<p>{text(self._say(word))}</p>"

    # ---- Folders -----------------------------------------------------------------------------

    def _row(self, number: int, section: Section) -> str:
        runs = section.past.refreshes
        bad = sum(tone(run) == "bad" for run in runs)
        told = self._say("none")
        shown = ""
        if runs:
            ended = outcome_in_words(self._voice, runs[0].outcome.value)
            shown = f"<b class='{tone(runs[0])}'>{text(ended)}</b>"
            summary = self._say("summary", runs=len(runs), bad=bad)
            last = self._say("last", at=runs[0].started)
            told = f"{last}{self._say('comma')}{summary}"
        return (
            f"<li>{shown}<a href='#folder-{number}'>{text(section.folder)}</a>"
            f"<p class='quiet'>{text(told)}</p></li>"
        )

    def _section(self, number: int, section: Section) -> str:
        heading = f"<h2 id='folder-{number}'>{text(section.folder)}</h2>"
        return f"<section>{heading}{self._content(section)}</section>"

    def _content(self, section: Section) -> str:
        runs = section.past.refreshes
        notes = "".join(f"<p class='quiet cause'>{text(note)}</p>" for note in section.past.notes)
        return (
            f"{notes}{self._next(section)}{self._tiles(runs)}{durations(self._voice, runs)}"
            f"{''.join(trends(self._voice, runs))}<h3>{text(self._say('runs'))}</h3>"
            f"{''.join(map(self._card, runs)) or self._paragraph('none')}"
        )

    def _next(self, section: Section) -> str:
        """Return what to do about the newest run, if it did not end well."""
        newest = next(iter(section.past.refreshes), None)
        if newest is None or not newest.went_wrong:
            return ""
        found = ways(self._voice, newest.folder, advice([newest], self._project))
        ask = self._voice.say(ADVICE["ask"], command=f"qsrefresh explain {newest.execution}")
        lines = "".join(map(line, [ask, *found]))
        return f"<h3>{text(self._say('next'))}</h3>{lines}"

    def _tiles(self, runs: Sequence[FolderRefresh]) -> str:
        seconds = [run.seconds for run in runs if run.seconds is not None]
        span = self._voice.span
        tiles = {
            "refreshes": str(len(runs)),
            "good": str(sum(run.outcome is Outcome.SUCCESS for run in runs)),
            "bad": str(sum(tone(run) == "bad" for run in runs)),
            "skipped": str(sum(one.skipped_rows or 0 for run in runs for one in run.datasets)),
            "usual": span(statistics.median(seconds) if seconds else None),
            "longest": span(max(seconds, default=None)),
        }
        listed = "".join(
            f"<li><b>{text(value)}</b>{text(self._say(word))}</li>" for word, value in tiles.items()
        )
        return f"<ul class='tiles'>{listed}</ul>"

    # ---- Runs --------------------------------------------------------------------------------

    def _card(self, run: FolderRefresh) -> str:
        """Return one run, folded; what went wrong is open."""
        voice, state = self._voice, " open" if tone(run) == "bad" else ""
        advised = "".join(
            line(told) for one in advice([run], self._project) for told in one.lines(voice)
        )
        told = text(self._say("comma").join(self._facts(run)))
        page = link(console_link(run.execution), self._say("details"))
        return (
            f"<details{state} data-run='{text(run.execution.rpartition(':')[2])}'><summary>"
            f"{text(voice.moment(run.started))}<b class='{tone(run)}'>"
            f"{text(outcome_in_words(voice, run.outcome.value))}</b>"
            f"{text(voice.span(run.seconds))}</summary>"
            f"<p class='quiet cause'>{told}</p><p class='quiet'>{page}</p>"
            f"<div class='advice'>{advised}</div>"
            f"{''.join(self._result(run, one) for one in run.datasets)}</details>"
        )

    def _facts(self, run: FolderRefresh) -> Iterator[str]:
        if run.started_by:
            yield self._say("started_by", by=run.started_by)
        if run.files is not None:
            yield self._say("files", n=run.files, s="s" * (run.files != 1))

    def _result(self, run: FolderRefresh, one: DatasetResult) -> str:
        values = (one.status, *map(_number, (one.rows, one.skipped_rows, one.seconds)))
        cells = zip(_CELLS, values, strict=True)
        listed = "".join(
            f"<div><dt>{text(self._voice.say(HEADINGS[name]))}</dt><dd>{text(value)}</dd></div>"
            for name, value in cells
        )
        # An id with a character that nobody sees leads to no page.
        leads = one.id and visible(one.id) == one.id
        name = link(dataset_link(run.execution, one.id), one.name) if leads else text(one.name)
        return f"<h4>{name}</h4><dl data-dataset='{text(one.id)}'>{listed}</dl>"


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)
