using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>What <c>dns=true</c> adds: the addresses of the upstream, judged as a connection judges them.</summary>
[TestClass]
public sealed class AddressLookupTests
{
    [TestMethod]
    public async Task Each_address_has_its_verdict()
    {
        var resolver = new FakeResolver { Names = { ["a.example"] = ["8.8.8.8", "10.0.0.1", "2606:4700::1111", "::1"], ["b.example"] = ["8.8.8.8", "2606:4700::1111"], ["mine.example"] = ["10.0.0.1", "169.254.169.254"] } };
        await using var gateway = await StartAsync(resolver, ("Headroom:AllowedUpstreams:0", "*.example"), ("Headroom:Upstreams:mine", "https://mine.example"));

        var mixed = await Explained.AskAsync(gateway.Address, "GET", "/v1/models?dns=true", "X-Headroom-Upstream: https://a.example");
        CollectionAssert.AreEqual(new[] { "8.8.8.8 True", "10.0.0.1 False", "2606:4700::1111 True", "::1 False" }, mixed.Addresses);
        Assert.AreEqual("8.8.8.8 (allowed), 10.0.0.1 (refused), 2606:4700::1111 (allowed), ::1 (refused)", mixed.Step("addresses"));
        Assert.AreEqual(("refused", 403, "upstream_not_allowed"), (mixed.Outcome, mixed.Status, mixed.Slug));
        Assert.AreEqual("a.example resolves to 10.0.0.1", mixed.Json.GetProperty("refusal").GetProperty("cause").GetString());

        var open = await Explained.AskAsync(gateway.Address, "GET", "/v1/models?dns=true", "X-Headroom-Upstream: https://b.example");
        CollectionAssert.AreEqual(new[] { "8.8.8.8 True", "2606:4700::1111 True" }, open.Addresses);
        Assert.AreEqual("forwarded", open.Outcome);

        var mine = await Explained.AskAsync(gateway.Address, "GET", "/v1/models?dns=true", "X-Headroom-Upstream: mine");
        CollectionAssert.AreEqual(new[] { "10.0.0.1 True", "169.254.169.254 False" }, mine.Addresses);
        Assert.AreEqual("refused", mine.Outcome);

        CollectionAssert.AreEqual(new[] { "a.example", "b.example", "mine.example" }, resolver.Lookups.ToArray());
    }

    [TestMethod]
    [DataRow("X-Headroom-Upstream: https://vault.corp")]
    [DataRow("X-Headroom-Upstream: https://unlisted.test.example:9")]
    [DataRow("X-Headroom-Upstream: http://a.example")]
    [DataRow("X-Headroom-Upstream: no-such-name")]
    public async Task A_name_that_is_refused_is_not_resolved(string header)
    {
        var resolver = new FakeResolver("8.8.8.8");
        await using var gateway = await StartAsync(resolver, ("Headroom:AllowedUpstreams:0", "https://*"));

        var explained = await Explained.AskAsync(gateway.Address, "GET", "/v1/models?dns=true", header);

        Assert.AreEqual("refused", explained.Outcome);
        Assert.AreEqual(JsonValueKind.Null, explained.Json.GetProperty("addresses").ValueKind);
        Assert.IsEmpty(resolver.Lookups);
    }

    [TestMethod]
    [DataRow("https://8.8.8.8", "8.8.8.8 True")]
    [DataRow("https://[2606:4700::1111]", "2606:4700::1111 True")]
    [DataRow("http://169.254.1.2", "169.254.1.2 True")]
    public async Task An_address_is_judged_without_being_looked_up(string upstream, string verdict)
    {
        var resolver = new FakeResolver();
        await using var gateway = await StartAsync(resolver, ("Headroom:AllowedUpstreams:0", "https://*"), ("Headroom:AllowedUpstreams:1", "http://169.254.1.2"));

        CollectionAssert.AreEqual(new[] { verdict }, (await Explained.AskAsync(gateway.Address, "GET", "/v1/models?dns=true", $"X-Headroom-Upstream: {upstream}")).Addresses);
        Assert.IsEmpty(resolver.Lookups);
    }

    [TestMethod]
    [DataRow("?dns=true", "", true)]
    [DataRow("?a=1&dns=true&b=2", "?a=...&b=...", true)]
    [DataRow("?dns=true&dns=true", "?dns=...", true)]
    [DataRow("?dns=false", "?dns=...", false)]
    [DataRow("?dns=TRUE", "?dns=...", false)]
    [DataRow("?xdns=true", "?xdns=...", false)]
    [DataRow("?a=dns=true", "?a=...", false)]
    public async Task The_parameter_is_the_endpoints_own_and_not_the_requests(string query, string left, bool isLookedUp)
    {
        var resolver = new FakeResolver("8.8.8.8");
        await using var gateway = await StartAsync(resolver);

        var explained = await Explained.AskAsync(gateway.Address, "GET", "/v1/models" + query);

        Assert.AreEqual("https://api.openai.com/v1/models" + left, explained.Url);
        Assert.HasCount(isLookedUp ? 1 : 0, resolver.Lookups);
    }

    public static IEnumerable<object[]> Failures =>
        from upstream in new[] { "https://a.wild.example", "https://exact.example", "openrouter", "" }
        from answer in new[] { "not found", "try again", "refused", "never", "10.0.0.1,8.8.8.8", "169.254.169.254" }
        select new object[] { upstream, answer };

    [TestMethod]
    [DynamicData(nameof(Failures))]
    public async Task The_refusal_is_the_one_that_sending_brings(string upstream, string answer)
    {
        var resolver = new FakeResolver((_, _) => answer switch
        {
            "not found" => FakeResolver.NotFound,
            "try again" => FakeResolver.Failure(SocketError.TryAgain),
            "refused" => FakeResolver.Failure(SocketError.NoRecovery),
            "never" => FakeResolver.Never,
            _ => FakeResolver.Answer(answer.Split(',')),
        });
        await using var gateway = await StartAsync(
            resolver, ("Headroom:AllowedUpstreams:0", "*.wild.example"), ("Headroom:AllowedUpstreams:1", "https://exact.example"), ("Headroom:ConnectTimeout", "00:00:00.2"));
        string[] headers = upstream.Length > 0 ? [$"X-Headroom-Upstream: {upstream}"] : [];

        var explained = await Explained.AskAsync(gateway.Address, "GET", "/v1/models?dns=true", headers);
        if (explained.Outcome == "forwarded")
        {
            // An internal address, which the operator's own upstreams may have.
            Assert.StartsWith("10.", answer);
            Assert.IsTrue(upstream is "https://exact.example" or "");
            return;
        }

        var (status, head, body) = await Explained.SendAsync(gateway.Address, "GET", "/v1/models", headers);
        using var json = JsonDocument.Parse(body);
        Assert.AreEqual((explained.Status, explained.Message), (status, json.RootElement.GetProperty("error").GetProperty("message").GetString()));
        Assert.Contains($"X-Headroom-Error: {explained.Slug}\r\n", head);
        Assert.Contains(explained.Addresses.Length == 0 ? "resolve" : "refused", explained.Step("addresses")!);
    }

    [TestMethod]
    public async Task Behind_an_egress_proxy_nothing_is_looked_up()
    {
        var resolver = new FakeResolver("8.8.8.8");
        await using var gateway = await StartAsync(
            resolver,
            proxy => proxy.ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) => handler.Proxy = new WebProxy("http://127.0.0.1:9"))));

        var explained = await Explained.AskAsync(gateway.Address, "GET", "/v1/models?dns=true");

        Assert.AreEqual("Not looked up: the egress proxy resolves the name.", explained.Step("addresses"));
        Assert.AreEqual("Headroom.Operator, over HTTP/2 or HTTP/1.1, through the egress proxy.", explained.Step("client"));
        Assert.IsEmpty(resolver.Lookups);
    }

    private static Task<GatewayHost> StartAsync(FakeResolver resolver, params (string Key, string Value)[] settings) => StartAsync(resolver, _ => { }, settings);

    private static Task<GatewayHost> StartAsync(FakeResolver resolver, Action<HeadroomProxyBuilder> configure, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(settings);
            builder.Services.AddSingleton<IHostResolver>(resolver);
            configure(builder.Services.AddHeadroomProxy());
        },
        app =>
        {
            app.MapHeadroomRoutes();
            app.MapHeadroomExplain();
        });
}
