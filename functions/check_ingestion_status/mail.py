"""Compose the mail about one run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from language import UNKNOWN, Language, Phrase
from mail_size import Bullet, fit
from problem import Problem
from run import Run, Trigger
from safe_text import FOLDER_LIMIT, NAME_LIMIT, one_line, shorten, shorten_start
from verdict import Kind, Outcome, Verdict

# SNS API reference, "Publish": a message has at most 256 KiB. What remains is for the request's
# other parts, and for the state machine, whose payloads have the same limit.
BODY_LIMIT = 200 * 1024
# For the lines that say what was shortened and left out.
_NOTICE_RESERVE = 1024
_TERSE_NAME_LIMIT = 30
_ZONES = {"ja": (timezone(timedelta(hours=9)), "JST"), "en": (UTC, "UTC")}

PHRASES: dict[str, Phrase] = {
    "subject_good": Phrase(
        ja="[SUCCESS]QuickSight更新処理正常終了", en="[SUCCESS]QuickSight refresh succeeded"
    ),
    "subject_bad": Phrase(
        ja="[ERROR]QuickSight更新処理異常終了", en="[ERROR]QuickSight refresh failed"
    ),
    "opening_good": Phrase(
        ja="QuickSightの更新は正常終了しました。", en="The QuickSight refresh succeeded."
    ),
    "opening_bad": Phrase(
        ja="QuickSightの更新処理に失敗しました。", en="The QuickSight refresh failed."
    ),
    "dataset_good": Phrase(
        ja="データセット{name}の更新は成功しました。", en="Dataset {name} was refreshed."
    ),
    "dataset_skipped": Phrase(
        ja="データセット{name}は、{skipped}行をスキップして更新しました。",
        en="Dataset {name} was refreshed, but not completely: rows skipped: {skipped}.",
    ),
    "dataset_failed": Phrase(
        ja="データセット{name}の更新は失敗し、ステータス{status}を戻しました。",
        en="The refresh of dataset {name} failed with status {status}.",
    ),
    "cause": Phrase(ja="原因: {phase}{cause}", en="Cause: {phase}{cause}"),
    "next_step": Phrase(ja="対処: {next_step}", en="Next step: {next_step}"),
    "message": Phrase(ja="メッセージ: 「{message}」", en='Message: "{message}"'),
    "waiting": Phrase(ja="待機中の更新: {waiting}", en="In the queue: {waiting}"),
    "START_FAILED": Phrase(ja="更新を開始できませんでした。", en="The refresh did not start. "),
    "CHECK_FAILED": Phrase(
        ja="更新は開始しましたが、結果を確認できませんでした。",
        en="The refresh started, but its result could not be read. ",
    ),
    "rows": Phrase(ja="行数: {rows}", en="Rows: {rows}"),
    "rows_now": Phrase(ja="{rows}行", en="{rows}"),
    "rows_unreported": Phrase(ja="報告なし", en="not reported"),
    "rows_total": Phrase(ja="、データセット全体では{rows}行", en=" of {rows} in the whole dataset"),
    "rows_last": Phrase(ja="（前回 {rows}行）", en=" (last time {rows})"),
    "rows_skipped_unreported": Phrase(
        ja="（スキップした行数は報告なし）", en=" (skipped rows not reported)"
    ),
    "no_rows": Phrase(
        ja="注意: 取り込まれた行がありません。意図したものでなければ、ファイルの中身を確認して"
        "ください。",
        en="Note: No rows were read. If that is not meant, look into the file.",
    ),
    "took": Phrase(ja="所要時間: {duration}", en="Duration: {duration}"),
    "took_last": Phrase(ja="（前回 {duration}）", en=" (last time {duration})"),
    "parts_separator": Phrase(ja="、", en="; "),
    "trigger_separator": Phrase(ja="、", en=", "),
    "hours": Phrase(ja="{n}時間", en="{n} h "),
    "minutes": Phrase(ja="{n}分", en="{n} min "),
    "seconds": Phrase(ja="{n}秒", en="{n} s"),
    "shortened": Phrase(
        ja="メールの大きさの上限のため、{n}件は詳細を省略しました。",
        en="To keep this mail within its size limit, {n} entries are shown without all details.",
    ),
    "left_out": Phrase(
        ja="メールの大きさの上限のため、{n}件を省略しました。下の「実行の詳細」で確認してください。",
        en="To keep this mail within its size limit, {n} entries are left out: see the execution"
        " below.",
    ),
    "previous_data": Phrase(
        ja="更新されなかったデータセットがあれば、そのダッシュボードには前回のデータが引き続き表示されます。",
        en="If a dataset was not refreshed, dashboards keep showing its previous data.",
    ),
    "project": Phrase(ja="プロジェクト: {project}", en="Project: {project}"),
    "folder": Phrase(ja="フォルダ: {folder}", en="Folder: {folder}"),
    "trigger": Phrase(ja="起動のきっかけ: {trigger}", en="Started by: {trigger}"),
    "started": Phrase(ja="開始: {time}", en="Started at: {time}"),
    "execution": Phrase(ja="実行の詳細: {link}", en="Execution: {link}"),
    "restart": Phrase(
        ja="再実行のコマンド（対処のあとで。ファイルを置き直したときは不要）: {command}",
        en="To run this refresh again, after the next step (not needed if a file was put into S3"
        " again): {command}",
    ),
    "Object Created": Phrase(ja="{key}の追加", en="{key} added"),
    "Object Deleted": Phrase(ja="{key}の削除", en="{key} deleted"),
    "expired": Phrase(
        ja="{key}の削除（ライフサイクルルールによる）", en="{key} deleted by a lifecycle rule"
    ),
    "other_kind": Phrase(ja="{key}（{kind}）", en="{key} ({kind})"),
    "by_hand": Phrase(ja="手動", en="a start by hand"),
    "continued": Phrase(
        ja="前の実行の間に届いたファイル{n}件",
        en="files that arrived during the previous run ({n})",
    ),
    "more_files": Phrase(ja="ほか{n}件", en="and {n} more"),
}

_DATASET_LINES = {
    Kind.GOOD: "dataset_good",
    Kind.SKIPPED: "dataset_skipped",
    Kind.FAILED: "dataset_failed",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A subject within SNS's limits and a body of at most BODY_LIMIT bytes."""

    subject: str
    body: str


def compose(verdict: Verdict, run: Run, language: Language) -> Mail:
    """Return the mail in `language`: verdict, problems, datasets (failures first), the run."""
    return _Writer(run, language).mail(verdict)


class _Writer:
    """Says everything about one run in one language."""

    def __init__(self, run: Run, language: Language) -> None:
        self._run = run
        self._language = language

    def mail(self, verdict: Verdict) -> Mail:
        good = verdict.refreshed
        opening = self._say("opening_good" if good else "opening_bad")
        closing = "".join(f"\n{one_line(line)}" for line in self._closing(verdict))
        bullets = [
            *(self._problem(problem) for problem in verdict.problems),
            *(self._dataset(outcome) for outcome in verdict.outcomes),
        ]
        limit = BODY_LIMIT - _NOTICE_RESERVE - len((opening + closing).encode())
        fitted = fit(bullets, limit)
        counted = {"shortened": fitted.shortened, "left_out": fitted.left_out}
        notices = "".join(f"\n{self._say(notice, n=n)}" for notice, n in counted.items() if n)
        subject = self._say("subject_good" if good else "subject_bad")
        return Mail(subject, f"{opening}{fitted.text}\n{notices}{closing}\n")

    def _problem(self, problem: Problem) -> Bullet:
        values = {**self._facts(), **problem.values}
        headline = self._say(problem.headline, **values)
        details = [self._say(detail, **values) for detail in problem.details]
        said = [self._say("message", message=problem.message)] if problem.message else []
        return Bullet(((headline, *details, *said), (headline, *details), (headline,)))

    def _dataset(self, outcome: Outcome) -> Bullet:
        headline, terse_headline = (
            self._headline(outcome, limit) for limit in (NAME_LIMIT, _TERSE_NAME_LIMIT)
        )
        numbers = self._numbers(outcome)
        if not outcome.advice:
            return Bullet(((headline, *numbers), (headline,), (terse_headline,)))
        advice = list(self._advice(outcome))
        said = self._service_words(outcome)
        link = [self._run.dataset_link(outcome.dataset.id)] if outcome.dataset.id else []
        return Bullet(
            (
                (headline, *advice, *said, *numbers, *link),
                (headline, *advice, *numbers, *link),
                (headline, *link),
                (headline,),
                (terse_headline,),
            )
        )

    def _headline(self, outcome: Outcome, limit: int) -> str:
        dataset = outcome.dataset
        name = shorten(dataset.name, limit) or shorten(dataset.id, limit)
        values = {"name": name or UNKNOWN, "skipped": outcome.skipped}
        status = shorten(outcome.status, limit) or UNKNOWN
        return self._say(_DATASET_LINES[outcome.kind], status=status, **values)

    def _advice(self, outcome: Outcome) -> Iterator[str]:
        if not outcome.advice:
            return
        values = {
            **self._facts(),
            "dataset_id": shorten(outcome.dataset.id, NAME_LIMIT),
            "permission": outcome.permission,
            "error": outcome.error or UNKNOWN,
            "phase": PHRASES.get(outcome.phase, ""),
            "cause": outcome.advice.cause,
            "next_step": outcome.advice.step,
        }
        yield self._say("cause", **values)
        yield self._say("next_step", **values)

    def _service_words(self, outcome: Outcome) -> list[str]:
        """Return the line with what the service itself said, if it said anything."""
        parts = []
        if outcome.message:
            parts.append(self._say("message", message=outcome.message))
        if outcome.waiting:
            parts.append(self._say("waiting", waiting=", ".join(outcome.waiting)))
        return [self._say("parts_separator").join(parts)] if parts else []

    def _numbers(self, outcome: Outcome) -> list[str]:
        """Return what is known of rows and duration, now and last time, and whether to mind it."""
        parts = []
        if outcome.rows is not None or outcome.last_rows is not None or not outcome.advice:
            parts.append(self._say("rows", rows=self._rows(outcome)))
        if outcome.seconds is not None:
            took = self._duration(outcome.seconds)
            if outcome.last_seconds is not None:
                took += self._say("took_last", duration=self._duration(outcome.last_seconds))
            parts.append(self._say("took", duration=took))
        said = [self._say("parts_separator").join(parts)] if parts else []
        # An emptied dashboard is a success to QuickSight, and rarely to anybody else.
        if outcome.kind is Kind.GOOD and outcome.rows == 0 and not outcome.total_rows:
            said.append(self._say("no_rows"))
        return said

    def _rows(self, outcome: Outcome) -> str:
        rows = self._say("rows_unreported")
        if outcome.rows is not None:
            rows = self._say("rows_now", rows=f"{outcome.rows:,}")
            if outcome.total_rows not in (None, outcome.rows):
                rows += self._say("rows_total", rows=f"{outcome.total_rows:,}")
            if outcome.skipped is None and outcome.kind is Kind.GOOD:
                rows += self._say("rows_skipped_unreported")
        if outcome.last_rows is not None:
            rows += self._say("rows_last", rows=f"{outcome.last_rows:,}")
        return rows

    def _duration(self, seconds: int) -> str:
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        said = self._say("hours", n=hours) if hours else ""
        said += self._say("minutes", n=minutes) if minutes else ""
        said += self._say("seconds", n=seconds) if seconds or not said else ""
        return said.strip()

    def _closing(self, verdict: Verdict) -> Iterator[str]:
        run = self._run
        if verdict.problems or any(o.kind is Kind.FAILED for o in verdict.outcomes):
            yield self._say("previous_data")
        yield self._say("project", project=run.project)
        folder = shorten(run.folder or "", FOLDER_LIMIT)
        yield self._say("folder", folder=folder or UNKNOWN)
        yield self._say("trigger", trigger=self._trigger())
        if run.started_at:
            yield self._say("started", time=self._time(run.started_at, with_date=True))
        yield self._say("execution", link=run.execution_link() or UNKNOWN)
        command = run.restart_command()
        if command and not verdict.refreshed:
            yield self._say("restart", command=command)

    def _trigger(self) -> str:
        trigger = self._run.trigger
        if self._run.continues:  # its event is that of the run before
            return self._say("continued", n=trigger.file_events)
        parts = [self._what_happened(trigger)]
        if trigger.file_events > 1:
            parts.append(self._say("more_files", n=trigger.file_events - 1))
        if trigger.time:
            zone, _ = _ZONES[self._language]
            started = self._run.started_at
            same_day = started and (
                started.astimezone(zone).date() == trigger.time.astimezone(zone).date()
            )
            parts.append(self._time(trigger.time, with_date=not same_day))
        return self._say("trigger_separator").join(parts)

    def _what_happened(self, trigger: Trigger) -> str:
        if not trigger.key and not trigger.kind:
            return self._say("by_hand")
        key = shorten_start(self._relative(trigger.key or ""), NAME_LIMIT) or UNKNOWN
        if trigger.kind == "Object Deleted" and trigger.reason == "Lifecycle Expiration":
            return self._say("expired", key=key)
        if trigger.kind in ("Object Created", "Object Deleted"):
            return self._say(trigger.kind, key=key)
        kind = shorten(trigger.kind or "", NAME_LIMIT) or UNKNOWN
        return self._say("other_kind", key=key, kind=kind)

    def _relative(self, key: str) -> str:
        """Return the key as seen from the run's folder, which the mail names beside it."""
        prefix = (self._run.folder or "").removeprefix("s3://").partition("/")[2]
        return key.removeprefix(prefix) or key

    def _time(self, moment: datetime, *, with_date: bool) -> str:
        zone, zone_name = _ZONES[self._language]
        pattern = "%Y-%m-%d %H:%M" if with_date else "%H:%M"
        return f"{moment.astimezone(zone).strftime(pattern)} {zone_name}"

    def _facts(self) -> dict[str, object]:
        run = self._run
        return {
            "project": run.project,
            "region": run.region,
            "account": run.account,
            "partition": run.partition,
            "table": run.parameter_table,
            "machine": run.machine,
        }

    def _say(self, phrase: str | Phrase, **values: object) -> str:
        chosen = PHRASES[phrase] if isinstance(phrase, str) else phrase
        return chosen.say(self._language, **values)
