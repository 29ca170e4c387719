using System.Net;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>The configuration changes while the app runs; and what is said at the start about an egress proxy.</summary>
[TestClass]
public sealed class ReloadTests
{
    [TestMethod]
    public async Task A_valid_reload_takes_effect()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);
        Assert.AreEqual("http://one.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
        Assert.AreEqual(400, (await Answer.OfAsync(host.Address, "GET", "/@late/x")).Status);

        Reload(host, ("Headroom:Providers:OpenAI:BaseAddress", "http://two.example"), ("Headroom:Upstreams:late", "http://late.example"), ("Headroom:AllowCatalog", "false"));

        Assert.AreEqual("http://two.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
        Assert.AreEqual("http://late.example/x", (await Answer.OfAsync(host.Address, "GET", "/@late/x")).Url);
        Assert.AreEqual(400, (await Answer.OfAsync(host.Address, "GET", "/@openrouter/x")).Status);
        Assert.IsTrue(host.Logs.Entries.Any(entry => entry is { EventId.Id: 10, Level: LogLevel.Information }));
    }

    [TestMethod]
    [DataRow("Headroom:Providers:OpenAI:BaseAddress", "two.example")]
    [DataRow("Headroom:Upstreams:one", "x")]
    [DataRow("Headroom:AllowedUpstreams:0", "https://*.*")]
    [DataRow("Headroom:IdleTimeout", "00:00:00")]
    [DataRow("Headroom:IdleTimeout", "soon")]
    [DataRow("Headroom:VerbatimMount", "/{x}")]
    [DataRow("Headroom:AllowedOrigins:0", "x")]
    public async Task An_invalid_reload_is_logged_and_the_last_valid_options_stay(string key, string value)
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);

        Reload(host, ("Headroom:Providers:OpenAI:BaseAddress", "http://two.example"), (key, value));

        Assert.AreEqual("http://one.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
        var entry = host.Logs.Entries.Single(entry => entry.EventId.Id == 11);
        Assert.AreEqual(LogLevel.Error, entry.Level);
        Assert.Contains(key.Replace("Origins:0", "Origins", StringComparison.Ordinal), entry.Message);
    }

    [TestMethod]
    public async Task The_mount_stays_where_it_was_mapped()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);

        Reload(host, ("Headroom:VerbatimMount", "/other"), ("Headroom:Upstreams:late", "http://late.example/llm"));

        Assert.AreEqual("http://late.example/llm/x", (await Answer.OfAsync(host.Address, "GET", "/upstream/x", "X-Headroom-Upstream: late")).Url);
    }

    [TestMethod]
    public async Task After_an_invalid_reload_a_valid_one_takes_effect()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams);

        Reload(host, ("Headroom:Providers:OpenAI:BaseAddress", "two.example"));
        Reload(host, ("Headroom:Providers:OpenAI:BaseAddress", "http://three.example"));

        Assert.AreEqual("http://three.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
    }

    [TestMethod]
    public async Task An_action_that_throws_at_a_reload_leaves_the_options_as_they_were()
    {
        using var upstreams = new EchoHandler();
        var broken = false;
        await using var host = await StartAsync(upstreams, _ =>
        {
            if (broken)
            {
                throw new InvalidOperationException("the vault is closed");
            }
        });

        broken = true;
        Reload(host, ("Headroom:Providers:OpenAI:BaseAddress", "http://two.example"));

        Assert.AreEqual("http://one.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
        Assert.HasCount(1, host.Logs.Mentioning("the vault is closed"));
    }

    [TestMethod]
    [DataRow(true, false, 1)]
    [DataRow(true, true, 0)]
    [DataRow(false, false, 0)]
    public async Task An_egress_proxy_is_warned_of_once_at_the_start(bool proxied, bool trusted, int warnings)
    {
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(options => options.TrustEgressProxy = trusted)
                .ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) =>
                    // A bypass list for everything: no proxy, whatever the environment of the test run names.
                    handler.Proxy = new WebProxy("http://127.0.0.1:3128") { BypassList = proxied ? [] : [".*"] })),
            app => app.MapHeadroomRoutes());

        var entries = host.Logs.Entries.Where(entry => entry.EventId.Id == 12).ToList();

        Assert.HasCount(warnings, entries);
        Assert.IsTrue(entries.All(entry => entry.Level == LogLevel.Warning && entry.Mentions("Headroom:TrustEgressProxy")));
    }

    [TestMethod]
    [DataRow(false, 403)]
    [DataRow(true, 502)]
    public async Task Behind_an_egress_proxy_the_catalog_is_refused_until_it_is_trusted(bool trusted, int status)
    {
        using var nobody = new ClosedPort();
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<IHostResolver>(new FakeResolver());
                builder.Services.AddHeadroomProxy(options => options.TrustEgressProxy = trusted)
                    .ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) => handler.Proxy = new WebProxy(nobody.Address)));
            },
            app => app.MapHeadroomRoutes());

        var answer = await Answer.OfAsync(host.Address, "GET", "/@openrouter/models");

        Assert.AreEqual(status, answer.Status, answer.Body);
    }

    private static Task<GatewayHost> StartAsync(EchoHandler upstreams, Action<HeadroomProxyOptions>? configure = null) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Headroom:Providers:OpenAI:BaseAddress", (string?)"http://one.example")]);
            builder.Services.AddHeadroomProxy(configure ?? (_ => { })).UseUnguardedPrimaryHandler(upstreams);
        },
        app => app.MapHeadroomRoutes());

    private static void Reload(GatewayHost host, params (string Key, string Value)[] settings)
    {
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        foreach (var (key, value) in settings)
        {
            configuration[key] = value;
        }

        configuration.Reload();
    }
}
