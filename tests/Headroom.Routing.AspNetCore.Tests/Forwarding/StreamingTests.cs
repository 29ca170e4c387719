using System.Text;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>What an upstream has sent reaches the client at once, while the upstream is still holding the stream open.</summary>
[TestClass]
public sealed class StreamingTests
{
    [TestMethod]
    public async Task Events_arrive_one_by_one()
    {
        string[] events = ["event: message_start\ndata: {\"a\":1}\n\n", ": heartbeat\n\n", "data: \n\n", "id: 1\nretry: 10\ndata: [DONE]\n\n"];
        var next = new SemaphoreSlim(0);
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream; charset=utf-8"));
            foreach (var sent in events)
            {
                await next.WaitAsync();
                await exchange.WriteChunkAsync(sent);
            }

            await next.WaitAsync();
            await exchange.EndChunksAsync();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/chat/completions", "Content-Length: 0"));
        var response = await client.ReadResponseAsync();
        CollectionAssert.AreEqual(new[] { "text/event-stream; charset=utf-8" }, response.Values("Content-Type").ToArray());
        foreach (var expected in events)
        {
            next.Release();
            Assert.AreEqual(expected, await response.ReadEventAsync());
        }

        next.Release();
        var rest = await response.ReadToEndAsync();
        Assert.AreEqual(StreamEnd.Clean, rest.End);
        Assert.AreEqual(0, rest.Length);
    }

    [TestMethod]
    public async Task Events_arrive_one_by_one_over_http2()
    {
        var next = new SemaphoreSlim(0);
        await using var upstream = await KestrelUpstream.StartHttp2Async(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {i}\n\n");
            }
        });
        await using var host = await Gateway.ToAsync(upstream);
        using var response = await host.CreateHttp2Client().GetAsync("/v1/responses/1?stream=true", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[9];
        for (var i = 0; i < 3; i++)
        {
            next.Release();
            await body.ReadExactlyAsync(buffer).AsTask().WithPatience("an event");
            Assert.AreEqual($"data: {i}\n\n", Encoding.UTF8.GetString(buffer));
        }

        Assert.AreEqual(0, await body.ReadAsync(buffer));
    }

    [TestMethod]
    public async Task A_character_may_be_split_anywhere()
    {
        var text = Encoding.UTF8.GetBytes("data: 東京 🗼 é\n\n");
        var next = new SemaphoreSlim(0);
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
            for (var i = 0; i < text.Length; i++)
            {
                await next.WaitAsync();
                await exchange.WriteChunkAsync(text.AsMemory(i, 1));
            }

            await exchange.EndChunksAsync();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/responses/1"));
        var response = await client.ReadResponseAsync();
        foreach (var expected in text)
        {
            next.Release();
            Assert.AreEqual(expected, (await response.ReadAsync(1))[0]);
        }

        Assert.AreEqual(StreamEnd.Clean, (await response.ReadToEndAsync()).End);
    }

    // Clients show "connected" on the headers, and some give up without them; a model may think for minutes before its first event.
    [TestMethod]
    [DataRow("Content-Type: text/event-stream\r\nTransfer-Encoding: chunked", "0\r\n\r\n", false)]
    [DataRow("Content-Type: text/event-stream\r\nTransfer-Encoding: chunked", "0\r\n\r\n", true)]
    [DataRow("Content-Type: Text/Event-Stream;charset=utf-8\r\nContent-Length: 1", "x", false)]
    [DataRow("Content-Type: Text/Event-Stream;charset=utf-8\r\nContent-Length: 1", "x", true)]
    [DataRow("Content-Type: application/json\r\nTransfer-Encoding: chunked", "0\r\n\r\n", false)]
    [DataRow("Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked", "0\r\n\r\n", true)]
    [DataRow("X-No: type\r\nConnection: close", "", false)]
    public async Task Headers_of_a_stream_do_not_wait_for_its_first_byte(string headers, string body, bool http2)
    {
        var seen = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WriteAsync($"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n");
            await seen.Task;
            await exchange.WriteAsync(body);
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var response = await host.CreateClient(http2).GetAsync("/v1/responses/1", HttpCompletionOption.ResponseHeadersRead);
        Assert.AreEqual(200, (int)response.StatusCode);
        seen.SetResult();
        Assert.AreEqual(body.StartsWith('x') ? "x" : "", await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    [DataRow(204)]
    [DataRow(205)]
    [DataRow(304)]
    public async Task Answers_that_have_no_body_end_cleanly(int status)
    {
        await using var upstream = RawUpstream.Start(exchange =>
            exchange.WriteAsync($"HTTP/1.1 {status} Status\r\n{(status == 205 ? "Content-Length: 0\r\n" : "")}X-Kept: kept\r\n\r\n"));
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(Gateway.Request("GET", "/v1/models"));
            var response = await client.ReadResponseAsync();
            Assert.AreEqual(status, response.Status);
            CollectionAssert.AreEqual(new[] { "kept" }, response.Values("X-Kept").ToArray());
            Assert.AreEqual(StreamEnd.Clean, (await response.ReadToEndAsync()).End);
        }
    }
}
