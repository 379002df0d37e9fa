"""25,000 history events end an execution: a fixed wait in an inline Map gets there, ours not.

The inline variant is run at a 20th of AWS's limit and of an hour, so that it stays affordable;
``make bench`` runs it in full.
"""

from bench.deployment import deployed
from bench.grid import HOUR
from bench.refresh import refresh, register
from bench.scenarios import CROWD, crowd
from local.stepfunctions.service import HISTORY_LIMIT

SCALE = 20
DATASETS, SECONDS = CROWD


def test_a_fixed_wait_in_an_inline_map_ends_at_the_limit_without_a_mail_of_its_own() -> None:
    with deployed(wait=10, inline=True) as account:
        register(account, 2)
        run = refresh(account, [30.0, 60.0])  # the variant is sound as such
        assert run.looks == (4, 7)
        assert run.mails == ("[SUCCESS]QuickSight refresh succeeded",)

        register(account, DATASETS)
        account.history_limit = HISTORY_LIMIT // SCALE
        run = refresh(account, [SECONDS / SCALE] * DATASETS, ends="FAILED")
        assert run.history == HISTORY_LIMIT // SCALE
        died = account.executions[0]
        assert died.error == "States.Runtime"
        assert "Send Mail" not in account.path(died)
        (mail,) = account.mails  # of the machine that reports lost runs
        assert died.execution_arn in mail.message


def test_the_same_datasets_as_deployed_stay_below_a_fiftieth_of_the_limit() -> None:
    run = crowd(DATASETS, HOUR)
    assert run.status == "SUCCEEDED"
    assert run.history <= HISTORY_LIMIT // 50
