"""Error messages of data sources as people reported them, with other names in them."""

#: github.com/awslabs/aws-athena-query-federation/issues/2949: the cause stands at its end.
FEDERATED_QUERY = (
    "GENERIC_USER_ERROR: Encountered an exception[com.example.connector.lambda.exceptions."
    "ExampleConnectorException] from your LambdaFunction[arn:aws:lambda:ap-northeast-1:123456789012"
    ":function:example_connector_function_name] executed in context[S3SpillLocation{bucket="
    "'123456789012-example-spill', key='123456789012/000000000000000000000000000000000000/"
    "000000000000000000000000000000000000', directory=true}] with message[slow down: Rate exceeded]"
)
#: github.com/aws-samples/config-resource-compliance-dashboard/issues/21
STALE_VIEW = (
    "INVALID_VIEW: line 9:6: Failed analyzing stored view 'awsdatacatalog.example.account_view':"
    " line 6:3: Table 'awsdatacatalog.example.account_map' does not exist"
)
