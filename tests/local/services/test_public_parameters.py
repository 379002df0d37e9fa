"""Public parameters in the local account."""

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount
from local.services.cloudformation import TEMPLATE
from template_parameters import layer_parameter


def test_the_layer_of_the_templates_is_published(account: LocalAccount) -> None:
    ssm = account.client("ssm")
    found = ssm.get_parameter(Name=layer_parameter(TEMPLATE))["Parameter"]["Value"]
    assert ":layer:AWSLambdaPowertoolsPythonV3-python313-arm64:" in found


@pytest.mark.parametrize("version", ["3.36.0", "3.37.0/x"])
def test_others_are_not(account: LocalAccount, version: str) -> None:
    name = f"/aws/service/powertools/python/arm64/python3.13/{version}"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        account.client("ssm").get_parameter(Name=name)
