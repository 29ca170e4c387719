using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>The endpoint that explains: what it answers, to whom, and what it never does.</summary>
[TestClass]
public sealed class ExplainEndpointTests
{
    [TestMethod]
    public async Task A_target_is_told_with_all_that_is_known_of_it()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:AllowedUpstreams:0", "https://*.example"));

        var explained = await Explained.AskAsync(
            gateway.Address, "POST", "/v1/chat/completions?beta=true&key=s3cr3t", "X-Headroom-Upstream: https://a.example/v1", "x-custom: 1", "Connection: x-custom");

        var shown = explained.Json.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.ToString());
        CollectionAssert.IsSubsetOf(
            new Dictionary<string, string>
            {
                ["method"] = "POST",
                ["path"] = "/v1/chat/completions?beta=...&key=...",
                ["outcome"] = "forwarded",
                ["url"] = "https://a.example/v1/chat/completions?beta=...&key=...",
                ["provider"] = "OpenAI",
                ["providerSource"] = "path",
                ["upstream"] = "https://a.example",
                ["upstreamName"] = "",
                ["choice"] = "header",
                ["joinRule"] = "repeatedPath",
                ["trust"] = "public",
                ["addressRule"] = "every address of it must be public",
                ["client"] = "Headroom.Public",
                ["refusal"] = "",
                ["addresses"] = "",
            },
            shown);
        CollectionAssert.AreEquivalent(new[] { "X-Headroom-Upstream", "x-custom", "Connection" }, explained.DroppedHeaders);
        CollectionAssert.AreEqual(new[] { "login", "path", "mount", "provider", "upstream", "join", "policy", "endpoint", "headers", "client" }, explained.Steps);
        Assert.AreEqual((0, 0), upstreams.Touched);
    }

    [TestMethod]
    public async Task A_refusal_is_told_with_its_status_and_the_cause_that_goes_to_the_log()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync();

        var explained = await Explained.AskAsync(gateway.Address, "POST", "/v1/messages", "X-Headroom-Upstream: http://10.0.0.1/x");

        Assert.AreEqual(("refused", null, 403, "upstream_not_allowed"), (explained.Outcome, explained.Url, explained.Status, explained.Slug));
        Assert.AreEqual("http://10.0.0.1: no entry of the allow-list covers it", explained.Json.GetProperty("refusal").GetProperty("cause").GetString());
        Assert.AreEqual("Anthropic", explained.Text("provider"));
        Assert.IsNull(explained.Text("choice"));
        Assert.IsNull(explained.Text("client"));
        CollectionAssert.AreEqual(new[] { "login", "path", "mount", "provider", "upstream", "join", "policy", "endpoint" }, explained.Steps);
        Assert.AreEqual((0, 0), upstreams.Touched);
    }

    [TestMethod]
    [DataRow("GET", "/favicon.ico", "X: y", "true", "leftToApp", "neither the path nor the headers")]
    [DataRow("GET", "/v1/ordrs", "X: y", "true", "leftToApp", "neither the path nor the headers")]
    [DataRow("GET", "/odd", "X-Headroom-Upstream: openrouter", "true", "forwarded", "catch-all")]
    [DataRow("GET", "/odd", "X-Headroom-Upstream: openrouter", "false", "leftToApp", "Headroom:CatchAll is off")]
    [DataRow("GET", "/v1/models", "X-Headroom-Upstream: openrouter", "false", "forwarded", "has one for the path")]
    [DataRow("GET", "/upstream/odd", "X-Headroom-Upstream: openrouter", "false", "forwarded", "has one for the path")]
    [DataRow("GET", "/v1/x%2f..%2fy", "Authorization: Bearer sk-x", "true", "refused", "has one for the path")]
    [DataRow("GET", "/odd/%2e%2e/y", "X: y", "true", "refused", "Every endpoint of the proxy refuses it")]
    public async Task Whether_the_request_is_the_proxys_at_all_is_told(string method, string target, string header, string catchAll, string outcome, string text)
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:CatchAll", catchAll));

        var explained = await Explained.AskAsync(gateway.Address, method, target, header);

        Assert.AreEqual(outcome, explained.Outcome);
        Assert.Contains(text, explained.Step("endpoint")!);
        var answer = await Answer.OfAsync(gateway.Address, method, target, header);
        Assert.AreEqual(outcome == "forwarded", answer.Url.Length > 0);
    }

    [TestMethod]
    [DataRow("GET")]
    [DataRow("DELETE")]
    [DataRow("OPTIONS")]
    [DataRow("PROPFIND")]
    public async Task Any_method_is_explained(string method)
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync();

        Assert.AreEqual(method, (await Explained.AskAsync(gateway.Address, method, "/v1/models")).Text("method"));
        Assert.AreEqual((0, 0), upstreams.Touched);
    }

    [TestMethod]
    public async Task HEAD_gets_the_head_alone()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync();

        var (status, head, body) = await Explained.SendAsync(gateway.Address, "HEAD", "/headroom/explain/v1/models");

        Assert.AreEqual((200, ""), (status, body));
        Assert.Contains("Content-Type: application/json", head);
    }

    [TestMethod]
    [DataRow("/base/grp/a%2Fb/why", "")]
    [DataRow("/grp/acme/%77hy", "")]
    [DataRow("/grp/acme/why", "//ws/google.ai.generativelanguage.v1beta.S")]
    [DataRow("/grp/acme/why", "/v1/models/a%2Fb%3a?x=&y")]
    public async Task The_endpoints_own_prefix_is_cut_and_the_rest_stays_as_it_came(string prefix, string rest)
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync(app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapHeadroomRoutes("/llm");
            app.MapGroup("/grp/{tenant}").MapHeadroomExplain("why");
        });

        var (status, _, body) = await Explained.SendAsync(gateway.Address, "GET", prefix + rest, "X-Headroom-Upstream: openrouter");

        Assert.AreEqual(200, status);
        Assert.Contains($"\"url\": \"https://openrouter.ai/api/v1{(rest.StartsWith("/v1/", StringComparison.Ordinal) ? "/models/a%2Fb%3a?x=&..." : rest.Length > 0 ? rest : "/")}\"", body);
    }

    [TestMethod]
    public async Task It_is_not_there_unless_it_is_mapped()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync(app => app.MapHeadroomRoutes());

        Assert.AreEqual(404, (await Explained.SendAsync(gateway.Address, "GET", "/headroom/explain/v1/models")).Status);
    }

    [TestMethod]
    public async Task Forgetting_the_services_is_told_with_the_call_that_is_missing()
    {
        var failure = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => GatewayHost.StartAsync(_ => { }, app => app.MapHeadroomExplain()));

        Assert.Contains("MapHeadroomExplain() needs", failure.Message);
        Assert.Contains("AddHeadroomProxy()", failure.Message);
    }

    [TestMethod]
    public async Task An_app_that_caches_everything_does_not_cache_it()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddOutputCache(options => options.AddBasePolicy(policy => policy.Cache()));
                upstreams.AddTo(builder);
            },
            app =>
            {
                app.UseRouting();
                app.UseOutputCache();
                app.MapHeadroomExplain();
            });

        Assert.AreEqual("https://openrouter.ai/api/v1/models", (await Explained.AskAsync(gateway.Address, "GET", "/v1/models", "X-Headroom-Upstream: openrouter")).Url);
        Assert.AreEqual("https://api.openai.com/v1/models", (await Explained.AskAsync(gateway.Address, "GET", "/v1/models")).Url);
    }

    [TestMethod]
    public async Task It_is_behind_the_apps_authorization()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddAuthentication("None").AddScheme<AuthenticationSchemeOptions, Nobody>("None", null);
                builder.Services.AddAuthorization();
                upstreams.AddTo(builder);
            },
            app => app.MapHeadroomExplain().RequireAuthorization());

        Assert.AreEqual(401, (await Explained.SendAsync(gateway.Address, "GET", "/headroom/explain/v1/models?dns=true")).Status);
        Assert.AreEqual((0, 0), upstreams.Touched);
    }

    [TestMethod]
    [DataRow("Origin: https://evil.example")]
    [DataRow("Sec-Fetch-Mode: navigate")]
    [DataRow("Sec-Fetch-Site: cross-site")]
    [DataRow("Origin: http://localhost:1", "Access-Control-Request-Method: GET")]
    public async Task A_page_on_the_web_learns_nothing(params string[] headers)
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync();
        const string Target = "/v1/models?dns=true";

        var (status, head, body) = await Explained.SendAsync(gateway.Address, headers.Length == 2 ? "OPTIONS" : "GET", "/headroom/explain" + Target, headers);

        Assert.AreEqual(403, status);
        Assert.Contains("X-Headroom-Error: origin_not_allowed", head);
        Assert.Contains("Cache-Control: no-store", head);
        Assert.DoesNotContain("api.openai.com", body);
        Assert.AreEqual((0, 0), upstreams.Touched);

        // Who asks elsewhere is told that the proxy refuses the page.
        var explained = await Explained.AskAsync(gateway.Services, headers.Length == 2 ? "OPTIONS" : "GET", "/v1/models", headers);
        Assert.AreEqual(("refused", 403, "origin_not_allowed", "browser"), (explained.Outcome, explained.Status, explained.Slug, explained.Steps[^1]));
    }

    [TestMethod]
    [DataRow("Origin: http://localhost:3000")]
    [DataRow("Origin: https://chat.example")]
    public async Task A_page_that_may_call_the_proxy_may_ask(string origin)
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:AllowedOrigins:0", "https://chat.example"));

        Assert.AreEqual("forwarded", (await Explained.AskAsync(gateway.Address, "GET", "/v1/models", origin)).Outcome);
    }

    [TestMethod]
    public async Task The_apps_CORS_policy_decides_about_pages_as_it_does_for_the_proxy()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddCors();
                upstreams.AddTo(builder);
            },
            app =>
            {
                app.UseCors(policy => policy.WithOrigins("https://chat.example"));
                app.MapHeadroomRoutes();
                app.MapHeadroomExplain();
            });

        foreach (var (origin, status) in new[] { ("https://chat.example", 200), ("https://evil.example", 403), ("http://localhost:3000", 403) })
        {
            Assert.AreEqual(status, (await Explained.SendAsync(gateway.Address, "GET", "/v1/models", $"Origin: {origin}")).Status, origin);
            Assert.AreEqual(status, (await Explained.SendAsync(gateway.Address, "GET", "/headroom/explain/v1/models", $"Origin: {origin}")).Status, origin);
        }
    }

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

    [TestMethod]
    public async Task No_secret_is_in_the_answer()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:AllowedUpstreams:0", "https://a.example"));
        string[] secrets =
        [
            "Authorization: Bearer sk-s3cr3t", "x-api-key: s3cr3t", "x-goog-api-key: s3cr3t", "api-key: s3cr3t", "Cookie: s3cr3t", "baggage: k=s3cr3t", "tracestate: k=s3cr3t",
            "x-headroom-proxy-token: s3cr3t", "x-headroom-tag-key: s3cr3t", "Proxy-Authorization: s3cr3t", "ChatGPT-Account-ID: s3cr3t", "Connection: s3cr3t",
        ];
        foreach (var upstream in new[] { "https://a.example", "https://s3cr3t@a.example", "https://a.example?s3cr3t", "https://b.example", "sk-s3cr3t-0123456789-0123456789-0123456789" })
        {
            var (status, _, body) = await Explained.SendAsync(
                gateway.Address, "POST", "/headroom/explain/v1/chat/completions?key=s3cr3t&s3cr3t", [.. secrets, $"X-Headroom-Upstream: {upstream}"]);

            Assert.AreEqual(200, status);
            Assert.DoesNotContain("s3cr3t", body);
        }

        var listed = await gateway.Services.GetRequiredService<HeadroomExplainer>().ExplainAsync(
            "POST", "/v1/chat/completions?key=s3cr3t&s3cr3t", secrets.Select(header => KeyValuePair.Create(header.Split(':')[0], new Microsoft.Extensions.Primitives.StringValues(header.Split(": ")[1]))));
        Assert.DoesNotContain("s3cr3t", listed.ToString());
        Assert.IsEmpty(gateway.Logs.Mentioning("s3cr3t").Where(entry => entry.Category.StartsWith("Headroom", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Over_http2_too_and_a_target_that_only_http2_lets_through_is_refused()
    {
        await using var upstreams = new Upstreams();
        await using var gateway = await upstreams.StartAsync();
        await using var client = await RawHttp2Client.ConnectAsync(gateway.Http2Address);

        Assert.Contains("\"url\": \"https://api.openai.com/v1/models/a%2Fb\"", (await client.SendAsync("GET", "/headroom/explain/v1/models/a%2Fb")).Text);
        Assert.Contains("\"slug\": \"invalid_upstream\"", (await client.SendAsync("GET", "/headroom/explain/v1/mod els")).Text);
    }

    private sealed class Nobody(
        Microsoft.Extensions.Options.IOptionsMonitor<AuthenticationSchemeOptions> options,
        Microsoft.Extensions.Logging.ILoggerFactory logger,
        System.Text.Encodings.Web.UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
    }

    /// <summary>Sees whatever would leave: requests and lookups.</summary>
    private sealed class Upstreams : IAsyncDisposable
    {
        private readonly EchoHandler _handler = new();
        private readonly FakeResolver _resolver = new();

        public (int Requests, int Lookups) Touched => (_handler.Count, _resolver.Lookups.Count);

        public void AddTo(WebApplicationBuilder builder)
        {
            builder.Services.AddSingleton<IHostResolver>(_resolver);
            builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(_handler);
        }

        public Task<GatewayHost> StartAsync(params (string Key, string Value)[] settings) => StartAsync(
            app =>
            {
                app.MapHeadroomRoutes();
                app.MapHeadroomExplain();
            },
            settings);

        public Task<GatewayHost> StartAsync(Action<WebApplication> map, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddSettings(settings);
                AddTo(builder);
            },
            map);

        public ValueTask DisposeAsync()
        {
            _handler.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
