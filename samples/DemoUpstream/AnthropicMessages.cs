namespace Headroom.DemoUpstream;

/// <summary>Anthropic messages: https://docs.anthropic.com/en/api/messages and https://docs.anthropic.com/en/docs/build-with-claude/streaming</summary>
internal static class AnthropicMessages
{
    public static object Whole(DemoRequest request) =>
        Message(request, [Block(request, request.Answer, request.Tool?.Arguments)], StopReason(request), request.OutputTokens);

    public static IEnumerable<StreamEvent> Stream(DemoRequest request)
    {
        yield return StreamEvent.Typed("message_start", new { message = Message(request, [], stopReason: null, outputTokens: 1) });
        yield return StreamEvent.Typed("content_block_start", new { index = 0, content_block = Block(request, "", new { }) });
        yield return StreamEvent.Typed("ping", new { });

        if (request.Tool is { } tool)
        {
            yield return Delta(new { type = "input_json_delta", partial_json = "" });
            yield return Delta(new { type = "input_json_delta", partial_json = tool.Json });
        }
        else
        {
            foreach (var word in request.Words)
            {
                yield return Delta(new { type = "text_delta", text = word });
            }
        }

        yield return StreamEvent.Typed("content_block_stop", new { index = 0 });
        yield return StreamEvent.Typed("message_delta", new
        {
            delta = new { stop_reason = StopReason(request), stop_sequence = (string?)null },
            usage = new { output_tokens = request.OutputTokens },
        });
        yield return StreamEvent.Typed("message_stop", new { });
    }

    private static StreamEvent Delta(object delta) => StreamEvent.Typed("content_block_delta", new { index = 0, delta });

    private static object Message(DemoRequest request, object[] content, string? stopReason, int outputTokens) => new
    {
        id = Wire.NewId("msg"),
        type = "message",
        role = "assistant",
        model = request.Model,
        content,
        stop_reason = stopReason,
        stop_sequence = (string?)null,
        usage = new
        {
            input_tokens = request.InputTokens,
            cache_creation_input_tokens = 0,
            cache_read_input_tokens = 0,
            output_tokens = outputTokens,
            service_tier = "standard",
        },
    };

    private static object Block(DemoRequest request, string text, object? input) => request.Tool is { } tool
        ? new { type = "tool_use", id = Wire.NewId("toolu"), name = tool.Name, input }
        : new { type = "text", text };

    private static string StopReason(DemoRequest request) => request.Tool is null ? "end_turn" : "tool_use";
}
