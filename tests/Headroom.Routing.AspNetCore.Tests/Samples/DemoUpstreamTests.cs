#pragma warning disable OPENAI001 // The SDK calls its responses client experimental.

using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Anthropic;
using Anthropic.Models.Messages;
using Headroom.DemoUpstream;
using OpenAI;
using OpenAI.Responses;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>The demo upstream's formats, read as clients read them: over a socket, by their SDKs where there is one for .NET.</summary>
[TestClass]
public sealed class DemoUpstreamTests
{
    private const string Answer = "Hello from the demo upstream. You said: hi";

    private static DemoUpstreamServer _upstream = null!;
    private static HttpClient _client = null!;

    [ClassInitialize]
    public static async Task Start(TestContext context)
    {
        _upstream = await DemoUpstreamServer.StartAsync(cancellationToken: context.CancellationToken);
        _client = new HttpClient { BaseAddress = _upstream.Address };
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        _client.Dispose();
        await _upstream.DisposeAsync();
    }

    [TestMethod]
    [DataRow("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""", "/choices/0/message/content")]
    [DataRow("/v1/chat/completions", """{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":[{"type":"text","text":"hi"}]}]}""", "/choices/0/message/content")]
    [DataRow("/v1/responses", """{"input":"hi"}""", "/output/0/content/0/text")]
    [DataRow("/v1/responses", """{"input":[{"role":"user","content":[{"type":"input_text","text":"hi"}]}]}""", "/output/0/content/0/text")]
    [DataRow("/v1/messages", """{"messages":[{"role":"user","content":"hi"}]}""", "/content/0/text")]
    [DataRow("/v1beta/models/m:generateContent", """{"contents":[{"parts":[{"text":"hi"}]}]}""", "/candidates/0/content/parts/0/text")]
    [DataRow("/v1/models/m:generateContent", """{"contents":[{"parts":[{"text":"hi"}]}]}""", "/candidates/0/content/parts/0/text")]
    public async Task Echoes_the_last_user_text(string path, string body, string where)
    {
        var answer = await PostJsonAsync(path, body);

        Assert.AreEqual(Answer, Pointed(answer, where)?.GetValue<string>());
    }

    [TestMethod]
    [DataRow("/v1/chat/completions")]
    [DataRow("/v1/responses")]
    [DataRow("/v1/messages")]
    [DataRow("/v1beta/models/m:generateContent")]
    [DataRow("/v1beta/models/m:streamGenerateContent")]
    [DataRow("/v1/messages/count_tokens")]
    public async Task Answers_a_request_without_any_field_and_refuses_one_without_json(string path)
    {
        using var empty = await PostAsync(path, "{}");
        using var odd = await PostAsync(path, """{"model":1,"messages":[3,null,{"role":5,"content":{"x":[]}}],"tools":[null,"t"],"stream":"yes"}""");
        using var broken = await PostAsync(path, "{");

        Assert.AreEqual(HttpStatusCode.OK, empty.StatusCode);
        Assert.AreEqual(HttpStatusCode.OK, odd.StatusCode);
        Assert.AreEqual(HttpStatusCode.BadRequest, broken.StatusCode);
    }

    [TestMethod]
    public async Task Streams_chat_chunks_with_role_text_finish_reason_usage_and_done()
    {
        var events = await EventsAsync("/v1/chat/completions", """{"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}""");

        Assert.AreEqual("[DONE]", events[^1].Data);
        var chunks = events[..^1].ConvertAll(one => JsonNode.Parse(one.Data)!);
        Assert.IsTrue(chunks.TrueForAll(chunk => (string?)chunk["object"] == "chat.completion.chunk"));
        Assert.AreEqual("assistant", (string?)Pointed(chunks[0], "/choices/0/delta/role"));
        Assert.AreEqual(Answer, string.Concat(chunks[..^1].Select(chunk => (string?)Pointed(chunk, "/choices/0/delta/content"))));
        Assert.AreEqual("stop", (string?)Pointed(chunks[^2], "/choices/0/finish_reason"));
        Assert.IsEmpty(chunks[^1]["choices"]!.AsArray());
        Assert.IsNotNull(Pointed(chunks[^1], "/usage/total_tokens"));
    }

    [TestMethod]
    public async Task Streams_responses_events_in_order_and_numbered()
    {
        var events = await EventsAsync("/v1/responses", """{"stream":true,"input":"hi"}""");

        var names = string.Join(' ', events.Select(one => one.Name).Distinct());
        Assert.AreEqual(
            "response.created response.in_progress response.output_item.added response.content_part.added response.output_text.delta " +
            "response.output_text.done response.content_part.done response.output_item.done response.completed",
            names);
        for (var i = 0; i < events.Count; i++)
        {
            var data = JsonNode.Parse(events[i].Data)!;
            Assert.AreEqual(events[i].Name, (string?)data["type"]);
            Assert.AreEqual(i, (int?)data["sequence_number"]);
        }

        Assert.AreEqual(Answer, (string?)Pointed(JsonNode.Parse(events[^1].Data), "/response/output/0/content/0/text"));
    }

    [TestMethod]
    public async Task Streams_messages_events_in_order()
    {
        var events = await EventsAsync("/v1/messages", """{"stream":true,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.AreEqual(
            "message_start content_block_start ping content_block_delta content_block_stop message_delta message_stop",
            string.Join(' ', events.Select(one => one.Name).Distinct()));
        Assert.AreEqual(Answer, string.Concat(events.Select(one => (string?)Pointed(JsonNode.Parse(one.Data), "/delta/text"))));
    }

    [TestMethod]
    public async Task Streams_gemini_as_events_with_alt_sse_and_else_as_an_array()
    {
        const string Path = "/v1beta/models/m:streamGenerateContent";
        const string Body = """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""";

        var events = (await EventsAsync($"{Path}?alt=sse", Body)).ConvertAll(one => JsonNode.Parse(one.Data));
        var array = (await PostJsonAsync(Path, Body)).AsArray().ToList();

        foreach (var pieces in (List<JsonNode?>[])[events, array])
        {
            Assert.AreEqual(Answer, string.Concat(pieces.Select(piece => (string?)Pointed(piece, "/candidates/0/content/parts/0/text"))));
            Assert.AreEqual("STOP", (string?)Pointed(pieces[^1], "/candidates/0/finishReason"));
        }
    }

    [TestMethod]
    [DataRow("/v1/chat/completions", """{"messages":[{"role":"user","content":"a tool"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"n":{"type":"integer"}}}}}]}""", "/choices/0/message/tool_calls/0/function/arguments")]
    [DataRow("/v1/responses", """{"input":"a tool","tools":[{"type":"web_search"},{"type":"function","name":"f","parameters":{"type":"object","properties":{"n":{"type":"integer"}}}}]}""", "/output/0/arguments")]
    [DataRow("/v1/messages", """{"messages":[{"role":"user","content":"a tool"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{"n":{"type":"integer"}}}}]}""", "/content/0/input")]
    [DataRow("/v1beta/models/m:generateContent", """{"contents":[{"parts":[{"text":"a tool"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"n":{"type":"INTEGER"}}}}]}]}""", "/candidates/0/content/parts/0/functionCall/args")]
    public async Task Calls_the_first_tool_when_the_user_says_tool(string path, string body, string where)
    {
        var arguments = Pointed(await PostJsonAsync(path, body), where);

        Assert.AreEqual("""{"n":1}""", arguments is JsonValue ? (string?)arguments : arguments?.ToJsonString());
    }

    [TestMethod]
    public async Task Answers_in_words_once_a_tool_has_its_result()
    {
        var answer = await PostJsonAsync("/v1/messages", """
            {"messages":[{"role":"user","content":"a tool"},
                         {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]},
                         {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"5"}]}],
             "tools":[{"name":"f","input_schema":{"type":"object"}}]}
            """);

        Assert.AreEqual("text", (string?)Pointed(answer, "/content/0/type"));
    }

    [TestMethod]
    [DataRow("/v1/models", "authorization", "Bearer sk-x", "/data/0/owned_by")]
    [DataRow("/v1/models", "anthropic-version", "2023-06-01", "/data/0/display_name")]
    [DataRow("/v1/models", "x-goog-api-key", "x", "/models/0/displayName")]
    [DataRow("/v1beta/models", "x-goog-api-key", "x", "/models/0/displayName")]
    public async Task Lists_models_in_the_shape_of_the_client(string path, string header, string value, string where)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await _client.SendAsync(request);

        Assert.IsNotNull(Pointed(JsonNode.Parse(await response.Content.ReadAsStringAsync()), where));
    }

    [TestMethod]
    public async Task Echo_shows_method_raw_target_headers_and_body_length()
    {
        var target = new Uri(_upstream.Address.GetLeftPart(UriPartial.Authority) + "/echo/a%2Fb//c?x=1&x=&y=%7E", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Patch, target) { Content = new ByteArrayContent(new byte[100_000]) };
        request.Headers.Add("X-Twice", ["1", "2"]);
        using var response = await _client.SendAsync(request);
        var echo = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.AreEqual("PATCH", (string?)echo["method"]);
        Assert.AreEqual("/echo/a%2Fb//c?x=1&x=&y=%7E", (string?)echo["target"]);
        Assert.AreEqual(100_000, (int?)echo["bodyLength"]);
        Assert.AreEqual("1, 2", string.Join(", ", echo["headers"]!["X-Twice"]!.AsArray().Select(value => (string?)value)));
    }

    [TestMethod]
    public async Task An_address_in_use_is_named()
    {
        var fault = await Assert.ThrowsExactlyAsync<DemoUpstreamException>(() => DemoUpstreamServer.StartAsync(_upstream.Address.ToString()));

        Assert.Contains(_upstream.Address.Authority, fault.Message);
        Assert.Contains("already in use", fault.Message);
    }

    [TestMethod]
    public async Task The_OpenAI_SDK_reads_chat_and_responses()
    {
        var client = new OpenAIClient(new ApiKeyCredential("sk-x"), new OpenAIClientOptions { Endpoint = new Uri(_upstream.Address, "/v1") });
        var chat = new StringBuilder();
        var responses = new StringBuilder();

        await foreach (var update in client.GetChatClient("m").CompleteChatStreamingAsync("hi"))
        {
            chat.AppendJoin("", update.ContentUpdate.Select(part => part.Text));
        }

        await foreach (var update in await client.GetResponsesClient().CreateResponseStreamingAsync("m", "hi"))
        {
            responses.Append((update as StreamingResponseOutputTextDeltaUpdate)?.Delta);
        }

        Assert.AreEqual(Answer, chat.ToString());
        Assert.AreEqual(Answer, responses.ToString());
    }

    [TestMethod]
    public async Task The_Anthropic_SDK_reads_messages()
    {
        using var client = new AnthropicClient { ApiKey = "x", BaseUrl = _upstream.Address.GetLeftPart(UriPartial.Authority), ResponseValidation = true };
        var parameters = new MessageCreateParams { Model = "m", MaxTokens = 10, Messages = [new UserMessageParam { Content = "hi" }] };
        var streamed = new StringBuilder();

        await foreach (var one in client.Messages.CreateStreaming(parameters))
        {
            if (one.TryPickContentBlockDelta(out var block) && block.Delta.TryPickText(out var text))
            {
                streamed.Append(text.Text);
            }
        }

        var whole = await client.Messages.Create(parameters);

        Assert.AreEqual(Answer, streamed.ToString());
        Assert.AreEqual(Answer, whole.Content[0].TryPickText(out var first) ? first.Text : null);
    }

    private static Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task<JsonNode> PostJsonAsync(string path, string body)
    {
        using var response = await PostAsync(path, body);
        Assert.AreEqual("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static async Task<List<(string? Name, string Data)>> EventsAsync(string path, string body)
    {
        using var response = await PostAsync(path, body);
        Assert.AreEqual("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync();

        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(block =>
        {
            var lines = block.Split('\n');
            return (lines.Length > 1 ? lines[0]["event: ".Length..] : null, lines[^1]["data: ".Length..]);
        })];
    }

    /// <summary>What a JSON pointer (RFC 6901) leads to, or null.</summary>
    private static JsonNode? Pointed(JsonNode? node, string where) =>
        where.Split('/').Skip(1).Aggregate(node, (at, step) => at switch
        {
            JsonArray list => int.Parse(step) is var i && i < list.Count ? list[i] : null,
            JsonObject fields => fields[step],
            _ => null,
        });
}
