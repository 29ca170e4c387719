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
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddSettings(("Headroom:Upstreams:local", upstream.Address.OriginalString), ("Headroom:AlsoStripRequestHeaders:0", "x-own-*"));
                builder.Services.AddHeadroomProxy();
            },
            app =>
            {
                app.MapHeadroomRoutes();
                app.MapHeadroomExplain();
            });
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
}
