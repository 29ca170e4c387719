namespace Headroom.Routing.Providers;

// https://platform.openai.com/docs/api-reference
internal static class OpenAI
{
    // What no other provider serves under the same path; Azure OpenAI serves these too, told by its own key header.
    internal static readonly IReadOnlyList<ProviderRoute> OwnRoutes =
    [
        new("/v1/chat/completions/{**rest}"),
        new("/v1/responses/{**rest}"),
        new("/v1/completions"),
        new("/v1/embeddings"),
        new("/v1/moderations"),
        new("/v1/images/{**rest}"),
        new("/v1/audio/{**rest}"),
        new("/v1/uploads/{**rest}"),
        new("/v1/fine_tuning/{**rest}"),
        new("/v1/vector_stores/{**rest}"),
        new("/v1/conversations/{**rest}"),
        new("/v1/realtime/{**rest}"),
        new("/v1/videos/{**rest}"),
        new("/v1/containers/{**rest}"),
        new("/v1/evals/{**rest}"),
        new("/v1/assistants/{**rest}"),
        new("/v1/threads/{**rest}"),
    ];

    internal static readonly Provider Provider = new()
    {
        Name = "OpenAI",
        BaseAddress = "https://api.openai.com",
        BaseAddressVariable = "OPENAI_TARGET_API_URL",
        Dialect = Dialect.OpenAI,
        Credentials = [new("Authorization", "Bearer sk-", CredentialOrder.Authorization)],
        Routes =
        [
            .. OwnRoutes,
            new("/v1/models/{**rest}") { Shared = true },
            new("/v1/files/{**rest}") { Shared = true },
            new("/v1/batches/{**rest}") { Shared = true },
            new("/v1/{**rest}") { Shared = true },
        ],
    };
}
