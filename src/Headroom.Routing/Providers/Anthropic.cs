namespace Headroom.Routing.Providers;

// https://docs.anthropic.com/en/api
internal static class Anthropic
{
    /// <summary>The header that every request to Anthropic's API has. Today's SDKs send their key as a bearer token, so this header alone tells.</summary>
    internal const string VersionHeader = "anthropic-version";

    internal static readonly Provider Provider = new()
    {
        Name = "Anthropic",
        BaseAddress = "https://api.anthropic.com",
        BaseAddressVariable = "ANTHROPIC_TARGET_API_URL",
        Dialect = Dialect.Anthropic,
        Credentials =
        [
            new(VersionHeader) { Order = CredentialOrder.AnthropicVersion, IsKey = false },
            new("x-api-key") { Order = CredentialOrder.AnthropicKey },
            new("Authorization", "Bearer sk-ant-") { Order = CredentialOrder.AnthropicKey },
        ],
        Routes =
        [
            new("/v1/messages/{**rest}"),
            new("/v1/complete"),
            new("/v1/models/{**rest}") { Shared = true },
            new("/v1/files/{**rest}") { Shared = true },
            new("/v1/{**rest}") { Shared = true, RequiresKey = true },
        ],
    };
}
