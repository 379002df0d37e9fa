"""What the verbs that are read at night say in both languages: headings, and how a run ended."""

from collections.abc import Sequence

from qsrefresh.language import Phrase, Voice

#: Value of ``Outcome`` → what people read of it. Programs read the value.
OUTCOMES = {
    "RUNNING": Phrase(ja="実行中", en="RUNNING"),
    "SUCCESS": Phrase(ja="正常終了", en="SUCCESS"),
    "ERROR": Phrase(ja="異常終了", en="ERROR"),
    "DIED": Phrase(ja="途中で停止", en="DIED"),
    "JOINED": Phrase(ja="ほかの実行に合流", en="JOINED"),
    "NOTHING_TO_DO": Phrase(ja="することなし", en="NOTHING_TO_DO"),
}

HEADINGS = {
    "age": Phrase(ja="経過", en="Age"),
    "dataset": Phrase(ja="データセット", en="Dataset"),
    "elapsed": Phrase(ja="経過", en="Elapsed"),
    "error": Phrase(ja="エラー", en="Error"),
    "expected": Phrase(ja="前回の所要", en="Expected"),
    "files": Phrase(ja="ファイル", en="Files"),
    "folder": Phrase(ja="フォルダ", en="Folder"),
    "last": Phrase(ja="前回の更新", en="Last refresh"),
    "not_before": Phrase(ja="次の更新は", en="Not before"),
    "rows": Phrase(ja="行数", en="Rows"),
    "running_since": Phrase(ja="実行開始", en="Running since"),
    "seconds": Phrase(ja="秒", en="Seconds"),
    "skipped": Phrase(ja="スキップ", en="Skipped"),
    "started": Phrase(ja="開始", en="Started"),
    "state": Phrase(ja="状態", en="State"),
    "status": Phrase(ja="ステータス", en="Status"),
    "took": Phrase(ja="所要", en="Took"),
    "verdict": Phrase(ja="結果", en="Verdict"),
    "waiting": Phrase(ja="未処理のファイル", en="Files waiting"),
}


def headings(voice: Voice, *names: str) -> Sequence[str]:
    """Return the titles of a table."""
    return [voice.say(HEADINGS[name]) for name in names]


def outcome_in_words(voice: Voice, value: str) -> str:
    """Return how a run ended; a verdict of no known name is told as it stands."""
    return voice.say(OUTCOMES[value]) if value in OUTCOMES else value
