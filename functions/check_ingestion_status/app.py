"""Lambda handler of the step "Check Ingestion Status"."""

import os
from typing import Any, TypedDict

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from language import language_named
from mail import compose
from outcome import judge
from run import read_run

PROJECT_ID = os.environ["PROJECT_ID"]
LANGUAGE = language_named(os.environ["NOTIFICATION_LANGUAGE"])
REGION = os.environ["AWS_REGION"]

logger = Logger(service="check-ingestion-status")


class Report(TypedDict):
    """Whether everything was refreshed, and the mail that says so."""

    Status: bool
    Subject: str
    Message: str


@logger.inject_lambda_context(correlation_id_path="execution.id", clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Report:
    """Return the verdict on the run's results and the mail about it."""
    verdict = judge(event)
    mail = compose(verdict, read_run(event, project=PROJECT_ID, region=REGION), LANGUAGE)
    found = {"success": verdict.refreshed, "statuses": verdict.statuses}
    logger.info("Ingestion status checked", extra=found)
    return {"Status": verdict.refreshed, "Subject": mail.subject, "Message": mail.body}
