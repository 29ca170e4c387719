using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Tests.Options;

/// <summary>A setting that would have no effect, or another one than its author thinks, stops the start and is named.</summary>
[TestClass]
public sealed class SilentSettingTests
{
    public static IEnumerable<object[]> Errors =>
    [
        ["Headroom:AllowCatalogue", "false", "Did you mean 'AllowCatalog'?"],
        ["Headroom:connecttimout", "00:00:10", "Did you mean 'ConnectTimeout'?"],
        ["Headroom:BaseAddress", "https://api.openai.com", "Known here: Providers, Upstreams, AllowedUpstreams,"],
        ["Headroom:0", "x", "Known here:"],
        ["Headroom:Providers:OpenAI:BaseAdress", "https://a.example", "Did you mean 'BaseAddress'?"],
        ["Headroom:Providers:OpenAI:Url", "https://a.example", "Known here: BaseAddress, Headers, AllowCallers, Enabled."],
        ["Headroom", "x", "one value where settings belong"],
        ["Headroom:AllowedUpstreams", "https://a.example", "Write Headroom:AllowedUpstreams:0, in the environment Headroom__AllowedUpstreams__0."],
        ["Headroom:AllowedOrigins", "https://a.example", "Headroom__AllowedOrigins__0"],
        ["Headroom:StripRequestHeaders", "X-Foo", "Headroom__StripRequestHeaders__0"],
        ["Headroom:StripResponseHeaders", "X-Foo", "Headroom__StripResponseHeaders__0"],
        ["Headroom:AlsoStripRequestHeaders", "X-Foo", "Headroom__AlsoStripRequestHeaders__0"],
        ["Headroom:AlsoStripResponseHeaders", "X-Foo", "Headroom__AlsoStripResponseHeaders__0"],
        ["Headroom:AllowedUpstreams:0:Url", "https://a.example", "where one value belongs"],
        ["Headroom:Providers", "https://a.example", "Headroom__Providers__OpenAI__BaseAddress"],
        ["Headroom:Providers:OpenAI", "https://a.example", "Headroom__Providers__OpenAI__BaseAddress"],
        ["Headroom:Providers:OpenAI:BaseAddress:0", "https://a.example", "where one value belongs"],
        ["Headroom:Upstreams", "https://a.example", "Headroom__Upstreams__local"],
        ["Headroom:Upstreams:local:BaseAddress:0", "https://a.example", "where one value belongs"],
        ["Headroom:Upstreams:local:BaseAdress", "https://a.example", "Did you mean 'BaseAddress'?"],
        ["Headroom:Upstreams:local:Enabled", "false", "Known here: BaseAddress, Headers, AllowCallers."],
        ["Headroom:Upstreams:local:Headers", "sk-1", "Headroom__Upstreams__local__Headers__Authorization"],
        ["Headroom:Upstreams:local:Headers:api-key:0", "sk-1", "where one value belongs"],
        ["Headroom:Upstreams:local:AllowCallers", "staff", "Headroom__Upstreams__local__AllowCallers__0"],
        ["Headroom:Upstreams:local:AllowCallers", "", "Name a policy in Headroom:Upstreams:local:AllowCallers:0"],
        ["Headroom:Providers:OpenAI:Enabled", "no", "true or false"],
        ["Headroom:Providers:OpenAI:Headers", "sk-1", "Headroom__Providers__OpenAI__Headers__Authorization"],
        ["Headroom:Tokens", "t", "Headroom__Tokens__0"],
        ["Headroom:Tokens:0:Value", "t", "where one value belongs"],
        ["Headroom:AllowCatalog:0", "false", "where one value belongs"],
        ["Headroom:VerbatimMount:0", "/a", "where one value belongs"],
        ["Headroom:IdleTimeout:Minutes", "1", "where one value belongs"],
        ["Headroom:ConnectTimeout", "10", "a bare number would count days"],
        ["Headroom:IdleTimeout", "7", "00:00:10"],
        ["Headroom:IdleTimeout", "1:2:3:4:5", "00:00:10"],
        ["Headroom:AllowCatalog", "no", "true or false"],
        ["Headroom:AllowedOrigins:0", "https://*.example.com", "an origin such as"],
        ["Headroom:AllowedOrigins:0", "https://a.example#b", "an origin such as"],
        ["Headroom:AllowedOrigins:0", "null", "an origin such as"],
        ["Headroom:Callers", "acme", "Headroom__Callers__team__Upstreams__0"],
        ["Headroom:Callers:acme", "", "is empty."],
        ["Headroom:Callers:acme", "x", "Headroom__Callers__acme__Upstreams__0"],
        ["Headroom:Callers:acme:Upstream", "x", "Did you mean 'Upstreams'?"],
        ["Headroom:Callers:acme:Upstreams", "x", "Headroom__Callers__acme__Upstreams__0"],
        ["Headroom:Callers:acme:Claim", "tenant", "Headroom__Callers__acme__Claim__Type"],
        ["Headroom:Callers:acme:Policy:0", "x", "where one value belongs"],
        ["Headroom:StripRequestHeaders:0", "X Foo", "the name of a header"],
        ["Headroom:StripRequestHeaders:0", "X-*-Foo", "the name of a header"],
        ["Headroom:StripRequestHeaders:0", "X-Foo:", "the name of a header"],
        ["Headroom:StripResponseHeaders:0", "X-Foo,X-Bar", "the name of a header"],
        ["Headroom:AlsoStripRequestHeaders:0", "X-Foo**", "the name of a header"],
        ["Headroom:AlsoStripResponseHeaders:0", "*", "the name of a header"],
    ];

    [TestMethod]
    [DynamicData(nameof(Errors))]
    public void Stops_the_start_and_tells_the_right_form(string key, string value, string told)
    {
        var failure = Assert.ThrowsExactly<OptionsValidationException>(() => Read((key, value)));

        var error = failure.Failures.Single();
        var named = told.Contains("where one value belongs", StringComparison.Ordinal) ? key[..key.LastIndexOf(':')] : key;
        Assert.StartsWith(named + ":", error);
        Assert.Contains(told, error);
    }

    [TestMethod]
    [DataRow("Headroom:AllowCatalogue", "false")]
    [DataRow("Headroom:AllowedUpstreams", "https://a.example")]
    [DataRow("Headroom:ConnectTimeout", "10")]
    public async Task Stops_a_real_app(string key, string value)
    {
        var failure = await Assert.ThrowsExactlyAsync<OptionsValidationException>(() => GatewayHost.StartProxyAsync((key, value)));

        Assert.Contains(key, failure.Message);
    }

    [TestMethod]
    public void All_are_told_at_once_with_the_errors_in_values()
    {
        var failure = Assert.ThrowsExactly<OptionsValidationException>(() => Read(
            ("Headroom:AllowCatalogue", "x"), ("Headroom:AllowCatalog", "maybe"), ("Headroom:ConnectTimeout", "10"), ("Headroom:Upstreams:local", "x")));

        var keys = failure.Failures.Select(error => error[..error.IndexOf(": ", StringComparison.Ordinal)]).ToArray();
        CollectionAssert.AreEquivalent(
            new[] { "Headroom:AllowCatalogue", "Headroom:AllowCatalog", "Headroom:ConnectTimeout", "Headroom:Upstreams:local" }, keys);
    }

    [TestMethod]
    [DataRow("Headroom:Upstreams:AllowCatalogue", "https://a.example")]
    [DataRow("Headroom:AllowedUpstreams:first", "https://a.example")]
    [DataRow("HEADROOM:ALLOWCATALOG", "false")]
    [DataRow("Headroom:Providers:openai:baseaddress", "https://a.example")]
    [DataRow("Headroom", "")]
    [DataRow("Headroom:Providers", "")]
    [DataRow("Headroom:Providers:OpenAI", "")]
    [DataRow("Headroom:Upstreams", "")]
    [DataRow("Headroom:AllowedUpstreams", "")]
    [DataRow("Headroom:AllowedOrigins", "")]
    [DataRow("Headroom:StripRequestHeaders", "")]
    [DataRow("Headroom:AlsoStripRequestHeaders", "")]
    [DataRow("Headroom:AllowCatalog", "")]
    [DataRow("Headroom:ConnectTimeout", "")]
    [DataRow("Headroomier:AllowCatalogue", "false")]
    public void What_is_meant_starts(string key, string value) => Assert.IsNotNull(Read((key, value)));

    [TestMethod]
    public void The_schema_knows_every_setting()
    {
        CollectionAssert.AreEquivalent(typeof(HeadroomProxyOptions).GetProperties().Select(property => property.Name).ToArray(), ConfigurationSchema.Keys.ToArray());
        CollectionAssert.AreEquivalent(typeof(UpstreamOptions).GetProperties().Select(property => property.Name).ToArray(), ConfigurationSchema.UpstreamKeys.ToArray());
        CollectionAssert.AreEquivalent(typeof(ProviderOptions).GetProperties().Select(property => property.Name).ToArray(), ConfigurationSchema.ProviderKeys.ToArray());
        CollectionAssert.AreEquivalent(typeof(CallerOptions).GetProperties().Select(property => property.Name).ToArray(), ConfigurationSchema.CallerKeys.ToArray());
        CollectionAssert.AreEquivalent(typeof(CallerClaim).GetProperties().Select(property => property.Name).ToArray(), ConfigurationSchema.ClaimKeys.ToArray());
    }

    private static HeadroomProxyOptions Read(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddHeadroomProxy(new ConfigurationBuilder()
            .AddSettings(settings)
            .Build());
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value;
    }
}
