using System.Net;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>HTTP/1.1 upstreams that answer while a body is on its way to them, and read no more of it.</summary>
[TestClass]
public sealed class RefusedUploadTests
{
    // More than both sockets' buffers hold, so that an upload to an upstream that does not read must stand still.
    private const int Large = 32_000_000;

    [TestMethod]
    [DataRow(true, false, false)]
    [DataRow(false, false, false)]
    [DataRow(true, true, false)]
    [DataRow(true, false, true)]
    [DataRow(false, true, true)]
    public async Task A_refusal_arrives_although_the_upstream_reads_no_more(bool declared, bool http2, bool pooled)
    {
        var asked = new TaskCompletionSource();
        var upload = new TaskCompletionSource<RawBody>();
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            if (exchange.Request.Method == "GET")
            {
                await exchange.RespondAsync();
                return;
            }

            await exchange.RespondAsync(429, "slow down", ("Retry-After", "7"));
            await asked.Task;
            upload.SetResult(await exchange.ReadBodyAsync());
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var client = host.CreateClient(http2);
        if (pooled)
        {
            using var first = await client.GetAsync("/v1/models");
        }

        using var response = await PostAsync(client, declared);
        Assert.AreEqual(429, (int)response.StatusCode);
        Assert.AreEqual("7", response.Headers.NonValidated["Retry-After"].ToString());
        Assert.IsFalse(response.Headers.NonValidated.Contains("X-Headroom-Error"));
        Assert.AreEqual("slow down", await response.Content.ReadAsStringAsync());

        // The connection carries half an upload: it serves nobody again, and the upstream does not take the half for the whole.
        using var next = await client.GetAsync("/v1/models");
        Assert.AreEqual(200, (int)next.StatusCode);
        Assert.AreEqual(2, await upstream.CountConnectionsAsync());
        asked.SetResult();
        Assert.AreNotEqual(StreamEnd.Clean, (await Patience.For(upload.Task, "the upstream to look at the upload")).End);
    }

    [TestMethod]
    public async Task A_refusal_after_interim_answers_arrives_too()
    {
        var never = new TaskCompletionSource();
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            await exchange.WriteAsync("HTTP/1.1 413 ");
            await exchange.WriteAsync("Too Large\r\nContent-Length: 3\r\n\r\nbig");
            await never.Task;
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var response = await PostAsync(host.CreateClient(), declared: true);
        Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.AreEqual("big", await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    public async Task A_refusal_arrives_over_TLS()
    {
        var never = new TaskCompletionSource();
        await using var upstream = await KestrelUpstream.StartHttp1OverTlsAsync(async context =>
        {
            context.Response.StatusCode = 429;
            context.Response.ContentLength = 9;
            await context.Response.WriteAsync("slow down");
            await context.Response.Body.FlushAsync();
            await never.Task.WaitAsync(context.RequestAborted);
        });
        await using var host = await Gateway.ToAsync(upstream);
        using var response = await PostAsync(host.CreateClient(), declared: true);
        Assert.AreEqual(429, (int)response.StatusCode);
        Assert.AreEqual("slow down", await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    [DataRow(413, false)]
    [DataRow(413, true)]
    [DataRow(200, false)]
    public async Task An_answer_before_a_reset_arrives(int status, bool pooled)
    {
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            await exchange.RespondAsync(exchange.Request.Method == "GET" ? 200 : status, "an answer");
            if (exchange.Request.Method != "GET")
            {
                exchange.Abort();
            }
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var client = host.CreateClient();
        if (pooled)
        {
            using var first = await client.GetAsync("/v1/models");
        }

        using var response = await PostAsync(client, declared: true);
        Assert.AreEqual(status, (int)response.StatusCode);
        Assert.AreEqual("an answer", await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    public async Task An_answer_that_a_reset_cut_short_does_not_look_whole()
    {
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 413 Too Large\r\n\r\nuntil the connection's end");
            exchange.Abort();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(host.CreateClient(), declared: true));
    }

    // An answer to the first half, by an upstream that wants the second one too.
    [TestMethod]
    public async Task An_early_answer_that_is_no_refusal_stops_no_upload()
    {
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            await exchange.StartChunkedAsync();
            await exchange.ReadBodyAsync();
            await exchange.WriteChunkAsync($"{exchange.Request.Body.Length}");
            await exchange.EndChunksAsync();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var response = await PostAsync(host.CreateClient(), declared: true);
        Assert.AreEqual($"{Large}", await response.Content.ReadAsStringAsync());
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, bool declared)
    {
        using var message = Post(declared);
        message.Version = client.DefaultRequestVersion;
        message.VersionPolicy = client.DefaultVersionPolicy;
        return await client.SendAsync(message);
    }

    private static HttpRequestMessage Post(bool declared)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = new ByteArrayContent(new byte[Large]) };
        message.Headers.TransferEncodingChunked = !declared;
        return message;
    }
}
