namespace Headroom.Routing.Providers;

// https://platform.openai.com/docs/api-reference
internal static class OpenAI
{
    // What no other provider serves under the same path; Azure OpenAI serves these too, told by its own key header.
    internal static readonly IReadOnlyList<string> OwnPaths =
    [
        "/v1/chat/completions/{**rest}",
        "/v1/responses/{**rest}",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/moderations",
        "/v1/images/{**rest}",
        "/v1/audio/{**rest}",
        "/v1/uploads/{**rest}",
        "/v1/fine_tuning/{**rest}",
        "/v1/vector_stores/{**rest}",
        "/v1/conversations/{**rest}",
        "/v1/realtime/{**rest}",
        "/v1/videos/{**rest}",
        "/v1/containers/{**rest}",
        "/v1/evals/{**rest}",
        "/v1/assistants/{**rest}",
        "/v1/threads/{**rest}",
    ];

    internal static readonly Provider Provider = new()
    {
        Name = "OpenAI",
        BaseAddress = "https://api.openai.com",
        BaseAddressVariable = "OPENAI_TARGET_API_URL",
        Dialect = Dialect.OpenAI,
        Credentials = [new("Authorization", "Bearer sk-") { Order = CredentialOrder.Authorization }],
        Routes =
        [
            .. OwnPaths.Select(path => new ProviderRoute(path)),
            new("/v1/models/{**rest}") { Shared = true },
            new("/v1/files/{**rest}") { Shared = true },
            new("/v1/batches/{**rest}") { Shared = true },
            new("/v1/{**rest}") { Shared = true, RequiresKey = true },
        ],
    };
}
