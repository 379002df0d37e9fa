"""How a folder stands, in one word, and the commands that bring it back. Pure."""

import enum

from qsrefresh.folder_record import LastRefresh, Lead
from qsrefresh.language import Phrase
from qsrefresh.lookalike import named


class Standing(enum.Enum):
    """How a folder stands now; the first that holds is told."""

    IGNORED = "IGNORED"
    RUNNING = "RUNNING"
    UNREGISTERED = "UNREGISTERED"
    DIED = "DIED"
    STRANDED = "STRANDED"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"
    NEVER = "NEVER"
    STALE = "STALE"
    GOOD = "GOOD"

    @property
    def needs_somebody(self) -> bool:
        """Tell whether it stays like that until somebody does something."""
        return self not in (Standing.IGNORED, Standing.RUNNING, Standing.GOOD)


#: The word in the table.
WORDS = {
    Standing.IGNORED: Phrase(ja="対象外", en="ignored"),
    Standing.RUNNING: Phrase(ja="実行中", en="running"),
    Standing.DIED: Phrase(ja="途中で停止", en="died"),
    Standing.STRANDED: Phrase(ja="未処理あり", en="stranded"),
    Standing.UNREGISTERED: Phrase(ja="未登録", en="unregistered"),
    Standing.ERROR: Phrase(ja="異常", en="error"),
    Standing.UNKNOWN: Phrase(ja="不明", en="unknown"),
    Standing.NEVER: Phrase(ja="未更新", en="never"),
    Standing.STALE: Phrase(ja="期限切れ", en="stale"),
    Standing.GOOD: Phrase(ja="正常", en="good"),
}

#: What it means, for those that need somebody.
MEANINGS = {
    Standing.DIED: Phrase(
        ja="{folder}: 更新の実行が途中で停止しました。待っているファイルは反映されていません。",
        en="{folder}: its run died; the files that wait are not in the datasets",
    ),
    Standing.STRANDED: Phrase(
        ja="{folder}: ファイルが未処理のままで、更新する実行がありません（開始直前の場合を除く）。",
        en="{folder}: files wait, and no run will take them (unless one is about to start)",
    ),
    Standing.UNREGISTERED: Phrase(
        ja="登録されていないフォルダにファイルがあります: {folder}",
        en="files in folders that nobody registered: {folder}",
    ),
    Standing.ERROR: Phrase(
        ja="{folder}: 前回の更新は異常終了しました。",
        en="{folder}: the last refresh ended as ERROR",
    ),
    Standing.UNKNOWN: Phrase(
        ja="{folder}: 前回の更新の結果が記録されていません。",
        en="{folder}: the last refresh could not write down how it ended",
    ),
    Standing.NEVER: Phrase(
        ja="{folder}: まだ一度も更新されていません。",
        en="{folder}: it was never refreshed",
    ),
    Standing.STALE: Phrase(
        ja="{folder}: {hours}時間以内に更新される予定ですが、されていません。",
        en="{folder}: it should be refreshed within {hours} h, and was not",
    ),
}


def standing_of(
    lead: Lead,
    last: LastRefresh,
    *,
    registered: bool = True,
    ignored: bool = False,
    running: bool = False,
    died: bool = False,
    stale: bool = False,
) -> Standing:
    """Return how a folder stands; what needs somebody now goes before how the last run ended."""
    facts = {
        Standing.IGNORED: ignored,
        Standing.RUNNING: running,
        Standing.UNREGISTERED: not registered,
        Standing.DIED: died,
        Standing.STRANDED: lead.waiting != 0,
        Standing.ERROR: last.verdict is not None and last.verdict != "SUCCESS",
        Standing.UNKNOWN: last.verdict is None and last.started is not None,
        Standing.NEVER: last.verdict is None,
        Standing.STALE: stale,
        Standing.GOOD: True,
    }
    return next(standing for standing, holds in facts.items() if holds)


def cures(standing: Standing, folder: str, execution: str | None) -> list[str]:
    """Return the commands that tell why, if a run is known that does, and bring the folder back."""
    if not standing.needs_somebody:
        return []
    why = [f"qsrefresh explain {execution}"] if execution and ":execution:" in execution else []
    return [*why, f"qsrefresh run {named(folder)} --wait"]


def cures_of_unregistered(folder: str) -> list[str]:
    """Return the commands of which one is right for a folder that nobody registered."""
    return [f"qsrefresh register {named(folder)} DATASET", f"qsrefresh ignore {named(folder)}"]
