using System.Text.Json.Nodes;

namespace Headroom.DemoUpstream;

/// <summary>OpenAI responses: https://platform.openai.com/docs/api-reference/responses</summary>
internal sealed class OpenAIResponses(DemoRequest request)
{
    private const string InProgress = "in_progress";
    private const string Completed = "completed";

    private readonly string _id = Wire.NewId("resp");
    private readonly string _itemId = Wire.NewId(request.Tool is null ? "msg" : "fc");
    private readonly string _callId = Wire.NewId("call");
    private readonly long _created = Wire.Now();
    private int _sequence;

    public static JsonObject Whole(DemoRequest request) => new OpenAIResponses(request).Response(Completed);

    public static IEnumerable<StreamEvent> Stream(DemoRequest request) => new OpenAIResponses(request).Events();

    private IEnumerable<StreamEvent> Events()
    {
        yield return OfResponse("response.created", InProgress);
        yield return OfResponse("response.in_progress", InProgress);
        yield return OfItem("response.output_item.added", InProgress);

        if (request.Tool is { } tool)
        {
            yield return StreamEvent.Typed(
                "response.function_call_arguments.delta",
                new JsonObject { ["sequence_number"] = _sequence++, ["item_id"] = _itemId, ["output_index"] = 0, ["delta"] = tool.Json });
            yield return StreamEvent.Typed(
                "response.function_call_arguments.done",
                new JsonObject { ["sequence_number"] = _sequence++, ["item_id"] = _itemId, ["output_index"] = 0, ["name"] = tool.Name, ["arguments"] = tool.Json });
        }
        else
        {
            yield return OfPart("response.content_part.added", "");

            foreach (var word in request.Words)
            {
                yield return StreamEvent.Typed(
                    "response.output_text.delta",
                    new JsonObject { ["sequence_number"] = _sequence++, ["item_id"] = _itemId, ["output_index"] = 0, ["content_index"] = 0, ["delta"] = word, ["logprobs"] = new JsonArray() });
            }

            yield return StreamEvent.Typed(
                "response.output_text.done",
                new JsonObject { ["sequence_number"] = _sequence++, ["item_id"] = _itemId, ["output_index"] = 0, ["content_index"] = 0, ["text"] = request.Answer, ["logprobs"] = new JsonArray() });
            yield return OfPart("response.content_part.done", request.Answer);
        }

        yield return OfItem("response.output_item.done", Completed);
        yield return OfResponse("response.completed", Completed);
    }

    private StreamEvent OfResponse(string type, string status) =>
        StreamEvent.Typed(type, new JsonObject { ["sequence_number"] = _sequence++, ["response"] = Response(status) });

    private StreamEvent OfItem(string type, string status) =>
        StreamEvent.Typed(type, new JsonObject { ["sequence_number"] = _sequence++, ["output_index"] = 0, ["item"] = Item(status) });

    private StreamEvent OfPart(string type, string text) =>
        StreamEvent.Typed(type, new JsonObject { ["sequence_number"] = _sequence++, ["item_id"] = _itemId, ["output_index"] = 0, ["content_index"] = 0, ["part"] = Part(text) });

    private JsonObject Response(string status) => new()
    {
        ["id"] = _id,
        ["object"] = "response",
        ["created_at"] = _created,
        ["status"] = status,
        ["error"] = null,
        ["incomplete_details"] = null,
        ["instructions"] = null,
        ["metadata"] = new JsonObject(),
        ["model"] = request.Model,
        ["output"] = status == Completed ? new JsonArray(Item(status)) : new JsonArray(),
        ["parallel_tool_calls"] = true,
        ["previous_response_id"] = null,
        ["reasoning"] = new JsonObject { ["effort"] = null, ["summary"] = null },
        ["store"] = false,
        ["temperature"] = 1.0,
        ["text"] = new JsonObject { ["format"] = new JsonObject { ["type"] = "text" } },
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["top_p"] = 1.0,
        ["truncation"] = "disabled",
        ["usage"] = status == Completed ? Usage() : null,
    };

    private JsonObject Item(string status) => request.Tool is { } tool
        ? new JsonObject { ["id"] = _itemId, ["type"] = "function_call", ["status"] = status, ["call_id"] = _callId, ["name"] = tool.Name, ["arguments"] = status == Completed ? tool.Json : "" }
        : new JsonObject { ["id"] = _itemId, ["type"] = "message", ["status"] = status, ["role"] = "assistant", ["content"] = status == Completed ? new JsonArray(Part(request.Answer)) : new JsonArray() };

    private static JsonObject Part(string text) => new() { ["type"] = "output_text", ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray(), ["text"] = text };

    private JsonObject Usage() => new()
    {
        ["input_tokens"] = request.InputTokens,
        ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
        ["output_tokens"] = request.OutputTokens,
        ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
        ["total_tokens"] = request.InputTokens + request.OutputTokens,
    };
}
