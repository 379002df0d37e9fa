"""A resource leads to its stack."""

from local.account import LocalAccount


def test_a_physical_id_names_the_stack(account: LocalAccount) -> None:
    client = account.client("cloudformation")
    by_id = client.describe_stack_resources(PhysicalResourceId=account.machine_arn)
    names = {one["StackName"] for one in by_id["StackResources"]}
    assert names == {"sampleproject-refresh"}
    assert "RefreshStateMachine" in {one["LogicalResourceId"] for one in by_id["StackResources"]}
    by_name = client.describe_stack_resources(StackName="sampleproject-common")
    assert {one["StackName"] for one in by_name["StackResources"]} == {"sampleproject-common"}
