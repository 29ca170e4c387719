using System.Collections;
using System.Reflection;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Page;
using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Diagnostics;

/// <summary>Callers may name as many hosts as they like: nothing that is kept or measured grows with their number.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ManyHostsTests
{
    private const int Hosts = 10_000;
    private const int Clients = 8;

    [TestMethod]
    public async Task Ten_thousand_hosts_leave_a_bounded_trace()
    {
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.AddSingleton<IHostResolver>(new FakeResolver());
                builder.Configuration.AddSettings([("Headroom:AllowedUpstreams:0", "https://*")]);
                builder.Services.AddHeadroomProxy();
            },
            app =>
            {
                app.MapHeadroomRoutes();
                app.MapHeadroomPage();
            });
        using var telemetry = new Telemetry(host, 443);

        // A third does not resolve, a third is refused, a third names a region that Vertex AI may have.
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            await using var client = await RawClient.ConnectAsync(host.Address);
            for (var i = number; i < Hosts; i += Clients)
            {
                await client.SendAsync((i % 3) switch
                {
                    0 => Gateway.Request("GET", "/v1/models", $"X-Headroom-Upstream: https://host-{i}.example/v1"),
                    1 => Gateway.Request("GET", "/v1/models", $"X-Headroom-Upstream: http://10.0.{i / 256}.{i % 256}"),
                    _ => Gateway.Request($"GET", $"/v1/projects/p/locations/region-{i}/models"),
                });
                await (await client.ReadResponseAsync()).ReadToEndAsync();
            }
        }));

        foreach (var instrument in (string[])["headroom.request.duration", "headroom.refusals", "headroom.upstream.failures", "headroom.active_requests"])
        {
            var series = telemetry.Of(instrument).Select(line => string.Join(' ', line.Split(' ')[2..])).ToHashSet();
            Assert.IsTrue(series.Count is > 0 and <= 4, $"{instrument}: {series.Count} series");
        }

        var resolver = host.Services.GetRequiredService<CurrentOptions>().Current.Resolver;
        var kept = Caches(resolver, []).ToArray();
        Assert.IsGreaterThanOrEqualTo(3, kept.Length, "decisions, overrides and regions are kept");
        Assert.IsLessThanOrEqualTo(1024, kept.Max());
        Assert.IsGreaterThan(100, kept.Max());

        await using var page = await PageWatcher.OpenAsync(host);
        Assert.HasCount(200, page.Rows);
    }

    // Every cache that the resolver holds, however deep.
    private static IEnumerable<int> Caches(object? value, HashSet<object> seen)
    {
        if (value is null || value.GetType() is not { } type || !seen.Add(value))
        {
            yield break;
        }

        if (type.Name.StartsWith("BoundedCache", StringComparison.Ordinal))
        {
            yield return ((ICollection)type.GetField("_values", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(value)!).Count;
        }
        else if (value is IDictionary dictionary)
        {
            foreach (var count in dictionary.Values.Cast<object>().SelectMany(one => Caches(one, seen)))
            {
                yield return count;
            }
        }
        else if (type.Namespace?.StartsWith("Headroom", StringComparison.Ordinal) == true)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(field => !field.FieldType.IsByRefLike && field.FieldType.IsClass))
            {
                foreach (var count in Caches(field.GetValue(value), seen))
                {
                    yield return count;
                }
            }
        }
    }
}
