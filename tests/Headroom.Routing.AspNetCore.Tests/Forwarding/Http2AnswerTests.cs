using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Answers of HTTP/2 upstreams that are not what they announce, or are broken off: none of them looks whole to the client.</summary>
[TestClass]
public sealed class Http2AnswerTests
{
    private const uint InternalError = 0x2;
    private const uint Cancel = 0x8;

    // Whether head and end are found together or one after the other is a matter of microseconds.
    [TestMethod]
    [DataRow(false, "head only")]
    [DataRow(true, "head only")]
    [DataRow(false, "together")]
    [DataRow(true, "together")]
    [DataRow(false, "apart")]
    [DataRow(true, "apart")]
    public async Task An_empty_body_where_a_length_was_announced_is_a_bad_gateway_every_time(bool http2, string frames)
    {
        await using var upstream = RawHttp2Upstream.Start(async exchange =>
        {
            switch (frames)
            {
                case "head only":
                    await exchange.HeadOnlyAsync(200, ("content-length", "10"), ("x-upstream", "y"));
                    break;
                case "together":
                    await exchange.RespondAsync(200, "", ("content-length", "10"), ("x-upstream", "y"));
                    break;
                default:
                    await exchange.StartAsync(200, ("content-length", "10"), ("x-upstream", "y"));
                    await exchange.DataAsync("", end: true);
                    break;
            }
        });
        await using var host = await StartAsync(upstream);
        var client = host.CreateClient(http2);
        for (var i = 0; i < 50; i++)
        {
            using var response = await client.GetAsync("/v1/models");
            await ErrorAssert.IsAsync(response, 502, "upstream_unreachable", retry: true);
            Assert.IsFalse(response.Headers.Contains("x-upstream"));
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_body_shorter_than_announced_is_broken_off(bool http2)
    {
        await using var upstream = RawHttp2Upstream.Start(exchange => exchange.RespondAsync(200, "four", ("content-length", "10")));
        await using var host = await StartAsync(upstream);
        for (var i = 0; i < 50; i++)
        {
            Assert.IsFalse(await EndsCleanlyAsync(host.CreateClient(http2)));
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_body_longer_than_announced_is_a_bad_gateway(bool http2)
    {
        await using var upstream = RawHttp2Upstream.Start(exchange => exchange.RespondAsync(200, "fourfive", ("content-length", "4")));
        await using var host = await StartAsync(upstream);
        using var response = await host.CreateClient(http2).GetAsync("/v1/models");
        await ErrorAssert.IsAsync(response, 502, "upstream_unreachable", retry: false);
    }

    [TestMethod]
    [DataRow(false, InternalError)]
    [DataRow(false, Cancel)]
    [DataRow(true, InternalError)]
    [DataRow(true, Cancel)]
    public async Task A_stream_that_is_reset_before_its_body_is_a_bad_gateway(bool http2, uint error)
    {
        await using var upstream = RawHttp2Upstream.Start(async exchange =>
        {
            await exchange.StartAsync(200, ("content-length", "10"));
            await exchange.ResetAsync(error);
        });
        await using var host = await StartAsync(upstream);
        for (var i = 0; i < 50; i++)
        {
            using var response = await host.CreateClient(http2).GetAsync("/v1/models");
            await ErrorAssert.IsAsync(response, 502, "upstream_unreachable", retry: true);
        }
    }

    [TestMethod]
    [DataRow(false, "10")]
    [DataRow(false, null)]
    [DataRow(true, "10")]
    [DataRow(true, null)]
    public async Task A_stream_that_is_reset_in_mid_answer_is_broken_off(bool http2, string? length)
    {
        var read = new TaskCompletionSource();
        await using var upstream = RawHttp2Upstream.Start(async exchange =>
        {
            await exchange.StartAsync(200, length is null ? [] : [("content-length", length)]);
            await exchange.DataAsync("four");
            await read.Task;
            await exchange.ResetAsync(InternalError);
        });
        await using var host = await StartAsync(upstream);
        using var response = await host.CreateClient(http2).GetAsync("/v1/models", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var first = new byte[4];
        await body.ReadExactlyAsync(first);
        CollectionAssert.AreEqual("four"u8.ToArray(), first);
        read.SetResult();

        await Assert.ThrowsAsync<IOException>(async () => await body.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(Patience.Limit));
    }

    [TestMethod]
    [DataRow("GET", 200, "ten octets")]
    [DataRow("HEAD", 200, "")]
    [DataRow("GET", 304, "")]
    public async Task A_length_that_is_right_or_tells_of_another_body_passes(string method, int status, string body)
    {
        await using var upstream = RawHttp2Upstream.Start(exchange => body.Length > 0
            ? exchange.RespondAsync(status, body, ("content-length", "10"))
            : exchange.HeadOnlyAsync(status, ("content-length", "10")));
        await using var host = await StartAsync(upstream);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/v1/models");
        using var response = await host.CreateClient().SendAsync(request);

        Assert.AreEqual(status, (int)response.StatusCode);
        Assert.AreEqual(body, await response.Content.ReadAsStringAsync());
        Assert.IsFalse(response.Headers.Contains("X-Headroom-Error"));
    }

    private static async Task<bool> EndsCleanlyAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync("/v1/models");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Task<GatewayHost> StartAsync(RawHttp2Upstream upstream) => Gateway.ToAsync(
        upstream.Address,
        proxy => proxy.ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) => handler.SslOptions = upstream.TrustOptions())));
}
