"""DescribeExecution as it answers on AWS: from a bucket of tokens, and a little behind the truth.

Imitates: the quota of the account and Region, for the calls that machines make; its refusal,
``ThrottlingException``, which the service's model does not know; an answer of some seconds ago
(a fault's ``stale``).
Does not imitate: the other calls' buckets; a quota for calls over HTTP.
"""

import datetime
from typing import Any

from botocore.exceptions import ClientError

from local.core.world import World

#: Region → size of the bucket, and tokens that come back in a second.
_LARGE = (300, 15.0)
_SMALL = (250, 10.0)
_BUCKETS = {"us-east-1": _LARGE, "us-west-2": _LARGE, "eu-west-1": _LARGE}
_OF_THE_END = ("stopDate", "output", "outputDetails", "error", "cause")


def _refusal(code: str, message: str) -> Exception:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "simulated"},
    }
    refusal: Exception = ClientError(answer, "DescribeExecution")
    return refusal


class DescribeExecution:
    """The quota and the staleness of one account's DescribeExecution.

    Attributes:
        throttled: how many calls found the bucket empty.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._size, self._refill = _BUCKETS.get(world.region, _SMALL)
        self.reset()

    def reset(self) -> None:
        """Fill the bucket."""
        self.throttled = 0
        self._tokens = float(self._size)
        self._filled = self._world.clock.now()

    def take_token(self) -> None:
        """Count a call.

        Raises:
            ClientError: the bucket is empty.
        """
        now = self._world.clock.now()
        self._tokens = min(self._size, self._tokens + (now - self._filled) * self._refill)
        self._filled = now
        if self._tokens < 1:
            self.throttled += 1
            raise _refusal("ThrottlingException", "Rate exceeded")
        self._tokens -= 1

    def as_of(self, seconds: float, answer: dict[str, Any]) -> dict[str, Any]:
        """Return what the answer would have been some seconds ago.

        Raises:
            ClientError: the execution did not exist then.
        """
        if not seconds:
            return answer
        then = self._world.clock.today() - datetime.timedelta(seconds=seconds)
        if answer["startDate"] > then:
            raise _refusal("ExecutionDoesNotExist", "Execution Does Not Exist")
        if "stopDate" in answer and answer["stopDate"] > then:
            seen = {key: value for key, value in answer.items() if key not in _OF_THE_END}
            return seen | {"status": "RUNNING"}
        return answer
