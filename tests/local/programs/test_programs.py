"""``make run`` and ``make serve``, started as a person starts them."""

import contextlib
import io
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from unittest import mock

import boto3
import click
import pytest
from click.testing import CliRunner
from rich.console import Console

import deploy
import local.programs.run
import local.programs.serve
import local.programs.terminal
from local.account import LocalAccount
from local.programs.run import BROKEN_FILE, GOOD_FILE, main
from local.programs.situations import SITUATIONS
from local.programs.terminal import Show, end_well, language_of
from local.services.mail import Mail
from local.services.quicksight import Dataset
from tests.conftest import ROOT

Refused = Callable[..., list[str]]
FAST = {"SPEED": "10000", "PYTHONUTF8": "1", "LC_ALL": "en_US.UTF-8"}


def start(
    module: str, output: Path, errors: int = subprocess.PIPE, **environment: str
) -> subprocess.Popen[str]:
    """Start a program as make does, with its files kept in ``output``."""
    return _started([sys.executable, "-m", module], output, errors, environment)


def _started(
    command: list[str], output: Path, errors: int, environment: dict[str, str]
) -> subprocess.Popen[str]:
    inherited = {name: os.environ[name] for name in os.environ if not name.startswith("MAKE")}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**inherited, **FAST, "LOCAL_OUTPUT": str(output), **environment},
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        start_new_session=True,
        # As in a terminal, also where these tests run in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep the files of a program that runs in this process out of the repository."""
    for module, name in ((local.programs.run, "KEPT"), (local.programs.terminal, "OUTPUT")):
        monkeypatch.setattr(module, name, tmp_path)
    yield tmp_path
    logging.captureWarnings(False)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """What a command says, line by line, about settings that it refuses."""

    def refuse(command: click.Command, **settings: str) -> list[str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["program"])
        monkeypatch.setattr(sys, "stdout", io.StringIO())
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        assert end_well(command) != 0
        return capsys.readouterr().err.splitlines()

    return refuse


class TestSettings:
    @pytest.mark.parametrize(
        "command", [local.programs.run.main, local.programs.serve.main], ids=["run", "serve"]
    )
    @pytest.mark.parametrize("value", ["nan", "0", "fast"])
    def test_a_speed_that_time_cannot_have_is_refused(
        self,
        refused: Refused,
        command: click.Command,
        value: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(command, "callback", lambda **_: None)  # nan would never end
        error, way_out = refused(command, SPEED=value)
        assert error.startswith(f"Error: SPEED={value}: ")
        assert way_out == "Way out: make help lists the settings."

    def test_make_help_lists_every_one(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        told = set(re.findall(r"^\t@echo '  ([A-Z_]+)=", makefile, re.MULTILINE))
        commands = (local.programs.run.main, local.programs.serve.main, deploy.main)
        read = [one.envvar for command in commands for one in command.params if one.envvar]
        for variable in read:
            first = variable if isinstance(variable, str) else variable[0]
            assert re.search(rf"^\t@echo '  (.* )?{first}\b", makefile, re.MULTILINE), first
            told.discard(first)
        assert told == set()


class TestRun:
    def test_three_files_are_three_mails(self, tmp_path: Path) -> None:
        with start("local.programs.run", tmp_path, LC_ALL="ja_JP.UTF-8") as process:
            said, errors = process.communicate(timeout=100)
        assert (process.returncode, errors) == (0, "")
        assert re.findall(r"^Subject: \[(\w+)\]", said, re.M) == [
            "SUCCESS",
            "ERROR",
            "SUCCESS",
        ]
        assert "3行をスキップして更新しました" in said
        assert "模擬AWSアカウント" in said
        assert said.endswith("次は: make run FILE=path/to/my.csv で、手元のファイルを置けます。\n")
        files = sorted((tmp_path / "run" / "mails").iterdir())
        assert [file.name for file in files] == ["01-SUCCESS.eml", "02-ERROR.eml", "03-SUCCESS.eml"]
        mail = message_from_bytes(files[1].read_bytes(), policy=policy.default)
        assert str(mail["Subject"]) in said
        assert mail.get_content().replace("\r\n", "\n").strip() in said

    def test_a_file_of_ones_own_is_dropped_instead(self, here: Path) -> None:
        own = here / "my.csv"
        own.write_text("day,sales\n1,2\n3,4\n5,6\n", encoding="utf-8")
        done = CliRunner().invoke(main, env={**FAST, "FILE": str(own), "MAIL_LANGUAGE": "en"})
        assert done.exit_code == 0, done.output
        assert re.findall(r"^Subject: \[(\w+)\]", done.output, re.M) == ["SUCCESS"]
        assert "3 rows" in done.output

    def test_a_failure_is_shown_in_both_languages(self, here: Path) -> None:
        done = CliRunner().invoke(main, env={**FAST, "SHOW": "failure"})
        assert done.exit_code == 0, done.output
        assert re.findall(r"^Subject: (.*)$", done.output, re.M) == [
            "[ERROR]QuickSight更新処理異常終了",
            "[ERROR]QuickSight refresh failed",
        ]
        assert len(list((here / "mails").iterdir())) == 2
        assert len(re.findall(r"対処: |Next step: ", done.output)) == 2

    @pytest.mark.parametrize("name", ["no-rows", "stopped"])
    def test_a_situation_is_one_mail(self, here: Path, name: str) -> None:
        done = CliRunner().invoke(main, env={"SHOW": name, "MAIL_LANGUAGE": "en"})
        assert done.exit_code == 0, done.output
        assert len(re.findall(r"^Subject: ", done.output, re.M)) == 1
        assert len(list((here / "mails").iterdir())) == 1
        assert "\nDASHBOARDS: " in done.output

    def test_make_help_names_every_situation(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        told = re.findall(r"^\t@echo ' {20}([a-z -]+)'$", makefile, re.MULTILINE)
        assert " ".join(told).split() == [one.name for one in SITUATIONS]

    @pytest.mark.parametrize("name", ["missing.csv", "folder.csv", "notes.txt"])
    def test_a_file_that_cannot_be_dropped_is_refused_by_the_name_people_gave_it(
        self, tmp_path: Path, name: str, refused: Refused
    ) -> None:
        (tmp_path / "folder.csv").mkdir()
        (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
        error, way_out = refused(main, FILE=str(tmp_path / name))
        assert error.startswith(f"Error: FILE={tmp_path / name}: ")
        assert way_out.startswith("Way out: ")
        assert "make run FILE=" in way_out

    def test_a_file_in_the_home_folder_is_found_where_the_shell_leaves_its_sign(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (here / "my.csv").write_text("day\n1\n", encoding="utf-8")
        monkeypatch.setenv("HOME", str(here))
        done = CliRunner().invoke(main, env={**FAST, "FILE": "~/my.csv", "MAIL_LANGUAGE": "en"})
        assert done.exit_code == 0, done.output
        assert "1 row, " in done.output

    def run(self, here: Path, content: bytes, **settings: str) -> str:
        """What is said about a file of one's own."""
        own = here / "my.csv"
        own.write_bytes(content)
        settings = {**FAST, "FILE": str(own), "MAIL_LANGUAGE": "en", **settings}
        done = CliRunner().invoke(main, env=settings)
        assert done.exit_code == 0, done.output
        return done.stdout

    @pytest.mark.parametrize(
        ("content", "cause", "told"),
        [
            ("\ufeffday,sales\n1,2\n".encode(), "byte-order mark", "byte-order mark (BOM): save"),
            (b"day;sales\n1;2\n", "rows skipped", "1 column; is the separator ; ?"),
            (b"day\tsales\n1\t2\n", "rows skipped", "1 column; is the separator TAB ?"),
            ("日付,値\n1,2\n".encode("cp932"), "is not UTF-8 text", "Shift_JIS?"),
            (b'day,sales\n"1,2\n' + b"3,4\n" * 50_000, "a quote is never closed", ""),
        ],
        ids=["BOM", ";", "tab", "Shift_JIS", "quote"],
    )
    def test_a_file_that_quicksight_does_not_take_is_a_mail_that_names_the_cause(
        self, here: Path, content: bytes, cause: str, told: str
    ) -> None:
        said = self.run(here, content)
        assert re.findall(r"^Subject: \[(\w+)\]", said, re.M) == ["ERROR"]
        assert cause in said
        assert told in said
        assert said.splitlines()[-1].startswith("Next: correct the file")

    def test_the_last_line_says_what_to_try_next(self, here: Path) -> None:
        said = self.run(here, b"day,sales\n1,2\n")
        assert said.splitlines()[-1] == "Next: make run SHOW=failure shows a refresh that fails."
        assert "my.csv: " not in said

    def test_the_path_is_told_on_request(self, here: Path) -> None:
        assert "  Path: " not in self.run(here, b"a\n1\n")
        (path,) = re.findall(r"^  Path: (.+)$", self.run(here, b"a\n1\n", SHOW="path"), re.M)
        assert path.endswith(" → Refresh Succeeded")

    @pytest.mark.parametrize(
        ("locale", "language"),
        [
            ({}, "ja"),
            ({"LANG": "C.UTF-8"}, "ja"),
            ({"LANG": "POSIX"}, "ja"),
            ({"LANG": "ja_JP.UTF-8"}, "ja"),
            ({"LANG": "en_US.UTF-8"}, "en"),
            ({"LANG": "de_DE"}, "en"),
            ({"LANG": "ja_JP.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
            ({"LANG": "en_US.UTF-8", "LC_ALL": "", "LC_MESSAGES": "ja_JP"}, "ja"),
        ],
    )
    def test_the_mails_language_is_that_of_the_locale(
        self, locale: dict[str, str], language: str
    ) -> None:
        assert language_of(locale) == language

    def test_a_file_that_a_shown_case_would_ignore_is_refused(self, refused: Refused) -> None:
        error, way_out = refused(main, FILE=str(GOOD_FILE), SHOW="failure")
        assert "FILE" in error
        assert way_out.startswith("Way out: ")

    def test_a_reader_that_has_seen_enough_is_no_failure(self, tmp_path: Path) -> None:
        with start("local.programs.run", tmp_path) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Simulated AWS account")
            process.stdout.close()
            assert process.stderr is not None
            assert process.stderr.read() == ""
            assert process.wait(timeout=100) == 0


def test_the_sample_files_are_what_the_mails_say() -> None:
    good = GOOD_FILE.read_text(encoding="utf-8").splitlines()
    assert {line.count(",") for line in good} == {3}
    broken = BROKEN_FILE.read_text(encoding="utf-8").splitlines()
    assert sum(line.count(",") != 3 for line in broken) == 3


@contextlib.contextmanager
def served(
    output: Path, port: int, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], list[str], str]]:
    """Start ``make serve``'s program and wait until it is up; yields its lines and address."""
    process = start(
        "local.programs.serve", output, errors=subprocess.STDOUT, PORT=str(port), **settings
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    lines: list[str] = []
    try:
        address = read_until(process, lines, r"account at (\S+),")
        read_until(process, lines, r"All mails appear here")
        yield process, lines, address
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], lines: list[str], pattern: str) -> str:
    """Read lines until one matches; return its first group, if any."""
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        found = re.search(pattern, line)
        if found:
            return found.group(1) if found.groups() else ""
    raise AssertionError(f"no line matched {pattern!r}:\n{''.join(lines)}")


def test_a_file_put_over_http_becomes_a_mail_and_a_signal_ends_it(tmp_path: Path) -> None:
    with served(tmp_path, 0) as (process, _, address):
        s3 = boto3.client("s3", region_name="ap-northeast-1", endpoint_url=address)
        s3.put_object(
            Bucket="sampleproject-dashboard-data",
            Key="dashboard/data/tokyo_covid19/mine.csv",
            Body=b"a,b\n1,2\n",
        )
        assert read_until(process, [], r"Subject: \[(\w+)\]") == "SUCCESS"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(taken: int, refused: Refused) -> None:
    error, way_out = refused(local.programs.serve.main, PORT=str(taken))
    assert error == f"Error: PORT={taken}: somebody listens there already."
    assert way_out == "Way out: make serve PORT=0 takes a free one."


def test_nobody_asked_for_the_usual_port_so_a_free_one_will_do(
    taken: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = next(one for one in local.programs.serve.main.params if one.name == "port")
    monkeypatch.setattr(port, "default", taken)
    begun = mock.Mock(side_effect=InterruptedError)  # whatever could be refused was not
    monkeypatch.setattr(local.programs.serve, "LocalAccount", begun)
    with pytest.raises(InterruptedError):
        CliRunner().invoke(local.programs.serve.main, env={"PORT": None}, catch_exceptions=False)


class TestWatch:
    @pytest.fixture
    def said(self, account: LocalAccount, tmp_path: Path) -> Callable[[bool], list[str]]:
        """What is said about a burst, but for the mails."""
        account.register()

        def say(paths: bool) -> list[str]:
            show = Show(account)
            show.console.file = file = io.StringIO()
            watch = local.programs.serve.Watch(account, show, tmp_path, paths)
            account.on_execution.append(watch.execution)
            for number in range(6):
                account.drop(f"dashboard/data/tokyo_covid19/{number}.csv")
            account.settle()
            return file.getvalue().splitlines()

        return say

    def test_a_burst_is_one_line(self, said: Callable[[bool], list[str]]) -> None:
        lines = said(False)
        assert lines[-3:] == ["  5 runs joined", "  Execution SUCCEEDED", ""]
        assert all(line.startswith("Started: ") for line in lines[:-3])
        assert len(lines) <= 5

    def test_the_path_is_told_on_request(self, said: Callable[[bool], list[str]]) -> None:
        (path,) = (line for line in said(True) if "Path" in line)
        assert path.startswith("  Path: Folder Marker? → ")


class Follower:
    """What ``make run`` prints while it follows a run, at a speed and a width."""

    def __init__(self, account: LocalAccount, width: int | None = None) -> None:
        self.show = Show(account)
        self.file = io.StringIO()
        self.show.console = Console(
            file=self.file, force_terminal=width is not None, width=width or 200, soft_wrap=True
        )

    def lines(self) -> list[str]:
        return self.file.getvalue().splitlines()


class TestWaits:
    @pytest.fixture
    def slow(self, account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> Follower:
        """A run of a million rows, looked at where the clock would be."""
        account.quicksight.add(Dataset("d", "sales", rows=1_000_000, seconds=lambda _: 400))
        monkeypatch.setattr(account.clock, "reached", account.clock.now)
        follower = Follower(account)
        follower.show.begin()
        account.quicksight.create_ingestion("d", "i", "FULL_REFRESH")
        return follower

    def test_a_long_wait_is_told_with_the_setting_that_shortens_it(
        self, account: LocalAccount, slow: Follower, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(account.clock, "speed", 30)
        slow.show.tick()
        slow.show.tick()
        told = "  1,000,000 rows of sales: 13 s of your time. SPEED=41 shortens it."
        assert slow.lines().count(told) == 1

    def test_a_short_wait_is_not(
        self, account: LocalAccount, slow: Follower, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(account.clock, "speed", 41)
        slow.show.tick()
        assert slow.lines() == ["  sales: INITIALIZED after 0 s"]

    def test_rows_are_counted_while_they_are_read(
        self, account: LocalAccount, slow: Follower
    ) -> None:
        for _ in range(10):
            slow.show.tick()
            account.clock.run_for(50)
        rows = [line.rpartition("s, ")[2] for line in slow.lines() if "RUNNING" in line]
        assert rows == [f"{share},000 of 1,000,000 rows" for share in (120, 370, 620, 870)]
        assert slow.lines()[-1] == "  sales: COMPLETED after 402 s, 1000000 rows"


def test_lines_are_broken_at_words_in_a_narrow_terminal(account: LocalAccount) -> None:
    follower = Follower(account, width=60)
    follower.show.line("  " + "word " * 20 + "end")
    follower.show.line()
    follower.show.line("  " + "command " * 20, whole=True)
    first, second, empty, whole = follower.lines()
    assert first == "  " + " ".join(["word"] * 11)
    assert second == "  " + " ".join(["word"] * 9) + " end"
    assert empty == ""
    assert whole.count("command") == 20


def test_a_mail_is_broken_at_words_in_a_narrow_terminal_but_for_its_links(
    account: LocalAccount,
) -> None:
    link = "https://" + "x" * 90
    mail = Mail("arn", "s", "word " * 20 + f"\n\n\t{link}\n\t\u30fb短い行", 0.0)
    follower = Follower(account, width=60)
    follower.show.mail(mail, Path("m.eml"))
    _, rule, subject, empty, *words, still, linked, short, end = follower.lines()
    assert rule == end == "-" * 60
    assert (subject, empty, still) == ("Subject: s", "", "")
    assert [len(line) <= 60 for line in words] == [True, True]
    assert (linked, short) == (f"\t{link}", "\t\u30fb短い行")


def test_make_deploy_deploys_into_make_serves_account(tmp_path: Path) -> None:
    with served(tmp_path, 0, EMPTY="1") as (_, announced, address):
        (command,) = (one for one in announced if one.startswith("  make deploy "))
        settings = dict(one.split("=") for one in command.split()[2:])
        account = {
            "AWS_ENDPOINT_URL": address,
            "AWS_DEFAULT_REGION": "ap-northeast-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        deploy = [sys.executable, str(ROOT / "ops" / "deploy.py")]
        done = subprocess.run(
            deploy, env={**os.environ, **account, **settings}, capture_output=True, text=True
        )
    said = done.stdout + done.stderr
    assert "Deployed, but not ready yet: 2 steps are missing." in said, said
    assert done.returncode == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_make_serve_ends_without_an_error_and_frees_its_port(
    tmp_path: Path, number: signal.Signals
) -> None:
    assert (ROOT / ".venv" / ".ready-qsrefresh").exists(), "make test sets .venv up first"
    with _started(["make", "serve"], tmp_path, subprocess.STDOUT, {"PORT": "0"}) as process:
        watchdog = threading.Timer(60, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            port = int(read_until(process, [], r"account at http://[\d.]+:(\d+),"))
            read_until(process, [], r"All mails appear here")
            # Ctrl-C reaches everybody in the terminal; who stops a service knows make only.
            (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
            said, _ = process.communicate()  # as long as anybody could still say something
        finally:
            watchdog.cancel()
    assert "make" not in said
    assert process.returncode == -number
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_make_clean_leaves_nothing_that_make_made_and_all_else(tmp_path: Path) -> None:
    made = (
        ".venv/bin/python",
        ".build/ruff/x",
        "tests/__pycache__/a.pyc",
        "a b/c/__pycache__/d.pyc",
    )
    kept = ("Makefile", "tests/a.py", "a b/c/d.py", ".git/__pycache__/ref")
    for name in made + kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "Makefile", tmp_path / name)
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True)
    files = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {tmp_path / name for name in kept}
    assert not list(tmp_path.glob("tests/__pycache__"))


@pytest.mark.parametrize(
    ("module", "status"), [("local.programs.run", 130), ("local.programs.serve", 0)]
)
def test_ctrl_c_while_modules_are_imported_is_quiet(
    tmp_path: Path, module: str, status: int
) -> None:
    (tmp_path / "click.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n", encoding="utf-8"
    )
    with start(module, tmp_path, PYTHONPATH=str(tmp_path)) as process:
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == status
