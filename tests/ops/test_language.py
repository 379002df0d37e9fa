"""Who reads what in which language, and times in whose zone."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from click.testing import CliRunner

from local.account import LocalAccount
from qsrefresh import words
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli
from qsrefresh.language import JST, Phrase, Voice, of_locale, voice_for
from qsrefresh.refreshes import Outcome
from tests.ops.conftest import FOLDER, Shell
from tests.workflow.scenarios import drop, register

EVENING = datetime(2026, 11, 26, 13, 6, 58, tzinfo=UTC)


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="ja", SettleSeconds="10")
        yield account


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "EST5EDT,M3.2.0,M11.1.0")
    time.tzset()
    yield
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize(
    ("given", "of_project", "utc", "language", "moment"),
    [
        (None, "ja", False, "ja", "2026-11-26 22:06 JST"),
        (None, "en", False, "en", "2026-11-26 08:06 EST"),
        (None, None, False, "ja", "2026-11-26 08:06 EST"),
        ("en", "ja", False, "en", "2026-11-26 22:06 JST"),
        ("ja", "en", False, "ja", "2026-11-26 08:06 EST"),
        ("ja", "en", True, "ja", "2026-11-26 13:06 UTC"),
        (None, "?", True, "ja", "2026-11-26 13:06 UTC"),
    ],
)
def test_the_person_decides_then_the_project_then_the_locale(
    monkeypatch: pytest.MonkeyPatch,
    in_new_york: None,
    given: str | None,
    of_project: str | None,
    utc: bool,
    language: str,
    moment: str,
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    voice = voice_for(given, of_project, utc)
    assert (voice.language, voice.moment(EVENING)) == (language, moment)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ja_JP", "LC_ALL": "en_GB"}, "en"),
        ({"LANG": "ja_JP", "LC_ALL": ""}, "ja"),
        ({"LANG": "de_DE", "LC_MESSAGES": "ja_JP"}, "ja"),
    ],
)
def test_the_locale_names_a_language(environment: dict[str, str], language: str) -> None:
    assert of_locale(environment) == language


@pytest.mark.parametrize(
    ("seconds", "ja", "en"),
    [
        (None, "-", "-"),
        (-3, "0秒", "0 s"),
        (119, "119秒", "119 s"),
        (120, "2分", "2 min"),
        (7500, "2時間5分", "2 h 5 min"),
        (7200, "2時間", "2 h"),
        (90000, "1日1時間", "1 d 1 h"),
    ],
)
def test_a_length_of_time_in_words(seconds: float | None, ja: str, en: str) -> None:
    assert (Voice("ja").span(seconds), Voice("en").span(seconds)) == (ja, en)


def test_a_phrase_among_the_values_is_said_too() -> None:
    inner = Phrase(ja="内{n}", en="in {n}")
    outer = Phrase(ja="外{inner}", en="out {inner}")
    assert Voice("ja").say(outer, inner=inner, n=1) == "外内1"
    assert Voice("en").say(outer, inner=inner, n="{n}") == "out in {n}"


def test_a_typed_time_is_in_the_zone_of_those_shown(in_new_york: None) -> None:
    given = datetime(2026, 11, 26)
    assert Voice(zone=JST).meant(given) == datetime(2026, 11, 25, 15, tzinfo=UTC)
    assert Voice(zone=None).meant(given) == datetime(2026, 11, 26, 5, tzinfo=UTC)
    with_zone = given.replace(tzinfo=timezone(timedelta(hours=1)))
    assert Voice(zone=JST).meant(with_zone) is with_zone


def test_every_outcome_has_words_in_both_languages() -> None:
    assert set(words.OUTCOMES) == {one.value for one in Outcome}
    for phrase in (*words.OUTCOMES.values(), *words.HEADINGS.values()):
        assert phrase.ja
        assert phrase.en.isascii()


def test_a_japanese_project_speaks_japanese_and_tells_japanese_time(
    account: LocalAccount, qsrefresh: Shell
) -> None:
    register(account, "one")
    drop(account)
    account.settle()
    started = account.executions[0].start_date
    told = qsrefresh("history", FOLDER).stdout
    assert told.splitlines()[0].split()[:3] == ["開始", "結果", "所要"]
    assert f"{started.astimezone(JST):%Y-%m-%d %H:%M} JST  正常終了" in told
    for arguments in (("--lang", "en", "--utc", "history", FOLDER), ("history", FOLDER, "--utc")):
        assert f"{started.astimezone(UTC):%Y-%m-%d %H:%M} UTC" in qsrefresh(*arguments).stdout
    assert "SUCCESS" in qsrefresh("history", FOLDER, "--lang", "en").stdout
    (run,) = qsrefresh.json("history", FOLDER, "--lang", "ja")
    assert (run["verdict"], run["startedAt"]) == ("SUCCESS", f"{started:%Y-%m-%dT%H:%M:%SZ}")


def test_what_cannot_be_asked_is_no_reason_to_fail(qsrefresh: Shell) -> None:
    stacks: list[str] = []

    def refused(service: str) -> object:
        if service == "cloudformation":
            stacks.append(service)
        return qsrefresh.account.client(service)

    aws = Aws(refused, qsrefresh.account.clock.run_for)
    result = CliRunner().invoke(cli, ["--project", "none", "status"], obj=aws)
    assert result.exit_code == 1
    assert "project none is not deployed" in result.stderr


def test_only_two_languages_are_known(qsrefresh: Shell) -> None:
    assert qsrefresh("status", "--lang", "fr").exit_code == 2
