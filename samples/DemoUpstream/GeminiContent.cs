using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>Gemini generateContent: https://ai.google.dev/api/generate-content</summary>
internal static class GeminiContent
{
    public static JsonObject Whole(DemoRequest request) =>
        Response(request, Wire.NewId("demo"), request.Tool is { } tool ? Call(tool) : Text(request.Answer), "STOP");

    /// <summary>Server-sent events with <c>?alt=sse</c>, otherwise one JSON array.</summary>
    public static Task StreamAsync(HttpContext context, DemoRequest request) =>
        context.Request.Query["alt"] == "sse"
            ? EventStream.WriteAsync(context.Response, Events(request))
            : EventStream.WriteArrayAsync(context.Response, Events(request));

    private static IEnumerable<StreamEvent> Events(DemoRequest request)
    {
        var id = Wire.NewId("demo");
        JsonObject[] parts = request.Tool is { } tool ? [Call(tool)] : [.. request.Words.Select(Text)];

        for (var i = 0; i < parts.Length; i++)
        {
            yield return new StreamEvent(Wire.Json(Response(request, id, parts[i], i == parts.Length - 1 ? "STOP" : null)));
        }
    }

    private static JsonObject Response(DemoRequest request, string id, JsonObject part, string? finishReason)
    {
        var candidate = new JsonObject { ["content"] = new JsonObject { ["role"] = "model", ["parts"] = new JsonArray(part) } };

        // Here a field without a value is left out, never null.
        if (finishReason is not null)
        {
            candidate["finishReason"] = finishReason;
        }

        candidate["index"] = 0;
        return new JsonObject
        {
            ["candidates"] = new JsonArray(candidate),
            ["usageMetadata"] = new JsonObject
            {
                ["promptTokenCount"] = request.InputTokens,
                ["candidatesTokenCount"] = request.OutputTokens,
                ["totalTokenCount"] = request.InputTokens + request.OutputTokens,
            },
            ["modelVersion"] = request.Model,
            ["responseId"] = id,
        };
    }

    private static JsonObject Text(string text) => new() { ["text"] = text };

    private static JsonObject Call(ToolCall tool) => new() { ["functionCall"] = new JsonObject { ["name"] = tool.Name, ["args"] = tool.Arguments.DeepClone() } };
}
