using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Providers;

/// <summary>Each provider's default, its environment variable, its setting and an override, for each route of its map.</summary>
[TestClass]
public sealed class EveryRouteTests
{
    private const string Query = "?a=%2F&a=&key=k";

    private static EchoHandler s_upstreams = null!;
    private static GatewayHost s_plain = null!;
    private static GatewayHost s_byVariable = null!;
    private static GatewayHost s_bySetting = null!;

    public static IEnumerable<object[]> Routes => ProviderRoutes.All;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        s_upstreams = new EchoHandler();
        s_plain = await StartAsync([]);
        s_byVariable = await StartAsync(KnownProviders.All.Where(provider => provider.BaseAddressVariable is not null)
            .Select(provider => (provider.BaseAddressVariable!, BaseOf(provider))));
        s_bySetting = await StartAsync(KnownProviders.All.Select(provider => ($"Headroom:Providers:{provider.Name}:BaseAddress", BaseOf(provider))));
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await s_plain.DisposeAsync();
        await s_byVariable.DisposeAsync();
        await s_bySetting.DisposeAsync();
        s_upstreams.Dispose();
    }

    [TestMethod]
    [DynamicData(nameof(Routes))]
    public async Task Goes_to_the_providers_own_base(string name, string method, string path, string header)
    {
        var provider = ProviderRoutes.Find(name);

        if (ProviderRoutes.DefaultBase(provider) is { } address)
        {
            await AssertGoesToAsync(s_plain, provider, method, path, ProviderRoutes.Below(provider, address, path), "Configured", header);
        }
        else
        {
            var answer = await Answer.OfAsync(s_plain.Address, method, path + Query, header);
            Assert.AreEqual(404, answer.Status, answer.Body);
            Assert.Contains($"Headroom:Providers:{name}:BaseAddress", answer.Body);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Routes))]
    public async Task Goes_to_the_base_of_its_variable(string name, string method, string path, string header)
    {
        var provider = ProviderRoutes.Find(name);
        var address = provider.BaseAddressVariable is null ? provider.BaseAddress! : BaseOf(provider);

        await AssertGoesToAsync(s_byVariable, provider, method, path, ProviderRoutes.Below(provider, address, path), "Configured", header);
    }

    [TestMethod]
    [DynamicData(nameof(Routes))]
    public async Task Goes_to_the_base_of_its_setting(string name, string method, string path, string header)
    {
        var provider = ProviderRoutes.Find(name);

        await AssertGoesToAsync(s_bySetting, provider, method, path, ProviderRoutes.Below(provider, BaseOf(provider), path), "Configured", header);
    }

    [TestMethod]
    [DynamicData(nameof(Routes))]
    public async Task Goes_to_the_override(string name, string method, string path, string header)
    {
        var provider = ProviderRoutes.Find(name);
        foreach (var host in new[] { s_plain, s_bySetting })
        {
            foreach (var control in new[] { HeadroomHeaders.Upstream, HeadroomHeaders.BaseUrl })
            {
                await AssertGoesToAsync(
                    host, provider, method, path, ProviderRoutes.Below(provider, "https://override.example/gw", path), "Override", header, $"{control}: https://override.example/gw");
            }
        }
    }

    [TestMethod]
    [DataRow("GET")]
    [DataRow("HEAD")]
    [DataRow("PUT")]
    [DataRow("PATCH")]
    [DataRow("DELETE")]
    [DataRow("OPTIONS")]
    [DataRow("PROPFIND")]
    public async Task Every_method_is_forwarded_on_routes_without_a_condition(string method)
    {
        foreach (var row in ProviderRoutes.All.Where(row => ProviderRoutes.Find((string)row[0]).Routes.All(route => route.Methods.Count == 0)))
        {
            var answer = await Answer.OfAsync(s_bySetting.Address, method, (string)row[2], (string)row[3]);
            Assert.AreEqual(200, answer.Status, $"{method} {row[2]}: {answer.Body}");
        }
    }

    [TestMethod]
    public void Every_route_of_every_provider_is_asked_for()
    {
        var asked = ProviderRoutes.All.GroupBy(row => (string)row[0]).ToDictionary(group => group.Key, group => group.Count());
        foreach (var provider in KnownProviders.All)
        {
            Assert.IsGreaterThanOrEqualTo(provider.Routes.Count, asked[provider.Name], provider.Name);
        }
    }

    private static string BaseOf(Provider provider) => $"http://{provider.Name.ToLowerInvariant()}.base.example:8080/gw";

    private static Task<GatewayHost> StartAsync(IEnumerable<(string Key, string Value)> settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(settings);
            builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add("https://override.example")).UseUnguardedPrimaryHandler(s_upstreams);
        },
        app => app.MapHeadroomRoutes());

    private static async Task AssertGoesToAsync(
        GatewayHost host, Provider provider, string method, string path, string url, string choice, params string[] headers)
    {
        var answer = await Answer.OfAsync(host.Address, method, path + Query, headers);

        Assert.AreEqual(200, answer.Status, answer.Body);
        Assert.AreEqual(url + Query, answer.Url);
        Assert.AreEqual((provider.Name, choice), (answer.Provider, answer.Choice));
    }
}
