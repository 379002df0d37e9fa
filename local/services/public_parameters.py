"""Public parameters of Systems Manager, as far as the templates ask for one.

Imitates: the parameter in which the publisher of Powertools keeps the ARN of a layer, one for each
version, Python and architecture.
Does not imitate: versions of Powertools other than the one installed here; its layers themselves.
"""

import datetime
import importlib.metadata
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.ssm.models import Parameter, SimpleSystemManagerBackend

#: https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/
_NAME = re.compile(
    r"/aws/service/powertools/python/(arm64|x86_64)/python(3\.\d+)/"
    + re.escape(importlib.metadata.version("aws-lambda-powertools"))
)
_PUBLISHER = "017000801446"
_PUBLISHED = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)


@contextmanager
def installed() -> Iterator[None]:
    """Answer for them."""
    own = SimpleSystemManagerBackend.get_parameter

    def get_parameter(backend: Any, name: str) -> Parameter | None:
        asked = _NAME.fullmatch(name)
        if asked is None:
            return own(backend, name)
        kind = f"AWSLambdaPowertoolsPythonV3-python{asked[2].replace('.', '')}-{asked[1]}"
        arn = f"arn:aws:lambda:{backend.region_name}:{_PUBLISHER}:layer:{kind}:1"
        made = (backend.account_id, name, arn, "String", "", None, None, _PUBLISHED, 1, "text")
        return Parameter(*made)  # type: ignore[abstract]  # of moto in name only

    with mock.patch.object(SimpleSystemManagerBackend, "get_parameter", get_parameter):
        yield
