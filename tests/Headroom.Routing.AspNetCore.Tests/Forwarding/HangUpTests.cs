using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Whoever goes away, the other end learns it at once, and a broken answer never looks like a whole one.</summary>
[TestClass]
public sealed class HangUpTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task The_upstream_sees_a_client_leave_that_waits_for_an_answer(bool http2)
    {
        var arrived = new TaskCompletionSource();
        var hungUp = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            arrived.SetResult();
            await exchange.WaitForHangUpAsync();
            hungUp.SetResult();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        using var leaving = new CancellationTokenSource();
        using var content = new StringContent("{}");
        var waiting = host.CreateClient(http2).PostAsync("/v1/responses", content, leaving.Token);
        await arrived.Task.WithPatience("the request");
        await leaving.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        await hungUp.Task.WithPatience("the upstream to see the hang-up");
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public async Task The_upstream_sees_a_client_leave_amid_a_stream(bool clientHttp2, bool upstreamHttp2)
    {
        var hungUp = new TaskCompletionSource();
        RequestDelegate handler = async context =>
        {
            using var registration = context.RequestAborted.Register(hungUp.SetResult);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n");
            await hungUp.Task;
        };
        await using var upstream = upstreamHttp2 ? await KestrelUpstream.StartHttp2Async(handler) : await KestrelUpstream.StartAsync(handler);
        await using var host = await Gateway.ToAsync(upstream);
        using var response = await host.CreateClient(clientHttp2).GetAsync("/v1/responses/1", HttpCompletionOption.ResponseHeadersRead);
        await using (var body = await response.Content.ReadAsStreamAsync())
        {
            await body.ReadExactlyAsync(new byte[9]).AsTask().WithPatience("the event");
            Assert.IsFalse(hungUp.Task.IsCompleted);
        }

        response.Dispose();
        await hungUp.Task.WithPatience("the upstream to see the hang-up");
    }

    [TestMethod]
    public async Task The_upstream_sees_a_client_leave_amid_its_upload()
    {
        var arrived = new TaskCompletionSource();
        var hungUp = new TaskCompletionSource<StreamEnd>();
        await using var upstream = RawUpstream.StartOnHead(async exchange =>
        {
            await exchange.ReadRawAsync(16 * 1024);
            arrived.SetResult();
            hungUp.SetResult(await exchange.WaitForHangUpAsync());
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("POST", "/v1/files", "Content-Length: 100000") + new string('x', 50_000));
        await arrived.Task.WithPatience("half of the body");
        client.HangUp();
        await hungUp.Task.WithPatience("the upstream to see the hang-up");
    }

    [TestMethod]
    [DataRow("Content-Length: 8", "four", false)]
    [DataRow("Content-Length: 8", "four", true)]
    [DataRow("Transfer-Encoding: chunked", "4\r\nfour\r\n", false)]
    [DataRow("Transfer-Encoding: chunked", "4\r\nfour\r\n", true)]
    [DataRow("Transfer-Encoding: chunked", "4\r\nfour\r\n0\r\n", false)]
    [DataRow("Transfer-Encoding: chunked\r\nContent-Type: text/event-stream", "5\r\nfour", false)]
    [DataRow("X-Ended: by the connection", "four", true)]
    public async Task An_answer_that_breaks_off_is_broken_off_for_the_client(string headers, string part, bool reset)
    {
        SemaphoreSlim read = new(0);
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WriteAsync($"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n{part}");
            await read.WaitAsync();
            if (reset)
            {
                exchange.Abort();
            }
            else
            {
                exchange.Close();
            }
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/responses/1"));
        var response = await client.ReadResponseAsync();
        Assert.AreEqual("four", Octets.Text(await response.ReadAsync(4)));
        read.Release();
        var rest = await response.ReadToEndAsync();
        Assert.AreEqual(0, rest.Length);
        Assert.AreNotEqual(StreamEnd.Clean, rest.End);

        using var http2 = await host.CreateHttp2Client().GetAsync("/v1/responses/1", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await http2.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[4]).AsTask().WithPatience("the first part");
        read.Release();
        await Assert.ThrowsAsync<IOException>(async () => await body.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience.Limit));
    }

    [TestMethod]
    public async Task An_http2_upstream_that_resets_its_stream_breaks_the_answer_off()
    {
        var read = new SemaphoreSlim(0);
        await using var upstream = await KestrelUpstream.StartHttp2Async(async context =>
        {
            await context.Response.WriteAsync("four");
            await context.Response.Body.FlushAsync();
            await read.WaitAsync();
            context.Abort();
        });
        await using var host = await Gateway.ToAsync(upstream);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/responses/1"));
        var response = await client.ReadResponseAsync();
        await response.ReadAsync(4);
        read.Release();
        Assert.AreNotEqual(StreamEnd.Clean, (await response.ReadToEndAsync()).End);
    }

    [TestMethod]
    [DataRow(true, "")]
    [DataRow(false, "")]
    [DataRow(false, "HTTP/1.1 200 OK\r\nX-Half: a he")]
    [DataRow(false, "this is not HTTP\r\n\r\n")]
    public async Task An_upstream_that_dies_before_it_answers_is_a_bad_gateway(bool reset, string said)
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            if (reset)
            {
                exchange.Abort();
                return;
            }

            await exchange.WriteAsync(said);
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        foreach (var http2 in new[] { false, true })
        {
            using var content = new StringContent("{}");
            using var response = await host.CreateClient(http2).PostAsync("/v1/responses", content);

            // The upstream may have begun to work on it (RFC 9110, section 9.2.2).
            await ErrorAssert.IsAsync(response, 502, "upstream_unreachable", retry: false);

            using var toGet = await host.CreateClient(http2).GetAsync("/v1/responses/1");
            await ErrorAssert.IsAsync(toGet, 502, "upstream_unreachable", retry: said.Length == 0 || said.StartsWith("HTTP", StringComparison.Ordinal));
        }

        // Nor does the gateway itself send it again.
        Assert.AreEqual(2, upstream.Requests.Count(request => request.Method == "POST"));
    }
}
