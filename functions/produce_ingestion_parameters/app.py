"""Lambda handler of the step "Produce Ingestion Parameters"."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from upload import IngestionParameters, ingestion_parameters

logger = Logger(service="produce-ingestion-parameters")


@logger.inject_lambda_context(correlation_id_path=correlation_paths.EVENT_BRIDGE, clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> IngestionParameters:
    """Return the folder to refresh and the suffix of its ingestion ids."""
    parameters = ingestion_parameters(event, now=datetime.now(UTC))
    logger.info("Ingestion parameters produced", extra={"parameters": parameters})
    return parameters
