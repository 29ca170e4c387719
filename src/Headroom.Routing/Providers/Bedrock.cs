namespace Headroom.Routing.Providers;

// https://docs.aws.amazon.com/bedrock/latest/APIReference; one host for each region, and the signature covers host and path.
internal static class Bedrock
{
    internal static readonly Provider Provider = new()
    {
        Name = "Bedrock",
        TelemetryName = "aws.bedrock",
        BaseAddressVariable = "BEDROCK_TARGET_API_URL",
        Credentials = [new("Authorization", "AWS4-HMAC-SHA256") { Order = CredentialOrder.Authorization }],
        Routes =
        [
            new("/model/{id}/{action}")
            {
                Actions =
                [
                    "invoke", "invoke-with-response-stream", "invoke-with-bidirectional-stream",
                    "converse", "converse-stream", "count-tokens",
                ],
            },
        ],
    };
}
