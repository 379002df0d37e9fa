"""The block of lines on how to run a refresh again."""

from collections.abc import Iterator

from commands import console_line
from language import Phrase, Voice
from meanings import Rerun
from run import Run
from verdict import Kind, Verdict

WORDS = {
    "put": Phrase(
        ja="直したら、ファイルを同じフォルダに置き直してください。更新が自動で始まります。",
        en="Once it is fixed, put the file into the same folder again. That starts the refresh.",
    ),
    "one_way": Phrase(ja="ファイルを置き直せないとき", en="If you cannot put it there"),
    "two_ways": Phrase(
        ja="ファイルを置き直せないとき（どちらか）", en="If you cannot put it there (one of these)"
    ),
    # AWS Step Functions developer guide, "Restarting state machine executions with redrive": a
    # Fail state "reenters the Fail state and fails again".
    "console": Phrase(
        ja="画面で: いちばん下の「実行の詳細」を開き、「Start new execution」（新しい実行）で入力を"
        "次の1行に替えます。「Redrive」は効きません。",
        en='In the console: open the execution (last link below), choose "Start new execution" and'
        ' replace its input by the next line. "Redrive" does not help.',
    ),
    "command": Phrase(ja="コマンドで:", en="By command:"),
}


def run_again(voice: Voice, verdict: Verdict, run: Run) -> Iterator[str]:
    """Yield the lines, none where a new run would not help, or where it would do harm.

    The input is always a new one: that of a run that took over another's files says so, and would
    count none.
    """
    # What was not started is mended by mending what it waits for.
    fine = (Kind.GOOD, Kind.NOT_STARTED)
    bad = [one.meaning for one in verdict.outcomes if one.kind not in fine and one.meaning]
    problems = verdict.problems
    if any(one.rerun is Rerun.WAIT for one in bad):
        return
    if not (any(one.offers_rerun for one in bad) or any(one.reruns for one in problems)):
        return
    if not run.folder or not run.folder.startswith("s3://") or not run.execution_link():
        return
    if any(one.rerun is Rerun.MEND for one in bad) or problems:
        yield voice.say(WORDS["put"])
    command = run.command("run", run.folder)
    yield voice.say(WORDS["two_ways" if command else "one_way"])
    yield voice.say(WORDS["console"])
    yield console_line({"folder": run.folder})
    if command:
        yield voice.say(WORDS["command"])
        yield command
