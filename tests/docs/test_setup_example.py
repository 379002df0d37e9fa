"""Both terminals of the README's set-up by command, made again and compared."""

from pathlib import Path

from local.account import LocalAccount
from tests.docs.test_readme import README, blocks
from tests.ops.transcript import masked, transcript


def test_the_set_up_by_command_is_as_shown(account: LocalAccount, tmp_path: Path) -> None:
    made = [masked(text) for text in transcript(account, tmp_path)]
    _, _, *shown = blocks(README, "console")
    assert [masked(text.rstrip("\n")) for text in shown] == made
