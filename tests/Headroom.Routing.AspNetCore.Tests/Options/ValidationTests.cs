using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>A wrong configuration stops the start, and the message says which key is wrong.</summary>
[TestClass]
public sealed class ValidationTests
{
    public static IEnumerable<object[]> Faults =>
    [
        ["Headroom:Providers:OpenAI:BaseAddress", "api.openai.com"],
        ["Headroom:Providers:OpenAI:BaseAddress", "https://user:secret@api.openai.com"],
        ["Headroom:Providers:Bedrock:BaseAddress", "ftp://bedrock.example"],
        ["Headroom:Providers:OpneAI:BaseAddress", "https://api.openai.com"],
        ["OPENAI_TARGET_API_URL", "api.openai.com"],
        ["Headroom:Upstreams:local", "127.0.0.1:11434"],
        ["Headroom:Upstreams:lo cal", "http://127.0.0.1:11434"],
        ["Headroom:Upstreams:azure:BaseAddress", "one.openai.azure.com"],
        ["Headroom:Upstreams:azure:Headers:X-Headroom-Key", "k"],
        ["Headroom:Providers:OpenAI:Headers:Connection", "close"],
        ["Headroom:Providers:OpenAI:Headers:Authorization", ""],
        ["Headroom:Providers:AzureOpenAI:Headers:api-key", "k"],
        ["Headroom:Providers:OpenAI:AllowCallers:0", "staff"],
        ["Headroom:Tokens:0", "two words"],
        ["Headroom:AllowedUpstreams:0", "https://*.*"],
        ["Headroom:AllowedUpstreams:0", "https://a*.example"],
        ["Headroom:AllowedUpstreams:0", "https://*.internal"],
        ["Headroom:AllowedUpstreams:0", ""],
        ["Headroom:AllowedUpstreams:0", "https://a.example:0"],
        ["Headroom:AllowCatalog", "maybe"],
        ["Headroom:ConnectTimeout", "soon"],
        ["Headroom:ConnectTimeout", "00:00:00"],
        ["Headroom:ConnectTimeout", "-00:00:01"],
        ["Headroom:ConnectTimeout", "30"], // days
        ["Headroom:IdleConnectionTimeout", "soon"],
        ["Headroom:IdleConnectionTimeout", "00:00:00"],
        ["Headroom:IdleConnectionTimeout", "30"],
        ["Headroom:IdleTimeout", "later"],
        ["Headroom:IdleTimeout", "00:00:00"],
        ["Headroom:IdleTimeout", "30"],
        ["Headroom:VerbatimMount", "/{mount}"],
        ["Headroom:VerbatimMount", "/a//b"],
        ["Headroom:VerbatimMount", "/a b"],
        ["Headroom:VerbatimMount", "https://a.example"],
        ["Headroom:CatchAll", "2"],
        ["Headroom:AllowedOrigins:0", "chat.example.com"],
        ["Headroom:AllowedOrigins:0", "https://chat.example.com/page"],
        ["Headroom:AllowedOrigins:0", "https://*.example.com/x"],
        ["Headroom:AllowedOrigins:0", ""],
        ["Headroom:Callers:acme:Claim:Type", " "],
        ["Headroom:Callers:acme:Policy", "no-such-policy"],
        ["Headroom:Callers:acme:Everyone", "all"],
        ["Headroom:Callers:acme:Providers:0", "OpneAI"],
        ["Headroom:Callers:acme:Providers:0", "AzureOpenAI"],
        ["Headroom:Callers:acme:Upstreams:0", "no-such-name"],
        ["Headroom:Callers:acme:AllowedUpstreams:0", "https://*.*"],
        ["Headroom:Callers:acme:AllowCatalog", "maybe"],
        ["Headroom:StripRequestHeaders:0", " "],
        ["Headroom:StripResponseHeaders:0", ""],
    ];

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public async Task Stops_the_start_and_names_the_key(string key, string value)
    {
        var failure = await FailsAsync(() => GatewayHost.StartProxyAsync((key, value)));

        // A list is named as a whole where its entry tells which one is meant.
        var named = key.Contains("Origins", StringComparison.Ordinal) || key.Contains("Strip", StringComparison.Ordinal) ? key[..^2] : key.Replace(":OpneAI:BaseAddress", ":OpneAI", StringComparison.Ordinal);
        named = named.Replace(":azure:BaseAddress", ":azure", StringComparison.Ordinal).Replace(":AzureOpenAI:Headers:api-key", ":AzureOpenAI:Headers", StringComparison.Ordinal)
            .Replace(":AllowCallers:0", ":AllowCallers", StringComparison.Ordinal);
        Assert.Contains(named, failure.Message);
        Assert.DoesNotContain("secret", failure.ToString());
    }

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public async Task Stops_an_app_that_maps_its_routes_nowhere(string key, string value) =>
        await FailsAsync(() => GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection([KeyValuePair.Create(key, (string?)value)]);
                builder.Services.AddHeadroomProxy();
            },
            _ => { }));

    [TestMethod]
    public async Task All_faults_are_listed_at_once()
    {
        var failure = await FailsAsync(() => GatewayHost.StartProxyAsync(
            ("Headroom:Providers:OpenAI:BaseAddress", "x"), ("Headroom:Upstreams:local", "x"), ("Headroom:IdleTimeout", "00:00:00"), ("Headroom:AllowedOrigins:0", "x")));

        foreach (var key in new[] { "Headroom:Providers:OpenAI:BaseAddress", "Headroom:Upstreams:local", "Headroom:IdleTimeout", "Headroom:AllowedOrigins" })
        {
            Assert.Contains(key, failure.Message);
        }
    }

    [TestMethod]
    public async Task Two_addresses_of_one_upstream_are_one_too_many()
    {
        var failure = await FailsAsync(() => GatewayHost.StartProxyAsync(("Headroom:Upstreams:a", "https://a.example"), ("Headroom:Upstreams:a:BaseAddress", "https://b.example")));

        Assert.Contains("Headroom:Upstreams:a: holds a URL and Headroom:Upstreams:a:BaseAddress another", failure.Message);
    }

    [TestMethod]
    public async Task A_fault_that_code_brings_in_stops_the_start_too()
    {
        var failure = await FailsAsync(() => GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(options => options.Upstreams["x"] = "y"), app => app.MapHeadroomRoutes()));

        Assert.Contains("Headroom:Upstreams:x", failure.Message);
    }

    [TestMethod]
    [DataRow("OpenAI", "/acme", "OpenAI")]
    [DataRow("Acme", "acme", "'acme'")]
    [DataRow("Acme", "/{a}{b}", "'/{a}{b}'")]
    public async Task A_provider_that_cannot_be_routed_stops_the_start(string name, string template, string told)
    {
        var failure = await FailsAsync(() => GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy().AddProvider(new Provider { Name = name, Routes = [new(template)] }),
            app => app.MapHeadroomRoutes()));

        Assert.Contains(told, failure.Message);
    }

    private static async Task<Exception> FailsAsync(Func<Task<GatewayHost>> start)
    {
        try
        {
            await using var host = await start();
        }
        catch (Exception e) when (e is not AssertFailedException)
        {
            return e;
        }

        throw new AssertFailedException("The app started.");
    }
}
