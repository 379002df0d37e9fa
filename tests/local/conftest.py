"""What the tests of small state machines get."""

import pytest

from local.account import LocalAccount
from tests.local.machines import Machine, may, role_that_may


@pytest.fixture(scope="module")
def role(deployed: LocalAccount) -> str:
    """A role that may do everything."""
    return role_that_may(deployed, may("*"))


@pytest.fixture
def machine(account: LocalAccount, role: str) -> Machine:
    return Machine(account, role)
