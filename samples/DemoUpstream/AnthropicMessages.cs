using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>Anthropic messages: https://docs.anthropic.com/en/api/messages and https://docs.anthropic.com/en/docs/build-with-claude/streaming</summary>
internal static class AnthropicMessages
{
    public static JsonObject Whole(DemoRequest request) =>
        Message(request, new JsonArray(Block(request, request.Answer, request.Tool?.Arguments.DeepClone())), StopReason(request), request.OutputTokens);

    public static IEnumerable<StreamEvent> Stream(DemoRequest request)
    {
        yield return StreamEvent.Typed("message_start", new JsonObject { ["message"] = Message(request, [], stopReason: null, outputTokens: 1) });
        yield return StreamEvent.Typed("content_block_start", new JsonObject { ["index"] = 0, ["content_block"] = Block(request, "", new JsonObject()) });
        yield return StreamEvent.Typed("ping", []);

        if (request.Tool is { } tool)
        {
            yield return Delta(new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = "" });
            yield return Delta(new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = tool.Json });
        }
        else
        {
            foreach (var word in request.Words)
            {
                yield return Delta(new JsonObject { ["type"] = "text_delta", ["text"] = word });
            }
        }

        yield return StreamEvent.Typed("content_block_stop", new JsonObject { ["index"] = 0 });
        yield return StreamEvent.Typed("message_delta", new JsonObject
        {
            ["delta"] = new JsonObject { ["stop_reason"] = StopReason(request), ["stop_sequence"] = null },
            ["usage"] = new JsonObject { ["output_tokens"] = request.OutputTokens },
        });
        yield return StreamEvent.Typed("message_stop", []);
    }

    private static StreamEvent Delta(JsonObject delta) => StreamEvent.Typed("content_block_delta", new JsonObject { ["index"] = 0, ["delta"] = delta });

    private static JsonObject Message(DemoRequest request, JsonArray content, string? stopReason, int outputTokens) => new()
    {
        ["id"] = Wire.NewId("msg"),
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = request.Model,
        ["content"] = content,
        ["stop_reason"] = stopReason,
        ["stop_sequence"] = null,
        ["usage"] = new JsonObject
        {
            ["input_tokens"] = request.InputTokens,
            ["cache_creation_input_tokens"] = 0,
            ["cache_read_input_tokens"] = 0,
            ["output_tokens"] = outputTokens,
            ["service_tier"] = "standard",
        },
    };

    private static JsonObject Block(DemoRequest request, string text, JsonNode? input) => request.Tool is { } tool
        ? new JsonObject { ["type"] = "tool_use", ["id"] = Wire.NewId("toolu"), ["name"] = tool.Name, ["input"] = input }
        : new JsonObject { ["type"] = "text", ["text"] = text };

    private static string StopReason(DemoRequest request) => request.Tool is null ? "end_turn" : "tool_use";
}
