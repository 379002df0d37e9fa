"""The page of ``qsrefresh report`` as a picture: its own tags and words, laid out as on a phone.

It is the page about all folders after three good days and a night on which a password had changed.
The pictures of rows, and what follows the newest run's cause and next step, are left out: "…".
"""

import html
import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from click.testing import CliRunner

from local.account import BUCKET, WATCHED, LocalAccount
from local.programs.words import Language
from proofs.lettering import FONT, wrapped
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli
from qsrefresh.page import PAGE

_WIDTH, _MARGIN, _SIZE = 390, 16, 15
_ROOM = _WIDTH - 2 * _MARGIN
_HOUR, _GOOD_DAYS = 3600, 3
_NAMES: dict[Language, tuple[str, str, str]] = {
    "en": ("Sales", "Shops", "Stock"),
    "ja": ("売上", "店舗", "在庫"),
}
_FAILURE = {
    "IngestionStatus": "FAILED",
    "ErrorInfo": {"Type": "DATA_SOURCE_AUTH_FAILED", "Message": "Access denied for user 'quick'"},
}
_EXECUTION = re.compile(r"(?<=-ingestion:)[0-9a-z_-]{20,}")
#: Tag → size of its text, weight, room above it: as the page's own style has them.
_STYLES = {
    "h1": (1.3, 700, 8),
    "h2": (1.15, 700, 34),
    "h3": (1.05, 700, 20),
    "summary": (1, 400, 10),
    "p": (1, 400, 2),
    "li": (1, 400, 12),
}
_TILES, _TILE_HEIGHT = 3, 58
#: The colours of the page in daylight.
_TONES = dict(re.findall(r"--(good|bad): (#\w+)", PAGE.template.partition("@media")[0]))
_STYLE = (
    f".good{{fill:{_TONES['good']}}}.bad{{fill:{_TONES['bad']}}}.quiet{{fill:#55555a}}"
    f".cross{{fill:none;stroke:{_TONES['bad']};stroke-width:1.5}}.day{{fill:none;stroke:#c8c8cc}}"
    ".box{fill:#f1f1f3}.a{text-decoration:underline}"
)


def report(language: Language) -> str:
    """Return the page about all folders, as the command writes it in the local account."""
    sales, shops, stock = _NAMES[language]
    folders = {"sales": {"id-1": sales, "id-2": shops}, "stock": {"id-3": stock}}
    with LocalAccount() as account:
        account.deploy(NotificationLanguage=language)
        for folder, names in folders.items():
            rows = [{"datasetid": one, "datasetname": name} for one, name in names.items()]
            account.register([{"S3uri": f"s3://{BUCKET}/{WATCHED}{folder}/", "datasets": rows}])
        for dataset in account.quicksight.datasets.values():
            dataset.seconds = lambda rows: 20 + rows / 4
        for day in range(_GOOD_DAYS + 1):
            if day:
                account.clock.run_for(24 * _HOUR - account.clock.now() % _HOUR)
            if day == _GOOD_DAYS:
                account.quicksight.datasets["id-1"].outcome = lambda _: _FAILURE
            for folder in folders:
                name = f"{WATCHED}{folder}/{folder}_{day}.csv"
                account.drop(name, "day,amount\n" + "2026-11-26,100\n" * (60 + day * 20))
            account.settle()
        aws = Aws(account.client, account.clock.run_for)
        zone = ["--utc"] if language == "en" else []
        done = CliRunner().invoke(cli, ["report", "--html", "-", *zone], obj=aws)
    return done.stdout


def _shown(page: str) -> str:
    """Return the elements of a page that the picture shows."""
    body = page.partition("<body>")[2].replace("\n", "")
    body = body.replace("<details open ", "<details ")  # XML has no attribute without a value
    until_advice, _, _ = body.partition("</div><h4>")
    head, rows_and_runs = until_advice.split("</figure>", 1)
    *_, runs = rows_and_runs.rpartition("</figure>")
    left_out = "<p>…</p>"
    told = f"{head}</figure>{left_out}{runs}</div>{left_out}</details></section>"
    return f"<body>{_EXECUTION.sub('EXECUTION', told)}</body>"


def picture(page: str) -> str:
    """Return a page, the first folder's newest run being one that went wrong, as an SVG."""
    body = ElementTree.fromstring(_shown(page))
    layout = _Layout()
    layout.lay(body)
    height, rows = round(layout.top + _MARGIN), "\n".join(layout.rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}"'
        f' height="{height}" font-family="{FONT}" font-size="{_SIZE}" fill="#1c1c1e">\n'
        f"<title>{_escaped(body.findtext('h1'))}</title>\n<style>{_STYLE}</style>\n"
        f'<rect width="{_WIDTH}" height="{height}" rx="24" fill="#ffffff" stroke="#d1d1d6"/>\n'
        f"{rows}\n</svg>\n"
    )


class _Layout:
    """Puts the elements of a page below each other: ``rows`` is SVG, ``top`` how far down it is."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.top = float(_MARGIN)

    def lay(self, element: Element) -> None:
        """Put an element, and what is in it."""
        if element.get("class") == "tiles":
            self._tiles(element)
        elif element.tag == "figure":
            self._drawing(element[0], element[1])
        elif element.tag in _STYLES:
            self._text(element)
            for part in element.findall("p"):
                self._text(part)
        else:
            for part in element:
                self.lay(part)

    def _text(self, element: Element) -> None:
        """Write what an element says, in as many lines as it takes."""
        size, weight, room = _STYLES[element.tag]
        size *= 0.875 if "quiet" in element.get("class", "") else 1
        letters = [(kind, letter) for kind, text in _said(element) for letter in text]
        whole, at = "".join(letter for _, letter in letters), 0
        self.top += room
        for piece in wrapped(whole, _ROOM * (0.97 if weight == 400 else 0.92) / (_SIZE * size)):
            at = whole.index(piece, at)
            spans = groupby(letters[at : at + len(piece)], itemgetter(0))
            inside = [_span(kind, "".join(letter for _, letter in those)) for kind, those in spans]
            self.top += round(_SIZE * size * 1.45)
            self._write(_MARGIN, self.top - 5, "".join(inside), size, weight)
            at += len(piece)

    def _write(
        self, x: float, y: float, inside: str, size: float, weight: int = 400, anchor: str = "start"
    ) -> None:
        self.rows.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{_SIZE * size:g}" font-weight="{weight}"'
            f' text-anchor="{anchor}" xml:space="preserve">{inside}</text>'
        )

    def _tiles(self, tiles: Element) -> None:
        width = _ROOM / _TILES
        for number, tile in enumerate(tiles):
            x, y = _MARGIN + number % _TILES * width, self.top + 12
            box = f'width="{width - 8:g}" height="{_TILE_HEIGHT - 8}" rx="8"'
            self.rows.append(f'<rect class="box" x="{x:g}" y="{y:g}" {box}/>')
            self._write(x + 10, y + 23, _escaped(tile[0].text), 1.25, 600)
            self._write(x + 10, y + 41, _escaped(tile[0].tail), 0.85)
            self.top += _TILE_HEIGHT * (number % _TILES == _TILES - 1)

    def _drawing(self, drawing: Element, caption: Element) -> None:
        """Put a picture of the page as it is there, and when it begins and ends."""
        box = drawing.get("viewBox", "")
        *_, wide, high = map(float, box.split())
        height = round(_ROOM * high / wide)
        place = f'x="{_MARGIN}" y="{self.top + 4:g}" width="{_ROOM}" height="{height}"'
        inside = "".join(ElementTree.tostring(one, encoding="unicode") for one in drawing)
        self.rows.append(f'<rect class="box" {place} rx="8"/>')
        self.rows.append(f'<svg {place} viewBox="{box}">{inside}</svg>')
        self.top += height + 22
        begin, end = (_span("quiet", one.text or "") for one in caption)
        self._write(_MARGIN, self.top, begin, 0.875)
        self._write(_MARGIN + _ROOM, self.top, end, 0.875, anchor="end")


def _said(element: Element, kind: str = "") -> Iterator[tuple[str, str]]:
    """Yield what an element says, each with the classes that it is shown in."""
    kind = f"{kind} {element.get('class', '')}{'a' * (element.tag == 'a')}".strip()
    yield kind, ("▾ " if element.tag == "summary" else "") + (element.text or "")
    for one in element:
        if one.tag != "p":
            gap = " " if one.tag == "b" else ""  # the page has a margin there
            yield "", gap if element.text else ""
            yield from _said(one, kind)
            yield kind, gap + (one.tail or "")


def _span(kind: str, text: str) -> str:
    weight = ' font-weight="700"' if kind in _TONES else ""
    return f'<tspan class="{kind}"{weight}>{_escaped(text)}</tspan>' if kind else _escaped(text)


def _escaped(text: str | None) -> str:
    return html.escape(text or "", quote=False)
