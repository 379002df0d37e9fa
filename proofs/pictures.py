"""``make pictures`` draws mails and a report as a phone shows them, ``make run``, and states.

The mails come from ``docs/mails.md``, which a test holds to what the machines send; the run and the
report are ones in the local account; the states are those of the machine, on the path of a file.
"""

import html
import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import click

from local.account import PROJECT, REGISTRATION, LocalAccount
from local.programs import run
from local.programs.terminal import Show, shown
from local.programs.words import LANGUAGES, Language
from local.services.cloudformation import ROOT
from proofs import report_picture
from proofs.lettering import FONT, wrapped

FOLDER = ROOT / "docs" / "pictures"
#: A phone's page in CSS pixels, and how its mail program sets text there.
WIDTH, HEIGHT = 390, 844
#: Enough for what a mail answers first.
_ANSWER = 400
#: File, title in docs/mails.md, language there, height.
PICTURES = (
    ("mail-success.ja", "Success, five datasets", "日本語", HEIGHT),
    ("mail-one-failed.ja", "One of three failed", "日本語", HEIGHT),
    ("mail-one-failed.en", "One of three failed", "English", HEIGHT),
    ("mail-no-rows.ja", "Success with 0 rows", "日本語", HEIGHT),
    ("answer-one-failed.ja", "One of three failed", "日本語", _ANSWER),
    ("answer-one-failed.en", "One of three failed", "English", _ANSWER),
)
#: A terminal of 60 columns.
_COLUMNS, _CELL, _LINE = 60, 8, 19
#: How long a run took here differs each time.
_HERE = re.compile(r", [0-9.]+ s here|、実際は[0-9.]+秒")
#: State of the refresh machine → what it does, in each language.
STATES: dict[str, dict[Language, str]] = {
    "Look Up Datasets": {
        "en": "Which datasets are registered for the folder?",
        "ja": "フォルダに登録されたデータセットを調べる",
    },
    "Claim Folder": {
        "en": "One run leads the folder, others join it",
        "ja": "1つの実行がフォルダを担当し、ほかは合流する",
    },
    "Wait For More Files": {
        "en": "SettleSeconds, and again while files arrive",
        "ja": "SettleSecondsだけ待つ。ファイルが続けば、また待つ",
    },
    "Count Files": {
        "en": "From here on, a new file starts the next run",
        "ja": "このあとのファイルは、次の実行で反映する",
    },
    "Refresh Each Dataset": {
        "en": "Start each refresh, and look until it ends",
        "ja": "すべての更新を始め、それぞれ終わりまで確認する",
    },
    "Check Ingestion Status": {
        "en": "Judge how each ended, and write the mail",
        "ja": "それぞれの結果を判定し、メールを作る",
    },
    "Send Mail": {"en": "One mail: SUCCESS or ERROR", "ja": "SUCCESSかERRORのメール1通"},
    "Release Folder": {
        "en": "Files that waited start the next run",
        "ja": "待っていたファイルがあれば、次の実行を始める",
    },
    "Refresh Succeeded": {
        "en": "Or Refresh Failed: the run is red then",
        "ja": "失敗ならRefresh Failed（実行が赤くなる）",
    },
}
_MARGIN, _SIZE, _LEADING = 16, 15, 21
_DARK, _GREY, _BLUE = "#1c1c1e", "#6c6c70", "#0a5dc2"


def mail(title: str, language: str) -> tuple[str, str]:
    """Return subject and body of a sample mail.

    Raises:
        IndexError: docs/mails.md has no such mail.
    """
    page = (ROOT / "docs" / "mails.md").read_text(encoding="utf-8")
    text = page.split(f"\n## {title} / ")[1].split(f"{language}:\n\n```text\n")[1].split("\n```")[0]
    subject, _, body = text.partition("\n\n")
    return subject.removeprefix("Subject: "), body


def picture(title: str, language: str, height: int = HEIGHT) -> str:
    """Return the beginning of a mail as an SVG."""
    subject, body = mail(title, language)
    room = (WIDTH - 2 * _MARGIN) / _SIZE
    rows: list[str] = []
    top = 40

    def write(text: str, colour: str = _DARK, weight: int = 400, indent: float = 0) -> None:
        nonlocal top
        x = _MARGIN + indent * _SIZE
        rows.append(
            f'<text x="{x:g}" y="{top}" fill="{colour}" font-weight="{weight}"'
            f' xml:space="preserve">{html.escape(text, quote=False)}</text>'
        )
        top += _LEADING

    write("AWS Notifications", _GREY)
    for piece in wrapped(subject, room * 0.94):
        write(piece, weight=700)
    top += _LEADING // 2
    for line in body.splitlines():
        indent = 1.5 if line.startswith("\t") else 0
        colour = _BLUE if line.startswith("https://") else _DARK
        for piece in list(wrapped(line.lstrip("\t"), room - indent)) or [""]:
            if top > height:
                break
            write(piece, colour, indent=indent)
    inside = "\n".join(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" font-family="{FONT}" font-size="{_SIZE}">\n'
        f"<title>{html.escape(subject)}</title>\n"
        f'<rect width="{WIDTH}" height="{height}" rx="24" fill="#ffffff" stroke="#d1d1d6"/>\n'
        f"{inside}\n</svg>\n"
    )


def run_lines(language: Language) -> list[str]:
    """Return what ``make run`` says to the end of its first mail, wrapped for 60 columns."""
    said = io.StringIO()
    with LocalAccount() as account, TemporaryDirectory() as folder:
        show = Show(account, language)
        show.console.file = said
        show.say("simulated", speed=run.SPEED)
        account.deploy(NotificationLanguage=language)
        show.say("deployed", project=PROJECT)
        items = account.register()
        folders = ", ".join(item["S3uri"] for item in items)
        show.say("registered", file=shown(REGISTRATION), folders=folders)
        show.line()
        with mock.patch.object(run, "KEPT", Path(folder)):
            run.drop_sample(account, show)
        text = said.getvalue().replace(folder, shown(run.KEPT))
    whole = f"$ make run MAIL_LANGUAGE={language}\n{_HERE.sub('', text)}"
    lines = whole[: whole.index("\nhttps://")].splitlines()[:-1]
    lines = ["-" * _COLUMNS if set(line) == {"-"} else line for line in lines]
    return [piece for line in [*lines, "…"] for piece in list(_folded(line)) or [""]]


def _folded(line: str) -> Iterator[str]:
    """Yield a line as a terminal of 60 columns breaks it."""
    line = line.expandtabs(4)
    while line:
        used, end = 0, 0
        while end < len(line) and used + _cells(line[end]) <= _COLUMNS:
            used += _cells(line[end])
            end += 1
        space = line.rfind(" ", 0, end) + 1
        if end < len(line) and space > end // 2:
            end = space  # make run breaks its lines at words, too
        yield line[:end].rstrip(" ")
        line = line[end:]


def _cells(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def run_picture(language: Language) -> str:
    """Return ``make run`` in a terminal as an SVG."""
    lines = run_lines(language)
    width, height = _COLUMNS * _CELL + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN
    font = "'SFMono-Regular', Menlo, 'Noto Sans Mono CJK JP', 'DejaVu Sans Mono', monospace"
    rows = "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _LINE * number - 5}" xml:space="preserve">'
        f"{html.escape(line, quote=False)}</text>"
        for number, line in enumerate(lines, start=1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="{font}" font-size="13" fill="#e6e6e6">\n'
        "<title>make run</title>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="#1e1e1e"/>\n{rows}\n</svg>\n'
    )


def path_picture(language: Language) -> str:
    """Return the path that a file takes, a box for each state, as an SVG."""
    step, box = 62, 46
    height = len(STATES) * step
    rows = []
    for number, (name, does) in enumerate(STATES.items()):
        top = number * step + 4
        rows.append(
            f'<rect x="{_MARGIN}" y="{top}" width="{WIDTH - 2 * _MARGIN}" height="{box}" rx="8"'
            ' fill="#eef4fb" stroke="#8fb4d9"/>'
        )
        for text, y, weight in ((name, top + 19, 700), (does[language], top + 37, 400)):
            rows.append(
                f'<text x="{WIDTH / 2:g}" y="{y}" text-anchor="middle" font-weight="{weight}">'
                f"{html.escape(text, quote=False)}</text>"
            )
        if number:
            middle = f"M{WIDTH / 2:g} {top - step + box}"
            rows.append(f'<path d="{middle} v{step - box}" stroke="#8fb4d9" stroke-width="2"/>')
    inside = "\n".join(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" font-family="{FONT}" font-size="13" fill="{_DARK}">\n'
        f"<title>{' → '.join(STATES)}</title>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n{inside}\n</svg>\n'
    )


def drawn() -> Iterator[tuple[str, str]]:
    """Yield each picture: its file's name, and what stands in it."""
    for name, title, language, height in PICTURES:
        yield name, picture(title, language, height)
    for spoken in LANGUAGES:
        yield f"run.{spoken}", run_picture(spoken)
        yield f"path.{spoken}", path_picture(spoken)
        yield f"report.{spoken}", report_picture.picture(report_picture.report(spoken))


@click.command()
def main() -> None:
    """Draw the pictures of docs/pictures/ anew.

    Example: make pictures
    """
    FOLDER.mkdir(exist_ok=True)
    for name, text in drawn():
        path = FOLDER / f"{name}.svg"
        path.write_text(text, encoding="utf-8")
        click.echo(f"Drawn: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
