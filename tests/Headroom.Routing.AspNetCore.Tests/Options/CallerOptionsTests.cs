using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>What a group of callers must say.</summary>
[TestClass]
public sealed class CallerOptionsTests
{
    public static IEnumerable<object[]> Faults =>
    [
        ["Headroom:Callers:acme: has no members.", "Upstreams:0=deepseek"],
        ["Headroom:Callers:acme: has no members.", "Upstreams:0=deepseek", "Everyone=false", "Policy="],
        ["Headroom:Callers:acme:Everyone: is true,", "Upstreams:0=deepseek", "Everyone=true", "Claim:Type=tenant"],
        ["Headroom:Callers:acme:Claim:Type: must be", "Upstreams:0=deepseek", "Claim:Value=acme"],
        ["Headroom:Callers:acme:Claim:Value: is empty", "Upstreams:0=deepseek", "Claim:Type=tenant", "Claim:Value="],
        ["Headroom:Callers:acme: reaches nothing.", "Everyone=true"],
        ["Headroom:Callers:acme: reaches nothing.", "Everyone=true", "Upstreams=", "AllowCatalog=false"],
        ["Headroom:Callers:acme:Providers:1: there is no provider of that name; known are OpenAI,", "Everyone=true", "Providers:0=OpenAI", "Providers:1=x"],
        ["Headroom:Callers:acme:Providers:0: Bedrock has no base address; set Headroom:Providers:Bedrock:BaseAddress.", "Everyone=true", "Providers:0=bedrock"],
        ["Headroom:Callers:acme:Upstreams:1: there is no upstream of that name", "Everyone=true", "Upstreams:0=deepseek", "Upstreams:1=x"],
        ["Headroom:Callers:acme:AllowedUpstreams:0: ", "Everyone=true", "AllowedUpstreams:0=https://*.internal"],
        ["Headroom:Callers:acme:Policy: needs the app's authorization services: call builder.Services.AddAuthorization()", "Policy=x", "Upstreams:0=deepseek"],
    ];

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public void A_group_that_says_too_little_or_too_much_stops_the_start(string told, params string[] settings)
    {
        var failure = Assert.ThrowsExactly<OptionsValidationException>(() => Read(settings));

        Assert.StartsWith(told, failure.Failures.Single());
    }

    [TestMethod]
    public void A_catalog_that_nobody_may_reach_is_told()
    {
        var failure = Assert.ThrowsExactly<OptionsValidationException>(() => Read(["Everyone=true", "AllowCatalog=true"], ("Headroom:AllowCatalog", "false")));

        Assert.StartsWith("Headroom:Callers:acme:AllowCatalog: has no effect", failure.Failures.Single());
    }

    [TestMethod]
    public void All_of_it_is_bound()
    {
        var group = Read(
            "Claim:Type=tenant", "Claim:Value=acme", "Providers:0=OpenAI", "Upstreams:0=local", "AllowedUpstreams:0=https://*", "AllowCatalog=true").Callers["ACME"];

        Assert.AreEqual(("tenant", "acme"), (group.Claim!.Type, group.Claim.Value));
        CollectionAssert.AreEqual(new[] { "OpenAI", "local", "https://*" }, new[] { group.Providers.Single(), group.Upstreams.Single(), group.AllowedUpstreams.Single() });
        Assert.IsTrue(group.AllowCatalog);
        Assert.IsNull(group.Policy);
        Assert.IsFalse(group.Everyone);
    }

    [TestMethod]
    public void Every_value_counts_for_a_reload()
    {
        Action<CallerOptions>[] changes =
        [
            _ => { },
            group => group.Claim = new() { Type = "a" },
            group => group.Claim = new() { Type = "b" },
            group => group.Claim = new() { Type = "a", Value = "1" },
            group => group.Policy = "a",
            group => group.Everyone = true,
            group => group.AllowCatalog = true,
            group => group.Providers.Add("a"),
            group => group.Upstreams.Add("a"),
            group => group.AllowedUpstreams.Add("a"),
        ];

        var texts = changes.Select(change =>
        {
            var options = new HeadroomProxyOptions { Callers = { ["x"] = new() } };
            change(options.Callers["x"]);
            return OptionsFingerprint.Of(options);
        });

        CollectionAssert.AllItemsAreUnique((string[])[.. texts, OptionsFingerprint.Of(new()), OptionsFingerprint.Of(new() { Callers = { ["y"] = new() } })]);
    }

    private static HeadroomProxyOptions Read(params string[] settings) => Read(settings, ("Headroom:Upstreams:local", "http://127.0.0.1:1"));

    private static HeadroomProxyOptions Read(string[] settings, (string Key, string Value) other)
    {
        var services = new ServiceCollection();
        services.AddHeadroomProxy(new ConfigurationBuilder()
            .AddSettings([.. settings.Select(setting => setting.Split('=', 2)).Select(pair => ($"Headroom:Callers:acme:{pair[0]}", pair[1])), other])
            .Build());
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value;
    }
}
