namespace Headroom.DemoUpstream;

/// <summary>OpenAI chat completions: https://platform.openai.com/docs/api-reference/chat</summary>
internal static class OpenAIChat
{
    public static object Whole(DemoRequest request) => new
    {
        id = Wire.NewId("chatcmpl"),
        @object = "chat.completion",
        created = Wire.Now(),
        model = request.Model,
        choices = new[]
        {
            new
            {
                index = 0,
                message = request.Tool is { } tool
                    ? (object)new { role = "assistant", content = (string?)null, refusal = (string?)null, tool_calls = new[] { Call(tool) } }
                    : new { role = "assistant", content = request.Answer, refusal = (string?)null, annotations = Array.Empty<object>() },
                logprobs = (object?)null,
                finish_reason = FinishReason(request),
            },
        },
        usage = Usage(request),
    };

    public static IEnumerable<StreamEvent> Stream(DemoRequest request)
    {
        var id = Wire.NewId("chatcmpl");
        var created = Wire.Now();

        if (request.Tool is { } tool)
        {
            var begun = new { index = 0, id = Wire.NewId("call"), type = "function", function = new { name = tool.Name, arguments = "" } };
            var rest = new { index = 0, function = new { arguments = tool.Json } };

            yield return Chunk(new { role = "assistant", content = (string?)null, tool_calls = new[] { begun } });
            yield return Chunk(new { tool_calls = new[] { rest } });
        }
        else
        {
            yield return Chunk(new { role = "assistant", content = "", refusal = (string?)null });

            foreach (var word in request.Words)
            {
                yield return Chunk(new { content = word });
            }
        }

        yield return Chunk(new { }, FinishReason(request));

        if (request.IncludeUsage)
        {
            yield return Event([], Usage(request));
        }

        yield return new StreamEvent("[DONE]");

        StreamEvent Chunk(object delta, string? finishReason = null) =>
            Event([new { index = 0, delta, logprobs = (object?)null, finish_reason = finishReason }]);

        StreamEvent Event(object[] choices, object? usage = null) =>
            new(Wire.Json(new { id, @object = "chat.completion.chunk", created, model = request.Model, choices, usage }));
    }

    private static object Call(ToolCall tool) =>
        new { id = Wire.NewId("call"), type = "function", function = new { name = tool.Name, arguments = tool.Json } };

    private static string FinishReason(DemoRequest request) => request.Tool is null ? "stop" : "tool_calls";

    private static object Usage(DemoRequest request) => new
    {
        prompt_tokens = request.InputTokens,
        completion_tokens = request.OutputTokens,
        total_tokens = request.InputTokens + request.OutputTokens,
        prompt_tokens_details = new { cached_tokens = 0 },
        completion_tokens_details = new { reasoning_tokens = 0 },
    };
}
