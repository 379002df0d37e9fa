"""A function's own code, in its own environment."""

import json
import os
import sys
from pathlib import Path

import pytest

from local.account import LocalAccount
from local.services.lambdas import HandlerModuleError, LocalFunction, load_function, load_modules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(
        "import os\n"
        "from wording import WORD\n"
        "NAME = os.environ['NAME']\n"
        "CALLS = []\n"
        "def handler(event, context):\n"
        "    if event == 'raise':\n"
        "        raise KeyError('missing')\n"
        "    CALLS.append(event)\n"
        "    if event == 'calls':\n"
        "        return len(CALLS)\n"
        "    print('said')\n"
        "    return {'word': WORD, 'name': NAME, 'seen': sorted(os.environ), 'event': event}\n",
        encoding="utf-8",
    )
    (tmp_path / "wording.py").write_text("WORD = 'hello'\n", encoding="utf-8")
    return tmp_path


def made(folder: Path, handler: str = "app.handler") -> LocalFunction:
    return LocalFunction("f", "arn:f", folder, handler, {"NAME": "n"})


def test_a_function_sees_its_own_environment_only(folder: Path) -> None:
    before = dict(os.environ)
    answer, failed = made(folder).invoke('{"a": "データ"}')
    assert not failed
    assert json.loads(answer) == {
        "word": "hello",
        "name": "n",
        "seen": ["NAME"],
        "event": {"a": "データ"},
    }
    assert dict(os.environ) == before


def test_an_exception_becomes_lambdas_error_payload(folder: Path) -> None:
    answer, failed = made(folder).invoke('"raise"')
    assert failed
    payload = json.loads(answer)
    assert payload["errorType"] == "KeyError"
    assert "missing" in payload["errorMessage"]
    assert payload["stackTrace"]
    assert list(payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert payload["requestId"]


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        ("app.main", "Runtime.HandlerNotFound"),
        ("nothing.handler", "Runtime.ImportModuleError"),
        ("broken.handler", "Runtime.ImportModuleError"),
    ],
)
def test_a_handler_that_is_not_there_fails_as_in_lambda(
    folder: Path, handler: str, error: str
) -> None:
    (folder / "broken.py").write_text("import nobody_has_this\n", encoding="utf-8")
    answer, failed = made(folder, handler).invoke("{}")
    assert failed
    assert json.loads(answer)["errorType"] == error


def test_a_module_is_imported_once_and_stays(folder: Path) -> None:
    function = made(folder)
    assert [function.invoke('"calls"')[0] for _ in range(3)] == ["1", "2", "3"]


def test_lambda_adds_variables_of_its_own(account: LocalAccount) -> None:
    name = "sampleproject-check-ingestion-status"
    environment = account.function(name).environment
    found = account.client("lambda").get_function_configuration(FunctionName=name)
    own = found["Environment"]["Variables"]
    assert own
    assert environment == own | {
        "AWS_REGION": "ap-northeast-1",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "TZ": ":UTC",
        "PATH": environment["PATH"],
    }


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    with pytest.raises(HandlerModuleError, match=r"app\.py"):
        load_function(tmp_path)


def test_loading_leaves_no_trace(folder: Path) -> None:
    before = set(sys.modules), list(sys.path), list(sys.meta_path)
    modules = load_modules(folder, ["wording"])
    assert modules["wording"].WORD == "hello"
    assert (set(sys.modules), list(sys.path), list(sys.meta_path)) == before


def test_what_a_function_prints_does_not_reach_stdout(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(folder).invoke("{}")
    assert capsys.readouterr().out == ""
