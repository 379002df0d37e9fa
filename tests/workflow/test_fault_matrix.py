"""Whatever fails, a mail tells of it, and the rest is refreshed all the same."""

from collections.abc import Iterator

import pytest

from local.account import LocalAccount
from local.services.error_names import INTEGRATIONS, modelled_errors, operation_of
from tests.workflow import fault_matrix
from tests.workflow.fault_matrix import (
    ALWAYS,
    CIRCUMSTANCES,
    LAMBDA_SURFACES,
    TIMEOUT,
    Case,
    Circumstance,
    Outcome,
    cases,
    derived,
    prepare,
    refreshed,
)
from tests.workflow.scenarios import drop, ending, leaders, verdicts

CASES = cases()


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", RefreshTimeoutSeconds="600")
        yield account


@pytest.fixture
def restored_functions(account: LocalAccount) -> Iterator[None]:
    yield
    account.functions.clear()


def check(account: LocalAccount, outcome: Outcome) -> None:
    ends = [ending(account, execution) for execution in account.executions]
    assert sorted(verdicts(account)) == sorted(outcome.mails)
    assert sorted(ends) == sorted(outcome.ends)
    assert refreshed(account) == outcome.refreshed
    errors = [mail.message for mail in account.mails if mail.subject.startswith("[ERROR]")]
    untold = [text for text in outcome.says if not any(text in error for error in errors)]
    assert untold == []


def check_that_the_next_file_is_refreshed(account: LocalAccount) -> None:
    account.faults.clear()
    account.on_history.clear()
    prepare(account)
    account.mails.clear()
    drop(account)
    account.settle()
    assert verdicts(account) == ["SUCCESS"]
    assert refreshed(account) == (1, 1)
    assert leaders(account) == []


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=f"{c.reached.task}: {c.error}, {c.calls}") for c in CASES]
)
def test_an_error_of_a_task_is_healed_or_told(account: LocalAccount, case: Case) -> None:
    prepare(account)
    fault = case.arm(account)
    case.scene(account)
    account.settle()
    check(account, case.outcome)
    assert fault.hits >= case.reached.tries if case.calls == ALWAYS else fault.hits == 1
    if leaders(account) or case.error == TIMEOUT:
        check_that_the_next_file_is_refreshed(account)


@pytest.mark.parametrize(
    "circumstance", [pytest.param(c, id=f"{c.group}: {c.title}") for c in CIRCUMSTANCES]
)
@pytest.mark.usefixtures("restored_functions")
def test_what_goes_wrong_around_the_tasks_is_told(
    account: LocalAccount, circumstance: Circumstance
) -> None:
    prepare(account)
    circumstance.scene(account)
    account.settle()
    check(account, circumstance.outcome)
    account.functions.clear()
    check_that_the_next_file_is_refreshed(account)


def test_the_cases_are_what_follows_from_the_definitions_and_awss_models() -> None:
    covered = [triple for case in CASES for triple in case.covers]
    assert len(covered) == len(set(covered))
    assert set(covered) == derived()


def test_what_lambda_surfaces_is_in_its_model_or_documented_elsewhere() -> None:
    integration = INTEGRATIONS["lambda"]
    modelled = set(modelled_errors(integration, operation_of(integration, "invoke")))
    assert set(LAMBDA_SURFACES) - modelled == {
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.SdkClientException",
        "Lambda.Unknown",
        "Sandbox.Timedout",
        "States.Timeout",
        "ValueError",
    }
    assert all(LAMBDA_SURFACES.values())


def test_no_case_is_silent_but_those_that_cannot_be_told() -> None:
    silent = {case.reached.task for case in CASES if not case.outcome.mails}
    # A check that fails is an alarm's, if it lasts: the next hour does the same.
    silent -= {"Look Up Registrations", "Look Up Records", "Send Stale Mail"}
    silent |= {one.group for one in CIRCUMSTANCES if not one.outcome.mails}
    assert silent == {
        "Send Lost Run Mail",
        "SNS takes no mail at all",
        "There is nothing to refresh",
    }


def test_the_document_is_what_is_tested() -> None:
    assert fault_matrix.PAGE.read_text(encoding="utf-8") == fault_matrix.page()
