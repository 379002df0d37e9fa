"""The real command in a process of its own: pipes, signals, no terminal, no colour."""

import contextlib
import os
import pty
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from local.account import LocalAccount
from local.programs.serve import serving
from local.services.quicksight import Dataset
from qsrefresh import command_line, session
from qsrefresh.cli import run
from tests.loading import ROOT
from tests.ops.conftest import FOLDER, Shell

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(account: LocalAccount, tmp_path: Path) -> Iterator[Start]:
    """Return a way to start the command against this account, over HTTP."""
    with serving(0) as server:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT / "ops"),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
            "AWS_DEFAULT_REGION": account.region,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

        def run(
            *arguments: str,
            program: Sequence[str] = (sys.executable, "-m", "qsrefresh"),
            stdout: int = subprocess.PIPE,
            stderr: int = subprocess.PIPE,
            **more: str,
        ) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [*program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                env=environment | more,
                cwd=tmp_path,
            )

        yield run


def test_a_reader_that_has_seen_enough(account: LocalAccount, start: Start) -> None:
    for number in range(800):
        account.quicksight.add(Dataset(f"id-{number}", f"a long name, number {number} " * 5))
    with start("datasets", "--quick") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Name")
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 0
    assert "Traceback" not in said
    assert "Broken" not in said


@pytest.fixture
def unread() -> Iterator[int]:
    """A pipe whose reader is gone before anything is written, as in ``qsrefresh … | true``."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.fixture
def registered(account: LocalAccount) -> str:
    """A folder with a dataset."""
    account.quicksight.add(Dataset("id-one", "one"))
    folder = f"s3://{account.bucket}/{account.watched}a/"
    rows = [{"datasetid": "id-one", "datasetname": "one"}]
    account.register([{"S3uri": folder, "datasets": rows}])
    return folder


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("line", ["list", "status --watch", "--help"])
def test_nobody_reads_it(start: Start, unread: int, line: str) -> None:
    with start(*line.split(), stdout=unread) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "Broken" not in said


def test_what_was_asked_for_is_done_although_nobody_reads_it(
    account: LocalAccount, start: Start, registered: str, unread: int
) -> None:
    table = "sampleproject-parameters"
    line = ("register", registered.replace("/a/", "/b/"), "one")
    with start(*line, stdout=unread, stderr=unread) as process:
        process.wait(60)
    assert (process.returncode, len(account.items(table))) == (0, 2)
    with start("check", stdout=unread) as process:
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said.splitlines()[-1]) == (
        1,
        "1 of 15 checks failed, 1 to look at.",
    )


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="Linux only")
@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("line", ["list", "list --json", "export", "status --watch", "--help"])
def test_a_full_disk_is_one_clear_error(start: Start, line: str) -> None:
    with FULL.open("w") as full, start(*line.split(), stdout=full.fileno()) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert said.splitlines()[-2:] == [
        "Error: stdout could not be written or read to its end: No space left on device",
        "Way out: make room, or write to another place, and run the command again",
    ]
    assert "Traceback" not in said


@pytest.mark.skipif(not FULL.exists(), reason="Linux only")
def test_nowhere_to_put_an_error_is_still_an_error(start: Start) -> None:
    with FULL.open("w") as full, start("nope", stderr=full.fileno()) as process:
        process.communicate(timeout=60)
    assert process.returncode == 2


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("closed", "line", "code", "told"),
    [
        (">&-", "list", 1, "Error: stdout could not be written or read to its end: it is closed"),
        ("2>&-", "list", 0, ""),
        ("<&-", "register --file -", 1, "is empty"),
        ("<&- >&- 2>&-", "list", 1, ""),
    ],
)
def test_a_closed_stream_is_no_traceback(
    start: Start, closed: str, line: str, code: int, told: str
) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m qsrefresh {line} {closed}"
    with start(command, program=("/bin/sh", "-c")) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert told in said
    assert "Traceback" not in said


def test_no_terminal_means_no_colour_no_width_and_nobody_to_ask(
    account: LocalAccount, start: Start
) -> None:
    account.quicksight.add(Dataset("id-long", "long " * 60))
    with start("datasets", COLUMNS="40") as process:
        stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert "\x1b" not in stdout
    assert ("long " * 60).strip() in stdout
    folder = f"s3://{account.bucket}/{account.watched}a/"
    account.register([{"S3uri": folder, "ignore": True}])
    with start("unregister", folder) as process:
        stdout, stderr = process.communicate()
    assert process.returncode == 1
    assert "--yes" in stderr
    assert "Traceback" not in stderr


def test_a_terminal_that_cannot_show_it(account: LocalAccount, start: Start) -> None:
    account.quicksight.add(Dataset("id-jp", "東京都"))
    with start("datasets", "--quick", PYTHONIOENCODING="latin-1") as process:
        stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert r"\u6771\u4eac\u90fd" in stdout


@pytest.fixture
def listening_to_ctrl_c() -> Iterator[None]:
    """Undo what a shell does to what it starts in the background: it ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening_to_ctrl_c")
def test_ctrl_c_ends_it_quietly(account: LocalAccount, start: Start) -> None:
    asked, answer = threading.Event(), threading.Event()

    class Waiting(dict[str, Dataset]):
        def values(self):  # type: ignore[no-untyped-def]
            asked.set()
            answer.wait(10)
            return super().values()

    account.quicksight.datasets = Waiting()
    try:
        with start("datasets") as process:
            assert asked.wait(30)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=10)
    finally:
        answer.set()
        account.quicksight.datasets = {}
    assert (process.returncode, stdout) == (130, "")
    assert stderr.strip() == "Stopped."


@pytest.mark.usefixtures("listening_to_ctrl_c")
def test_ctrl_c_while_it_is_loaded(start: Start, tmp_path: Path) -> None:
    pressed = "import signal\nsignal.raise_signal(signal.SIGINT)\n"
    (tmp_path / "botocore.py").write_text(pressed, encoding="utf-8")
    with start("list", PYTHONPATH=f"{tmp_path}:{ROOT / 'ops'}") as process:
        stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr.strip()) == (130, "", "Stopped.")


def press(*_: object, **__: object) -> None:
    """Press Ctrl-C."""
    raise KeyboardInterrupt


def test_ctrl_c_instead_of_an_answer(
    qsrefresh: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    qsrefresh("ignore", FOLDER)
    monkeypatch.setattr(sys, "argv", ["qsrefresh", "unregister", FOLDER])
    monkeypatch.setattr(command_line, "hold_streams", lambda: None)
    monkeypatch.setattr(session, "connect", lambda _profile, _region: qsrefresh.aws)
    monkeypatch.setattr("click.termui.visible_prompt_func", press)
    assert run() == 130
    assert capsys.readouterr().err.splitlines()[-1] == "Stopped."
    assert FOLDER in qsrefresh.items()


SHOWN = """
from qsrefresh.output import write, write_diff, write_finding
write("usefor: " + "word " * 30 + "end")
write_diff(["- lost", "+ new [red]"])
write_finding("\N{BALLOT X}", "broken", "mend it")
"""
TABLES = """
from qsrefresh.output import write_table
write_table(("Folder", "Verdict"), [("s3://bucket/a/folder/that/is/long/", "SUCCESS")])
write_table(("Started", "Cause"), [("12:00", "a cause that is longer than the terminal is wide")])
"""
ID = "c83d5a17-2b9e-4e0f-8a64-1f7d9b3e5c22"
IDS = f"""
from qsrefresh.output import write_table
write_table(("Name", "Id", "Status"), [("one", "{ID}", "-"), ("", "{ID}", "")])
write_table(("Name", "Used for"), [("one", "東京都の検査陽性者数の推移と病床の使用率")])
"""


def in_a_terminal(code: str, **environment: str) -> str:
    """Return what Python writes where stdout is a terminal, 40 columns wide."""
    ours, theirs = pty.openpty()
    more = {"TERM": "xterm", "COLUMNS": "40", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT / "ops")}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=theirs, stdin=theirs, env={**more, **environment}
    ):
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # Linux says so when the other end is closed
            while part := os.read(ours, 4096):
                said += part
    os.close(ours)
    return said.decode()


def test_a_terminal_gets_colours_and_unbroken_lines() -> None:
    said = in_a_terminal(SHOWN)
    assert "\x1b[31m- lost\x1b[0m" in said
    assert "\x1b[32m+ new [red]\x1b[0m" in said
    assert "word " * 30 + "end\r\n" in said


def test_a_terminal_that_is_narrow_breaks_no_folder() -> None:
    folder, verdict, *_, cause, its_end = in_a_terminal(TABLES).splitlines()
    assert (folder, verdict) == ("s3://bucket/a/folder/that/is/long/", "  Verdict: SUCCESS")
    assert (cause[:10], its_end[:14]) == ("12:00    a", "         termi")


def test_a_terminal_that_is_narrow_breaks_no_id_and_no_name() -> None:
    assert in_a_terminal(IDS).splitlines() == [
        "one",
        f"  Id: {ID}",
        "  Status: -",
        f"  Id: {ID}",
        "one",
        "  Used for: 東京都の検査陽性者数の推移と病床の使用率",
    ]


def test_no_color_means_none() -> None:
    said = in_a_terminal(SHOWN, NO_COLOR="1")
    assert "\x1b" not in said
    assert "- lost\r\n+ new [red]\r\n" in said
