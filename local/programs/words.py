"""What ``make run`` and ``make serve`` say, in the language of the mails."""

from typing import Literal, get_args

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_WORDS: dict[str, dict[Language, str]] = {
    "simulated": {
        "en": "Simulated AWS account in this process; time runs {speed:g} times faster. Nothing"
        " leaves this machine.",
        "ja": "このプロセスの中の模擬AWSアカウントです。時間は{speed:g}倍の速さで進みます。"
        "何もこのマシンの外に出ません。",
    },
    "deployed": {
        "en": "Deployed stacks {project}-common and {project}-refresh.",
        "ja": "スタック{project}-commonと{project}-refreshをデプロイしました。",
    },
    "registered": {
        "en": "Registered from {file}: {folders}",
        "ja": "{file}から登録しました: {folders}",
    },
    "good file": {"en": "1. Drop a good file", "ja": "1. 正しいファイルを置きます"},
    "broken file": {
        "en": "2. Drop a file with broken rows",
        "ja": "2. 壊れた行を含むファイルを置きます",
    },
    "delete": {"en": "3. Delete it again", "ja": "3. それを削除します"},
    "own file": {"en": "Drop your file", "ja": "指定されたファイルを置きます"},
    "good file alone": {"en": "Drop a good file", "ja": "正しいファイルを置きます"},
    "delete dataset": {
        "en": "Delete dataset {name} in QuickSight",
        "ja": "QuickSightでデータセット{name}を削除します",
    },
    "reading": {
        "en": "  Reading {megabytes:,.0f} MB, which takes some seconds.",
        "ja": "  {megabytes:,.0f} MBを読んでいます。数秒かかります。",
    },
    "path": {"en": "  Path: {states}", "ja": "  通ったステート: {states}"},
    "ended": {
        "en": "  Execution {status} after {simulated:.0f} s simulated, {real:.1f} s here",
        "ja": "  実行は{status}で終わりました（模擬の時間で{simulated:.0f}秒、実際は{real:.1f}秒）",
    },
    "nothing started": {
        "en": "  Nothing started: the rule of the template does not match this file.",
        "ja": "  何も始まりませんでした。テンプレートのルールがこのファイルに当てはまりません。",
    },
    "kept mail": {"en": "  Mail, kept as {path}:", "ja": "  メール（{path}に保存）:"},
    "row": {
        "en": "  {name}: {status} after {seconds:.0f} s{rows}",
        "ja": "  {name}: {status}（{seconds:.0f}秒{rows}）",
    },
    "one row": {"en": ", {number} row", "ja": "、{number}行"},
    "rows": {"en": ", {number} rows", "ja": "、{number}行"},
    "skipped": {"en": ", {number} skipped", "ja": "、{number}行をスキップ"},
    "progress": {"en": ", {done:,.0f} of {all:,} rows", "ja": "、{all:,}行のうち{done:,.0f}行"},
    "long rows": {"en": "{number:,} rows of {name}", "ja": "{name}の{number:,}行"},
    "long wait": {
        "en": "  {what}: {seconds:.0f} s of your time. SPEED={speed} shortens it.",
        "ja": "  {what}: 実際の時間で{seconds:.0f}秒かかります。SPEED={speed}で短くできます。",
    },
    "log": {"en": "What the libraries said: {path}", "ja": "ライブラリの出力: {path}"},
    "next": {"en": "Next: {what}", "ja": "次は: {what}"},
    "after samples": {
        "en": "make run FILE=path/to/my.csv drops a file of yours.",
        "ja": "make run FILE=path/to/my.csv で、手元のファイルを置けます。",
    },
    "after good": {
        "en": "make run SHOW=failure shows a refresh that fails.",
        "ja": "make run SHOW=failure で、失敗する更新を見られます。",
    },
    "after bad": {
        "en": "correct the file, and drop it again with the same command.",
        "ja": "ファイルを直して、同じコマンドでもう一度置いてください。",
    },
    "after failure": {
        "en": "make serve keeps this account up, for the AWS CLI and qsrefresh.",
        "ja": "make serve で、このアカウントをAWS CLIとqsrefreshから使えます。",
    },
    "serving": {
        "en": "Simulated AWS account at {address}, {pace}. Ctrl-C ends it.",
        "ja": "模擬AWSアカウント: {address} （{pace}）。Ctrl-Cで終わります。",
    },
    "real time": {"en": "in real time", "ja": "時間は実際と同じ速さ"},
    "faster": {
        "en": "{speed:g} times faster than real time",
        "ja": "時間は実際の{speed:g}倍の速さ",
    },
    "empty": {
        "en": "It has the bucket {bucket} and two datasets. Nothing is deployed.",
        "ja": "バケット{bucket}と2つのデータセットがあり、何もデプロイされていません。",
    },
    "full": {
        "en": "Deployed: stacks {project}-common and {project}-refresh, bucket {bucket}.",
        "ja": "スタック{project}-commonと{project}-refresh、バケット{bucket}があります。",
    },
    "cli": {
        "en": "The AWS CLI must be 2.13 or later, or 1.33 or later: an older one talks to the"
        " real AWS.",
        "ja": "AWS CLIは2.13以降、または1.33以降を使います。古いものは実際のAWSに接続します。",
    },
    "second terminal": {
        "en": "In another terminal, in the same folder:",
        "ja": "別のターミナルで、同じフォルダから実行してください:",
    },
    "mails here": {
        "en": "All mails appear here, whether or not an address is confirmed.",
        "ja": "アドレスの確認が済んでいなくても、メールはすべてここに表示されます。",
    },
    "other port": {
        "en": "Somebody listens on port {wanted} already: this one takes {port}.",
        "ja": "ポート{wanted}は使われているため、{port}を使います。",
    },
    "joined": {"en": "  {number} runs joined", "ja": "  {number}件の実行が合流しました"},
    "one joined": {"en": "  1 run joined", "ja": "  1件の実行が合流しました"},
    "started": {"en": "Started: {machine} {name}", "ja": "開始: {machine} {name}"},
    "status": {"en": "  Execution {status}", "ja": "  実行は{status}で終わりました"},
}


def words(name: str, language: Language, /, **values: object) -> str:
    """Return a sentence in a language, with values filled in."""
    return _WORDS[name][language].format(**values)
