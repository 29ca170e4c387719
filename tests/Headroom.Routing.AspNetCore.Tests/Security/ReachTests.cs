using System.Net;
using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>What an override may reach, seen from outside: who is called, and what a caller can learn from a refusal.</summary>
[TestClass]
public sealed class ReachTests
{
    [TestMethod]
    public async Task One_line_of_configuration_opens_a_local_upstream()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:AllowedUpstreams:0", upstream.Address.OriginalString));
        Assert.AreEqual(200, (await GetAsync(host, "/v1/models", upstream.Address.OriginalString)).Status);
        Assert.AreEqual("/v1/models", (await upstream.NextRequestAsync()).Target);
    }

    [TestMethod]
    public async Task A_named_upstream_on_a_private_address_works_by_header_path_and_URL()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:Upstreams:local", upstream.Address + "llm"));
        Assert.AreEqual(200, (await GetAsync(host, "/v1/models", "LOCAL")).Status);
        Assert.AreEqual(200, (await GetAsync(host, "/@local/v1/models")).Status);
        Assert.AreEqual(200, (await GetAsync(host, "/v1/models", upstream.Address + "llm")).Status);
        Assert.AreEqual(403, (await GetAsync(host, "/v1/models", upstream.Address + "admin")).Status);
        Assert.AreEqual(403, (await GetAsync(host, "/upstream/admin", upstream.Address.OriginalString)).Status);
        Assert.IsTrue(upstream.Requests.All(request => request.Target == "/llm/v1/models"));
        Assert.HasCount(3, upstream.Requests);
    }

    [TestMethod]
    public async Task An_override_to_a_configured_origin_works_below_its_base_path_alone()
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:Providers:OpenAI:BaseAddress", upstream.Address + "v1/ACCT"));
        Assert.AreEqual(200, (await GetAsync(host, "/v1/models", upstream.Address + "v1/ACCT")).Status);
        Assert.AreEqual(200, (await GetAsync(host, "/upstream/models", upstream.Address + "v1/ACCT/deeper")).Status);
        foreach (var other in (string[])["", "v1", "v1/OTHER", "v1/ACCT2", "v1/acct", "V1/ACCT", "v1/%41CCT"])
        {
            var (status, slug, _) = await GetAsync(host, "/upstream/models", upstream.Address + other);
            Assert.AreEqual((403, "upstream_not_allowed"), (status, slug), other);
        }

        Assert.HasCount(2, upstream.Requests);
    }

    [TestMethod]
    public async Task The_refusal_is_the_same_to_the_byte_whatever_the_cause()
    {
        await using var inside = RawUpstream.Start();
        var port = inside.Address.Port;
        var resolver = new FakeResolver
        {
            Names =
            {
                ["inside.example.com"] = ["127.0.0.1"],
                ["private.example.com"] = ["10.0.0.1"],
                ["mixed.example.com"] = ["93.184.215.14", "127.0.0.1"],
                ["mixed2.example.com"] = ["127.0.0.1", "93.184.215.14"],
                ["mapped.example.com"] = ["::ffff:127.0.0.1"],
                ["nat64.example.com"] = ["64:ff9b::7f00:1"],
                ["metadata.example.com"] = ["169.254.169.254"],
            },
        };
        await using var host = await StartWithAsync(resolver, ("Headroom:AllowedUpstreams:0", $"http://*:{port}"), ("Headroom:AllowCatalog", "false"));

        var expected = await GetAsync(host, "/v1/models", "https://not-listed.example.com");
        Assert.AreEqual((403, "upstream_not_allowed"), (expected.Status, expected.Slug));
        foreach (var name in (string[])[.. resolver.Names.Keys, "no-such-name.example.com", "127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254", "localhost", "metadata.google.internal"])
        {
            Assert.AreEqual(expected, await GetAsync(host, "/v1/models", $"http://{name}:{port}"), name);
        }

        // Each name that could be a public one was looked up once, and nobody was dialed.
        CollectionAssert.AreEquivalent(resolver.Names.Keys.Append("no-such-name.example.com").ToArray(), resolver.Lookups.ToArray());
        Assert.AreEqual(0, await inside.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task An_exact_name_may_lead_inside_but_not_to_metadata()
    {
        await using var inside = RawUpstream.Start();
        var port = inside.Address.Port;
        var resolver = new FakeResolver { Names = { ["llm.example.com"] = ["127.0.0.1"], ["bad.example.com"] = ["169.254.169.254"] } };
        await using var host = await StartWithAsync(
            resolver, ("Headroom:AllowedUpstreams:0", $"http://llm.example.com:{port}/in"), ("Headroom:AllowedUpstreams:1", "http://bad.example.com"), ("Headroom:AllowedUpstreams:2", $"http://*.example.com:{port}"));

        Assert.AreEqual(200, (await GetAsync(host, "/upstream/x", $"http://llm.example.com:{port}/in")).Status);
        Assert.AreEqual(403, (await GetAsync(host, "/upstream/x", $"http://llm.example.com:{port}/out")).Status, "The exact entry opens its path alone; beside it the wildcard counts, for public addresses.");
        Assert.AreEqual(403, (await GetAsync(host, "/upstream/x", "http://bad.example.com")).Status);
        Assert.HasCount(1, inside.Requests);
    }

    // 504: judged to be public, so the dial was next, and time was up. 403: judged to be inside. Each by the answer of its own connection.
    [TestMethod]
    [DataRow(true, 504, 403, 504, 403)]
    [DataRow(false, 403, 504, 403, 504)]
    public async Task A_name_that_changes_its_answer_gains_nothing(bool publicFirst, params int[] statuses)
    {
        await using var inside = RawUpstream.Start();
        var next = publicFirst;
        var resolver = new FakeResolver((_, connecting) =>
        {
            var isPublic = next;
            next = !next;
            if (isPublic)
            {
                // No test may call the public address. By the time that the guard gets it, the time to connect is over: it is still judged,
                // and a dial with a canceled token, also one by a guard that is at fault, sends nothing. An answer that came as a task would
                // not be judged any more, so this one blocks.
                connecting.WaitHandle.WaitOne();
            }

            return FakeResolver.Answer(isPublic ? "8.8.8.8" : "127.0.0.1");
        });
        await using var host = await StartWithAsync(
            resolver, ("Headroom:AllowedUpstreams:0", $"http://*:{inside.Address.Port}"), ("Headroom:ConnectTimeout", "00:00:00.2"));

        for (var i = 0; i < statuses.Length; i++)
        {
            Assert.AreEqual(statuses[i], (await GetAsync(host, "/v1/models", $"http://rebind.example.com:{inside.Address.Port}")).Status, $"Request {i + 1}.");

            // One answer for one connection: a second lookup, of the other answer, would be for the dial.
            Assert.HasCount(i + 1, resolver.Lookups);
        }

        Assert.AreEqual(0, await inside.CountConnectionsAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Lookalikes))]
    public async Task A_lookalike_of_an_allowed_origin_is_refused(string lookalike)
    {
        var resolver = new FakeResolver();
        await using var host = await StartWithAsync(
            resolver,
            ("Headroom:AllowedUpstreams:0", "https://llm.mycorp.example"),
            ("Headroom:AllowedUpstreams:1", "*.wild.example"),
            ("Headroom:AllowedUpstreams:2", "https://llm.internet.bg"));
        Assert.AreEqual(403, (await GetAsync(host, "/v1/models", lookalike)).Status);
        Assert.IsEmpty(resolver.Lookups);
    }

    public static IEnumerable<object[]> Lookalikes =>
        HostilePayloads.LookalikesOf("api.openai.com")
            .Concat(HostilePayloads.LookalikesOf("llm.mycorp.example"))
            .Concat(HostilePayloads.LookalikesOf("llm.internet.bg"))
            .Concat(["https://wild.example", "https://badwild.example", "https://a.wild.example.evil.example", "http://a.wild.example", "https://a.wild.example:444"])
            .Select(url => new object[] { url });

    [TestMethod]
    public async Task A_redirect_is_passed_on_and_not_followed()
    {
        await using var metadata = RawUpstream.Start();
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(307, headers: ("Location", metadata.Address + "latest/meta-data/iam")));
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:AllowedUpstreams:0", upstream.Address.OriginalString), ("Headroom:Upstreams:local", upstream.Address.OriginalString));
        foreach (var value in (string[])[upstream.Address.OriginalString, "local"])
        {
            Assert.AreEqual(307, (await GetAsync(host, "/v1/models", value)).Status);
        }

        Assert.AreEqual(0, await metadata.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task Through_an_egress_proxy_goes_only_what_the_operator_named()
    {
        await using var proxy = RawUpstream.Start(exchange => exchange.RespondAsync(299));
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services
                .AddHeadroomProxy(options =>
                {
                    options.AllowedUpstreams.Add("http://*");
                    options.AllowedUpstreams.Add("http://exact.example.com");
                })
                .ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) => handler.Proxy = new WebProxy(proxy.Address))),
            app => app.MapHeadroomRoutes());

        Assert.AreEqual(299, (await GetAsync(host, "/v1/models", "http://exact.example.com")).Status);
        Assert.AreEqual("http://exact.example.com/v1/models", (await proxy.NextRequestAsync()).Target);
        foreach (var refused in (string[])["http://any.example.com", "deepseek", "https://api.deepseek.com"])
        {
            Assert.AreEqual(403, (await GetAsync(host, "/v1/models", refused)).Status);
        }

        Assert.AreEqual(1, await proxy.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task Names_are_compared_in_their_ASCII_form()
    {
        await using var upstream = RawUpstream.Start();
        var port = upstream.Address.Port;
        var resolver = new FakeResolver { Names = { ["xn--bcher-kva.example"] = ["127.0.0.1"] } };
        await using var host = await StartWithAsync(resolver, ("Headroom:AllowedUpstreams:0", $"http://b\u00fccher.example:{port}"));
        Assert.AreEqual(200, (await GetAsync(host, "/v1/models", $"http://xn--bcher-kva.example:{port}")).Status);
        Assert.AreEqual(200, (await GetAsync(host, "/v1/models", Octets.Utf8($"http://b\u00fccher.example:{port}"))).Status);
        Assert.AreEqual(403, (await GetAsync(host, "/v1/models", $"http://bucher.example:{port}")).Status);
        Assert.AreEqual($"xn--bcher-kva.example:{port}", (await upstream.NextRequestAsync()).Values("Host").Single());
    }

    private static Task<GatewayHost> StartWithAsync(FakeResolver resolver, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(settings);
            builder.Services.AddSingleton<IHostResolver>(resolver);
            builder.Services.AddHeadroomProxy();
        },
        app => app.MapHeadroomRoutes());

    // Raw: a value outside ASCII goes out as it is given.
    private static async Task<(int Status, string? Slug, string Body)> GetAsync(GatewayHost host, string path, string? upstream = null)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        var header = upstream is null ? "" : $"X-Headroom-Upstream: {(upstream.Any(c => c > '\u00ff') ? Octets.Utf8(upstream) : upstream)}\r\n";
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n");
        var response = await client.ReadResponseAsync();
        return (response.Status, response.Values(HeadroomHeaders.Error).SingleOrDefault(), (await response.ReadToEndAsync()).Text);
    }
}
