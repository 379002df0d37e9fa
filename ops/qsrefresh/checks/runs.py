"""How the folders stand: what their last runs left, and what waits for the next."""

from collections.abc import Iterator

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.folder_record import in_order
from qsrefresh.folder_state import FolderStatus, record_of, statuses
from qsrefresh.language import Phrase
from qsrefresh.refreshes import Outcome
from qsrefresh.registrations import folder_of
from qsrefresh.standing import MEANINGS, Standing
from qsrefresh.unregistered import with_unregistered

_GOOD = Outcome.SUCCESS.value
_MAY_SURPRISE = (Standing.UNREGISTERED, Standing.UNKNOWN)

_MORE = Phrase(ja="{what}{more}", en="{what}{more}")
_NOTHING = Phrase(ja="", en="")
_DIED = Phrase(
    ja="（最後に正常終了してから、途中で停止した実行: {n}件）",
    en=" ({n} run{s} since the last good one died)",
)
_ODD_COUNTS = Phrase(
    ja="状態のテーブルにある{folder}の数が変です。次の実行が直します",
    en="the counts of {folder} in the state table are odd: the next run mends them",
)
_ODD_LEADER = Phrase(
    ja="{folder}を担当していることになっている{leader}は、実行ではありません。次の実行が引き継ぎます",
    en="what leads {folder} on paper is no run: {leader}; the next run takes over",
)
_GOOD_ALL = Phrase(
    ja="前回の更新: 対応を待っているフォルダはありません",
    en="last refreshes: no folder waits for anybody",
)


def last_runs(check: Check) -> Iterator[Finding]:
    """Last refreshes."""
    registered = {folder_of(item): item for item in check.items}
    found = statuses(check.aws, check.project, registered, check.parameters)
    wrong = False
    for one in with_unregistered(check.aws, check.places, registered, found):
        # A folder that has yet to see its first file is as it should be.
        if one.standing.needs_somebody and one.standing is not Standing.NEVER:
            wrong = True
            level = warning if one.standing in _MAY_SURPRISE else bad
            died = _died(check, one)
            more = _DIED if died else _NOTHING
            about = {"folder": ", ".join(one.unregistered) or one.state.folder, "n": died}
            yield level(
                _MORE,
                "\n".join(one.cures),
                **about,
                what=_text(one),
                more=more,
                s="s" * (died != 1),
                hours=one.hours,
                leader=one.state.lead.leader,
            )
    if registered and not wrong:
        yield good(_GOOD_ALL)


def _text(one: FolderStatus) -> Phrase:
    if one.state.lead.waiting is None and one.registered:
        return _ODD_COUNTS
    if one.lost and one.culprit is None and one.registered:
        return _ODD_LEADER
    return MEANINGS[one.standing]


def _died(check: Check, one: FolderStatus) -> int:
    """Return how many runs died since the last good one."""
    if not one.registered:
        return 0
    ring = in_order(record_of(check.aws, check.project, one.state.folder), one.state.lead.turn)
    good_ones = (place for place, run in enumerate(ring) if run and run.verdict == _GOOD)
    return ring[: next(good_ones, len(ring))].count(None)
