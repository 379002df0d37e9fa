"""``python -m bench``: measure, and write docs/performance.md and docs/performance.svg."""

import datetime
import sys
import time
from pathlib import Path

import click

from bench import report
from bench.jobs import keep_noise_out, measure_all
from bench.scenarios import crowd
from bench.targets import HISTORY_EVENTS
from local.programs.terminal import end_well, shown
from local.services.cloudformation import ROOT

PAGE = "performance.md"
PICTURE = "performance.svg"


def _say(text: str) -> None:
    click.echo(f"  measured: {text}", err=True)


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""


def _large(page: Path, day: datetime.date) -> bool:
    began = time.perf_counter()
    run = crowd(*report.LARGE)
    line = report.large_line(run, time.perf_counter() - began, day)
    click.echo(line)
    page.write_text(report.with_large(_read(page), line), encoding="utf-8")
    return run.status == "SUCCEEDED" and run.history < HISTORY_EVENTS


def _everything(page: Path, picture: Path, day: datetime.date) -> bool:
    from bench.picture import draw  # needs matplotlib, and nothing else does

    results = measure_all(_say)
    text = report.page(results, report.recorded_large(_read(page)), day)
    page.write_text(text, encoding="utf-8")
    draw(results, picture)
    click.echo(text)
    return all(target.met for target in report.targets(results))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--large", is_flag=True, help="Refresh 300 datasets of 12 hours instead.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=ROOT / "docs",
    help="Folder of the page and the picture (default: docs).",
)
def main(large: bool, output: Path) -> None:
    """Measure the refresh in the local account (simulated) and write what was measured.

    Example: python -m bench --output .build
    """
    keep_noise_out()
    day = datetime.date.today()
    page, picture = output / PAGE, output / PICTURE
    met = _large(page, day) if large else _everything(page, picture, day)
    click.echo(f"Written: {shown(page)}" + ("" if large else f" and {shown(picture)}"), err=True)
    if not met:
        raise click.ClickException("a target is not met: see the lines that say NO, or the limit")


if __name__ == "__main__":
    sys.exit(end_well(main))
