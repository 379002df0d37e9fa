"""Lambda handler of the step "Check Ingestion Status"."""

import os
from datetime import UTC, datetime
from typing import Any, TypedDict

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from detail import detail
from language import language_named
from mail import compose
from metrics import NAMESPACE, measure
from notification import notification
from run import Run, read_run
from verdict import Verdict, judge

PROJECT_ID = os.environ["PROJECT_ID"]
LANGUAGE = language_named(os.environ["NOTIFICATION_LANGUAGE"])
REGION = os.environ["AWS_REGION"]

logger = Logger(service="check-ingestion-status")


class Report(TypedDict):
    """Whether everything was refreshed, the mail that says so, and what an event tells of it."""

    Status: bool
    Subject: str
    Message: str
    Detail: dict[str, Any]


def publish(verdict: Verdict, run: Run) -> None:
    """Write the run's metrics to the log, in the format that CloudWatch reads them out of."""
    try:
        for group in measure(verdict, run, datetime.now(UTC)):
            # An empty service keeps Powertools from adding that dimension.
            metrics = EphemeralMetrics(namespace=NAMESPACE, service="")
            for name, value in group.dimensions.items():
                metrics.add_dimension(name, value)
            for one in group.measures:
                metrics.add_metric(one.name, one.unit, one.value)
            metrics.flush_metrics()
    except Exception:  # whatever it is, the mail matters more
        logger.exception("Metrics were not written")


def tell(verdict: Verdict, run: Run) -> dict[str, Any]:
    """Return what the event tells of the run, empty if that fails."""
    try:
        return detail(verdict, run, notification(verdict, run, LANGUAGE), datetime.now(UTC))
    except Exception:  # whatever it is, the mail matters more
        logger.exception("The event's detail was not written")
        return {}


@logger.inject_lambda_context(correlation_id_path="execution.id", clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Report:
    """Return the verdict on the run's results and the mail about it."""
    run = read_run(event, project=PROJECT_ID, region=REGION)
    verdict = judge(event, run)
    mail = compose(verdict, run, LANGUAGE)
    publish(verdict, run)
    found = {"success": verdict.refreshed, "statuses": verdict.statuses}
    logger.info("Ingestion status checked", extra=found)
    return {
        "Status": verdict.refreshed,
        "Subject": mail.subject,
        "Message": mail.body,
        "Detail": tell(verdict, run),
    }
