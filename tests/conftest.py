"""What every test gets: fake credentials, and hypothesis without chance or deadlines."""

import gc
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import FACTOR

if TYPE_CHECKING:
    from local.account import LocalAccount

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile(
    "repeatable",
    derandomize=FACTOR == 1,
    deadline=None,
    max_examples=60 * FACTOR,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def fake_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep whatever credentials the laptop holds out of every test."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture(autouse=True, scope="session")
def in_utc() -> Iterator[None]:
    """Let the zone of the computer be UTC, wherever it stands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="module")
def deployed() -> "Iterator[LocalAccount]":
    """One account with both stacks, shared by a module's tests."""
    from local.account import LocalAccount  # seconds, which pytest's controller saves

    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en")
        yield account


@pytest.fixture
def account(deployed: "LocalAccount") -> "Iterator[LocalAccount]":
    """The deployed account without data or traffic."""
    from tests import announcements

    deployed.reset()
    yield deployed
    deployed.clock.stop_all()
    announcements.check(deployed)


def pytest_collection_finish() -> None:
    """Keep the garbage collector off what imports have made: it is most of what there is."""
    gc.freeze()
