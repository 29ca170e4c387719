using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>OpenAI chat completions: https://platform.openai.com/docs/api-reference/chat</summary>
internal static class OpenAIChat
{
    public static JsonObject Whole(DemoRequest request) => new()
    {
        ["id"] = Wire.NewId("chatcmpl"),
        ["object"] = "chat.completion",
        ["created"] = Wire.Now(),
        ["model"] = request.Model,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = request.Tool is { } tool
                ? new JsonObject { ["role"] = "assistant", ["content"] = null, ["refusal"] = null, ["tool_calls"] = new JsonArray(Call(tool)) }
                : new JsonObject { ["role"] = "assistant", ["content"] = request.Answer, ["refusal"] = null, ["annotations"] = new JsonArray() },
            ["logprobs"] = null,
            ["finish_reason"] = FinishReason(request),
        }),
        ["usage"] = Usage(request),
    };

    public static IEnumerable<StreamEvent> Stream(DemoRequest request)
    {
        var id = Wire.NewId("chatcmpl");
        var created = Wire.Now();

        if (request.Tool is { } tool)
        {
            var begun = new JsonObject { ["index"] = 0, ["id"] = Wire.NewId("call"), ["type"] = "function", ["function"] = new JsonObject { ["name"] = tool.Name, ["arguments"] = "" } };
            var rest = new JsonObject { ["index"] = 0, ["function"] = new JsonObject { ["arguments"] = tool.Json } };

            yield return Chunk(new() { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(begun) });
            yield return Chunk(new() { ["tool_calls"] = new JsonArray(rest) });
        }
        else
        {
            yield return Chunk(new() { ["role"] = "assistant", ["content"] = "", ["refusal"] = null });

            foreach (var word in request.Words)
            {
                yield return Chunk(new() { ["content"] = word });
            }
        }

        yield return Chunk([], FinishReason(request));

        if (request.IncludeUsage)
        {
            yield return Event([], Usage(request));
        }

        yield return new StreamEvent("[DONE]");

        StreamEvent Chunk(JsonObject delta, string? finishReason = null) =>
            Event(new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finishReason }));

        StreamEvent Event(JsonArray choices, JsonObject? usage = null) => new(Wire.Json(new JsonObject
        {
            ["id"] = id, ["object"] = "chat.completion.chunk", ["created"] = created, ["model"] = request.Model, ["choices"] = choices, ["usage"] = usage,
        }));
    }

    private static JsonObject Call(ToolCall tool) => new()
    {
        ["id"] = Wire.NewId("call"), ["type"] = "function", ["function"] = new JsonObject { ["name"] = tool.Name, ["arguments"] = tool.Json },
    };

    private static string FinishReason(DemoRequest request) => request.Tool is null ? "stop" : "tool_calls";

    private static JsonObject Usage(DemoRequest request) => new()
    {
        ["prompt_tokens"] = request.InputTokens,
        ["completion_tokens"] = request.OutputTokens,
        ["total_tokens"] = request.InputTokens + request.OutputTokens,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
    };
}
