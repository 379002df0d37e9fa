"""``python -m proofs.report_in_browser`` opens a report in headless Chromium, as on a phone.

It ends with an error where no browser is installed (Debian: ``apt-get install chromium``), where
the page is wider than the screen, and where its numbers are not those of ``history --json``. The
screenshot is kept in ``.build/``, to be looked at.
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
SCREENSHOT = ROOT / ".build" / "report.png"
#: CSS pixels of a small phone.
WIDTH, HEIGHT = 360, 2200
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


def report_and_history() -> tuple[str, list[dict[str, Any]]]:
    """Return the page about a folder with a past, and the same as data."""
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", SettleSeconds="10")
        six_refreshes(account)
        aws = Aws(account.client, account.clock.run_for)

        def said(*arguments: str) -> str:
            return CliRunner().invoke(cli, arguments, obj=aws, catch_exceptions=False).stdout

        return said("report", FOLDER, "--html", "-"), json.loads(said("history", FOLDER, "--json"))


def look(browser: str, page: str) -> dict[str, Any]:
    """Return what the browser makes of a page; keep a screenshot of it."""
    SCREENSHOT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frame.html"
        frame = _FRAME.format(width=WIDTH, height=HEIGHT, page=html.escape(page))
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
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={SCREENSHOT}",
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
    page, history = report_and_history()
    seen = look(browser, page)
    wrong = []
    if seen["width"] > WIDTH:
        wrong.append(f"the page is {seen['width']} pixels wide, the screen {WIDTH}")
    if seen["runs"] != expected(history):
        wrong.append("its numbers are not those of history --json")
    if not seen["drawn"] or seen["bars"] != len(history):
        wrong.append("a picture is missing")
    if wrong:
        sys.exit("; ".join(wrong))
    print(f"{len(history)} runs, as in history --json. Look at {SCREENSHOT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
