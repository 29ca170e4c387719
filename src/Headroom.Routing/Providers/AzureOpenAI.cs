namespace Headroom.Routing.Providers;

// https://learn.microsoft.com/azure/ai-foundry/openai/reference; each resource has a host of its own.
internal static class AzureOpenAI
{
    private static readonly ProviderCredential Key = new("api-key") { Order = CredentialOrder.AzureKey };
    private static readonly ProviderCredential Authorization = new("Authorization");

    internal static readonly Provider Provider = new()
    {
        Name = "AzureOpenAI",
        TelemetryName = "azure.ai.openai",
        BaseAddressVariable = "AZURE_OPENAI_TARGET_API_URL",
        Dialect = Dialect.OpenAI,
        Credentials = [Key],
        Routes =
        [
            new("/openai/{**rest}"),
            .. OpenAI.OwnPaths.Select(path => new ProviderRoute(path) { When = Key, Unless = Authorization }),
        ],
    };
}
