namespace Headroom.DemoUpstream;

/// <summary>One and the same model, listed as each provider does.</summary>
internal static class ModelLists
{
    private const string Id = "demo";
    private const string Title = "Demo model";

    /// <summary>Three providers share <c>/v1/models</c>; the headers of their clients tell them apart.</summary>
    public static object For(HttpRequest request) =>
        request.Headers.ContainsKey("anthropic-version") ? Anthropic()
        : request.Headers.ContainsKey("x-goog-api-key") ? Gemini()
        : OpenAI();

    public static object Gemini() => new
    {
        models = new[]
        {
            new
            {
                name = $"models/{Id}",
                version = "1",
                displayName = Title,
                inputTokenLimit = 100_000,
                outputTokenLimit = 10_000,
                supportedGenerationMethods = new[] { "generateContent", "countTokens" },
            },
        },
    };

    private static object OpenAI() => new
    {
        @object = "list",
        data = new[] { new { id = Id, @object = "model", created = 1_767_225_600, owned_by = "demo" } },
    };

    private static object Anthropic() => new
    {
        data = new[] { new { type = "model", id = Id, display_name = Title, created_at = "2026-01-01T00:00:00Z" } },
        has_more = false,
        first_id = Id,
        last_id = Id,
    };
}
