"""Compose the mail about one run: the answer on the first screen, then what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

from about_run import about_run
from caution import caution
from dashboards import dashboards
from dataset_entries import dataset_entries
from first import first
from language import Language, Phrase, Voice
from mail_size import fit, json_size
from problem_entries import problem_entries
from result import result
from run import Run
from run_again import run_again
from safe_text import one_line
from verdict import Verdict

# SNS API reference, "Publish": a message has at most 256 KiB; Step Functions developer guide,
# "Quotas": so has what a state hands on, as JSON. What remains is for what comes with it there.
BODY_LIMIT = 200 * 1024
# For the lines that say what was shortened and left out.
_NOTICE_RESERVE = 1024

# Subjects and opening lines are fixed by the published design: filters rest on them.
WORDS = {
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
    "shortened": Phrase(
        ja="メールの大きさの上限のため、{n}件は詳細を省略しました。",
        en="To keep this mail within its size limit, {n} entries are shown without all details.",
    ),
    "left_out": Phrase(
        ja="メールの大きさの上限のため、{n}件を省略しました。下の「実行の詳細」で確認してください。",
        en="To keep this mail within its size limit, {n} entries are left out: see the execution"
        " below.",
    ),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A subject within SNS's limits and a body of at most BODY_LIMIT bytes as JSON."""

    subject: str
    body: str


def compose(verdict: Verdict, run: Run, language: Language) -> Mail:
    """Return the mail in `language`: the answer, problems, datasets (failures first), the run."""
    voice = Voice(language, run.facts())
    opening = "\n\n".join(map(one_line, _first_lines(voice, verdict, run)))
    closing = "".join(f"\n\n{block}" for block in _last_blocks(voice, verdict, run))
    entries = [
        *problem_entries(voice, verdict.problems),
        *dataset_entries(voice, verdict.outcomes, run),
    ]
    if opening == voice.say(WORDS["opening_good"]):
        entries[0] = entries[0].close()
    limit = BODY_LIMIT - _NOTICE_RESERVE - json_size(opening + closing)
    fitted = fit(entries, limit)
    counted = {"shortened": fitted.shortened, "left_out": fitted.left_out}
    notices = [voice.say(WORDS[notice], n=n) for notice, n in counted.items() if n]
    notice = "\n\n" + "\n".join(notices) if notices else ""
    return Mail(subject(voice, verdict), f"{opening}{fitted.text}{notice}{closing}\n")


def subject(voice: Voice, verdict: Verdict) -> str:
    """Return the mail's subject."""
    return voice.say(WORDS["subject_good" if verdict.refreshed else "subject_bad"])


def _first_lines(voice: Voice, verdict: Verdict, run: Run) -> Iterator[str]:
    """Yield the opening line, and unless all is well, the lines that answer it."""
    yield voice.say(WORDS["opening_good" if verdict.refreshed else "opening_bad"])
    odd = caution(voice, verdict.outcomes, run)
    if verdict.refreshed and not odd:
        return
    if odd:
        yield odd
    yield result(voice, verdict, run)
    yield dashboards(voice, verdict, run)
    yield first(voice, verdict, run)


def _last_blocks(voice: Voice, verdict: Verdict, run: Run) -> Iterator[str]:
    for lines in (run_again(voice, verdict, run), about_run(voice, run)):
        if block := "\n".join(map(one_line, lines)):
            yield block
