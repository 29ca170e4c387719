using System.Net;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>An app that has the proxy in it and nothing for its end, as Kestrel and the generic host stop it.</summary>
[TestClass]
public sealed class ShutdownTests
{
    [TestMethod]
    public async Task A_stream_that_outlasts_the_hosts_ShutdownTimeout_is_reset()
    {
        await using var upstream = RawUpstream.Start(EndlessAsync);
        await using var app = await StartAsync(upstream, HttpProtocols.Http1);
        await using var client = await RawClient.ConnectAsync(new Uri(app.Urls.Single()));
        await client.SendAsync("GET /@lab/v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.AreEqual("data: 1\n\n", await response.ReadEventAsync());

        await app.StopAsync();

        Assert.AreEqual(StreamEnd.Reset, (await response.ReadToEndAsync()).End);
    }

    [TestMethod]
    public async Task Over_HTTP2_it_has_no_end_either()
    {
        await using var upstream = RawUpstream.Start(EndlessAsync);
        await using var app = await StartAsync(upstream, HttpProtocols.Http2);
        await using var client = await RawHttp2Client.ConnectAsync(new Uri(app.Urls.Single()));
        var asking = client.SendAsync("GET", "/@lab/v1/models");
        await upstream.NextRequestAsync();

        await app.StopAsync();

        Assert.AreNotEqual(StreamEnd.Clean, (await asking).End);
    }

    private static async Task EndlessAsync(RawExchange exchange)
    {
        await exchange.StartChunkedAsync(200, ("Content-Type", "text/event-stream"));
        await exchange.WriteChunkAsync("data: 1\n\n");
        await exchange.WaitForHangUpAsync();
    }

    private static async Task<WebApplication> StartAsync(RawUpstream upstream, HttpProtocols protocol)
    {
        var builder = LoopbackApp.CreateBuilder(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol));
        builder.Configuration.AddSettings([("Headroom:Upstreams:lab", upstream.Address.OriginalString)]);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.Services.AddHeadroomProxy();
        var app = builder.Build();
        app.MapHeadroomRoutes();
        await app.StartAsync();
        return app;
    }
}
