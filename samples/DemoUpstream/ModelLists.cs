using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>One and the same model, listed as each provider does.</summary>
internal static class ModelLists
{
    private const string Id = "demo";
    private const string Title = "Demo model";

    /// <summary>Three providers share <c>/v1/models</c>; the headers of their clients tell them apart.</summary>
    public static JsonObject For(HttpRequest request) =>
        request.Headers.ContainsKey("anthropic-version") ? Anthropic()
        : request.Headers.ContainsKey("x-goog-api-key") ? Gemini()
        : OpenAI();

    public static JsonObject Gemini() => new()
    {
        ["models"] = new JsonArray(new JsonObject
        {
            ["name"] = $"models/{Id}",
            ["version"] = "1",
            ["displayName"] = Title,
            ["inputTokenLimit"] = 100_000,
            ["outputTokenLimit"] = 10_000,
            ["supportedGenerationMethods"] = new JsonArray("generateContent", "countTokens"),
        }),
    };

    private static JsonObject OpenAI() => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray(new JsonObject { ["id"] = Id, ["object"] = "model", ["created"] = 1_767_225_600, ["owned_by"] = "demo" }),
    };

    private static JsonObject Anthropic() => new()
    {
        ["data"] = new JsonArray(new JsonObject { ["type"] = "model", ["id"] = Id, ["display_name"] = Title, ["created_at"] = "2026-01-01T00:00:00Z" }),
        ["has_more"] = false,
        ["first_id"] = Id,
        ["last_id"] = Id,
    };
}
