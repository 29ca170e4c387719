using System.Diagnostics;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>There is no total time limit: only silence ends a request. Alone on the machine, for a busy one is silent too.</summary>
[TestClass]
[DoNotParallelize]
public sealed class IdleTimeTests
{
    private static readonly (string, string) IdleTimeout = ("Headroom:IdleTimeout", "00:00:00.5");
    private static readonly TimeSpan ManyTimes = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    [TestMethod]
    public async Task A_stream_that_never_falls_silent_is_not_cut()
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < ManyTimes;)
            {
                await exchange.WriteChunkAsync(":\n\n");
                await Task.Delay(Step);
            }

            await exchange.WriteChunkAsync("data: [DONE]\n\n");
            await exchange.EndChunksAsync();
        });
        await using var host = await Gateway.ToAsync(upstream.Address, IdleTimeout);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/responses/1"));
        var body = await (await client.ReadResponseAsync()).ReadToEndAsync();
        Assert.AreEqual(StreamEnd.Clean, body.End);
        Assert.EndsWith("data: [DONE]\n\n", body.Text);
    }

    [TestMethod]
    public async Task An_upload_that_never_falls_silent_is_not_cut()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address, IdleTimeout);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", "Transfer-Encoding: chunked"));
        var sent = 0;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < ManyTimes; sent++)
        {
            await client.SendAsync("1\r\nx\r\n");
            await Task.Delay(Step);
        }

        await client.SendAsync("0\r\n\r\n");
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);
        Assert.AreEqual(sent, (await upstream.NextRequestAsync()).Body.Length);
    }

    [TestMethod]
    [DataRow(false, false, true)]
    [DataRow(false, true, false)]
    [DataRow(true, false, true)]
    [DataRow(true, true, false)]
    public async Task An_upstream_that_says_nothing_is_a_timeout(bool http2, bool withBody, bool retry)
    {
        var hungUp = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WaitForHangUpAsync();
            hungUp.SetResult();
        });
        await using var host = await Gateway.ToAsync(upstream.Address, IdleTimeout);
        using var message = new HttpRequestMessage(withBody ? HttpMethod.Post : HttpMethod.Get, "/v1/responses/1")
        {
            Content = withBody ? new StreamContent(new MemoryStream(new byte[3])) : null,
            Version = new Version(http2 ? 2 : 1, http2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        // Over HTTP/2, a body may come with nothing in the headers that tells of it.
        message.Headers.TransferEncodingChunked = withBody && !http2;
        message.Content?.Headers.ContentLength = null;
        using var response = await host.CreateClient(http2).SendAsync(message);
        await ErrorAssert.IsAsync(response, 504, "upstream_timeout", retry);
        await hungUp.Task.WithPatience("the upstream to see the hang-up");
    }

    [TestMethod]
    [DataRow("Content-Length: 8", false)]
    [DataRow("Transfer-Encoding: chunked", true)]
    public async Task A_stream_that_falls_silent_is_broken_off(string framing, bool chunked)
    {
        var hungUp = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WriteAsync($"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{(chunked ? "4\r\nfour\r\n" : "four")}");
            await exchange.WaitForHangUpAsync();
            hungUp.SetResult();
        });
        await using var host = await Gateway.ToAsync(upstream.Address, IdleTimeout);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/responses/1"));
        var body = await (await client.ReadResponseAsync()).ReadToEndAsync();
        Assert.AreEqual("four", body.Text);
        Assert.AreNotEqual(StreamEnd.Clean, body.End);
        await hungUp.Task.WithPatience("the upstream to see the hang-up");
    }

    [TestMethod]
    [DataRow("GET", "", true)]
    [DataRow("POST", "", false)]
    [DataRow("POST", "four", false)]
    public async Task An_upstream_that_falls_silent_after_its_headers_is_a_timeout(string method, string body, bool retry)
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
            await exchange.WaitForHangUpAsync();
        });
        await using var host = await Gateway.ToAsync(upstream.Address, IdleTimeout);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(method, "/v1/responses/1", $"Content-Length: {body.Length}") + body);
        await ErrorAssert.IsAsync(await client.ReadResponseAsync(), 504, "upstream_timeout", retry);
    }

    [TestMethod]
    public async Task An_upload_that_falls_silent_is_a_timeout()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await Gateway.ToAsync(upstream.Address, IdleTimeout);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", "Content-Length: 8") + "four");
        await ErrorAssert.IsAsync(await client.ReadResponseAsync(), 504, "upstream_timeout", retry: false);
    }
}
