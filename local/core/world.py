"""What a service knows of the account and Region that it is in."""

from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from local.core.clock import Clock
from local.core.faults import Faults
from local.core.journal import Journal


@dataclass
class World:
    """The account, as every service of it sees it.

    Attributes:
        faults: what a test lets go wrong.
        journal: every file event, call and execution's start and end, in one order.
        problems: what the services noticed and AWS would not have told anybody.
    """

    clock: Clock
    region: str
    account_id: str
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(init=False)
    problems: list[str] = field(default_factory=list)
    _clients: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal = Journal(self.clock)

    def arn(self, service: str, path: str) -> str:
        """Return an ARN of this account and Region."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{path}"

    def client(self, service: str) -> Any:
        """Return the one client of a service: making one costs more than a hundred calls."""
        if service not in self._clients:
            config = Config(
                retries={"total_max_attempts": 1},
                parameter_validation=True,
                user_agent="local",  # botocore assembles its own anew for every call
            )
            self._clients[service] = boto3.client(service, region_name=self.region, config=config)
        return self._clients[service]
