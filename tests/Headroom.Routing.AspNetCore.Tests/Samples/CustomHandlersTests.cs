using System.Globalization;
using Headroom.Routing.AspNetCore.Tests.Readme;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>The sample as it stands, with its own settings: what it sends to its upstreams, and how often.</summary>
[TestClass]
public sealed class CustomHandlersTests
{
    private const string Prompt = """{ "model":"m",  "n":1.50, "big":12345678901234567890, "messages":[{"role":"user","content":"Ann\u0040example.com paid\nby 4111 1111 1111 1111 12\/27, ünd: \"x\""}],"ann@example.com":null}""";
    private const string Redacted = """{ "model":"m",  "n":1.50, "big":12345678901234567890, "messages":[{"role":"user","content":"[e-mail] paid\nby [card number] 12/27, ünd: \"x\""}],"ann@example.com":null}""";

    [TestMethod]
    [DataRow("/v1/chat/completions", "X-Headroom-Upstream: partner", false)]
    [DataRow("/v1/chat/completions", "X-Headroom-Upstream: PARTNER", true)]
    [DataRow("/v1/chat/completions", "X-Headroom-Upstream: {0}v1", false)]
    [DataRow("/@partner/v1/chat/completions", "X-Tag: 1", false)]
    [DataRow("/upstream/chat/completions", "X-Headroom-Upstream: {0}v1", true)]
    public async Task The_partner_gets_prompts_redacted_however_it_is_named(string target, string header, bool chunked)
    {
        await using var partner = RawUpstream.Start();
        await using var gateway = await StartAsync("partner", new Uri(partner.Address, "v1"));

        Assert.AreEqual(200, await PostAsync(gateway.Address, target, Prompt, chunked, string.Format(CultureInfo.InvariantCulture, header, partner.Address), "Content-Type: application/json; charset=utf-8"));

        var request = await partner.NextRequestAsync();
        Assert.AreEqual("/v1/chat/completions", request.Target);
        Assert.AreEqual(Redacted, request.Body.Text);
        Assert.AreEqual($"{request.Body.Length}", request.Values("Content-Length").Single());
        Assert.AreEqual("application/json; charset=utf-8", request.Values("Content-Type").Single());
        Assert.IsEmpty(request.Values("Transfer-Encoding"));
    }

    [TestMethod]
    [DataRow("""{"a":"nothing to redact",  "b":[1e3, "1732640000000", "x@y", "order 1234567890123456"]}""")]
    [DataRow("\"4111111111111112\"")]
    [DataRow("[]")]
    [DataRow("")]
    public async Task What_holds_nothing_to_redact_arrives_as_it_was_sent(string body)
    {
        await using var partner = RawUpstream.Start();
        await using var gateway = await StartAsync("partner", new Uri(partner.Address, "v1"));

        Assert.AreEqual(200, await PostAsync(gateway.Address, "/@partner/v1/files", body));

        var request = await partner.NextRequestAsync();
        Assert.AreEqual(body, request.Body.Text);
        Assert.AreEqual($"{request.Body.Length}", request.Values("Content-Length").Single());
    }

    [TestMethod]
    [DataRow("\"4111111111111111\"", "\"[card number]\"")]
    [DataRow("\"3782 822463 10005, 5500-0000-0000-0004\"", "\"[card number], [card number]\"")]
    [DataRow("""{"a":{"b":["first.last+tag@sub.example.co.uk;x@example.com"]}}""", """{"a":{"b":["[e-mail];[e-mail]"]}}""")]
    [DataRow("""{"arguments":"{\"to\":\"ann@example.com\"}"}""", """{"arguments":"{\"to\":\"[e-mail]\"}"}""")]
    [DataRow("""["ann@example.com", "<b> & 😀"]""", """["[e-mail]", "<b> & 😀"]""")]
    [DataRow("""["😀 <ann@example.com>"]""", """["😀 <[e-mail]>"]""")]
    public async Task Addresses_and_card_numbers_are_replaced_in_every_string(string body, string expected)
    {
        await using var partner = RawUpstream.Start();
        await using var gateway = await StartAsync("partner", new Uri(partner.Address, "v1"));

        Assert.AreEqual(200, await PostAsync(gateway.Address, "/@partner/v1/chat/completions", body));

        // The encoder escapes characters outside the basic plane, which does not change what the text means.
        var arrived = (await partner.NextRequestAsync()).Body.Text;
        Assert.AreEqual(expected, arrived.Replace(@"\uD83D\uDE00", "😀", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("--x\r\nann@example.com\r\n--x--", 415)]
    [DataRow("""{"a":"ann@example.com"} x""", 415)]
    [DataRow("""{"a":"\ud83d"}""", 415)]
    public async Task What_can_not_be_read_does_not_reach_the_partner(string body, int status)
    {
        await using var partner = RawUpstream.Start();
        await using var gateway = await StartAsync("partner", new Uri(partner.Address, "v1"));

        Assert.AreEqual(status, await PostAsync(gateway.Address, "/@partner/v1/files", body));

        Assert.AreEqual(0, await partner.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task Neither_does_a_body_that_is_too_long_or_a_WebSocket()
    {
        await using var partner = RawUpstream.Start();
        await using var gateway = await StartAsync("partner", new Uri(partner.Address, "v1"));

        await using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync($"POST /@partner/v1/files HTTP/1.1\r\nHost: {gateway.Address.Authority}\r\nContent-Length: {int.MaxValue}\r\n\r\n");
        Assert.AreEqual(413, (await client.ReadResponseAsync()).Status);
        await using var socket = await RawClient.ConnectAsync(gateway.Address);
        await socket.SendAsync(
            $"GET /@partner/v1/realtime HTTP/1.1\r\nHost: {gateway.Address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
        Assert.AreEqual(501, (await socket.ReadResponseAsync()).Status);

        Assert.AreEqual(0, await partner.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task Other_upstreams_get_a_body_as_it_is_and_while_it_is_being_sent()
    {
        var head = new TaskCompletionSource<RawRequest>();
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            head.SetResult(exchange.Request);
            await exchange.ReadBodyAsync();
            await exchange.RespondAsync();
        });
        await using var gateway = await StartAsync("local", upstream.Address);
        await using var client = await RawClient.ConnectAsync(gateway.Address);

        var whole = Post(gateway.Address, "/@local/v1/chat/completions", Prompt, chunked: true);
        await client.SendAsync(whole[..^10]);
        var request = await Patience.For(head.Task, "the request, before all of its body was sent");
        await client.SendAsync(whole[^10..]);

        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);
        Assert.AreEqual(Prompt, request.Body.Text);
    }

    [TestMethod]
    public async Task Answers_stream_back_untouched()
    {
        var seen = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
            await exchange.WriteChunkAsync("data: \"ann@example.com\"\n\n");
            await seen.Task;
            await exchange.WriteChunkAsync("data: 4111111111111111\n\n");
            await exchange.EndChunksAsync();
        });
        await using var gateway = await StartAsync("partner", upstream.Address);
        await using var client = await RawClient.ConnectAsync(gateway.Address);

        await client.SendAsync(Post(gateway.Address, "/@partner/v1/chat/completions", Prompt, chunked: false));
        var response = await client.ReadResponseAsync();

        Assert.AreEqual("data: \"ann@example.com\"\n\n", await response.ReadEventAsync());
        seen.SetResult();
        Assert.AreEqual("data: 4111111111111111\n\n", await response.ReadEventAsync());
        Assert.IsNull(await response.ReadEventAsync());
    }

    [TestMethod]
    [DataRow("partner")]
    [DataRow("local")]
    public async Task A_refused_connection_is_tried_again(string name)
    {
        using var upstream = new LateUpstream(opensAtAttempt: 2);
        await using var gateway = await StartAsync(name, upstream.Address);

        Assert.AreEqual(200, await PostAsync(gateway.Address, $"/@{name}/v1/chat/completions", Prompt, chunked: true));

        Assert.AreEqual(2, upstream.Attempts);
        Assert.Contains("\"role\":\"user\"", await upstream.Received);
    }

    [TestMethod]
    public async Task An_upstream_that_goes_on_to_refuse_is_given_up()
    {
        using var upstream = new LateUpstream(opensAtAttempt: int.MaxValue);
        await using var gateway = await StartAsync("local", upstream.Address);

        Assert.AreEqual(502, await PostAsync(gateway.Address, "/@local/v1/chat/completions", Prompt));

        Assert.AreEqual(3, upstream.Attempts);
    }

    [TestMethod]
    [DataRow("partner", true)]
    [DataRow("partner", false)]
    [DataRow("local", true)]
    [DataRow("local", false)]
    public async Task A_request_that_an_upstream_may_have_received_is_not_sent_again(string name, bool whole)
    {
        Func<RawExchange, Task> reset = exchange =>
        {
            exchange.Abort();
            return Task.CompletedTask;
        };
        await using var upstream = whole ? RawUpstream.Start(reset) : RawUpstream.StartOnHead(reset);
        await using var gateway = await StartAsync(name, upstream.Address);

        Assert.AreEqual(502, await PostAsync(gateway.Address, $"/@{name}/v1/chat/completions", Prompt));

        Assert.AreEqual(1, await upstream.CountConnectionsAsync());
        Assert.HasCount(1, upstream.Requests);
    }

    private static Task<ReadmeProgram> StartAsync(string name, Uri upstream) =>
        ReadmeProgram.StartSampleAsync("CustomHandlers", $"--Headroom:Upstreams:{name}={upstream}");

    private static async Task<int> PostAsync(Uri gateway, string target, string body, bool chunked = false, params string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(gateway);
        await client.SendAsync(Post(gateway, target, body, chunked, headers));
        return (await client.ReadResponseAsync()).Status;
    }

    private static string Post(Uri gateway, string target, string body, bool chunked, params string[] headers)
    {
        var octets = Octets.Utf8(body);
        return $"POST {target} HTTP/1.1\r\nHost: {gateway.Authority}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}"
            + (chunked ? $"Transfer-Encoding: chunked\r\n\r\n{octets.Length:x}\r\n{octets}\r\n0\r\n\r\n" : $"Content-Length: {octets.Length}\r\n\r\n{octets}");
    }
}
