"""Why a refresh did not end well, and what to do about it: each cause once, in the mail's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qsrefresh.addressing import addressed
from qsrefresh.language import Phrase, Sentence, Voice
from qsrefresh.lookalike import named as argument
from qsrefresh.meanings import THE_FILE, Meaning, bare_name, meaning, meaning_of_status, named
from qsrefresh.project import Project
from qsrefresh.refreshes import (
    DatasetResult,
    FolderRefresh,
    Outcome,
    Trouble,
    console_link,
    dataset_link,
)
from qsrefresh.safe_text import visible

UNKNOWN = Phrase(ja="不明", en="unknown")
#: Beyond that, links are most of what there is to read.
_MOST_LINKS = 3
#: Statuses that mean nothing without the error that came with them.
_WITH_ERROR = ("FAILED", "START_FAILED", "CHECK_FAILED")
_CALLS = {"START_FAILED": "CreateIngestion", "CHECK_FAILED": "DescribeIngestion"}

# Labels and bullets are those of the mails; a test compares them.
WORDS = {
    "failed": Phrase(
        ja="データセット{name}の更新は失敗し、ステータス{status}を戻しました。",
        en="The refresh of dataset {name} failed with status {status}.",
    ),
    "skipped": Phrase(
        ja="データセット{name}は、{skipped}行をスキップして更新しました。",
        en="Dataset {name} was refreshed, but not completely: rows skipped: {skipped}.",
    ),
    "short": Phrase(
        ja="データセット{name}は更新されましたが、行数が下限（{min_rows}行）を下回っています。",
        en="Dataset {name} was refreshed, but with fewer rows than {min_rows}.",
    ),
    "message": Phrase(ja="メッセージ: 「{text}」", en='Message: "{text}"'),
    "cause": Phrase(ja="原因: {cause}", en="Cause: {cause}"),
    "first": Phrase(ja="【まず】{text}", en="FIRST: {text}"),
    "next_step": Phrase(ja="対処: {steps}", en="Next step: {steps}"),
    "attempts": Phrase(
        ja="再試行: {n}回目で終了（それまでのエラー: {before}）",
        en="Attempts: {n} (before: {before})",
    ),
    "ask": Phrase(ja="原因と対処: {command}", en="Why, and what to do: {command}"),
    "again": Phrase(ja="やり直し: {command}", en="To run it again: {command}"),
    "register": Phrase(
        ja="新しいフォルダなら登録します: {command}", en="A new folder? Register it: {command}"
    ),
    "ignore": Phrase(
        ja="更新のいらないフォルダなら、メールを止めます: {command}",
        en="A folder that needs no refresh? This stops its mails: {command}",
    ),
    "details": Phrase(ja="実行の詳細:", en="Execution:"),
    "gap": Phrase(ja="", en=" "),
    "comma": Phrase(ja="、", en=", "),
}


@dataclass(frozen=True)
class Advice:
    """One cause, and everything that it is the cause of.

    Attributes:
        bullets: what did not go well.
        meaning: None where the mails have no words for it.
        began: whether the refresh had begun, and looking at it is what failed.
        ask: the run that alone can tell why; empty if it is known here.
    """

    bullets: Sequence[Sentence]
    meaning: Meaning | None
    values: Mapping[str, object] = field(default_factory=dict)
    message: str = ""
    began: bool = False
    links: Sequence[str] = ()
    ask: str = ""

    def lines(self, voice: Voice) -> list[str]:
        """Return what people read: the bullets, then what they have in common."""
        bullets = [f"・{voice.tell(one)}" for one in self.bullets]
        return [*bullets, *(f"  {addressed(line)}" for line in self._common(voice))]

    def _common(self, voice: Voice) -> Iterator[str]:
        """Yield the name of the error, why, and what to do."""
        found = self.meaning
        if found and found.label and found.type:
            yield voice.say(found.label, type=found.type)
        if found:
            causes = [voice.say(one, **self.values) for one in self._causes(found)]
            yield voice.say(WORDS["cause"], cause=voice.say(WORDS["gap"]).join(causes))
            yield voice.say(WORDS["first"], text=voice.say(found.first, **self.values))
        if self.message:
            yield voice.say(WORDS["message"], text=self.message)
        if self.ask:
            yield voice.say(WORDS["ask"], command=f"qsrefresh explain {self.ask}")
        if found and found.steps:
            steps = [voice.say(one, **self.values) for one in found.steps]
            yield voice.say(WORDS["next_step"], steps=voice.say(WORDS["gap"]).join(steps))
        yield from self.links

    def as_json(self, voice: Voice) -> dict[str, object]:
        """Return it for programs."""
        found = self.meaning
        return {
            "about": [voice.tell(one) for one in self.bullets],
            "errorType": (found.type if found else "") or None,
            "message": self.message or None,
            "cause": voice.say(WORDS["gap"]).join(
                voice.say(one, **self.values) for one in (self._causes(found) if found else ())
            )
            or None,
            "first": voice.say(found.first, **self.values) if found else None,
            "steps": [voice.say(one, **self.values) for one in found.steps] if found else [],
            "links": list(self.links),
        }

    def _causes(self, found: Meaning) -> Iterator[Phrase]:
        if self.began:
            yield named("unread").cause
        yield found.cause


def advice(runs: Iterable[FolderRefresh], project: Project) -> list[Advice]:
    """Return what to do about refreshes that did not end well: each cause once."""
    found: dict[object, list[Advice]] = {}
    for run in runs:
        if run.went_wrong:
            for key, one in _of_run(run, project):
                found.setdefault(key, []).append(one)
    return [_together(alike) for alike in found.values()]


def ways(voice: Voice, folder: str, advised: Sequence[Advice]) -> list[str]:
    """Return the commands that help: to run it again, or to register the folder."""
    meanings = [one.meaning for one in advised if one.meaning]
    if any(one.group == "unregistered" for one in meanings):
        shown = argument(folder)
        commands = {"register": f"register {shown} DATASET", "ignore": f"ignore {shown}"}
        return [
            voice.say(WORDS[word], command=addressed(f"qsrefresh {command}"))
            for word, command in commands.items()
        ]
    if any(one.rerun == "wait" for one in meanings):
        return []
    helps = any(one.offers_rerun for one in meanings)
    command = addressed(rerun_command(folder))
    return [voice.say(WORDS["again"], command=command)] if helps else []


def rerun_command(folder: str) -> str:
    """Return the command that refreshes a folder and waits for its end."""
    return f"qsrefresh run {argument(folder)} --wait"


def runs_command(folder: str) -> str:
    """Return the command that reads a folder's runs: also those that its record does not hold."""
    return f"qsrefresh history {argument(folder)} --from-executions"


def lines_about(voice: Voice, run: FolderRefresh, project: Project) -> list[str]:
    """Return everything that a person needs who asks about a refresh that did not end well."""
    if not run.went_wrong:
        return []
    advised = advice([run], project)
    told = [line for one in advised for line in one.lines(voice)]
    more = ways(voice, run.folder, advised)
    return [*told, *more, voice.say(WORDS["details"]), console_link(run.execution)]


def _of_run(run: FolderRefresh, project: Project) -> Iterator[tuple[object, Advice]]:
    facts = _facts(run, project)
    for trouble in run.troubles:
        yield _of_trouble(trouble, facts)
    if not run.judged:
        return
    missing = "not_reached" if any(one.meaning for one in run.troubles) else ""
    for one in run.datasets:
        if not one.known and one.status in _WITH_ERROR:
            yield ("ask", run.execution), Advice([_bullet(one)], None, ask=run.execution)
        elif found := _meaning_of(one, missing):
            yield _key(one, found), _of_dataset(run, one, found, facts)


def _facts(run: FolderRefresh, project: Project) -> dict[str, object]:
    return {
        "account": project.account_id,
        "file": visible(run.file) if run.file else THE_FILE,
        "machine": project.refresh_machine_arn.rpartition(":")[2],
        "partition": project.partition,
        "project": project.id,
        "region": project.region,
        "table": project.table,
    }


def _of_trouble(trouble: Trouble, facts: Mapping[str, object]) -> tuple[object, Advice]:
    values = {**facts, **dict(trouble.values)}
    headline = trouble.headline or Sentence(Phrase("{fact}", "{fact}"), {"fact": trouble.fact})
    one = Advice([headline], trouble.meaning, values, trouble.message)
    return (trouble.fact, trouble.message), one


def _meaning_of(one: DatasetResult, missing: str) -> Meaning | None:
    """Return what it means; the rule is that of the mail's verdict."""
    if one.refreshed or one.status == Outcome.RUNNING.value:
        return None
    if one.status == "COMPLETED":
        return named("too_few_rows" if one.short else "skipped_rows")
    if one.status == "NOT_STARTED":
        return named("not_started_after_few_rows" if one.parent_short else "not_started")
    if one.status == "UNKNOWN" and not one.error_type:
        return named(missing) if missing else meaning_of_status("")
    by_status = meaning_of_status(one.status)
    if by_status.group == "still_running" or not one.error_type:
        return by_status
    return meaning(one.error_type, one.message, checking=one.status == "CHECK_FAILED")


def _key(one: DatasetResult, found: Meaning) -> object:
    """Return what is equal for two datasets of which the same can be said."""
    phrases = (found.cause, found.first, *found.steps)
    own = any(f"{{{name}}}" in text.en for text in phrases for name in ("dataset_id", "parent"))
    return one.status, found.group, found.type, one.message, one.id if own else ""


def _of_dataset(
    run: FolderRefresh, one: DatasetResult, found: Meaning, facts: Mapping[str, object]
) -> Advice:
    call = _CALLS.get(one.status)
    calls = [call] if call else _CALLS.values()
    values = {
        **facts,
        "dataset_id": visible(one.id),
        "error": found.type,
        "parent": one.parent or UNKNOWN,
        "permission": " / ".join(f"quicksight:{name}" for name in calls),
    }
    bullets = [_bullet(one)]
    if one.before:
        tried = {"n": len(one.before) + 1, "before": ", ".join(one.before)}
        bullets.append(Sentence(WORDS["attempts"], tried))
    if one.death:
        bullets.append(
            Sentence(
                Phrase("{name}: {death}", "{name}: {death}"), {"name": one.name, "death": one.death}
            )
        )
    running = found.group == "still_running"
    return Advice(
        bullets,
        found,
        values,
        "" if running else one.message,
        one.status == "CHECK_FAILED",
        [] if one.status == "NOT_STARTED" else [dataset_link(run.execution, one.id)],
    )


def _bullet(one: DatasetResult) -> Sentence:
    values = {
        "name": one.name,
        "status": (one.status in _CALLS and bare_name(one.error_type)) or one.status,
        "skipped": one.skipped_rows,
        "min_rows": f"{one.minimum:,}",
    }
    if one.status != "COMPLETED":
        return Sentence(WORDS["failed"], values)
    return Sentence(WORDS["short" if one.short else "skipped"], values)


def _together(alike: Sequence[Advice]) -> Advice:
    """Return one advice for what has one cause."""
    first = alike[0]
    bullets = {Voice().tell(one): one for each in alike for one in each.bullets}
    links = list(dict.fromkeys(link for each in alike for link in each.links))
    one_file = len({each.values.get("file") for each in alike}) == 1
    return Advice(
        list(bullets.values()),
        first.meaning,
        first.values if one_file else {**first.values, "file": THE_FILE},
        first.message,
        first.began,
        links if len(links) <= _MOST_LINKS else [],
        first.ask,
    )
