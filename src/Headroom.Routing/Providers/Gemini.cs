namespace Headroom.Routing.Providers;

// https://ai.google.dev/api
internal static class Gemini
{
    private static readonly ProviderCredential Key = new("x-goog-api-key") { Order = CredentialOrder.GoogleKey };

    internal static readonly Provider Provider = new()
    {
        Name = "Gemini",
        TelemetryName = "gcp.gemini",
        BaseAddress = "https://generativelanguage.googleapis.com",
        BaseAddressVariable = "GEMINI_TARGET_API_URL",
        Dialect = Dialect.Gemini,
        Credentials = [Key],
        Routes =
        [
            new("/v1beta/{**rest}"),
            new("/v1alpha/{**rest}"),
            new("/upload/v1beta/{**rest}"),
            new("/upload/v1alpha/{**rest}"),
            new("/ws/google.ai.generativelanguage.{service}/{**rest}"),
            // A fine-tuned OpenAI model has colons in its name too, but is not posted to.
            new("/v1/models/{model}:{action}")
            {
                Methods = ["POST"],
                Actions =
                [
                    "generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents",
                    "batchGenerateContent", "asyncBatchEmbedContent", "predict", "predictLongRunning",
                ],
                Unless = new("Authorization", "Bearer sk-"),
            },
            new("/v1/models/{**rest}") { Shared = true },
            new("/v1/files/{**rest}") { Shared = true },
            new("/v1/batches/{**rest}") { Shared = true },
            new("/upload/v1/{**rest}") { Shared = true, When = Key },
            new("/v1/{**rest}") { Shared = true, RequiresKey = true },
        ],
    };
}
