using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>The headers that are explained to be dropped are those that do not arrive.</summary>
[TestClass]
public sealed class DroppedHeadersTests
{
    [TestMethod]
    public async Task The_dropped_headers_are_those_that_do_not_arrive()
    {
        await using var upstream = RawUpstream.Start();
        await using var gateway = await StartAsync(("Headroom:Upstreams:local", upstream.Address.OriginalString), ("Headroom:AlsoStripRequestHeaders:0", "x-own-*"));
        string[] headers =
        [
            "X-Headroom-Upstream: local", "x-headroom-tag-team: a", "Authorization: Bearer sk-x", "Cookie: a=b", "X-Forwarded-For: 1.2.3.4", "x-own-id: 7",
            "Metadata-Flavor: Google", "x-mine: 1", "x-hop: 1", "Connection: keep-alive, X-Hop", "Accept: */*", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        ];

        var explained = await Explained.AskAsync(gateway.Address, "POST", "/v1/models", headers);
        _ = await Explained.SendAsync(gateway.Address, "POST", "/v1/models", headers);

        var arrived = (await upstream.NextRequestAsync()).Headers.Select(header => header.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var sent = headers.Select(header => header.Split(':')[0]).ToArray();
        CollectionAssert.AreEquivalent(sent.Where(name => !arrived.Contains(name)).ToArray(), explained.DroppedHeaders);
        Assert.IsNotEmpty(explained.DroppedHeaders);
        Assert.HasCount(1, upstream.Requests);
    }

    [TestMethod]
    public async Task TE_arrives_over_HTTP2_and_is_not_told_to_be_dropped()
    {
        await using var upstream = RawUpstream.Start();
        await using var gateway = await StartAsync(("Headroom:Upstreams:local", upstream.Address.OriginalString));
        await using var client = await RawHttp2Client.ConnectAsync(gateway.Http2Address);

        Assert.IsEmpty(Explained.Read((await client.SendAsync("GET", "/headroom/explain/@local/models", ("te", "trailers"))).Text).DroppedHeaders);
        await client.SendAsync("GET", "/@local/models", ("te", "trailers"));

        Assert.AreEqual("trailers", (await upstream.NextRequestAsync()).Values("TE").Single());
        CollectionAssert.AreEqual(new[] { "TE" }, (await Explained.AskAsync(gateway.Address, "GET", "/@local/models", "TE: trailers")).DroppedHeaders);
    }

    [TestMethod]
    public async Task Where_a_key_of_the_operators_goes_the_callers_do_not()
    {
        await using var upstream = RawUpstream.Start();
        await using var gateway = await StartAsync(
            ("Headroom:Upstreams:local:BaseAddress", upstream.Address.OriginalString), ("Headroom:Upstreams:local:Headers:x-api-key", "key of the operator"));
        string[] headers = ["Authorization: Bearer sk-x", "x-api-key: sk-x", "api-key: sk-x", "Accept: */*"];

        var explained = await Explained.AskAsync(gateway.Address, "GET", "/@local/models", headers);
        _ = await Explained.SendAsync(gateway.Address, "GET", "/@local/models", headers);

        CollectionAssert.AreEquivalent(new[] { "Authorization", "x-api-key", "api-key" }, explained.DroppedHeaders);
        Assert.DoesNotContain("sk-x", (await upstream.NextRequestAsync()).HeadText);
    }

    private static Task<GatewayHost> StartAsync(params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(settings);
            builder.Services.AddHeadroomProxy();
        },
        app =>
        {
            app.MapHeadroomRoutes();
            app.MapHeadroomExplain();
        });
}
