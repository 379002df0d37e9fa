"""What a step of a run did, in a sentence; every Task of the machine has an entry."""

import itertools
from collections.abc import Callable

from qsrefresh.execution_history import Step
from qsrefresh.language import Phrase, Seconds, Sentence, sentence
from qsrefresh.refresh_run import Run, at_path
from qsrefresh.registrations import is_ignored

Teller = Callable[[Step, Run], Sentence | None]


def sentence_about(step: Step, run: Run) -> Sentence | None:
    """Return what a step that went well did; None where there is nothing to tell."""
    tell = TELLERS.get(step.name)
    return tell(step, run) if tell and step.gave_up is None else None


def _looked_up(step: Step, run: Run) -> Sentence | None:
    folder = at_path(step.parameters, "Key", "S3uri", "S")
    item = at_path(step.answer, "Item")
    for before in itertools.takewhile(lambda one: one is not step, run.execution.steps):
        same = (before.name, before.parameters) == (step.name, step.parameters)
        if same and at_path(before.answer, "Item") == item:
            return None  # read again, and nothing new
    if not isinstance(item, dict):
        return sentence(
            "{folder} には何も登録されていません",
            "nothing is registered for {folder}",
            folder=folder,
        )
    if is_ignored(item):
        return sentence(
            "{folder} は、無視するフォルダとして登録されています",
            "{folder} is registered to be ignored",
            folder=folder,
        )
    listed = ", ".join(one.name for one in run.datasets)
    return sentence(
        "{folder} の登録: {listed}",
        "registered for {folder}: {listed}",
        folder=folder,
        listed=listed or Phrase("更新できるデータセットなし", "no dataset that can be refreshed"),
    )


def _claimed(step: Step, run: Run) -> Sentence:
    if at_path(step.answer, "Attributes", "leader", "S") == run.arn:
        return sentence(
            "{folder} を担当します（{number}番目のファイルイベント）",
            "it takes the lead of {folder} (file event number {number})",
            folder=run.lead_folder,
            number=run.arrival,
        )
    return sentence(
        "{folder} は別の実行が担当しています: {leader}",
        "another run leads {folder}: {leader}",
        folder=run.lead_folder,
        leader=run.leader,
    )


def _waited(so_far: Phrase, done: Phrase) -> Teller:
    def tell(step: Step, _: Run) -> Sentence | None:
        if step.exited is None:
            return Sentence(so_far)
        seconds = (step.exited - step.entered).total_seconds()
        return Sentence(done, {"span": Seconds(seconds)}) if seconds >= 1 else None

    return tell


def _asked(step: Step, _: Run) -> Sentence:
    return sentence(
        "担当の実行の状態: {status}",
        "the run that leads is {status}",
        status=at_path(step.answer, "Status"),
    )


def _counted(step: Step, _: Run) -> Sentence:
    return sentence(
        "{number}番目までのファイルイベントを数えました",
        "it counts the file events up to number {number}",
        number=at_path(step.answer, "Attributes", "arrivals", "N"),
    )


def _judged(step: Step, _: Run) -> Sentence:
    good = bool(at_path(step.answer, "Payload", "Status"))
    how = Phrase("良好", "good") if good else Phrase("問題あり", "not good")
    return sentence("結果を判定しました: {how}", "the results are judged: {how}", how=how)


def _sent(step: Step, _: Run) -> Sentence:
    subject = at_path(step.parameters, "Subject")
    return sentence("メールを送りました: {subject}", "mail sent: {subject}", subject=subject)


def _started_next(_: Step, run: Run) -> Sentence:
    return sentence(
        "更新中にファイルが届いたので、次の実行を始めました: {run}",
        "files came during the refresh; the next run is for them: {run}",
        run=run.next_run,
    )


def _looked(step: Step, _: Run) -> Sentence:
    found = {
        name: at_path(step.answer, "Item", name, "N") or Phrase("なし", "none")
        for name in ("arrivals", "covered", "vouched")
    }
    return sentence(
        "ファイルイベント {arrivals} 件のうち {covered} 件が反映済みです。"
        "担当の実行は {vouched} 番目のあとにも動いていました",
        "of {arrivals} file events {covered} are covered, and the run that leads is known to have"
        " lived after number {vouched}",
        **found,
    )


def _prepared(step: Step, _: Run) -> Sentence:
    folder = at_path(step.answer, "Payload", "targetPrefix")
    return sentence("フォルダは {folder} です", "the folder is {folder}", folder=folder)


def _silent(_step: Step, _run: Run) -> None:
    return None


def _says(ja: str, en: str) -> Teller:
    return lambda _step, _run: sentence(ja, en)


TELLERS: dict[str, Teller] = {
    "Produce Ingestion Parameters": _prepared,
    "Look Up Datasets": _looked_up,
    "List Registered Folders": _says(
        "よく似た名前の登録を探しました",
        "it looks for a registered folder that looks like this one",
    ),
    "Claim Folder": _claimed,
    "Mend Folder": _says(
        "実行が書いたはずのない、フォルダの件数を直しました",
        "it mends the folder's counts, which no run can have written",
    ),
    "Wait Before Asking": _waited(
        Phrase(
            "ファイルが引き受けられたか確かめる前に、待っています",
            "it waits before it looks whether its file is in good hands",
        ),
        Phrase(
            "{span}待って、ファイルが引き受けられたか確かめました",
            "it waited {span} before it looked whether its file is in good hands",
        ),
    ),
    "Look At Folder": _looked,
    "Ask Leader": _asked,
    "Vouch For Leader": _says(
        "担当の実行が動いていることを、待っているほかの実行に知らせました",
        "it tells the others that wait that the run lives",
    ),
    "Joined Running Refresh": _says("その実行に合流しました", "it joins that run"),
    "Take Over Folder": _says(
        "担当を返さずに終わった実行から、担当を引き継ぎました",
        "it takes the lead from a run that ended without giving it back",
    ),
    "Joined Newer Run": _says(
        "先に新しい実行が担当したので、それに合流しました",
        "a newer run took the lead first: it joins that one",
    ),
    "Withdraw Claim": _says("担当を返しました", "it gives the lead back"),
    "Wait Until Next Start": _waited(
        Phrase(
            "前回の更新の開始から間もないので、待っています",
            "it waits because the folder's last refresh started not long before",
        ),
        Phrase(
            "前回の更新の開始から間もなかったので、{span}待ちました",
            "it waited {span} because the folder's last refresh started not long before",
        ),
    ),
    "Wait For More Files": _waited(
        Phrase("ほかのファイルを待っています", "it waits for more files"),
        Phrase("ほかのファイルを{span}待ちました", "it waited {span} for more files"),
    ),
    "Count Files": _counted,
    "Recall Last Run": _silent,
    "Refresh Each Dataset": _silent,
    "Check Ingestion Status": _judged,
    "Compose Plain Mail": _says(
        "関数を使わずに、簡単なメールを書きました", "it writes a plain mail, without the function"
    ),
    "Send Mail": _sent,
    "Send Mail With Plain Subject": _sent,
    "Announce Result": _silent,
    "Remember Run": _silent,
    "Release Folder": _says("担当を返しました", "it gives the lead back"),
    "Look For Waiting Files": _says(
        "更新中にファイルが届いたか調べました", "it looks whether files came during the refresh"
    ),
    "Start Next Run": _started_next,
}
