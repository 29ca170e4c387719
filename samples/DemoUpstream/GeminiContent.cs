namespace Headroom.DemoUpstream;

/// <summary>Gemini generateContent: https://ai.google.dev/api/generate-content</summary>
internal static class GeminiContent
{
    public static object Whole(DemoRequest request) =>
        Response(request, Wire.NewId("demo"), request.Tool is { } tool ? Call(tool) : Text(request.Answer), "STOP");

    /// <summary>Server-sent events with <c>?alt=sse</c>, otherwise one JSON array.</summary>
    public static Task StreamAsync(HttpContext context, DemoRequest request) =>
        context.Request.Query["alt"] == "sse"
            ? EventStream.WriteAsync(context.Response, Events(request))
            : EventStream.WriteArrayAsync(context.Response, Events(request));

    private static IEnumerable<StreamEvent> Events(DemoRequest request)
    {
        var id = Wire.NewId("demo");
        object[] parts = request.Tool is { } tool ? [Call(tool)] : [.. request.Words.Select(Text)];

        for (var i = 0; i < parts.Length; i++)
        {
            yield return new StreamEvent(Wire.Json(Response(request, id, parts[i], i == parts.Length - 1 ? "STOP" : null)));
        }
    }

    private static object Response(DemoRequest request, string id, object part, string? finishReason)
    {
        var content = new { role = "model", parts = new[] { part } };

        return new
        {
            // Here a field without a value is left out, never null.
            candidates = new[] { finishReason is null ? (object)new { content, index = 0 } : new { content, finishReason, index = 0 } },
            usageMetadata = new
            {
                promptTokenCount = request.InputTokens,
                candidatesTokenCount = request.OutputTokens,
                totalTokenCount = request.InputTokens + request.OutputTokens,
            },
            modelVersion = request.Model,
            responseId = id,
        };
    }

    private static object Text(string text) => new { text };

    private static object Call(ToolCall tool) => new { functionCall = new { name = tool.Name, args = tool.Arguments } };
}
