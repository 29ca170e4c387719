using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>
/// Answers that come while, or before, the request's body is on its way. Not here: an HTTP/1.1 upstream that was not asked to
/// wait (Expect). The HTTP client reads its answer only after the whole body was sent, or could not be.
/// </summary>
[TestClass]
public sealed class EarlyAnswerTests
{
    [TestMethod]
    public async Task A_client_that_waits_to_be_asked_for_its_body_is_asked()
    {
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await exchange.RespondAsync(body: (await exchange.ReadBodyAsync()).Text);
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", "Expect: 100-continue", "Content-Length: 4"));
        Assert.AreEqual(100, (await client.ReadResponseAsync()).Status);
        await client.SendAsync("body");
        Assert.AreEqual("body", (await (await client.ReadResponseAsync()).ReadToEndAsync()).Text);
        CollectionAssert.AreEqual(new[] { "100-continue" }, (await upstream.NextRequestAsync()).Values("Expect").ToArray());
    }

    [TestMethod]
    public async Task A_client_that_waits_to_be_asked_for_its_body_can_be_refused_without_it()
    {
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            await exchange.RespondAsync(401, "wrong key", ("Connection", "close"));
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", "Expect: 100-continue", "Content-Length: 40000000"));
        var response = await client.ReadResponseAsync();
        Assert.AreEqual(401, response.Status);
        Assert.AreEqual("wrong key", (await response.ReadToEndAsync()).Text);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("later")]
    public async Task An_http2_upstream_can_refuse_a_large_upload_at_once(string answer)
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1";
            return context.Response.WriteAsync(answer);
        });
        await using var host = await Gateway.ToAsync(upstream);
        using var content = new StreamContent(new Endless());
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/files")
        {
            Content = content,
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await host.CreateHttp2Client().SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        Assert.AreEqual(429, (int)response.StatusCode);
        Assert.AreEqual("1", response.Headers.NonValidated["Retry-After"].ToString());
        Assert.AreEqual(answer, await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("later")]
    public async Task An_http2_upstream_can_refuse_the_large_upload_of_an_http1_client_at_once(string answer)
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.ContentLength = answer.Length;
            return context.Response.WriteAsync(answer);
        });
        await using var host = await Gateway.ToAsync(upstream);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", "Content-Length: 100000") + new string('x', 50_000));
        var response = await client.ReadResponseAsync();
        Assert.AreEqual(429, response.Status);
        Assert.IsEmpty(response.Values("X-Headroom-Error"));
        Assert.AreEqual(answer, (await response.ReadToEndAsync()).Text);
    }

    /// <summary>A body that only its receiver can end.</summary>
    private sealed class Endless : MemoryStream
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            return buffer.Length;
        }
    }
}
