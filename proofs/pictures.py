"""``make pictures`` draws four of the sample mails as a phone shows their first screen.

The mails come from ``docs/mails.md``, which a test holds to what the machines send.
"""

import html
import unicodedata
from collections.abc import Iterator

import click

from local.services.cloudformation import ROOT

FOLDER = ROOT / "docs" / "pictures"
#: File, title in docs/mails.md, language there.
PICTURES = (
    ("mail-success.ja", "Success, five datasets", "日本語"),
    ("mail-one-failed.ja", "One of three failed", "日本語"),
    ("mail-one-failed.en", "One of three failed", "English"),
    ("mail-no-rows.ja", "Success with 0 rows", "日本語"),
)
#: A phone's page in CSS pixels, and how its mail program sets text there.
WIDTH, HEIGHT = 390, 844
_MARGIN, _SIZE, _LEADING = 16, 15, 21
_FONT = "-apple-system, 'Hiragino Sans', 'Noto Sans CJK JP', 'Noto Sans', sans-serif"
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


def width_of(character: str) -> float:
    """Return about how wide a character is, in units of the font's size."""
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    return {"i": 0.28, "l": 0.28, " ": 0.3, ".": 0.3}.get(character, 0.56)


def wrapped(line: str, room: float) -> Iterator[str]:
    """Yield a line in pieces that fit, broken at a space where there is one near the end."""
    while line:
        used, end = 0.0, 0
        while end < len(line) and used + width_of(line[end]) <= room:
            used += width_of(line[end])
            end += 1
        space = line.rfind(" ", 0, end) + 1
        if end < len(line) and space > end * 2 // 3:
            end = space
        yield line[:end].rstrip(" ")
        line = line[end:]


def picture(title: str, language: str) -> str:
    """Return the first screen of a mail as an SVG."""
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
            if top > HEIGHT:
                break
            write(piece, colour, indent=indent)
    inside = "\n".join(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" font-family="{_FONT}" font-size="{_SIZE}">\n'
        f"<title>{html.escape(subject)}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="24" fill="#ffffff" stroke="#d1d1d6"/>\n'
        f"{inside}\n</svg>\n"
    )


@click.command()
def main() -> None:
    """Draw the pictures of docs/pictures/ anew.

    Example: make pictures
    """
    FOLDER.mkdir(exist_ok=True)
    for name, title, language in PICTURES:
        path = FOLDER / f"{name}.svg"
        path.write_text(picture(title, language), encoding="utf-8")
        click.echo(f"Drawn: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
