using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>What the demo upstream understands of a request: in every dialect the same few things, each of them optional.</summary>
internal sealed record DemoRequest(string Model, string UserText, bool Stream, bool IncludeUsage, ToolCall? Tool)
{
    private const int LongestEcho = 200;

    public string Answer => UserText.Length == 0
        ? "Hello from the demo upstream."
        : $"Hello from the demo upstream. You said: {string.Concat(UserText.EnumerateRunes().Take(LongestEcho))}";

    /// <summary>The answer as a model would stream it, a word at a time.</summary>
    public IEnumerable<string> Words => Answer.Split(' ').Select((word, i) => i == 0 ? word : " " + word);

    /// <summary>A guess at four characters a token, never 0.</summary>
    public int InputTokens => UserText.Length / 4 + 1;

    public int OutputTokens => (Tool?.Json ?? Answer).Length / 4 + 1;

    /// <returns>Null when the body is not a JSON object.</returns>
    public static async Task<DemoRequest?> ReadAsync(HttpRequest request)
    {
        try
        {
            var body = await JsonNode.ParseAsync(request.Body, documentOptions: new() { AllowDuplicateProperties = false }, cancellationToken: request.HttpContext.RequestAborted);
            return body is JsonObject ? Read(body, request.RouteValues["model"] as string) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DemoRequest Read(JsonNode body, string? modelInPath)
    {
        // OpenAI chat and Anthropic; OpenAI responses (may be a bare string); Gemini.
        var turns = body.At("messages") ?? body.At("input") ?? body.At("contents");
        var list = turns.Items().ToList();
        var last = list.FindLastIndex(turn => IsOfUser(turn) && TextOf(turn) is not null);
        var text = turns.Text() ?? (last < 0 ? "" : TextOf(list[last])!);

        // When a tool's result follows the text, the call was made already.
        var asksForTool = last == list.Count - 1 && text.Contains("tool", StringComparison.OrdinalIgnoreCase);

        return new DemoRequest(
            modelInPath ?? body.At("model").Text() ?? "demo",
            text,
            body.At("stream").IsTrue(),
            body.At("stream_options").At("include_usage").IsTrue(),
            asksForTool ? ToolCall.OfFirst(body.At("tools")) : null);
    }

    private static bool IsOfUser(JsonNode? turn) =>
        (turn.At("role").Text() ?? "user") == "user" && (turn.At("type").Text() ?? "message") == "message";

    private static string? TextOf(JsonNode? turn)
    {
        var content = turn.At("content") ?? turn.At("parts");
        return content.Text() ?? content.Items().Select(part => part.At("text").Text()).LastOrDefault(text => text is not null);
    }
}
