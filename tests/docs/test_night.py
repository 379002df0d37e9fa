"""What three commands show at night, in docs/operations.md and its twin, made again."""

import pytest

from local.account import LocalAccount
from local.programs.words import Language
from tests.docs.pages import blocks, page
from tests.ops.night import transcript
from tests.ops.transcript import masked


@pytest.mark.parametrize(
    ("language", "name"), [("en", "operations.md"), ("ja", "operations.ja.md")]
)
def test_three_commands_at_night_are_as_shown(language: Language, name: str) -> None:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage=language)
        made = transcript(account, language)
    (shown,) = blocks(page(name), "console")
    again = "write it again: .venv/bin/python -m tests.ops.night"
    assert masked(shown.rstrip("\n")) == masked(made), again
