"""``python -m proofs.report_in_browser`` opens reports in headless Chromium: a phone, and a desk.

It ends with an error where no browser is installed (Debian: ``apt-get install chromium``), where
a page is wider than the screen, and where its numbers are not those of ``history --json``. The
screenshots are kept in ``.build/``, to be looked at (Japanese: ``fonts-ipafont-gothic``).
"""

import html
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from local.account import LocalAccount
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli
from tests.loading import ROOT
from tests.ops.conftest import FOLDER
from tests.ops.past import six_refreshes

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREENSHOTS = ROOT / ".build"
#: CSS pixels of a small phone, and of a desk.
WIDTHS, HEIGHT = (360, 1280), 2200
_SECONDS = 60

# The page itself allows no script: another one holds it in a frame and measures it there.
_FRAME = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }} iframe {{ border: 0 }}
</style><iframe width="{width}" height="{height}" srcdoc="{page}"></iframe><script>
addEventListener("load", () => {{
  const seen = document.querySelector("iframe").contentDocument
  const texts = (where, what) => [...where.querySelectorAll(what)].map(one => one.textContent)
  const runs = [...seen.querySelectorAll("details")]
  const told = {{
    width: seen.documentElement.scrollWidth,
    drawn: [...seen.querySelectorAll("svg")].every(one => one.getBoundingClientRect().height > 50),
    bars: seen.querySelectorAll("rect").length,
    runs: runs.map(one => ({{
      verdict: texts(one, "summary b")[0],
      datasets: [...one.querySelectorAll("dl")].map(each => texts(each, "dd")),
    }})),
  }}
  const note = document.createElement("pre")
  note.id = "told"
  note.hidden = true
  note.textContent = JSON.stringify(told)
  document.body.append(note)
}})
</script>
"""


def reports_and_history() -> tuple[str, str, list[dict[str, Any]]]:
    """Return the page about a folder with a past, all in Japanese, and the first as data."""
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", SettleSeconds="10")
        six_refreshes(account)
        aws = Aws(account.client, account.clock.run_for)

        def said(*arguments: str) -> str:
            return CliRunner().invoke(cli, arguments, obj=aws, catch_exceptions=False).stdout

        return (
            said("report", FOLDER, "--html", "-"),
            said("report", "--html", "-", "--lang", "ja"),
            json.loads(said("history", FOLDER, "--json")),
        )


def look(browser: str, page: str, width: int, screenshot: Path) -> dict[str, Any]:
    """Return what the browser makes of a page; keep a screenshot of it."""
    screenshot.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frame.html"
        frame = _FRAME.format(width=width, height=HEIGHT, page=html.escape(page))
        file.write_text(frame, encoding="utf-8")
        done = subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                f"--user-data-dir={folder}/profile",
                f"--window-size={width},{HEIGHT}",
                f"--screenshot={screenshot}",
                "--dump-dom",
                file.as_uri(),
            ],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=True,
        )
    told = done.stdout.partition('<pre id="told" hidden="">')[2].partition("</pre>")[0]
    found: dict[str, Any] = json.loads(html.unescape(told))
    return found


def expected(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the browser must show of each run."""

    def cells(dataset: dict[str, Any]) -> list[str]:
        numbers = [dataset[name] for name in ("rows", "skippedRows", "seconds")]
        return [dataset["status"], *("–" if one is None else str(one) for one in numbers)]

    return [
        {"verdict": one["verdict"], "datasets": [cells(each) for each in one["datasets"]]}
        for one in history
    ]


def main() -> None:
    """Open it, and compare."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(
            f"No browser here: none of {', '.join(BROWSERS)}. Debian: apt-get install chromium"
        )
    one, every, history = reports_and_history()
    wrong, kept = [], []
    for width in WIDTHS:
        for name, page in (("report", one), ("report-all", every)):
            kept.append(SCREENSHOTS / f"{name}-{width}.png")
            seen = look(browser, page, width, kept[-1])
            if seen["width"] > width:
                wrong.append(f"{name} is {seen['width']} pixels wide, the screen {width}")
            if page is one and seen["runs"] != expected(history):
                wrong.append("its numbers are not those of history --json")
            if not seen["drawn"] or seen["bars"] != len(seen["runs"]):
                wrong.append(f"a picture of {name} is missing")
    if wrong:
        sys.exit("; ".join(wrong))
    looked = ", ".join(str(file.relative_to(ROOT)) for file in kept)
    print(f"{len(history)} runs, as in history --json. Look at {looked}")


if __name__ == "__main__":
    main()
